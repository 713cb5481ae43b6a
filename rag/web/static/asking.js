// Asking: a hidden field holds the address of the result; each change of it is a request to the server.
(() => {
  "use strict";
  const { find, word, questionOf } = archive;
  const LONGEST_ADDRESS = 30_000, LONGEST_QUESTION = 50_000, LONGEST_ANNOUNCEMENT = 300;
  const FILTERS = ["site", "lang", "from", "to", "sort"];
  let stamp, shown, read;
  let asker; // the element in focus when a link or a button asked: from there the focus goes to the result

  // Gradio sends the address of the page with each request, and servers refuse long ones.
  const isShort = (address) => address.length <= LONGEST_ADDRESS;

  function fill(selector, text) {
    const field = find(selector);
    if (!field || field.value === text) return;
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function record(address) {
    if (isShort(address) && address !== location.search) history.pushState(null, "", address);
  }

  function request(address) {
    const question = questionOf(address), name = word("name");
    document.title = question ? `${question} · ${name}` : name || document.title;
    if (question?.trim() && isShort(address)) archive.remember(address);
    setState({ isBusy: true, isStale: true });
    archive.showStatus(question === null ? "" : "searching");
    archive.watch(shown);
    stamp = String(Date.now());
    return `${address}#${stamp}`;
  }

  // A page is busy until its answer is there; it is stale as long as it belongs to the question before.
  function setState({ isBusy, isStale }) {
    find("#results")?.setAttribute("aria-busy", isBusy);
    find("#results")?.toggleAttribute("data-stale", isStale);
  }

  const isOfLastQuestion = (part) => find("[data-stamp]", part)?.dataset.stamp === stamp;

  // What was found comes first, what was read in it later.
  function onResult() {
    const results = find("#results");
    if (results.getAttribute("aria-busy") === "false" || !isOfLastQuestion(results)) return;
    if (results.hasAttribute("data-stale")) showFound(results);
    if (find("#answer[aria-busy]", results) && !putRead(results)) return;
    archive.unwatch();
    setState({ isBusy: false, isStale: false });
    archive.showStatus("", announcement(results));
    // Whoever has moved the focus since then, to type for example, keeps it there.
    if (asker && [asker, document.body].includes(document.activeElement)) archive.focusResult();
    asker = undefined;
  }

  function showFound(results) {
    setState({ isBusy: true, isStale: false });
    shown = questionOf(location.search);
    archive.unwatch();
    archive.watch();
    archive.showStatus("");
    const timeline = find(".timeline", results);
    if (timeline) timeline.scrollLeft = timeline.scrollWidth; // the newest articles are at the end
  }

  // Each part takes the place of the element with its id, except that of a card which is in use.
  function putRead(results) {
    if (!read || !isOfLastQuestion(read)) return false;
    for (const part of [...find("[data-stamp]", read).children]) {
      const place = find(`#${part.id}`, results);
      if (!place || place.contains(document.activeElement) || find("[open], [aria-expanded=true]", place)) continue;
      place.replaceWith(part);
    }
    read = undefined;
    return true;
  }

  function announcement(results) {
    const parts = ["h2[tabindex]", "#answer .confidence", ".answer blockquote, .absent, .error, .status"];
    const found = parts.map((part) => find(part, results)?.textContent.trim()).filter(Boolean);
    return found.join(" ").slice(0, LONGEST_ANNOUNCEMENT);
  }

  archive.showStatus = (key, text = key && word(key)) => {
    const status = find("#status");
    if (!status) return;
    status.textContent = text;
    status.className = key;
  };

  archive.focusResult = () => {
    const target = find("#results [tabindex='-1']") ?? find("#results") ?? find("main");
    if (target) archive.focus(target);
  };

  archive.focus = (target) => {
    if (!target.hasAttribute("tabindex")) target.tabIndex = -1;
    target.focus({ preventScroll: true });
    const { top } = target.getBoundingClientRect();
    if (top < 0 || top > innerHeight / 2) target.scrollIntoView();
  };

  archive.go = (address, { isNew = true, isFocused = isNew } = {}) => {
    asker = isFocused ? document.activeElement : undefined;
    if (isNew) record(address);
    fill("#question textarea", questionOf(address) ?? "");
    fill("#view textarea", request(address));
  };

  // Gradio's events call these three; the first two return the new value of the hidden field.
  archive.start = () => {
    const results = find("#results");
    if (results) new MutationObserver(onResult).observe(results, { childList: true, subtree: true, characterData: true });
    archive.showHistory();
    fill("#question textarea", archive.draft() ?? questionOf(location.search) ?? "");
    return request(location.search);
  };

  archive.ask = (question) => {
    const address = new URLSearchParams({ q: question.slice(0, LONGEST_QUESTION) });
    const present = new URLSearchParams(location.search);
    for (const name of FILTERS) for (const value of present.getAll(name)) address.append(name, value);
    asker = undefined;
    record(`?${address}`);
    return request(`?${address}`);
  };

  archive.showRead = (html) => {
    read = document.createElement("template");
    read.innerHTML = html;
    read = read.content;
    onResult();
  };

  addEventListener("popstate", () => { if (find("#view")) archive.go(location.search, { isNew: false }); });
})();
