// Copying a citation, or the link to the result.
(() => {
  "use strict";
  const CONFIRMATION = 1500;

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
    button.textContent = archive.word("copied") || label;
    archive.showStatus("", button.textContent);
    setTimeout(() => { button.textContent = label; }, CONFIRMATION);
  }

  addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-copy], [data-share]");
    if (button) copy(button.dataset.copy ?? location.href, button);
  });
})();
