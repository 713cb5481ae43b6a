// Asking: a hidden field holds the address of the result; each change of it is a request to the server.
(() => {
  "use strict";
  const { find, word, questionOf } = archive;
  const LONGEST_ADDRESS = 30_000, LONGEST_QUESTION = 50_000, LONGEST_ANNOUNCEMENT = 300;
  const FILTERS = ["site", "lang", "from", "to", "sort"];
  let stamp, shown, isFocusWanted = false;

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
    setBusy(true);
    archive.showStatus(question === null ? "" : "searching");
    archive.watch(shown);
    stamp = String(Date.now());
    return `${address}#${stamp}`;
  }

  function setBusy(isBusy) {
    find("#results")?.setAttribute("aria-busy", isBusy);
  }

  function onResult() {
    const results = find("#results");
    if (find("[data-stamp]", results)?.dataset.stamp !== stamp || results.getAttribute("aria-busy") === "false") return;
    archive.unwatch();
    setBusy(false);
    shown = questionOf(location.search);
    archive.showStatus("", announcement(results));
    const timeline = find(".timeline", results);
    if (timeline) timeline.scrollLeft = timeline.scrollWidth; // the newest articles are at the end
    if (isFocusWanted) archive.focusResult();
    isFocusWanted = false;
  }

  function announcement(results) {
    const parts = ["section > h2[tabindex]", ".answer .confidence", ".answer blockquote, .absent, .error, .status"];
    return parts.map((part) => find(part, results)?.textContent.trim() ?? "").join(" ").slice(0, LONGEST_ANNOUNCEMENT);
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
    isFocusWanted = isFocused;
    if (isNew) record(address);
    fill("#question textarea", questionOf(address) ?? "");
    fill("#view textarea", request(address));
  };

  // Gradio's events call these two; each returns the new value of the hidden field.
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
    record(`?${address}`);
    return request(`?${address}`);
  };

  addEventListener("popstate", () => { if (find("#view")) archive.go(location.search, { isNew: false }); });
})();
