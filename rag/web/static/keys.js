// Keys: / and Ctrl-K lead to the question box, Esc out of it.
(() => {
  "use strict";
  const isField = (element) => element.matches?.("input, textarea, select, [contenteditable]");

  addEventListener("keydown", (event) => {
    const box = archive.find("#question textarea");
    if (!box || event.isComposing || event.altKey) return;
    const hasModifier = event.ctrlKey || event.metaKey;
    const isSlash = event.key === "/" && !hasModifier && !isField(event.target);
    if (isSlash || (event.key.toLowerCase() === "k" && hasModifier && !event.shiftKey)) {
      event.preventDefault();
      box.focus();
      box.select();
    } else if (event.key === "Escape" && event.target === box) box.blur();
  });
})();
