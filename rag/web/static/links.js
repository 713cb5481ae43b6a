// Links and buttons within a result.
(() => {
  "use strict";
  const { find, findAll, focus } = archive;

  function follow(event, link) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button || !find("#view")) return;
    event.preventDefault();
    archive.go(link.getAttribute("href"));
  }

  // Gradio's page has a base address, with which the browser would leave the result.
  function jump(event, link) {
    event.preventDefault();
    if (link.matches(".skip")) return archive.focusResult();
    const target = document.getElementById(link.hash.slice(1));
    if (target) focus(target);
  }

  function toggle(button) {
    const isOpen = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", isOpen);
    [button.textContent, button.dataset.label] = [button.dataset.label, button.textContent];
    for (const part of findAll(".context", button.closest(".hit"))) part.hidden = !isOpen;
  }

  addEventListener("click", (event) => {
    const target = event.target.closest?.("a.go, a[href^='#'], [data-more]");
    if (!target) return;
    if (target.matches("a.go")) follow(event, target);
    else if (target.matches("[data-more]")) toggle(target);
    else jump(event, target);
  });

  addEventListener("submit", (event) => {
    const form = event.target.closest?.("form[data-address]");
    if (!form) return;
    event.preventDefault();
    const address = new URLSearchParams(form.dataset.address);
    for (const field of findAll("input", form)) if (field.value) address.set(field.name, field.value);
    archive.go(`?${address}`);
  });
})();
