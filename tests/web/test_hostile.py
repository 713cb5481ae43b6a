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
from rag.index.catalogue import Beside, Listing
from rag.reports import Failure, Remark
from rag.retrieval.filters import explain, make_filter
from rag.retrieval.retriever import MAX_QUESTION_CHARACTERS
from rag.types import Article, Reprint
from rag.web.admin import uploads
from rag.web.views.articles import archive, article_list
from rag.web.views.query import Query
from rag.web.views.results import filters, found, groups
from rag.web.views.results import pages as results
from rag.web.views.results.answers import show_answer
from rag.web.views.results.groups import group_by_article
from rag.web.views.results.passages import Card, show_card
from rag.web.views.sharing.bibliography import bibtex, ris
from rag.web.views.sharing.citations import markdown_citation

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
    "a": "href target rel title type aria-label aria-current",
    "article": "tabindex data-article data-passage",
    "aside": "aria-label",
    "button": "type data-copy data-more data-share data-lang data-clear data-forget data-undo data-wrong "
    "data-label data-fill data-value data-aid data-failed aria-expanded aria-pressed aria-label aria-current hidden",
    "details": "open hidden",
    "div": "hidden role data-article tabindex data-stamp data-searching data-lost data-copied data-forget "
    "data-result-for data-name data-words data-page data-message",
    "fieldset": "data-file",
    "form": "action role data-address data-action data-presses",
    "h2": "tabindex",
    "h3": "tabindex data-message",
    "input": "type name value placeholder pattern title maxlength autocomplete spellcheck aria-invalid "
    "aria-describedby",
    "label": "for",
    "li": "aria-hidden tabindex data-article data-passage",
    "nav": "aria-label",
    "optgroup": "label",
    "option": "value selected",
    "p": "role tabindex aria-label hidden",
    "select": "name",
    "span": "aria-hidden style",
    "th": "scope",
    "time": "datetime",
    "ul": "aria-label",
    **dict.fromkeys(
        "bdi blockquote br footer h1 legend mark ol section strong summary table tbody thead tr td".split(),
        "",
    ),
}
VALUES = {
    "action": r"/articles",
    "aria-current": r"true|page",
    "aria-describedby": r"(file|article)\d+-[a-z]+-note",
    "aria-expanded": r"true|false",
    "aria-hidden": r"true",
    "aria-invalid": r"true",
    "aria-pressed": r"true|false",
    "autocomplete": r"off",
    "class": r"[\w -]*",
    "data-action": r"find|correct|remove|restore|roll_back",
    "data-address": r"\?[\w%.+=&~*-]*",
    "data-fill": r"file\d+-published",
    "data-forget": r"Remove \{question\}|\?[\w%.+=&~*-]*",
    "data-lang": r"en|zh-Han[st]",
    "data-presses": r"accept",
    "data-stamp": r"\d+",
    "data-value": r"[\d:T+-]*",
    "for": r"words|(file|article)\d+-[a-z]+",
    "href": r"https?://.*|HTTPS?:.*|(/|/articles|/export\.[a-z]+|/feed)?\?[^\s<>\"'`]*|"
    r"/(archive|articles|programs|admin/)?|/article/[^\s<>\"'`]+|#(mark|results|card-\d+(-\d+)?)",
    "id": r"answer|status|stale|history|words|mark|card-\d+(-\d+)?|[a-z]+-heading|"
    r"(file|article)\d+-(title|published|source|url)(-note)?",
    "maxlength": r"10",
    "name": r"q|site|lang|from|to|title|month|sort|words|page|article|key|published|source|url",
    "pattern": r"\[0-9\]\{4\}-\[0-9\]\{2\}-\[0-9\]\{2\}",
    "placeholder": r"2024-03-06|www\.rfi\.fr|https://|",
    "rel": r"noopener noreferrer|alternate|prev|next",
    "role": r"status|alert|group|search|progressbar",
    "scope": r"col|row",
    "spellcheck": r"false",
    "style": r"height:[\d.]+rem|width:[\d.]+%",
    "tabindex": r"-1",
    "target": r"_blank",
    "type": r"button|submit|text|search|hidden|application/atom\+xml",
}
"""What the values of attributes must be; those of others may be any text, which has no effect."""
AUDIT = r"""([attributes, values]) => {
  const faults = [...window.touched];
  const common = new Set(["class", "lang", "dir", "id"]);
  const fault = (kind, element) => faults.push(`${kind}: ${element.outerHTML.slice(0, 300)}`);
  const roots = [...document.querySelectorAll("#top, #below, #results, .text-page, #foot")];
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
      const whole = name in values && new RegExp(`^(?:${values[name]})$`, "is");
      if (whole && !whole.test(value.trim())) fault(`value of ${name}`, element);
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
    def language_model(self) -> None:
        return None

    @property
    def store(self) -> Showcase:
        return self

    def report(self) -> rag.BuildReport:
        failed = [Failure(text, text) for text in self.texts]
        remarks = [Remark(text, text) for text in self.texts]
        return rag.BuildReport(0, 0, 0, 0, failed, 0, 0, 0.0, len(self.texts), remarks=remarks)

    @property
    def catalogue(self) -> Showcase:
        return self

    def articles(self, selection: Any, order: Any, start: int, count: int) -> Listing:
        listed = [hit_of(text).reprints[0] for text in self.texts[start : start + count]]
        return Listing(listed, len(self.texts))

    def share(self, identifier: str) -> Sequence[str]:
        start = int(identifier.removeprefix("share ")) * self.size
        return self.texts[start : start + self.size]

    def article(self, identifier: str) -> Article:
        """Return an article of a share: all its texts, the first one in every other field."""
        share = self.share(identifier)
        text = share[0]
        fields = {"title": text, "url": f"http://host/{text}", "source": text, "language": text}
        return make_article(identifier, *share, **fields)

    def reprints(self, identifier: str) -> Sequence[Reprint]:
        return [reprint for text in self.share(identifier) for reprint in hit_of(text).reprints]

    def beside(self, identifier: str) -> Beside:
        again, _, untitled = hit_of(self.share(identifier)[-1]).reprints
        return Beside(again, untitled)

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
            return hits_of(self.texts[start : start + self.size])
        return [] if all(map(filters.get, ("source", "language"))) else hits_of([question])

    def ask(self, question: str) -> rag.Answer:
        return self.read(question, self.search(question, 5))

    def read(self, question: str, hits: Sequence[rag.Hit]) -> rag.Answer:
        return answer_of(question, [article.hits[0] for article in group_by_article(hits)])

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


def hits_of(texts: Sequence[str]) -> list[rag.Hit]:
    """Return two hits in an article of each text, the second ones last."""
    best = [hit_of(text) for text in texts]
    seconds = [replace(hit, passage=replace(hit.passage, id=f"{hit.passage.id}#2")) for hit in best]
    return best + seconds


def shares(texts: Sequence[str], size: int) -> list[Sequence[str]]:
    return [texts[start : start + size] for start in range(0, len(texts), size)]


def answer_of(question: str, hits: Sequence[rag.Hit]) -> rag.Answer:
    (text, best), *others = [(hit.passage.text, hit) for hit in hits]
    alternatives = tuple(rag.Alternative(other, hit, 0, len(other)) for other, hit in others)
    return rag.Answer(
        question,
        text,
        best,
        0,
        len(text),
        0.9,
        tuple(hits),
        alternatives,
        sentence=(0, len(text)),
        focus=(0, len(text) // 2),
        supporting=(best,),
    )


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
        faults = visit.page.evaluate(AUDIT, [ATTRIBUTES, VALUES])
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
    show_many(monkeypatch, size)
    for name in ("_SITES", "_LANGUAGES"):
        monkeypatch.setattr(filters, name, size)
    show_results = results.show_results

    def show(assistant: Any, query: Query, translate: Translator) -> Iterator[Markup]:
        found, *read = show_results(assistant, query, translate)
        parts = [found]
        for article in group_by_article(assistant.search(query.question, size)):
            hit = article.hits[0]
            text = hit.passage.text
            parts.append(show_answer(answer_of(text, [hit]), query, {}, translate))
            parts.extend(show_results(assistant, filtered(text), translate))
        yield Markup().join(parts)
        yield from read

    monkeypatch.setattr(results, "show_results", show)


def show_many(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Make a result read this many hits, and show as many articles on a page."""
    monkeypatch.setattr(found, "READ_HITS", size)
    for module in (groups, results):
        monkeypatch.setattr(module, "PAGE_ARTICLES", size)


