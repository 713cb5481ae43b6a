"""HTML -> what a person would read of it: paragraphs in order, title, address, time.

General rules come first: what an element is (a script, a figure, a list of links), what it calls
itself (caption, related, share). Then what a whole line says: the table in `habits.py`.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from itertools import accumulate, islice, zip_longest

from bs4 import BeautifulSoup, UnusualUsageWarning
from bs4.element import NavigableString, PageElement, PreformattedString, Tag

from rag.ingest import boilerplate, dates
from rag.ingest.boilerplate import Line

_NEVER = frozenset(
    "script style noscript template title textarea select option datalist svg math".split()
)
_ASIDE = frozenset(
    "nav aside footer figure figcaption picture iframe object video audio canvas button dialog small "
    "address".split()
)
"""Beside the text by what they are; left open, one may have swallowed the article."""
_BESIDE = frozenset(
    "ad ads advert advertisement attribution author badge banner breadcrumb breadcrumbs byline "
    "caption captioned comments copyright credit credits dfp disclaimer footer infobox "
    "interstitial nav navbar navigation newsletter offscreen pager pagination picinfo promo "
    "promotion recommend recommended related selfpromo share sharing sponsor subs subscri "
    "subscribe subscription tags toolbar".split()
)
"""Beside the text by what they call themselves, in `class` or `id`."""
_NAME = re.compile(r"(?<![^\s_-])[A-Za-z]+(?![^\s_-])")
_WORD = re.compile(r"[a-z]+|[A-Z][a-z]*")
_BLOCKS = frozenset(
    "address article blockquote body br center dd details div dl dt fieldset h1 h2 h3 h4 h5 h6 "
    "header hr html li main ol p pre section summary table tbody tfoot thead tr ul".split()
)
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_CELLS = frozenset(["td", "th"])
_CELL_GAP = " | "
_ROW_CHARACTERS = 400
_SMALL_CHARACTERS = 500
_SMALL_SHARE = 0.4
_TITLE_CHARACTERS = 6
_LINK_SHARE = 0.9
_LINK_CHARACTERS = 100
_CAPTION_CHARACTERS = 150
_CAPTION_DEPTH = 12
_TEXT_ROOTS = ("main", "article", "body")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_SPACE = re.compile(r"\s+")
_NOTHING = Line("", is_link=True)
_EMPHASIS = re.compile(r"^\*{2,}|\*{2,}$|\*\*(?=\S)([^*]+)(?<=\S)\*\*")


def clean(text: str) -> str:
    """Drop characters that no one sees (controls, zero-width, bidi overrides) and fold white space."""
    return _SPACE.sub(" ", _INVISIBLE.sub("", text)).strip()


class Body:
    """The parsed HTML of an article."""

    def __init__(self, html: str) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UnusualUsageWarning)  # XHTML is read as HTML
            self._soup = BeautifulSoup(html, "html.parser")
        if boilerplate.CREDIT_HINT.search(html):
            _drop_captions(self._soup)
        self._measure()
        self._lines = list(self._walk())

    @property
    def title(self) -> str:
        """The title the page gives itself, without the name of its site; "" where it has none."""
        title, heading = self._meta("og:title") or self._text("title"), self._text("h1")
        if not title or (len(heading) >= _TITLE_CHARACTERS and heading in title):
            title = heading
        return boilerplate.without_suffix(title, self._meta("og:site_name"))

    @property
    def url(self) -> str:
        """The address the page gives as its own; "" where it gives none."""
        link = self._soup.find("link", rel="canonical", href=True)
        return clean(str(link["href"])) if isinstance(link, Tag) else self._meta("og:url")

    @property
    def published(self) -> datetime | None:
        """The time in the page's metadata or in its first `<time>`."""
        stated = self._meta("article:published_time")
        times = [
            str(tag.get("datetime")) for tag in self._soup.find_all("time", datetime=True, limit=1)
        ]
        return next((found for text in (stated, *times) if (found := dates.read(text))), None)

    @property
    def dateline(self) -> datetime | None:
        """The time in one of the first lines: a line of its own, or the bracket that opens a report."""
        first = [line.text for line in self._lines[: boilerplate.HEAD_LINES]]
        return next((t for line in first if (t := dates.read(line) or dates.read_opening(line))), None)

    def lines(self, title: str, host: str) -> list[str]:
        """Return the paragraphs, headings, list items and table rows of the article as plain text.

        Left out are captions and credits, share bars, bylines, newsletters, related stories, notices
        of copyright, the repeated `title`, and whatever else `habits` knows of the site `host`. An
        article that says nothing else says its title.
        """
        links = sum(len(line.text) for line in self._lines if line.is_link)
        beside = 2 * links < sum(len(line.text) for line in self._lines)
        lines = [
            line
            for line, following in zip_longest(self._lines, self._lines[1:], fillvalue=_NOTHING)
            if not (line.is_link and beside) or (line.is_heading and not following.is_link)
        ]
        kept = boilerplate.without_furniture(lines, title, host)
        return kept or [line.text for line in self._lines if line.text == title][:1]

    def _meta(self, name: str) -> str:
        for key in ("property", "name"):
            tag = self._soup.find("meta", attrs={key: name, "content": True})
            if isinstance(tag, Tag):
                return clean(str(tag["content"]))
        return ""

    def _text(self, name: str) -> str:
        tag = self._soup.find(name)
        return clean(tag.get_text()) if isinstance(tag, Tag) else ""

    def _measure(self) -> None:
        """Go through all elements once, from the leaves up.

        Count the characters below each, and those in links; note which end a sentence and which hold
        a paragraph of sentences that is of no caption.
        """
        tags: list[Tag] = [self._soup]
        for tag in tags:
            tags += [child for child in tag.contents if isinstance(child, Tag)]
        self._characters: dict[int, int] = {}
        self._linked: dict[int, int] = {}
        self._labelled: Counter[str] = Counter()
        self._holding: set[int] = set()
        ends: dict[int, bool] = {}
        for tag in reversed(tags):
            total, linked, ended = 0, 0, False
            for child in tag.contents:
                characters = 0
                if isinstance(child, Tag):
                    if characters := self._characters[id(child)]:
                        ended = ends[id(child)]
                        linked += self._linked[id(child)]
                    is_sentences = child.name == "p" and ends[id(child)]
                    if (is_sentences and not _calls_itself_beside(_labels(child))) or (
                        id(child) in self._holding and child.name != "figcaption"
                    ):
                        self._holding.add(id(tag))
                elif isinstance(child, NavigableString) and not isinstance(child, PreformattedString):
                    text = child.strip()
                    characters = len(text)
                    ended = text.endswith("。") if text else ended
                total += characters
            self._characters[id(tag)] = 0 if tag.name in _NEVER else total
            self._linked[id(tag)] = total if tag.name == "a" else linked
            ends[id(tag)] = ended
            if total and _calls_itself_beside(labels := _labels(tag)):
                self._labelled[labels] += total
        self._total = self._characters[id(self._soup)]

    def _is_beside(self, tag: Tag) -> bool:
        if tag.name in _NEVER or _is_hidden(tag):
            return True
        characters = self._characters[id(tag)]
        if id(tag) in self._holding and (tag.name == "figure" or "caption" in _labels(tag)):
            return False  # left open, it has swallowed what comes next
        if tag.name in _ASIDE:
            # Small print within a line is of it.
            return self._is_little(characters) and not (
                tag.name == "small" and tag.parent and self._characters[id(tag.parent)] > characters
            )
        labels = _labels(tag)
        return _calls_itself_beside(labels) and self._is_little(self._labelled[labels])

    def _is_little(self, characters: int) -> bool:
        return characters <= _SMALL_CHARACTERS or characters <= _SMALL_SHARE * self._total

    def _walk(self) -> Iterator[Line]:
        """Walk the tree without recursion, however deep it is; a block element ends a line."""
        text: list[str] = []
        linked = in_links = in_lists = in_row = 0
        in_prose = False  # a paragraph of which links are only a part
        stack: list[tuple[PageElement, bool]] = [(self._soup, False)]
        while stack:
            node, leaving = stack.pop()
            if isinstance(node, NavigableString):
                if not isinstance(node, PreformattedString):
                    text.append(node)
                    linked += len(node.strip()) if in_links else 0
                continue
            assert isinstance(node, Tag)
            if not leaving and self._is_beside(node):
                continue
            if node.name in _BLOCKS or node.name in _CELLS:
                if in_row and node.name != "tr":
                    cell = node.name in _CELLS and not leaving and clean("".join(text))
                    text.append(_CELL_GAP if cell else " ")
                else:
                    line = _line(text, 0 if in_prose else linked, node.name if leaving else "")
                    if line and not (line.is_link and in_lists):
                        yield line
                    text, linked = [], 0
            if node.name == "a":
                in_links += -1 if leaving else 1
            elif node.name == "p":
                in_prose = (
                    not leaving and self._linked[id(node)] < _LINK_SHARE * self._characters[id(node)]
                )
            elif node.name in ("ul", "ol"):
                in_lists += -1 if leaving else 1
            elif node.name == "tr" and self._characters[id(node)] <= _ROW_CHARACTERS:
                in_row += -1 if leaving else 1
            if not leaving:
                stack.append((node, True))
                stack.extend((child, False) for child in reversed(node.contents))
        if line := _line(text, linked, ""):
            yield line


