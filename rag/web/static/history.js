// The questions asked, with their filters. They stay in this browser.
(() => {
  "use strict";
  const { find, word, questionOf } = archive;
  const MOST = 50, KEY = "questions";
  let removed; // the list before the last removal

  // An earlier edition kept the questions alone; now each is the address of its result.
  const addressOf = (entry) => typeof entry === "string" ? `?${new URLSearchParams({ q: entry })}` : entry?.address;

  function remembered() {
    try {
      return JSON.parse(localStorage.getItem(KEY)).map(addressOf).filter((address) => questionOf(address ?? ""));
    } catch {
      return [];
    }
  }

  function store(addresses) {
    try {
      if (!addresses.length) return localStorage.removeItem(KEY);
      localStorage.setItem(KEY, JSON.stringify(addresses.slice(0, MOST).map((address) => ({ address }))));
    } catch { /* no history where the browser stores nothing */ }
  }

  archive.remember = (address) => {
    const values = new URLSearchParams(address);
    values.delete("p");
    const kept = `?${values}`;
    removed = undefined;
    store([kept, ...remembered().filter((other) => other !== kept)]);
    archive.showHistory();
  };

  archive.showHistory = () => {
    const list = find("#history ul");
    if (!list) return;
    const addresses = remembered();
    find("#history").hidden = !addresses.length && !removed;
    find("#history [data-undo]").hidden = !removed;
    find("#history [data-clear]").hidden = !addresses.length;
    list.replaceChildren(...addresses.map(item));
  };

  function item(address) {
    const entry = document.createElement("li"), link = document.createElement("a");
    const question = questionOf(address), filters = filtersOf(address);
    link.href = address;
    link.className = "go";
    link.append(isolated(question));
    if (filters) link.append(isolated(filters, "note"));
    entry.append(link, remover(address, question));
    return entry;
  }

  function isolated(text, className = "") {
    const part = document.createElement("bdi");
    part.textContent = text;
    part.className = className;
    return part;
  }

  function remover(address, question) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "×";
    button.dataset.forget = address;
    button.ariaLabel = word("forget").replace("{question}", question);
    return button;
  }

  function filtersOf(address) {
    const values = new URLSearchParams(address), from = values.get("from") ?? "", to = values.get("to") ?? "";
    const dates = from || to ? [`${from}–${to}`] : [];
    return [...values.getAll("site"), ...values.getAll("lang"), ...dates].join(" · ");
  }

  function change(addresses, before) {
    store(addresses);
    removed = before;
    archive.showHistory();
    find(before ? "#history [data-undo]" : "#history summary")?.focus();
  }

  addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-clear], [data-forget], [data-undo]");
    if (!button) return;
    if (button.matches("[data-undo]")) return change(removed);
    const before = remembered();
    change(button.matches("[data-clear]") ? [] : before.filter((address) => address !== button.dataset.forget), before);
  });
})();