def filtered(text: str) -> Query:
    """Return a question with this text, typed and in its filters; it has no results."""
    return Query(f"q{text[:1000]}", sites=(text,), language=text)


def filters_of(query: Query) -> list[str]:
    typed = [(query.question or "")[slice(*each.span)] for each in query.operators]
    return [*query.sites, query.language, *typed]


def trimmed(texts: Sequence[str]) -> list[str]:
    """Return texts without what a sentence may lack at its ends."""
    return [text.strip().rstrip("，,；;：:、 ") for text in texts]


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
                "text => document.querySelector('.hit h3 bdi')?.textContent === text",
                arg=seen(share[0]),
            )
            visit.wait_until_shown()
            check(visit)
            expected = [seen(text) for text in share]
            for selector in (
                ".hit h3 bdi",
                ".hit > .note > bdi:first-child",
                ".hit > .note > bdi:last-child",
                ".hit .reprints li:first-child bdi:first-child",
            ):
                assert shown_texts(visit, selector) == expected
            for selector in (
                ".hit > .text",
                ".hit .context:has(+ .text) .text",
                ".hit .text + .context .text",
                ".hit .folded:not(.reprints) .text",
            ):
                assert trimmed(shown_texts(visit, selector)) == trimmed(expected)
            for selector in (
                ".answer blockquote",
                ".answer > p.text",
                ".answer > .note > :first-child bdi",
                ".answer .agreeing li > a bdi",
            ):
                assert shown_texts(visit, selector)[1:] == expected
            assert trimmed(shown_texts(visit, ".others blockquote")) == trimmed(expected[1:])
            sites = {name.lower() for name in shown_texts(visit, ".choices bdi")}
            assert sites >= {text.lower() for text in expected}
            chips = [name for text in share for name in filters_of(filtered(text))]
            assert shown_texts(visit, ".chip bdi") == list(map(seen, chips))
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


