"""Text from articles, files, addresses and questions is shown as text and has no effect."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape, unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from markupsafe import Markup
from support.browser import ARGUMENTS, BROWSER, DESKTOP, PHONE, Visit, Visits, served
from support.doubles import DATA, HashEncoder, PatternReader, make_article, needs_data, three_articles

import rag
from rag.errors import Notice, QuestionError
from rag.i18n.translator import Translator
from rag.retrieval.filters import explain, make_filter
from rag.retrieval.retriever import MAX_QUESTION_CHARACTERS
from rag.types import Failure, Reprint
from rag.web.views import archive, filters, passages, results
from rag.web.views.query import Query

pytestmark = pytest.mark.browser

HOSTILE = [
    "<script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    "</p></article></div><svg onload=window.hacked=1>",
    "${window.hacked = 1} {{constructor.constructor('window.hacked=1')()}} `${window.hacked=1}`",
    "{{#each value}}{{this}}{{/each}} @children ${value}",
    "\"'><a href='javascript:window.hacked=1'>x</a>",
    "[x](javascript:window.hacked=1) ![x](http://evil.example/x.png)",
    "正\u202e文\u2066倒\u200b置\u2069",
    "正文\u2069\u2069\u2069\u202e倒置",
    "正文\u2029\u202e倒置\x1c\u202e倒置\x85\u202e倒置",
    "مرحبا 123 שלום",
    "a" + "\u0301\u0489\u036f" * 80 + "b",
    "nothing is like" + "verylongword" * 200,
    "&lt;script&gt;window.hacked = 1&lt;/script&gt;",
    '__i18n__{"__type__":"translation_metadata","key":"admin"}',
    '__i18n__{"key":"\\u003cimg src=x onerror=window.hacked=1\\u003e"}',
    "__i18n__{",
    '{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}, "url": "http://evil.example/x"}',
    "<gradio-app src='http://evil.example'></gradio-app>",
    "# one\n\n- two\n\n1. three\n\n> four\n\n***\n\n    five\n\n| a | b |\n|---|---|",
    "- one", "+ one", "1. one", "2024. one", "1) one", "---", "===", "~~~", "~~one~~", "&amp; &#60; \\* <b>",
    "{0} {name} {count!r} %s %(name)s",
    "c\x00d\x01e\x08f\x1bg\x7fh\x9fi\ufeffj\ufffek\U000e0041l",
    "one\rtwo\r\nthree\u2028four\u2029five\x0bsix\x0cseven",
    "q=1&site=x#top?&amp;%00%zz+",
]  # fmt: skip
WATCHED = """
window.touched = [];
for (const name of ["alert", "confirm", "prompt", "print", "open"])
  window[name] = (...said) => { touched.push(`${name}(${said})`); };
for (const name of ["write", "writeln"])
  document[name] = (...said) => { touched.push(`${name}(${said})`); };
