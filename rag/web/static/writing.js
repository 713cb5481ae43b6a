// The written answer: it arrives sentence by sentence, each when it is finished and checked.
(() => {
  "use strict";
  const { find, findAll } = archive;
  const kept = new Map(); // what was written since the page was loaded, by the address of its result
  let begun, running; // the stamp of the result that has begun, and the request that runs

  async function write(panel) {
    const { address } = panel.dataset, request = running = new AbortController();
    const hadFocus = panel.contains(document.activeElement);
    show(panel, { said: "", outcome: "" });
    setState(panel, "writing", hadFocus);
    let last = {};
    try {
      for await (last of lines(await archive.post("/write", { address }, request.signal))) {
        if (request !== running) return;
        if (last.html) extend(panel, last);
      }
      if (!last.outcome) throw new Error(last.error ?? archive.writerWord("broken"));
      find(".outcome", panel).innerHTML = last.outcome;
      archive.linkCitations(panel);
      if (!last.failed) kept.set(address, contents(panel));
    } catch (error) {
      if (request !== running) return;
      tell(panel, request.signal.aborted ? archive.writerWord("stopped") : error.message);
    }
    running = undefined;
    setState(panel, "written", panel.contains(document.activeElement));
  }

  async function* lines(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read().catch(() => ({ done: true }));
      if (done) return;
      const parts = `${rest}${value}`.split("\n");
      rest = parts.pop();
      for (const part of parts) yield JSON.parse(part);
    }
  }

  const contents = (panel) => ({ said: find(".written-text", panel).innerHTML, outcome: find(".outcome", panel).innerHTML });

  function show(panel, { said, outcome }) {
    find(".written-text", panel).innerHTML = said;
    find(".outcome", panel).innerHTML = outcome;
    archive.linkCitations(panel);
  }

  // Keeps the first `from` sentences, so that screen readers hear each one once.
  function extend(panel, { from, html }) {
    const said = find(".written-text", panel);
    for (const sentence of [...said.children].slice(from)) sentence.remove();
    said.insertAdjacentHTML("beforeend", html);
    archive.linkCitations(panel);
  }

  function tell(panel, sentence) {
    const message = document.createElement("p");
    message.textContent = sentence;
    find(".outcome", panel).replaceChildren(message);
  }

  function setState(panel, state, isFocused) {
    for (const part of findAll("[data-when]", panel)) part.hidden = part.dataset.when !== state;
    find("[role=status]", panel).textContent = state === "writing" ? archive.writerWord("writing") : "";
    if (isFocused) find(`button[data-when="${state}"]`, panel).focus();
  }

  const stop = () => running?.abort();

  function drop() {
    stop();
    running = undefined;
  }

  function begin(panel) {
    const written = kept.get(panel.dataset.address);
    if (written) {
      show(panel, written);
      setState(panel, "written");
    } else if (archive.hasConsent()) write(panel);
  }

  // A new question ends the answer to the last one; so does leaving the page.
  function onChange() {
    const stamp = archive.shownStamp();
    if (stamp === begun) return;
    drop();
    begun = stamp;
    if (!stamp) return;
    archive.showConsent();
    const panel = find("#writing");
    if (panel) begin(panel);
  }

  const ACTIONS = {
    write(panel) {
      archive.setConsent(true);
      write(panel);
    },
    stop,
    withdraw(panel) {
      drop();
      archive.setConsent(false);
      kept.clear();
      show(panel, { said: "", outcome: "" });
      setState(panel, "idle", true);
    },
  };

  addEventListener("click", (event) => {
    const button = event.target.closest?.("#writing [data-action]");
    if (button) ACTIONS[button.dataset.action](find("#writing"));
  });

  addEventListener("DOMContentLoaded", () => {
    const watched = { childList: true, subtree: true, attributeFilter: ["aria-busy"] };
    new MutationObserver(onChange).observe(document.body, watched);
  });
})();