def test_pages_of_articles_are_inert(open_page: Visits, assistant: rag.Assistant) -> None:
    check_articles(open_page, assistant, HOSTILE, size=1)


@needs_data
def test_pages_of_articles_from_the_collections_are_inert(
    open_page: Visits, assistant: rag.Assistant
) -> None:
    check_articles(open_page, assistant, collections(), size=200)


def check_articles(
    open_page: Visits, assistant: rag.Assistant, texts: Sequence[str], size: int
) -> None:
    """Use the texts as paragraphs, titles, reprints, neighbours and the way back."""
    with served(Showcase(assistant, texts, size)) as address:  # type: ignore[arg-type]
        visit = open_page(address)
        for number, share in enumerate(shares(texts, size)):
            text = share[0]
            mark, back = f"0-{(len(text) + 1) // 2}", urlencode({"q": text, "site": text})
            visit.open(f"article/share%20{number}?{urlencode({'mark': mark, 'back': back})}")
            check(visit)
            assert shown_texts(visit, ".whole > h2 bdi") == [seen(text)]
            assert shown_texts(visit, ".whole > .note bdi") == [seen(text)] * 2
            for selector, shown in ((".body", share), ("mark", [text[: (len(text) + 1) // 2]])):
                assert blackened("".join(shown_texts(visit, selector))) == blackened("".join(shown))
            reprints = shown_texts(visit, ".whole + section .list li > a bdi")
            assert reprints[::3] == reprints[1::3] == list(map(seen, share))
            assert blackened(visit.page.title()) == blackened(f"{text} · News archive")
            if text.strip():
                href = visit.page.get_attribute(".back a", "href")
                assert Query.parse(href.removeprefix("/")).question == text.strip()
        visit.close()


def blackened(text: str) -> str:
    """Return the characters of a text that leave ink, or would."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f\ufffd]", "", text)


def test_list_of_articles_is_inert(
    open_page: Visits, assistant: rag.Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_list(open_page, assistant, monkeypatch, HOSTILE)


@needs_data
def test_list_of_articles_from_the_collections_is_inert(
    open_page: Visits, assistant: rag.Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_list(open_page, assistant, monkeypatch, collections())


def check_list(
    open_page: Visits, assistant: rag.Assistant, monkeypatch: pytest.MonkeyPatch, texts: Sequence[str]
) -> None:
    """Use the texts as titles, sites and languages, and those of `HOSTILE` as filters."""
    monkeypatch.setattr(article_list, "PAGE_ARTICLES", len(texts))
    with served(Showcase(assistant, texts, 1)) as address:  # type: ignore[arg-type]
        visit = open_page(address, "articles")
        check(visit)
        expected = list(map(seen, texts))
        for selector in (
            ".list li > a bdi",
            ".list .note > bdi:first-child",
            ".list .note > bdi:last-child",
        ):
            assert shown_texts(visit, selector) == expected
        for name in ("site", "lang"):
            values = visit.page.eval_on_selector_all(
                f"select[name={name}] option", "all => all.map(each => each.value)"
            )
            assert set(map(blackened, values)) >= set(map(blackened, texts))
        for text in HOSTILE if texts is HOSTILE else ():
            visit.open(f"articles?{urlencode(dict.fromkeys(('site', 'lang', 'title', 'p'), text))}")
            check(visit)
            site, language, title = shown_texts(visit, ".chip bdi")
            assert site == seen(text[:200])
            assert language == seen(text.strip()[:200])
            assert seen(text.strip()[:200]) in title
        visit.close()


ASK = """async ([texts, typed, eachIsAwaited]) => {
  const faults = [], find = (selector) => document.querySelector(selector);
  const fault = (kind, text, found) => faults.push(`${kind}: ${text.slice(0, 200)} -> ${found}`);
  const visible = (text) => text.replace(/[\\s\\p{Cc}]+/gu, "");
  if (typed) history.replaceState(null, "", location.pathname); // without the filters of a link
  for (const [text, said] of texts) {
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
    if (visible(document.title) !== visible(`${text} · News archive`)) fault("title", text, document.title);
    if (text.trim()) {
      const [link, remove] = find("#history li").children, [asks, filters] = link.children;
      if (asks.textContent !== text) fault("history", text, asks.textContent);
      if (typed ? filters : filters?.textContent !== `${text} · ${text}`) fault("filters", text, link.innerHTML);
      if (remove.ariaLabel !== `Remove ${text}`) fault("remove", text, remove.ariaLabel);
      const kept = JSON.parse(localStorage.getItem("questions"))[0];
      if (new URLSearchParams(kept.address).get("q") !== text) fault("kept", text, kept.address);
    }
    if (!eachIsAwaited && text !== texts.at(-1)[0]) continue;
    const isShown = () => {
      const answer = find("#results .answer blockquote");
      const isThis = answer ? answer.textContent === said : find("#results :is(.error, .status)");
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
            said = [(text, seen(Query(text.strip()).asked)) for text in share]
            for typed in (False, True) if share[0] in typed_texts else (False,):
                faults = visit.page.evaluate(ASK, [said, typed, each_is_awaited])
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
    if (copied.replaceAll("\\r\\n", "\\n") !== button.dataset.copy) faults.push([button.dataset.copy, copied]);
  }
  return faults;
}"""


@needs_data
def test_copy_buttons_copy_the_citations(
    open_page: Visits, assistant: rag.Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [text for text in collections() if line(text)][:200]
    show_many(monkeypatch, len(texts))
    with served(Showcase(assistant, texts, len(texts))) as address:  # type: ignore[arg-type]
        visit = open_page(address, "?q=share+0", permissions=["clipboard-read", "clipboard-write"])
        visit.wait(".hit")
        visit.wait_until_shown()
        assert visit.page.evaluate(COPY, ".hit [data-copy]") == []
        copies = visit.page.eval_on_selector_all(
            ".hit [data-copy]", "all => all.map(each => each.dataset.copy)"
        )
        assert copies[::4] == list(map(citation, texts))
        hits = list(map(hit_of, texts))
        for place, cite in enumerate((markdown_citation, bibtex, ris), start=1):
            assert copies[place::4] == [seen(cite(hit)) for hit in hits]
        visit.close()


@needs_data
def test_citations_are_one_line_and_valid_markdown() -> None:
    for text in filter(line, collections()):
        (article,) = group_by_article([hit_of(text)])
        card = show_card(Card.of("card-1", article, {}), Query(text), ENGLISH)
        plain, markdown, *records = (
            unescape(copy) for copy in re.findall(r'data-copy="([^"]*)"', card)
        )
        assert plain == citation(text)
        check_markdown(text, markdown)
        check_bibtex(text, records[0])
        check_ris(text, records[1])


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


BIBTEX = re.compile(
    r"@online\{[a-z0-9-]+,\n  title = \{(.*)\},\n  organization = \{(.*)\},\n  date = \{2024-03-06\},\n"
    r"  url = \{(.*)\},\n  langid = \{(.*)\},\n  annotation = \{(.*)\},\n\}\n"
)
LATEX = {
    "textbackslash": "\\",
    "textbraceleft": "{",
    "textbraceright": "}",
    "textasciitilde": "~",
    "textasciicircum": "^",
}


def check_bibtex(text: str, record: str) -> None:
    """Check that an entry ends where its braces do, and that LaTeX would print the text alone."""
    match = BIBTEX.fullmatch(record)
    assert match, record
    title, site, url, language, quotation = match.groups()
    for value in (title, site, language, quotation):
        commands = r"\\(text[a-z]+)\{\}|\\([#$%&_])"
        assert not re.search(r"[\\{}#$%&_~^]", re.sub(commands, "", value)), record
        printed = re.sub(commands, lambda found: LATEX.get(found[1], found[2]), value)
        assert printed == line(text), record
    assert not set(url) & set("\\{}"), record


def check_ris(text: str, record: str) -> None:
    """Check that a record has its own lines only, each with the text."""
    lines = record.removesuffix("\r\n").split("\r\n")
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", "".join(lines)), record
    names, values = zip(*(part.split("  - ", 1) for part in lines), strict=True)
    assert names == ("TY", "ID", "TI", "T2", "PY", "DA", "UR", "LA", "N1", "ER"), record
    said = line(text)
    address = line(f"http://host/{text}")
    assert values[2:] == (said, said, "2024", "2024/03/06", address, said, said, ""), record


def test_a_page_of_passages_can_be_opened_by_its_address(open_page: Visits, address: str) -> None:
    """Gradio reads a `page` in the address as one of its own."""
    visit = open_page(address, Query("樱花").address(page=2))
    visit.wait("#results .hit")


@needs_data
def test_uploads_from_the_collections_are_inert(
    open_page: Visits, assistant: rag.Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "_WITH_FIELDS", 245)
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
                f"#preview .files :is(legend, .name):has-text('{number}-1')",
                state="attached",
                timeout=60_000,
            )
            check(visit)
            names = shown_texts(visit, "#preview .files > li :is(legend, .name) > bdi")
            assert len(names) == visit.page.locator("#preview .files > li").count()
            listed = visit.page.locator("#preview :is(.files, .reasons) > li").count()
            assert listed > 0.9 * len(share)  # none that is hidden
            assert len(names) > 0.6 * len(share)
            named = visit.page.eval_on_selector_all(
                "#preview fieldset", "all => all.map(each => each.dataset.file)"
            )
            assert named == names[: len(named)]
            visit.page.get_by_label("Clear").click()
            visit.page.wait_for_selector("#preview .files", state="detached")
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