Object.defineProperty(window, "hacked", { set(value) { touched.push("hacked"); } });
addEventListener("securitypolicyviolation", (event) =>
  touched.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`), true);
"""
ATTRIBUTES = {
    "a": "href target rel title aria-label aria-current",
    "blockquote": "",
    "button": "type data-copy data-more data-share data-lang data-clear data-label aria-expanded "
    "aria-current",
    "div": "hidden role tabindex data-stamp data-searching data-lost data-copied data-name",
    "details": "open hidden",
    "form": "data-address",
    "h2": "tabindex",
    "input": "type name value",
    "nav": "aria-label",
    "p": "role tabindex",
    "aside": "aria-label",
    "span": "aria-hidden style",
    "th": "scope",
    "time": "datetime",
    "ul": "aria-label",
    "ol": "",
    **dict.fromkeys(
        "article bdi br h1 h3 label li mark section strong summary table tbody tr td".split(), ""
    ),
}
AUDIT = r"""(attributes) => {
  const faults = [...window.touched];
  const common = new Set(["class", "lang", "dir", "id"]);
  const fault = (kind, element) => faults.push(`${kind}: ${element.outerHTML.slice(0, 300)}`);
  const roots = [...document.querySelectorAll("#top, #below, #results, .text-page")];
  const elements = roots.flatMap((root) => [...root.querySelectorAll("*")])
    .filter((element) => !element.matches(".block > *, .block > .html-container > [id^=html-]:only-child"));
  const fits = (box) => box.left >= -1 && box.right <= innerWidth + 1;
  const isClipped = (element) => {
    const around = element.parentElement;
    if (!around || around.matches(".block")) return false;
    const clips = getComputedStyle(around).overflowX === "clip" && fits(around.getBoundingClientRect());
    return clips || isClipped(around);
  };
  for (const element of elements) {
    const allowed = attributes[element.localName]?.split(" ");
    if (!allowed || element.namespaceURI !== "http://www.w3.org/1999/xhtml") { fault("element", element); continue; }
    for (const { name, value } of element.attributes) {
      if (!common.has(name) && !allowed.includes(name)) fault(`attribute ${name}`, element);
      if (name === "href" && !/^(https?:\/\/|HTTPS?:|\?|\/|#)/i.test(value.trim())) fault("href", element);
      if (name === "style" && !/^(height:[\d.]+rem|width:[\d.]+%)$/.test(value)) fault("style", element);
      if (name === "class" && !/^[\w -]*$/.test(value)) fault("class", element);
      if (name === "id" && !["status", "history", "words"].includes(value)) fault("id", element);
    }
    if (element.closest(".timeline, .skip, #status")) continue;
    const box = element.getBoundingClientRect();
    // A letter with so many marks cannot be broken: what does not fit is cut off.
    const isCut = /\p{M}{20}/u.test(element.textContent) && isClipped(element);
    if (box.width && !fits(box) && !isCut) fault(`from ${box.left} to ${box.right}`, element);
    if (element.matches("h3, .text, .note, blockquote") && box.height) {
      const lines = element.textContent.length / 4 + element.querySelectorAll("br").length + 3;
      if (box.height > 60 * lines) fault(`${box.height} high`, element);
    }
  }
  if (document.documentElement.scrollWidth > innerWidth) faults.push("the page is too wide");
  // What is not a stranger's is written from left to right, line by line.
  const range = document.createRange();
  for (const line of document.querySelectorAll(":is(#results, .text-page) :is(.note:not([lang]), .chip, li, summary, th, td)")) {
    if (!/[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069]/.test(line.textContent)) continue;
    const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
    let last = null;
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (node.parentElement.closest("bdi, .text, blockquote, .note, .chip, li, summary, th, td") !== line) continue;
      for (let at = 0; at < node.length; at += 1) {
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        const box = range.getBoundingClientRect();
        if (!box.width) continue;
        if (last && Math.abs(box.bottom - last.bottom) < 3 && box.left < last.right - 1) {
          fault(`"${node.textContent}" turned round`, line);
          at = node.length;
        }
        last = box;
      }
    }
  }
  return faults;
}"""
OPEN_ALL = """() => {
  for (const button of document.querySelectorAll("[data-more]")) button.click();
  for (const folded of document.querySelectorAll("details")) folded.open = true;
}"""
ENGLISH = Translator("en")


class Watchful:
    """A browser whose pages record every effect that untrusted text could have."""

    def __init__(self, browser: Any) -> None:
        self._browser = browser

    def new_context(self, **options: Any) -> Any:
        context = self._browser.new_context(**options)
        context.add_init_script(WATCHED)
        return context


@pytest.fixture(scope="module")
def browser(browser: Any) -> Iterator[Watchful]:
    """A browser that lets a page change its address thousands of times in a minute."""
    arguments = [*ARGUMENTS, "--disable-ipc-flooding-protection"]
    launched = browser.browser_type.launch(executable_path=BROWSER, args=arguments)
    yield Watchful(launched)
    launched.close()


def collections() -> list[str]:
    """Return the strings of the three collections and of `HOSTILE`."""
    folder = DATA / "hostile"
    strings = json.loads((folder / "blns.json").read_text(encoding="utf-8"))
    vectors = re.split(r'(?=<div id="\d+">)', (folder / "h5sc-vectors.txt").read_text(encoding="utf-8"))
    markup = [
        match[1]
        for path in sorted((folder / "html5lib-tree-construction").glob("*.dat"))
        for match in re.finditer(
            r"(?:\A|\n)#data\n(.*?)\n#errors", path.read_bytes().decode("utf-8"), re.DOTALL
        )
    ]
    assert len(strings) > 500
    assert len(vectors) > 130
    assert len(markup) > 1700
    return [text for text in dict.fromkeys([*HOSTILE, *strings, *vectors, *markup]) if text.strip()]


@dataclass
class Showcase:
    """An assistant whose hits hold the texts in every field; a question names a share of them."""

    inner: rag.Assistant
    texts: Sequence[str]
    size: int

    @property
    def manifest(self) -> Any:
        return self.inner.manifest

    @property
    def store(self) -> Showcase:
        return self

    def report(self) -> rag.BuildReport:
        failed = [Failure(text, text) for text in self.texts]
        return rag.BuildReport(0, 0, 0, 0, failed, 0, 0, 0.0, len(self.texts))

    def counts(self) -> dict[str, dict[str, int]]:
        counted = dict.fromkeys(self.texts, 1)
        return {"sources": counted, "languages": counted, "months": {"2024-03": 1}}

    def hints(self, question: str, **filters: Any) -> list[Notice]:
        return explain(question, make_filter(**filters), self.counts())

    def duplicates(self, most: int) -> list[list[Reprint]]:
        return [list(hit_of(text).reprints) for text in self.texts]

    def newest(self, count: int) -> list[rag.Passage]:
        return [hit_of(text).passage for text in self.texts[:count]]

    def search(self, question: str, k: int, **filters: Any) -> list[rag.Hit]:
        if not any(map(str.isalnum, question)):
            raise QuestionError("question-empty")
        if len(question) > MAX_QUESTION_CHARACTERS:
            length, limit = len(question), MAX_QUESTION_CHARACTERS
            raise QuestionError("question-too-long", length=length, limit=limit)
        if share := re.fullmatch(r"share (\d+)", question):
            start = int(share[1]) * self.size
            return [hit_of(text) for text in self.texts[start : start + self.size]]
        return [] if all(filters[name] for name in ("source", "language")) else [hit_of(question)]

    def ask(self, question: str) -> rag.Answer:
        return self.read(question, self.search(question, 5))

    def read(self, question: str, hits: Sequence[rag.Hit]) -> rag.Answer:
        return answer_of(question, hits)

    def neighbours(self, passages: Sequence[rag.Passage]) -> list[tuple[rag.Passage, rag.Passage]]:
        return [(passage, passage) for passage in passages]


def hit_of(text: str) -> rag.Hit:
    """Return a hit with this text in every field, and reprints with it."""
    article = make_article(
        f"x{text}", text, title=text, url=f"http://host/{text}", source=text, language=text
    )
    passage = rag.Passage(
        article.id,
        article.id,
        text,
        article.url,
        text,
        0,
        len(text),
        article.published,
        text,
        text,
    )
    again = rag.Reprint(
        text, text, f"javascript:window.hacked=1//{text}", article.published, text, text
    )
    named = replace(again, article_id=f"y{text}", url=text, source="")
    untitled = replace(again, article_id=text + " ", title="", url="", published=None)
    return rag.Hit(passage, 0.5, (0, len(text)), (again, named, untitled))


def shares(texts: Sequence[str], size: int) -> list[Sequence[str]]:
    return [texts[start : start + size] for start in range(0, len(texts), size)]


def answer_of(question: str, hits: Sequence[rag.Hit]) -> rag.Answer:
    (text, best), *others = [(hit.passage.text, hit) for hit in hits]
    alternatives = tuple(rag.Alternative(other, hit, 0, len(other)) for other, hit in others)
    return rag.Answer(question, text, best, 0, len(text) // 2, 0.9, tuple(hits), alternatives)


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> rag.Assistant:
    folder = tmp_path_factory.mktemp("three") / "index"
    rag.build(three_articles(), folder, HashEncoder())
    return rag.load(folder, HashEncoder(), PatternReader())


@pytest.fixture(scope="module")
def address(assistant: rag.Assistant) -> Iterator[str]:
    with served(assistant) as address:
        yield address


def check(visit: Visit) -> None:
    """Audit the page at both widths, with every fold open."""
    visit.page.evaluate(OPEN_ALL)
    for viewport in (DESKTOP, PHONE):
        visit.page.set_viewport_size(viewport)
        faults = visit.page.evaluate(AUDIT, ATTRIBUTES)
        assert faults == [], f"{len(faults)} at {viewport['width']}: " + "\n".join(faults[:20])


def seen(text: str) -> str:
    """Return a text as a page holds it: HTML has no NUL, and one kind of line end."""
    return text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")


def shown_texts(visit: Visit, selector: str) -> list[str]:
    found: list[str] = visit.page.eval_on_selector_all(
        selector, "all => all.map(each => each.textContent)"
    )
    return found


def show_everything(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Make a result show a whole share, and each text as an answer and as a filter."""
    monkeypatch.setattr(results, "PAGE_PASSAGES", size)
    monkeypatch.setattr(filters, "_CHOICES", size)
    show_results = results.show_results

    def show(assistant: Any, query: Query, translate: Translator) -> Markup:
        page = show_results(assistant, query, translate)
        for hit in assistant.search(query.question, size):
            text = hit.passage.text
            page += passages.show_answer(answer_of(text, [hit]), translate)
            page += show_results(assistant, Query(f"q{text[:1000]}", 1, text, text), translate)
        return page

    monkeypatch.setattr(results, "show_results", show)


def check_texts(
    open_page: Visits,
    assistant: rag.Assistant,
    monkeypatch: pytest.MonkeyPatch,
    texts: Sequence[str],
    size: int = 200,
) -> None:
    show_everything(monkeypatch, size)
    with served(Showcase(assistant, texts, size)) as address:  # type: ignore[arg-type]
        visit = open_page(address)
        for number, share in enumerate(shares(texts, size)):
            visit.ask(f"share {number}")
            visit.page.wait_for_function(
                "text => document.querySelector('.hit h3')?.textContent === text", arg=seen(share[0])
            )
            visit.wait_until_shown()
            check(visit)
            expected = [seen(text) for text in share]
            for selector in (
                ".hit h3 bdi",
                ".hit > .text",
                ".hit .reprints li:first-child bdi:first-child",
            ):
                assert shown_texts(visit, selector) == expected
            assert shown_texts(visit, ".answer blockquote")[1:] == expected
            assert shown_texts(visit, ".others blockquote") == expected[1:]
            assert set(shown_texts(visit, ".choices bdi")) >= set(expected)
            chips = shown_texts(visit, ".chip bdi")
            assert chips[::2] == expected
            assert len(chips) == 2 * len(share)
        visit.close()


def test_text_of_articles_is_inert(
    open_page: Visits, assistant: rag.Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_texts(open_page, assistant, monkeypatch, HOSTILE)


@needs_data
def test_text_of_articles_from_the_collections_is_inert(
    open_page: Visits, assistant: rag.Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_texts(open_page, assistant, monkeypatch, collections())


def test_archive_page_is_inert(
    open_page: Visits, assistant: rag.Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_archive(open_page, assistant, monkeypatch, HOSTILE)


@needs_data
def test_collections_of_attacks_are_inert_on_the_archive_page(
    open_page: Visits, assistant: rag.Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_archive(open_page, assistant, monkeypatch, collections())


def check_archive(
    open_page: Visits, assistant: rag.Assistant, monkeypatch: pytest.MonkeyPatch, texts: Sequence[str]
) -> None:
    """Use the texts as sites, languages, titles of reprints and refused files."""
    monkeypatch.setattr(archive, "_ROWS", len(texts))
    expected = {seen(text) for text in texts}
    with served(Showcase(assistant, texts, 1)) as address:  # type: ignore[arg-type]
        visit = open_page(address, "archive")
        visit.wait(".text-page li")
        check(visit)
        assert set(shown_texts(visit, ".text-page th bdi")) >= expected
        assert set(shown_texts(visit, ".text-page li > bdi:first-child")) >= expected
        assert set(shown_texts(visit, ".text-page li .note bdi")) >= expected
        assert set(shown_texts(visit, ".text-page summary bdi")) == expected
        visit.close()


ASK = """async ([texts, typed, eachIsAwaited]) => {
  const faults = [], find = (selector) => document.querySelector(selector);
  const fault = (kind, text, found) => faults.push(`${kind}: ${text.slice(0, 200)} -> ${found}`);
  const visible = (text) => text.replace(/[\\s\\p{Cc}]+/gu, "");
  for (const text of texts) {
    const field = find("#question textarea");
    if (typed) {
      field.value = text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      await new Promise((resolve) => setTimeout(resolve));
      if (field.value !== text) fault("typed", text, field.value);
      field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
      field.dispatchEvent(new KeyboardEvent("keypress", { key: "Enter", bubbles: true, cancelable: true }));
      for (let tries = 0; tries < 200 && new URLSearchParams(location.search).get("q") !== text; tries += 1)
        await new Promise((resolve) => setTimeout(resolve, 5));
    } else {
      const link = Object.assign(document.createElement("a"), { className: "go" });
      link.setAttribute("href", `?${new URLSearchParams({ q: text, site: text, lang: text })}`);
      document.body.append(link);
      link.click();
      link.remove();
    }
    const asked = new URLSearchParams(location.search);
    if (asked.get("q") !== text) fault("address", text, asked.get("q"));
    if (field.value !== text) fault("field", text, field.value);
    if (visible(document.title) !== visible(text)) fault("title", text, document.title);
    const last = find("#history li a");
    if (text.trim() && last?.textContent !== text) fault("history", text, last?.textContent);
    if (!eachIsAwaited && text !== texts.at(-1)) continue;
    const isShown = () => {
      const answer = find("#results .answer blockquote");
      const isThis = answer ? answer.textContent === text.trim() : find("#results :is(.error, .status)");
      return isThis && find("#results").getAttribute("aria-busy") === "false";
    };
    for (let tries = 0; tries < 2000 && !isShown(); tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 5));
    if (!isShown()) fault("shown", text, find("#results").textContent.slice(0, 100));
  }
  return faults;
}"""


def test_questions_are_inert(open_page: Visits, assistant: rag.Assistant) -> None:
    check_questions(open_page, assistant, HOSTILE, each_is_awaited=True)


@needs_data
def test_questions_from_the_collections_are_inert(open_page: Visits, assistant: rag.Assistant) -> None:
    check_questions(open_page, assistant, collections(), each_is_awaited=False)


def check_questions(
    open_page: Visits, assistant: rag.Assistant, texts: Sequence[str], *, each_is_awaited: bool
) -> None:
    """Type each text, and open an address with it; wait for all answers, or for each 50th."""
    texts = list(filter(None, map(seen, texts)))
    typed_texts = frozenset(texts[:600])
    with served(Showcase(assistant, texts, 1)) as address:  # type: ignore[arg-type]
        visit = open_page(address)
        visit.wait("#results .home")
        for share in shares(texts, 50):
            for typed in (False, True) if share[0] in typed_texts else (False,):
                faults = visit.page.evaluate(ASK, [share, typed, each_is_awaited])
                assert faults == [], "\n".join(faults[:10])
            check(visit)
        visit.close()


@pytest.mark.parametrize("question", ["长" * 2001, "文" * 30_000, "a" * 300_000])
def test_an_overlong_question_is_refused_with_its_length(
    open_page: Visits, address: str, question: str
) -> None:
    visit = open_page(address)
    visit.wait("#results .home")
    visit.ask(question)
    assert f"{min(len(question), 50_000):,} characters" in visit.wait("#results .error").inner_text()
    check(visit)
    visit.ask("a shorter one")
    visit.wait("#results .hit")


def test_an_opened_address_is_inert(open_page: Visits, address: str) -> None:
    names = ("q", "site", "lang", "from", "to", "p")
    visit = open_page(address)
    for text in HOSTILE[::3]:
        visit.open(f"?{urlencode(dict.fromkeys(names, text))}")
        visit.wait("#results :is(.status, .error)")
        visit.wait_until_shown()
        assert seen(visit.page.input_value("#question textarea")) == seen(text)
        check(visit)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (["a\ud800"], "not valid Unicode"),
        (["a", 5, "\ud800"], "event: error"),
        ([{"_type": "x"}], "not text but dict"),
        ([{"path": "x", "meta": {"_type": "gradio.FileData"}}], "not name files"),
        (["a\x00\x1b\u2028"], "event: complete"),
    ],
)
def test_a_value_that_is_not_text_is_refused(address: str, data: list[Any], message: str) -> None:
    api = f"{address}gradio_api/call/search"
    kind = {"content-type": "application/json"}
    filled = [*data, *[5, None, None, None, None][len(data) - 1 :]]
    started = httpx.post(api, content=json.dumps({"data": filled}), headers=kind)
    answer = started.text
    if started.status_code == 200:
        answer = httpx.get(f"{api}/{started.json()['event_id']}").text
    assert message in answer
    assert "Traceback" not in answer


COPY = """async (selector) => {
  const faults = [];
  for (const button of document.querySelectorAll(selector)) {
    const label = button.textContent;
    button.click();
    for (let tries = 0; tries < 200 && button.textContent === label; tries += 1)
      await new Promise((resolve) => setTimeout(resolve));
    const copied = await navigator.clipboard.readText();
    if (copied !== button.dataset.copy) faults.push([button.dataset.copy, copied]);
  }
  return faults;
}"""


@needs_data
def test_copy_buttons_copy_the_citations(
    open_page: Visits, assistant: rag.Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [text for text in collections() if line(text)][:200]
    monkeypatch.setattr(results, "PAGE_PASSAGES", len(texts))
    with served(Showcase(assistant, texts, len(texts))) as address:  # type: ignore[arg-type]
        visit = open_page(address, "?q=share+0", permissions=["clipboard-read", "clipboard-write"])
        visit.wait(".hit")
        visit.wait_until_shown()
        assert visit.page.evaluate(COPY, ".hit [data-copy]") == []
        copies = visit.page.eval_on_selector_all(
            ".hit [data-copy]", "all => all.map(each => each.dataset.copy)"
        )
        assert copies[::2] == list(map(citation, texts))
        visit.close()


@needs_data
def test_citations_are_one_line_and_valid_markdown() -> None:
    for text in filter(line, collections()):
        card = passages.show_card(hit_of(text), ENGLISH)
        plain, markdown = (unescape(copy) for copy in re.findall(r'data-copy="([^"]*)"', card))
        assert plain == citation(text)
        check_markdown(text, markdown)


def line(text: str) -> str:
    """Return the visible characters of a text in one line."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text).split())


def citation(text: str) -> str:
    said, address = line(text), line(f"http://host/{text}")
    return f"“{said}” — {said}, {said}, 2024-03-06. {address}"


def check_markdown(text: str, markdown: str) -> None:
    """Check that Markdown renders as the text alone, with a link to the article."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("gfm-like", {"linkify": False})
    shown = reader.render(markdown)
    tags = re.findall(r"<(\w+)", shown)
    assert tags == ["blockquote", "p", "p", "a"], (markdown, shown)
    quoted, source = re.findall(r"<p>(.*)</p>", shown)
    plain = re.sub(r"<[^>]*>", "", source)
    assert unescape(quoted) == line(text), markdown
    assert unescape(plain) == f"— {line(text)}, {line(text)}, 2024-03-06", markdown
    assert 'href="http://host/' in source


def test_a_page_of_passages_can_be_opened_by_its_address(open_page: Visits, address: str) -> None:
    """Gradio reads a `page` in the address as one of its own."""
    visit = open_page(address, Query("樱花").address(page=2))
    visit.wait("#results .hit")


@needs_data
def test_uploads_from_the_collections_are_inert(
    open_page: Visits, assistant: rag.Assistant, tmp_path: Path
) -> None:
    check_uploads(open_page, assistant, tmp_path, collections())


def test_uploads_are_inert(open_page: Visits, assistant: rag.Assistant, tmp_path: Path) -> None:
    check_uploads(open_page, assistant, tmp_path, HOSTILE)


def check_uploads(
    open_page: Visits, assistant: rag.Assistant, tmp_path: Path, texts: Sequence[str]
) -> None:
    """Use each text as the name, title, body and address of a file in a zip archive."""
    folder = tmp_path / "seeds"
    folder.mkdir()
    with served(assistant, seeds=folder, admin_password="secret") as address:
        visit = open_page(address, "admin/", http_credentials={"username": "x", "password": "secret"})
        visit.wait("#upload")
        for number, share in enumerate(shares(texts, 490)):
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w") as zipped:
                for place, text in enumerate(share):
                    name = f"{number}-{place} {text.replace(chr(0), '')}.txt"
                    body = f"<p>第一段正文。{escape(text)}</p><p>第二段正文。{text}</p>"
                    zipped.writestr(
                        name, feed(body, line(text), f"javascript:window.hacked=1//{line(text)}")
                    )
            visit.page.set_input_files(
                "#upload input[type=file]",
                [
                    {"name": f"{name[:60]}.txt", "mimeType": "text/plain", "buffer": b"x"}
                    for name in (HOSTILE[:6] if not number else [])
                ]
                + [
                    {
                        "name": f"all{number}.zip",
                        "mimeType": "application/zip",
                        "buffer": packed.getvalue(),
                    }
                ],
            )
            visit.page.wait_for_selector(
                f"#preview th:has-text('{number}-1')", state="attached", timeout=60_000
            )
            check(visit)
            assert len(shown_texts(visit, "#preview tr")) > 0.9 * len(share)  # none that is hidden
            visit.page.get_by_label("Clear").click()
            visit.page.wait_for_selector("#preview th", state="detached")
        visit.close()
        uploading = "warning: Method not implemented."  # a warning of Gradio
        visit.complaints[:] = [each for each in visit.complaints if each != uploading]


def feed(body: str, title: str, url: str) -> str:
    return f"<!--1704372301000-->\n[{title}]({url})\n------\n\n{body}"


def test_a_hostile_seed_is_inert(
    open_page: Visits, tmp_path: Path, write_feed: Callable[..., Path]
) -> None:
    """Markup in an article is dropped, and text that looks like markup is shown."""
    body = "".join(f"<p>第{n}段正文。{escape(text)}</p>" for n, text in enumerate(HOSTILE))
    body += "".join(f"<p>第{n}段标记。{text}</p>" for n, text in enumerate(HOSTILE[:8]))
    seed = write_feed(
        "hostile.txt", body, "标题<script>window.hacked=1</script>", "javascript:alert(1)"
    )
    rag.build(rag.read_seeds(seed.parent), tmp_path / "index", HashEncoder())
    with served(rag.load(tmp_path / "index", HashEncoder(), PatternReader("第1段.+"))) as address:
        visit = open_page(address)
        visit.ask("第1段正文。<img src=x onerror='window.hacked = 1'>")
        shown = visit.wait(".hit").inner_text()
        assert "标题<script>window.hacked=1</script>" in shown
        assert "<img src=x onerror='window.hacked = 1'>" in visit.page.inner_text("#results")
        assert visit.page.locator("#results :is(script, img, svg, [href^=java])").count() == 0
        assert not any(character in shown for character in "\u202e\u2066\u200b")
        check(visit)
        visit.close()
