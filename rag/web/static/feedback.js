// "This is wrong", beside an answer: a form, where the server keeps complaints.
(() => {
  "use strict";
  const ADDRESS = "/feedback", LONGEST = 4000;
  const forms = new WeakMap(); // the open forms, by their buttons
  let form; // its HTML, "" where the server stores no reports: a promise

  const load = () => form ??= fetch(ADDRESS)
    .then((response) => response.status === 200 ? response.text() : "")
    .catch(() => { form = undefined; return ""; });

  async function showButtons() {
    const buttons = [...document.querySelectorAll("[data-wrong][hidden]")];
    if (buttons.length && await load()) for (const button of buttons) button.hidden = false;
  }

  async function open(button) {
    const holder = document.createElement("div");
    holder.innerHTML = await load();
    const shown = holder.firstElementChild;
    if (!("answer" in JSON.parse(button.dataset.wrong))) shown.querySelector(".problem").remove();
    (button.closest(".actions") ?? button).after(shown);
    forms.set(button, shown);
    button.setAttribute("aria-expanded", "true");
    shown.querySelector("select, input").focus();
    shown.addEventListener("submit", (event) => {
      event.preventDefault();
      send(shown, button);
    });
    shown.querySelector("[data-cancel]").addEventListener("click", () => close(shown, button));
  }

  function close(shown, button) {
    shown.remove();
    forms.delete(button);
    button.setAttribute("aria-expanded", "false");
    button.focus();
  }

  async function send(shown, button) {
    const values = new FormData(shown), status = shown.querySelector("[role=status]");
    const report = {
      ...JSON.parse(button.dataset.wrong),
      problem: values.get("problem") ?? "refusal",
      right: values.get("right").trim(),
      page: location.search.slice(0, LONGEST),
    };
    try {
      const response = await fetch(ADDRESS, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(report),
      });
      status.textContent = (await response.json()).detail;
      if (!response.ok) return;
      shown.replaceChildren(status);
      button.remove();
      status.focus();
    } catch {
      status.textContent = shown.dataset.failed;
    }
  }

  addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-wrong]");
    if (!button) return;
    const shown = forms.get(button);
    if (shown) close(shown, button);
    else open(button);
  });

  addEventListener("DOMContentLoaded", () => {
    new MutationObserver(showButtons).observe(document.body, { childList: true, subtree: true });
    showButtons();
  });
})();
