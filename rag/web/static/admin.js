// The forms of the admin page: each is sent to the server as JSON, by a hidden button of Gradio.
(() => {
  "use strict";
  const find = (selector, within = document) => within.querySelector(selector);
  let command = {};

  addEventListener("submit", (event) => {
    const form = event.target.closest?.("form[data-action], form[data-presses]");
    if (!form) return;
    event.preventDefault();
    if (form.dataset.presses) return document.getElementById(form.dataset.presses)?.click();
    const fields = Object.fromEntries(new FormData(form, event.submitter));
    const list = form.closest("[data-words]") ? view() : {};
    command = { ...list, action: form.dataset.action, ...fields };
    find("#send").click();
  });

  addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-fill]");
    if (!button) return;
    const field = document.getElementById(button.dataset.fill);
    field.value = button.dataset.value;
    field.focus();
  });

  // The words and the page of the list of articles.
  function view() {
    const { words, page } = find("#articles [data-words]")?.dataset ?? {};
    return { words, page };
  }

  function details() {
    const files = [...document.querySelectorAll("#preview [data-file]")];
    return files.map((file) => [
      file.dataset.file,
      Object.fromEntries([...file.querySelectorAll("input")].map((field) => [field.name, field.value])),
    ]);
  }

  // Gradio's events call these.
  window.desk = {
    command: () => JSON.stringify(command),
    view: () => JSON.stringify(view()),
    details: () => JSON.stringify(Object.fromEntries(details())),
    // Focus the message of a part, once it is shown; `value` passes through.
    tell(part = command.action === "roll_back" ? "#rebuild" : "#articles", value = null) {
      setTimeout(() => (find(`${part} [aria-invalid]`) ?? find(`${part} :is([data-message], .box)`))?.focus(), 100);
      return value;
    },
  };
})();
