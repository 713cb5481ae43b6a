// What the scripts that use the language model share: the consent of the visitor, and requests.
(() => {
  "use strict";
  const { find, findAll } = archive;
  const KEY = "writing";
  const given = new Set(stored()); // the hosts to which texts may be sent; they stay in this browser

  const host = () => find("#writer")?.dataset.host;

  function stored() {
    try { return JSON.parse(localStorage.getItem(KEY)) ?? []; } catch { return []; }
  }

  function store() {
    try { localStorage.setItem(KEY, JSON.stringify([...given])); } catch { /* until the page is left */ }
  }

  archive.hasConsent = () => given.has(host());

  archive.showConsent = () => {
    for (const part of findAll("[data-consent]")) part.hidden = (part.dataset.consent === "given") !== archive.hasConsent();
  };

  archive.setConsent = (isGiven) => {
    if (isGiven) given.add(host());
    else given.delete(host());
    store();
    archive.showConsent();
  };

  // The stamp of the result that is shown, undefined while a question waits. Gradio turns the elements of a
  // result into those of the next one: which of them there are does not tell one result from another.
  archive.shownStamp = () => find("#results[aria-busy=false] [data-stamp]")?.dataset.stamp;

  archive.writerWord = (key) => find("#writer")?.dataset[key] ?? "";

  // Post a request; an error has the sentence to show as its message.
  archive.post = async (address, content, signal) => {
    const options = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(content), signal };
    const response = await fetch(address, options).catch(() => { throw new Error(archive.writerWord("lost")); });
    if (response.ok) return response;
    const reply = await response.json().catch(() => ({}));
    throw new Error(reply.detail ?? archive.writerWord("lost"));
  };
})();
