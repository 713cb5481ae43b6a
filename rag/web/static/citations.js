// Citations of a written answer: numbers that lead to the passages they stand for.
(() => {
  "use strict";
  const { findAll } = archive;

  // A citation leads to the passage in this page, or else to its article.
  archive.linkCitations = (panel) => {
    const shown = new Map(findAll(".evidence [id][data-passage]").map((place) => [place.dataset.passage, place.id]));
    for (const citation of findAll("a[data-cited]", panel)) {
      const place = shown.get(citation.dataset.cited);
      if (place) citation.setAttribute("href", `#${place}`);
    }
  };

  function highlight(citation) {
    const target = document.getElementById(citation.hash.slice(1));
    for (const cited of findAll(".cited")) cited.classList.remove("cited");
    for (let fold = target?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    target?.classList.add("cited");
  }

  // Before the click leads to the passage, which may be folded away.
  addEventListener("click", (event) => {
    const citation = event.target.closest?.("a[data-cited]");
    if (citation?.hash) highlight(citation);
  }, { capture: true });
})();
