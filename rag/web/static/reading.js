// The button of the reading aid, where a page has Chinese passages. The rest is loaded when the aid is turned on.
(() => {
  "use strict";
  const { find, findAll } = archive;
  const KEY = "reading-aid", ON = "on";
  let isOn = false, loading;
  try { isOn = localStorage.getItem(KEY) === ON; } catch { /* off where the browser stores nothing */ }

  archive.chinese = "#results :is([data-article] .text, .body[data-article])[lang^=zh]";

  const load = () => loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = "/dictionary.js";
    script.onload = resolve;
    script.onerror = () => reject(new Error(find("[data-aid]").dataset.failed));
    document.head.append(script);
  });

  async function show() {
    const buttons = findAll("[data-aid]"), isUseful = find(archive.chinese) !== null;
    for (const button of buttons) {
      button.hidden = !isUseful;
      button.ariaPressed = isOn;
    }
    if (!isUseful || !(isOn || loading)) return;
    try {
      await load();
      await archive.aid(isOn);
    } catch (error) {
      loading = undefined;
      isOn = false;
      for (const button of buttons) explain(button, error.message);
    }
  }

  function explain(button, reason) {
    const note = find("[data-aid] + [role=status]", button.parentElement) ?? document.createElement("span");
    note.className = "note";
    note.role = "status";
    button.ariaPressed = false;
    button.after(note);
    note.textContent = reason;
  }

  addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-aid]")) return;
    isOn = !isOn;
    try { localStorage.setItem(KEY, isOn ? ON : ""); } catch { /* on until the page is left */ }
    show();
  });

  addEventListener("DOMContentLoaded", () => {
    new MutationObserver(show).observe(document.body, { childList: true, subtree: true });
    show();
  });
})();
