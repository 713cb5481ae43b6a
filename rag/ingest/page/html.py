"""HTML -> the title, address, time and content lines of an article.

Captions go first, then elements beside the article by their kind and labels, then lines of links, then
the lines that the boilerplate rules match.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from datetime import datetime
from itertools import zip_longest

from bs4 import BeautifulSoup, UnusualUsageWarning
from bs4.element import NavigableString, PageElement, PreformattedString, Tag

from rag.ingest import boilerplate, dates
from rag.ingest.asides import HEADINGS, Asides
from rag.ingest.boilerplate import Line
from rag.ingest.boilerplate_rules import CREDIT_HINT
from rag.ingest.captions import remove_captions
from rag.text.scripts import clean

_BLOCKS = frozenset(
    "address article blockquote body br center dd details div dl dt fieldset h1 h2 h3 h4 h5 h6 "
    "header hr html li main ol p pre section summary table tbody tfoot thead tr ul".split()
)
_CELLS = frozenset(["td", "th"])
_CELL_GAP = " | "
_ROW_CHARACTERS = 400
_TITLE_CHARACTERS = 6
_LINK_SHARE = 0.9
_LINK_CHARACTERS = 100
_NO_LINE = Line("", is_link=True)
_EMPHASIS = re.compile(r"^\*{2,}|\*{2,}$|\*\*(?=\S)([^*]+)(?<=\S)\*\*")


class HtmlArticle:
    """An article in a page of HTML."""

    def __init__(self, html: str) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UnusualUsageWarning)  # XHTML is read as HTML
            self._soup = BeautifulSoup(html, "html.parser")
        if CREDIT_HINT.search(html):
            remove_captions(self._soup)
        self._lines = list(_LineReader(Asides(self._soup)).read(self._soup))

    @property
    def title(self) -> str:
        """The title of the page without the name of its site; "" if it has none."""
        title, heading = self._meta("og:title") or self._text("title"), self._text("h1")
        if not title or (len(heading) >= _TITLE_CHARACTERS and heading in title):
            title = heading
        return boilerplate.without_suffix(title, self._meta("og:site_name"))

    @property
    def url(self) -> str:
        """The canonical address in the page; "" if it has none."""
        link = self._soup.find("link", rel="canonical", href=True)
        return clean(str(link["href"])) if isinstance(link, Tag) else self._meta("og:url")

    @property
    def published(self) -> datetime | None:
        """The time in the metadata of the page or in its first `<time>`; None if it has none."""
        stated = self._meta("article:published_time")
        times = [
            str(tag.get("datetime")) for tag in self._soup.find_all("time", datetime=True, limit=1)
        ]
        return next((found for text in (stated, *times) if (found := dates.read(text))), None)

    @property
    def dateline(self) -> datetime | None:
        """The time in one of the first lines: a line of its own, or the bracket that opens a report.

        None if no line has one.
        """
        first = [line.text for line in self._lines[: boilerplate.HEAD_LINES]]
        return next((t for line in first if (t := dates.read(line) or dates.read_opening(line))), None)

    def lines(self, title: str, host: str) -> list[str]:
        """Return the paragraphs, headings, list items and table rows of the article as plain text.

        Captions and credits, share bars, bylines, newsletters, related stories, copyright notices, the
        repeated `title`, and the lines that the boilerplate rules of the site `host` match are left
        out. If nothing else is left, the result is the title.
        """
        links = sum(len(line.text) for line in self._lines if line.is_link)
        is_mostly_text = 2 * links < sum(len(line.text) for line in self._lines)
        lines = [
            line
            for line, following in zip_longest(self._lines, self._lines[1:], fillvalue=_NO_LINE)
            if not (line.is_link and is_mostly_text) or (line.is_heading and not following.is_link)
        ]
        content = boilerplate.content_lines(lines, title, host)
        return content or [line.text for line in self._lines if line.text == title][:1]

    def _meta(self, name: str) -> str:
        for key in ("property", "name"):
            tag = self._soup.find("meta", attrs={key: name, "content": True})
            if isinstance(tag, Tag):
                return clean(str(tag["content"]))
        return ""

    def _text(self, name: str) -> str:
        tag = self._soup.find(name)
        return clean(tag.get_text()) if isinstance(tag, Tag) else ""


class _LineReader:
    """Joins the text of a page into lines; a block element ends a line, a table row is one line."""

    def __init__(self, asides: Asides) -> None:
        self._asides = asides
        self._text: list[str] = []
        self._linked = 0
        self._in_links = self._in_lists = self._in_row = 0
        self._in_prose = False
        """Whether the position is in a paragraph that is more than links."""

    def read(self, soup: BeautifulSoup) -> Iterator[Line]:
        """Walk the page without recursion: markup may be very deep."""
        stack: list[tuple[PageElement, bool]] = [(soup, False)]
        while stack:
            node, is_end = stack.pop()
            if isinstance(node, NavigableString):
                self._add_text(node)
                continue
            assert isinstance(node, Tag)
            if not is_end and node in self._asides:
                continue
            if line := self._at_edge(node, is_end):
                yield line
            self._track(node, is_end)
            if not is_end:
                stack.append((node, True))
                stack.extend((child, False) for child in reversed(node.contents))
        if line := _line(self._text, self._linked, ""):
            yield line

    def _add_text(self, node: NavigableString) -> None:
        if not isinstance(node, PreformattedString):
            self._text.append(node)
            self._linked += len(node.strip()) if self._in_links else 0

    def _at_edge(self, tag: Tag, is_end: bool) -> Line | None:
        """Return the line that ends at the start or the end of an element, if there is one."""
        if tag.name not in _BLOCKS and tag.name not in _CELLS:
            return None
        if self._in_row and tag.name != "tr":
            is_next_cell = tag.name in _CELLS and not is_end and clean("".join(self._text))
            self._text.append(_CELL_GAP if is_next_cell else " ")
            return None
        line = _line(self._text, 0 if self._in_prose else self._linked, tag.name if is_end else "")
        self._text, self._linked = [], 0
        return None if line and line.is_link and self._in_lists else line

    def _track(self, tag: Tag, is_end: bool) -> None:
        step = -1 if is_end else 1
        characters = self._asides.characters(tag)
        if tag.name == "a":
            self._in_links += step
        elif tag.name == "p":
            self._in_prose = not is_end and self._asides.linked(tag) < _LINK_SHARE * characters
        elif tag.name in ("ul", "ol"):
            self._in_lists += step
        elif tag.name == "tr" and characters <= _ROW_CHARACTERS:
            self._in_row += step


def _line(text: list[str], linked: int, ended: str) -> Line | None:
    """Join pieces of text into a line; `ended` is the element that ends here, "" if none does.

    Return None if the line is empty.
    """
    line = _EMPHASIS.sub(r"\1", clean("".join(text))).strip()
    if not line:
        return None
    is_link = linked >= _LINK_SHARE * len(line) and len(line) <= _LINK_CHARACTERS
    return Line(
        line,
        is_link=is_link and not line.endswith("。"),
        is_heading=ended in HEADINGS,
        is_row=ended == "tr" and _CELL_GAP in line,
    )
