// A lost connection: the old result stays dimmed under its own question, and the new question waits.
(() => {
  "use strict";
  const { find, word } = archive;
  const FIRST_LOOK = 1000, NEXT_LOOK = 2000, PATIENCE = 8000, DRAFT = "draft";
  let timer, isLost = false;

  const look = () => fetch(location.pathname, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });

  // While a question waits for its answer, looks whether the server is there; `shown` is the question of the result.
  archive.watch = (shown) => {
    clearTimeout(timer);
    if (isLost) lose(shown);
    timer = setTimeout(() => check(shown), isLost ? 0 : FIRST_LOOK);
  };

  archive.unwatch = () => {
    clearTimeout(timer);
    isLost = false;
    showStale();
  };

  async function check(shown) {
    const started = timer;
    const isThere = await look().then(() => true, () => false);
    if (started !== timer) return; // a later question is watched
    if (isThere && isLost) return askAgain();
    if (!isThere) lose(shown);
    timer = setTimeout(() => check(shown), NEXT_LOOK);
  }

  function lose(shown) {
    isLost = true;
    archive.showStatus("lost");
    showStale(shown);
  }

  function showStale(question) {
    const stale = find("#stale");
    if (!stale) return;
    stale.hidden = !question;
    stale.textContent = question ? word("resultFor").replace("{question}", question) : "";
  }

  // The server may have started again and know nothing of this page. The address holds the question.
  function askAgain() {
    keepDraft(find("#question textarea")?.value ?? "");
    location.reload();
  }

  function keepDraft(text) {
    try { sessionStorage.setItem(DRAFT, text); } catch { /* no draft where the browser stores nothing */ }
  }

  // What was typed before the page was loaded again, once.
  archive.draft = () => {
    try {
      const draft = sessionStorage.getItem(DRAFT);
      sessionStorage.removeItem(DRAFT);
      return draft;
    } catch {
      return null;
    }
  };

  // Gradio sends nothing without a connection, and loads the page again by itself when it is back.
  const isBox = (target) => isLost && target.matches?.("#question textarea");
  addEventListener("input", (event) => { if (isBox(event.target)) keepDraft(event.target.value); });

  function askLater(event, question) {
    event.preventDefault();
    event.stopImmediatePropagation();
    archive.ask(question);
  }

  addEventListener("keydown", (event) => {
    const isSent = event.key === "Enter" && !event.shiftKey && !event.isComposing;
    if (isSent && isBox(event.target)) askLater(event, event.target.value);
  }, { capture: true });
  addEventListener("click", (event) => {
    if (isLost && event.target.closest?.("#question button")) askLater(event, find("#question textarea").value);
  }, { capture: true });
})();