def _line(text: list[str], linked: int, ended: str) -> Line | None:
    """Return the line that `text` makes, before the end of the element called `ended`, if any."""
    line = _EMPHASIS.sub(r"\1", clean("".join(text))).strip()
    if not line:
        return None
    is_link = linked >= _LINK_SHARE * len(line) and len(line) <= _LINK_CHARACTERS
    return Line(
        line,
        is_link=is_link and not line.endswith("。"),
        is_heading=ended in _HEADINGS,
        is_row=ended == "tr" and _CELL_GAP in line,
    )


def _is_hidden(tag: Tag) -> bool:
    style = str(tag.get("style", "")).replace(" ", "").lower()
    return "display:none" in style or tag.has_attr("hidden")


def _labels(tag: Tag) -> str:
    names = [*tag.get_attribute_list("class")]
    if tag.name not in _HEADINGS:  # theirs are made of what they say
        names += tag.get_attribute_list("id")
    return " ".join(str(name) for name in names if name)


@lru_cache(maxsize=4096)
def _calls_itself_beside(labels: str) -> bool:
    words = (word.lower() for name in _NAME.findall(labels) for word in _WORD.findall(name))
    return not _BESIDE.isdisjoint(words)


def _drop_captions(soup: BeautifulSoup) -> None:
    """Drop each picture that has a credit, together with the caption in the same wrapper.

    A credit with no picture around it goes later, as a line.
    """
    for credit in soup.find_all(string=boilerplate.CREDIT_LINE):
        if credit.decomposed:
            continue
        wrapper = None
        for parent in islice(credit.parents, _CAPTION_DEPTH):
            if parent.name in _TEXT_ROOTS or parent.parent is None or not _is_short(parent):
                break
            if wrapper is None and parent.find(["img", "picture"]):
                if parent.name == "p":  # its other lines are the article's
                    break
                wrapper = parent
            elif (
                wrapper
                and parent.parent is not soup
                and next(parent.stripped_strings) == credit.strip()
            ):
                wrapper = parent
        if wrapper:
            wrapper.decompose()


def _is_short(element: Tag) -> bool:
    lengths = accumulate(len(text) for text in element.stripped_strings)
    return not any(length > _CAPTION_CHARACTERS for length in lengths)
