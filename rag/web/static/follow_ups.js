// "Ask a follow-up": the language model makes a whole question of it, which is shown before it is asked.
(() => {
  "use strict";
  const { find, questionOf } = archive;
  const KEY = "turns", MOST = 4, LONGEST = 500;
  let recorded; // the result whose question and answer are remembered

  // The questions and answers of this tab, up to those of the result that is shown.
  function turns() {
    try { return JSON.parse(sessionStorage.getItem(KEY)) ?? []; } catch { return []; }
  }

  function begin(results) {
    record(results);
    find("#writer textarea").value = "";
    const offer = find("[data-complete]", results);
    if (offer) offer.hidden = turns().length < 2;
  }

  function record(results) {
    const address = location.search, asked = turns();
    const known = asked.findIndex((turn) => turn.address === address);
    const before = known < 0 ? asked : asked.slice(0, known);
    const answer = find(".answer blockquote", results)?.textContent.trim() ?? "";
    const turn = { address, question: questionOf(address), answer: answer.slice(0, LONGEST) };
    try { sessionStorage.setItem(KEY, JSON.stringify([...before, turn].slice(-MOST))); } catch { /* the browser stores nothing */ }
  }

  async function complete(form) {
    const field = find("textarea", form), status = find("[role=status]", form);
    status.textContent = archive.writerWord("rewriting");
    try {
      const known = turns().map(({ question, answer }) => ({ question, answer }));
      if (known.at(-1)?.question === field.value) known.pop(); // the question that is shown is to be completed
      const { question, notice } = await (await archive.post("/rewrite", { question: field.value, turns: known })).json();
      field.value = question;
      status.textContent = notice;
      setStep(form, "whole");
    } catch (error) {
      status.textContent = error.message;
    }
    field.focus();
  }

  function setStep(form, step) {
    form.dataset.step = step;
    find("button", form).textContent = form.dataset[step];
  }

  function ask(question) {
    const address = new URLSearchParams(location.search);
    address.set("q", question);
    address.delete("p");
    archive.go(`?${address}`);
  }

  addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-complete]")) return;
    const form = find("#writer form");
    find("textarea", form).value = questionOf(location.search);
    setStep(form, "part");
    archive.focus(find("textarea", form));
    if (archive.hasConsent()) complete(form);
  });

  addEventListener("keydown", (event) => {
    const isSent = event.key === "Enter" && !event.shiftKey && !event.isComposing;
    if (!isSent || !event.target.matches?.("#writer textarea")) return;
    event.preventDefault();
    event.target.form.requestSubmit();
  });

  addEventListener("submit", (event) => {
    const form = event.target.closest?.("#writer form");
    if (!form) return;
    event.preventDefault();
    const question = find("textarea", form).value.trim();
    if (!question) return;
    if (form.dataset.step === "whole") return ask(question);
    archive.setConsent(true);
    complete(form);
  });

  addEventListener("DOMContentLoaded", () => {
    new MutationObserver(() => {
      const stamp = archive.shownStamp();
      if (!stamp || stamp === recorded) return;
      recorded = stamp;
      if (find("#writer")) begin(find("#results"));
    }).observe(document.body, { childList: true, subtree: true, attributeFilter: ["aria-busy"] });
  });
})();
