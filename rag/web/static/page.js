// The language of the page, addresses that can be shared, copying, and the history, in the browser.
// The server puts `LOCALES` before this script: the tags of the languages, with Gradio's names for them.
(() => {
  "use strict";
  const DEFAULT = "en", MOST_REMEMBERED = 50, PATIENCE = 8000;
  const LONGEST_ADDRESS = 30_000, LONGEST_QUESTION = 50_000;
  const find = (selector, within = document) => within.querySelector(selector);
  const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];

  // --- Language: the chosen one, or the browser's; the server reads it from a cookie. ---

  function preferred() {
    const chosen = /(?:^|; )lang=([\w-]+)/.exec(document.cookie)?.[1];
    if (chosen in LOCALES) return chosen;
    for (const tag of navigator.languages) {
      const [base, ...rest] = tag.toLowerCase().split("-");
      if (base === "zh") {
        const isTraditional = rest.some((part) => ["hant", "tw", "hk", "mo"].includes(part)) && !rest.includes("hans");
        return isTraditional ? "zh-Hant" : "zh-Hans";
      }
      if (base in LOCALES) return base;
    }
    return DEFAULT;
  }

  function choose(locale) {
    document.cookie = `lang=${locale}; path=/; max-age=31536000; SameSite=Lax`;
  }

  const locale = preferred();
  choose(locale);
  document.documentElement.lang = locale;
  // Gradio reads the language of its own texts from here.
  Object.defineProperty(navigator, "language", { get: () => LOCALES[locale] });
  Object.defineProperty(navigator, "languages", { get: () => [LOCALES[locale]] });
  addEventListener("DOMContentLoaded", () => new MutationObserver(() => {
    if (document.documentElement.lang !== locale) document.documentElement.lang = locale;
  }).observe(document.documentElement, { attributeFilter: ["lang"] }));

  // --- A hidden field holds the address of the result; each change of it is a request to the server. ---

  let watch, stamp, focusResult = false;

  function fill(selector, text) {
    const field = find(selector);
    if (!field || field.value === text) return;
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  const questionOf = (address) => new URLSearchParams(address).get("q");

  // Gradio sends the address of the page with each request, and servers refuse long ones.
  const isShort = (address) => address.length <= LONGEST_ADDRESS;

  function record(address) {
    if (isShort(address) && address !== location.search) history.pushState(null, "", address);
  }

  function request(address) {
    const question = questionOf(address);
    document.title = question || (find("#words")?.dataset.name ?? document.title);
    if (question !== null && isShort(address)) remember(question);
    setBusy(true, question !== null);
    stamp = String(Date.now());
    return `${address}#${stamp}`;
  }

  function go(address, { isNew = true } = {}) {
    if (isNew) record(address);
    fill("#question textarea", questionOf(address) ?? "");
    fill("#view textarea", request(address));
  }

  function setBusy(isBusy, isShown = true) {
    const results = find("#results");
    results?.setAttribute("aria-busy", isBusy);
    clearInterval(watch);
    if (!isBusy) return showStatus("");
    if (isShown) showStatus("searching");
    watch = setInterval(() => fetch(location.pathname, { method: "HEAD" }).catch(() => {
      setBusy(false);
      showStatus("lost");
    }), PATIENCE);
  }

  function showStatus(key, text) {
    const status = find("#status");
    if (!status) return;
    status.textContent = text ?? (key ? find("#words")?.dataset[key] ?? "" : "");
    status.className = key;
  }

  function onResult() {
    const results = find("#results");
    if (find("[data-stamp]", results)?.dataset.stamp !== stamp || results.getAttribute("aria-busy") === "false") return;
    setBusy(false);
    showStatus("", find(".answer blockquote, .answer .absent, .error", results)?.textContent ?? "");
    const timeline = find(".timeline", results);
    if (timeline) timeline.scrollLeft = timeline.scrollWidth; // the newest articles are at the end
    if (focusResult) find("[tabindex]", results)?.focus();
    focusResult = false;
    showHistory();
  }

  // --- The history stays in this browser. ---

  const remembered = () => {
    try { return JSON.parse(localStorage.getItem("questions")) ?? []; } catch { return []; }
  };

  function remember(question) {
    const others = remembered().filter((other) => other !== question);
    if (!question.trim()) return;
    try {
      localStorage.setItem("questions", JSON.stringify([question, ...others].slice(0, MOST_REMEMBERED)));
    } catch { /* no history where the browser stores nothing */ }
    showHistory();
  }

  function showHistory() {
    const list = find("#history ul");
    if (!list) return;
    const questions = remembered();
    find("#history").hidden = !questions.length;
    list.replaceChildren(...questions.map((question) => {
      const item = document.createElement("li"), link = document.createElement("a");
      link.href = `?${new URLSearchParams({ q: question })}`;
      link.className = "go";
      link.dir = "auto";
      link.textContent = question;
      item.append(link);
      return item;
    }));
  }

  // --- Clicks. ---

  async function copy(text, button) {
    try {
      await navigator.clipboard.writeText(text);
    } catch { // browsers have no clipboard without https
      const field = document.createElement("textarea");
      field.value = text;
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
      button.focus();
    }
    const label = button.dataset.label ??= button.textContent;
    button.textContent = find("#words")?.dataset.copied ?? label;
    showStatus("", button.textContent);
    setTimeout(() => { button.textContent = label; }, 1500);
  }

  addEventListener("click", (event) => {
    const target = event.target.closest?.("a.go, [data-copy], [data-share], [data-more], [data-lang], [data-clear], .skip");
    if (!target) return;
    if (target.matches("a.go")) {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button || !find("#view")) return;
      event.preventDefault();
      focusResult = true;
      go(target.getAttribute("href"));
    } else if (target.matches("[data-copy]")) copy(target.dataset.copy, target);
    else if (target.matches("[data-share]")) copy(location.href, target);
    else if (target.matches("[data-more]")) {
      const isOpen = target.getAttribute("aria-expanded") !== "true";
      target.setAttribute("aria-expanded", isOpen);
      [target.textContent, target.dataset.label] = [target.dataset.label, target.textContent];
      for (const part of findAll(".context", target.closest(".hit"))) part.hidden = !isOpen;
    } else if (target.matches("[data-lang]")) {
      choose(target.dataset.lang);
      location.reload();
    } else if (target.matches("[data-clear]")) {
      localStorage.removeItem("questions");
      showHistory();
      find("#question textarea")?.focus();
    } else {
      event.preventDefault();
      (find("#results [tabindex]") ?? find("#question textarea"))?.focus();
    }
  });

  addEventListener("submit", (event) => {
    const form = event.target.closest?.("form[data-address]");
    if (!form) return;
    event.preventDefault();
    const address = new URLSearchParams(form.dataset.address);
    for (const field of findAll("input", form)) if (field.value) address.set(field.name, field.value);
    focusResult = true;
    go(`?${address}`);
  });

  addEventListener("popstate", () => { if (find("#view")) go(location.search, { isNew: false }); });

  // Gradio's events call these; each returns the new value of the hidden field.
  window.archive = {
    start() {
      const results = find("#results");
      if (results) new MutationObserver(onResult).observe(results, { childList: true, subtree: true, characterData: true });
      showHistory();
      fill("#question textarea", questionOf(location.search) ?? "");
      return request(location.search);
    },
    ask(question) {
      const address = `?${new URLSearchParams({ q: question.slice(0, LONGEST_QUESTION) })}`;
      record(address);
      return request(address);
    },
  };
})();
