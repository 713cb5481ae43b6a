// The reading aid: reading and senses of the Chinese word under the pointer, the finger or the arrow keys.
// It changes nothing in the passages, so selecting, copying, finding and marking stay as they are.
(() => {
  "use strict";
  const { find, findAll } = archive;
  const CHARACTER = "\\p{Script=Han}[\\p{M}\\u200c\\u200d]*", WORD = "word";
  const RUN = new RegExp(`(?:${CHARACTER})+(?:[·・‧•．‐-](?:${CHARACTER})+)*`, "gu"); // as in rag/rendering/segmentation.py
  const POINTING = 100, LEAVING = 400, MARGIN = 8; // milliseconds, pixels
  const STEPS = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };
  const articles = new Map(); // the words of each article: promises
  const readings = new WeakMap(); // what is known of each passage
  let popup, isOn = false, timer, wish = 0, shown; // shown: the passage of the word, and what showed it

  archive.aid = async (isWanted) => {
    isOn = isWanted;
    if (isOn) await (popup ??= loadPopup());
    for (const passage of findAll(archive.chinese)) {
      if (isOn) describe(passage);
      else for (const name of ["tabindex", "aria-describedby"]) passage.removeAttribute(name);
    }
    if (shown && !(isOn && shown.passage.isConnected)) hide();
  };

  // The answer to a request, or an error with a sentence for the reader.
  async function get(address) {
    const response = await fetch(address).catch(() => { throw new Error(find("[data-aid]").dataset.failed); });
    if (!response.ok) throw new Error((await response.json()).detail);
    return response;
  }

  async function loadPopup() {
    try {
      const html = await (await get("/dictionary.html")).text(), styles = document.createElement("link");
      styles.rel = "stylesheet";
      styles.href = "/dictionary.css";
      document.head.append(styles);
      document.body.insertAdjacentHTML("beforeend", html);
    } catch (error) {
      popup = undefined;
      throw error;
    }
  }

  function describe(passage) {
    passage.tabIndex = 0;
    passage.setAttribute("aria-describedby", "word-keys");
  }

  function wordsOf(article) {
    if (!articles.has(article)) articles.set(article, fetchWords(article));
    return articles.get(article);
  }

  async function fetchWords(article) {
    try {
      return await (await get(`/dictionary?${new URLSearchParams({ article })}`)).json();
    } catch (error) {
      articles.delete(article);
      throw error;
    }
  }

  // The words of a passage, with their places in its text, and where its text nodes begin there.
  async function read(passage) {
    const known = readings.get(passage);
    if (known?.text === passage.textContent) return known;
    const article = await wordsOf(passage.closest("[data-article]").dataset.article);
    const starts = new Map(), walker = document.createTreeWalker(passage, NodeFilter.SHOW_TEXT);
    let text = "";
    while (walker.nextNode()) {
      starts.set(walker.currentNode, text.length);
      text += walker.currentNode.data;
    }
    const words = [...text.matchAll(RUN)].flatMap((run) => wordsIn(run[0], run.index, article));
    const reading = { text, starts, words, at: 0 };
    readings.set(passage, reading);
    return reading;
  }

  // An excerpt may begin or end within a run.
  function wordsIn(run, index, { words, runs }) {
    const whole = run in runs ? run : Object.keys(runs).find((other) => other.includes(run));
    const skipped = whole?.indexOf(run);
    return (runs[whole] ?? [])
      .map(([at, number]) => ({ start: at - skipped, word: words[number] }))
      .filter(({ start, word }) => start >= 0 && start + word.text.length <= run.length)
      .map(({ start, word }) => ({ word, start: index + start, end: index + start + word.text.length }));
  }

  function rangeOf(reading, { start, end }) {
    const range = document.createRange();
    for (const [node, from] of reading.starts) {
      const to = from + node.data.length;
      if (from <= start && start < to) range.setStart(node, start - from);
      if (from < end && end <= to) range.setEnd(node, end - from);
    }
    return range;
  }

  function textAt(x, y) {
    const caret = document.caretPositionFromPoint?.(x, y);
    if (caret) return [caret.offsetNode, caret.offset];
    const range = document.caretRangeFromPoint?.(x, y);
    return [range?.startContainer, range?.startOffset];
  }

  // A caret between two characters may belong to either.
  function wordAt(reading, x, y) {
    const [node, offset] = textAt(x, y), at = reading.starts.get(node) + offset;
    const isUnder = ({ left, right, top, bottom }) => left <= x && x < right && top <= y && y < bottom;
    return reading.words.findIndex((word) => word.start <= at && at <= word.end
      && [...rangeOf(reading, word).getClientRects()].some(isUnder));
  }

  function show(passage, reading, number, by) {
    if (!reading.words.length) return;
    reading.at = Math.max(0, Math.min(number, reading.words.length - 1));
    shown = { passage, by };
    const { word, ...place } = reading.words[reading.at], range = rangeOf(reading, place);
    if (window.Highlight) CSS.highlights.set(WORD, new Highlight(range));
    if (by === "keys") {
      const { top, bottom } = range.getBoundingClientRect();
      if (top < 0 || bottom > innerHeight) scrollBy({ top: top - innerHeight / 3 });
      find("#word-said").replaceChildren(entry(word));
    }
    open(entry(word), range.getClientRects()[0]);
  }

  function open(content, { left, top, bottom }) {
    const box = find("#word");
    find(".credit", box).hidden = !find("ol", content); // the credit of the senses
    find("div", box).replaceChildren(content);
    box.hidden = false;
    const { width, height } = box.getBoundingClientRect(), page = document.documentElement;
    const isAbove = top > height + MARGIN; // what is read next is below
    const x = Math.max(MARGIN, Math.min(left, page.clientWidth - width - MARGIN));
    box.style.left = `${x + scrollX}px`;
    box.style.top = `${(isAbove ? top - height - 2 : bottom + 2) + scrollY}px`;
    box.scrollTop = 0;
  }

  function hide() {
    clearTimeout(timer);
    wish++;
    shown = undefined;
    if (window.Highlight) CSS.highlights.delete(WORD);
    if (find("#word")) find("#word").hidden = true;
    find("#word-said")?.replaceChildren();
  }

  function element(name, text, lang = "", className = "") {
    const made = document.createElement(name);
    if (lang) made.lang = lang;
    made.className = className;
    made.append(text);
    return made;
  }

  function entry({ text, names, readings }) {
    const content = document.createDocumentFragment(), head = element("p", element("b", text, "zh"), "", "head");
    for (const name of names) head.append(" ", element("bdi", name));
    content.append(head, ...readings.flatMap((reading) => readingParts(text, reading)));
    return content;
  }

  function readingParts(text, { simplified, traditional, pinyin, senses, counters }) {
    const head = element("p", element("span", pinyin, "zh-Latn-pinyin", "pinyin"));
    for (const form of new Set([simplified, traditional])) if (form !== text) head.append(" ", element("span", form, "zh"));
    const list = element("ol", "", "en");
    list.dir = "ltr";
    list.append(...senses.map((sense) => element("li", `${sense} `)));
    const used = counters.length ? [element("p", `${find("#word").dataset.counters} ${counters.join(", ")}`, "", "note")] : [];
    return [head, ...(senses.length ? [list] : []), ...used];
  }

  // Shows a word of a passage, unless something else is wanted by the time its article is there.
  async function showWord(passage, choose, by) {
    clearTimeout(timer);
    const mine = ++wish;
    try {
      const reading = await read(passage), number = choose(reading);
      if (mine !== wish || !passage.isConnected) return;
      if (number >= 0 || by === "keys") show(passage, reading, number, by);
      else if (by === "tap" || shown?.by === "pointer") hide();
    } catch (error) {
      if (mine !== wish) return;
      shown = { passage, by };
      open(element("p", error.message), passage.getClientRects()[0]);
    }
  }

  const passageOf = (target) => isOn ? target.closest?.(archive.chinese) : null;
  const isInPopup = (target) => Boolean(target?.closest?.("#word"));
  const under = ({ clientX: x, clientY: y }) => (reading) => wordAt(reading, x, y);

  addEventListener("pointermove", (event) => {
    if (!isOn || event.pointerType !== "mouse" || event.buttons) return;
    clearTimeout(timer);
    const passage = passageOf(event.target);
    if (passage) timer = setTimeout(() => showWord(passage, under(event), "pointer"), POINTING);
    else if (shown?.by === "pointer" && !isInPopup(event.target)) timer = setTimeout(hide, LEAVING);
  });

  addEventListener("click", (event) => {
    if (isInPopup(event.target) || !getSelection().isCollapsed) return;
    const passage = passageOf(event.target);
    if (passage) showWord(passage, under(event), "tap");
    else if (shown) hide();
  });

  addEventListener("focusin", ({ target }) => {
    if (target === passageOf(target) && target.matches(":focus-visible")) showWord(target, ({ at }) => at, "keys");
  });

  addEventListener("focusout", ({ target, relatedTarget }) => {
    const isLeft = shown?.by === "keys" && (isInPopup(target) || target === shown.passage);
    if (isLeft && !isInPopup(relatedTarget) && relatedTarget !== shown.passage) hide();
  });

  addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (key === "Escape" && shown) close(isInPopup(document.activeElement));
    else if (target !== passageOf(target)) return;
    else if (key === "Enter" && shown) find("#word").focus();
    else if (key in STEPS) showWord(target, ({ at }) => at + STEPS[key], "keys");
    else return;
    event.preventDefault();
  });

  function close(isInside) {
    const { passage } = shown;
    if (isInside) passage.focus();
    hide();
  }

  addEventListener("resize", () => { if (shown) hide(); });
})();
