// "Translate", beside a quotation: a translation by the language model, below the original.
(() => {
  "use strict";

  async function toggle(button) {
    const actions = button.closest(".actions");
    const isOpen = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", !isOpen);
    if (isOpen) return actions.previousElementSibling.remove();
    const place = document.createElement("div");
    place.className = "translated";
    place.setAttribute("aria-live", "polite");
    actions.before(place);
    if (archive.hasConsent()) await translate(button, place);
    else ask(button, place);
  }

  async function translate(button, place) {
    place.textContent = archive.writerWord("translating");
    const [kind, content] = await archive.post("/translate", JSON.parse(button.dataset.translate)).then(
      async (response) => ["innerHTML", await response.text()],
      (error) => ["textContent", error.message],
    );
    // Gradio may have made a part of the next result of the place.
    if (place.matches(".translated")) place[kind] = content;
  }

  // Names the host before the first use.
  function ask(button, place) {
    place.append(archive.find("#translate-first").content.cloneNode(true));
    place.querySelector("[data-send]").addEventListener("click", () => {
      archive.setConsent(true);
      button.focus();
      translate(button, place);
    });
    place.querySelector("[data-send]").focus();
  }

  addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-translate]");
    if (button) toggle(button);
  });
})();
