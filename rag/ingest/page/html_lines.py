"""The lines of a page of HTML, as a reader sees them."""

from __future__ import annotations

import re
from html import unescape
from itertools import islice, pairwise

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, PreformattedString, Tag

from rag.ingest.page.aside_labels import HEADINGS
from rag.ingest.page.asides import Asides
from rag.ingest.page.boilerplate import Line
from rag.ingest.records import Dropped
from rag.text.scripts import clean

_BLOCKS = frozenset(
    "address article blockquote body br center dd details div dl dt fieldset h1 h2 h3 h4 h5 h6 "
    "header hr html li main ol p pre section summary table tbody tfoot thead tr ul".split()
)
_CELLS = frozenset(["td", "th"])
_PICTURES = frozenset(["img", "picture", "figure", "amp-img"])
_CELL_GAP = " | "
_ROW_CHARACTERS = 400
_LINK_SHARE = 0.9
_LINK_CHARACTERS = 100
_PREVIEW_STRINGS = 40
_VERTICAL_LINES = 3
_TIMED_ENTRIES = 2
_EMPHASIS = re.compile(r"^\*{2,}|\*{2,}$|\*\*(?=\S)([^*]+)(?<=\S)\*\*")
_ENTITY = re.compile(r"&(?:#\d{2,7}|#x[0-9a-f]{2,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
_JOINERS = re.compile(r"(?<=[\u0020-\u05ff\u3000-\u9fff\uac00-\ud7a3\uff00-\uffef])[\u200c\u200d]+")
"""Joiners after a script in which they join nothing. In Arabic, Indic scripts and emoji they do."""
_VERTICAL = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff01-\uff1f]")
_CLOCK = re.compile(r"\d\s?[:：时時点點h]")
_SENTENCE_ENDS = ("。", "！", "？", ".", "!", "?", "”", "」")


def plain(text: str) -> str:
    """Return a line as a reader sees it: without what is invisible, and unescaped if escaped twice."""
    text = _ENTITY.sub(lambda match: unescape(match[0]), text) if "&" in text else text
    text = clean(text if text.isascii() else _JOINERS.sub("", text))
    return _EMPHASIS.sub(r"\1", text).strip() if "**" in text else text


class LineReader:
    """Joins the text of a page into lines; a block element ends a line, a table row is one line."""

    def __init__(self, asides: Asides) -> None:
        self.dropped: list[Dropped] = []
        self._asides = asides
        self._lines: list[Line] = []
        self._pictures: set[int] = set()
        """Each is the number of lines before a picture."""
        self._emptied: set[int] = set()
        """Each is the number of lines before a list of links that was left out."""
        self._text: list[str] = []
        self._linked = self._timed = 0
        self._in_links = self._in_lists = self._in_row = self._in_times = 0
        self._in_prose = False
        """Whether the position is in a paragraph that is more than links."""

    def read(self, soup: BeautifulSoup) -> list[Line]:
        """Walk the page without recursion: markup may be very deep."""
        stack: list[tuple[PageElement, bool]] = [(soup, False)]
        while stack:
            node, is_end = stack.pop()
            if isinstance(node, NavigableString):
                self._add_text(node)
                continue
            assert isinstance(node, Tag)
            if not is_end and node.name in _PICTURES:
                self._pictures.add(len(self._lines))
            if not is_end and (rule := self._asides.rule(node)):
                self._drop(node, rule)
                continue
            self._at_edge(node, is_end)
            self._track(node, is_end)
            if not is_end:
                stack.append((node, True))
                stack.extend((child, False) for child in reversed(node.contents))
        self._end_line("")
        return _with_times(_horizontal(self._without_empty_end(self._mark_captions())))

    def _add_text(self, node: NavigableString) -> None:
        if not isinstance(node, PreformattedString):
            self._text.append(node)
            if self._in_links or self._in_times:
                characters = len(node.strip())
                self._linked += characters if self._in_links else 0
                self._timed += characters if self._in_times else 0

    def _drop(self, tag: Tag, rule: str) -> None:
        if rule != "no text" and (strings := list(islice(tag.stripped_strings, _PREVIEW_STRINGS))):
            self.dropped.append(Dropped(clean(" ".join(strings)), rule))

    def _at_edge(self, tag: Tag, is_end: bool) -> None:
        """End a line at the start or the end of a block element."""
        if tag.name not in _BLOCKS and tag.name not in _CELLS:
            return
        if self._in_row and tag.name != "tr":
            is_next_cell = tag.name in _CELLS and not is_end and clean("".join(self._text))
            self._text.append(_CELL_GAP if is_next_cell else " ")
            return
        self._end_line(tag.name if is_end else "")

    def _end_line(self, ended: str) -> None:
        """Add the line that ends here; `ended` is the element that ends, "" if none does."""
        if text := plain("".join(self._text)):
            self._add_line(text, ended)
        self._text, self._linked, self._timed = [], 0, 0

    def _add_line(self, text: str, ended: str) -> None:
        linked = 0 if self._in_prose else self._linked
        is_link = linked >= _LINK_SHARE * len(text) and len(text) <= _LINK_CHARACTERS
        is_link = is_link and not text.endswith("。")
        if is_link and self._in_lists:
            self.dropped.append(Dropped(text, "links"))
            self._emptied.add(len(self._lines))
            return
        is_row = ended == "tr" and _CELL_GAP in text
        is_time = self._timed >= len(text) and _CLOCK.search(text) is not None
        self._lines.append(Line(text, is_link, ended in HEADINGS, is_row, is_time))

    def _track(self, tag: Tag, is_end: bool) -> None:
        step = -1 if is_end else 1
        characters = self._asides.characters(tag)
        if tag.name == "a":
            self._in_links += step
        elif tag.name == "time":
            self._in_times += step
        elif tag.name == "p":
            self._in_prose = not is_end and self._asides.linked(tag) < _LINK_SHARE * characters
        elif tag.name in ("ul", "ol"):
            self._in_lists += step
        elif tag.name == "tr" and characters <= _ROW_CHARACTERS:
            self._in_row += step

    def _without_empty_end(self, lines: list[Line]) -> list[Line]:
        """Leave out the last headings if they have nothing below them but links that were left out."""
        while lines and lines[-1].is_heading and len(lines) in self._emptied:
            self.dropped.append(Dropped(lines[-1].text, "links"))
            lines = lines[:-1]
        return lines

    def _mark_captions(self) -> list[Line]:
        for at in self._pictures:
            for beside in (at - 1, at):
                if 0 <= beside < len(self._lines):
                    self._lines[beside] = self._lines[beside]._replace(is_beside_picture=True)
        return self._lines


def _horizontal(lines: list[Line]) -> list[Line]:
    """Join lines of one Han character each, which are a column of vertical text."""
    joined: list[Line] = []
    column: list[Line] = []
    for line in (*lines, Line("")):
        if _VERTICAL.fullmatch(line.text):
            column.append(line)
            continue
        is_column = len(column) >= _VERTICAL_LINES
        joined += [Line("".join(part.text for part in column))] if is_column else column
        column = []
        joined += [line] if line.text else []
    return joined


def _with_times(lines: list[Line]) -> list[Line]:
    """Put the time of each entry of a live blog into the line of the entry."""
    entries = {
        at
        for at, (line, following) in enumerate(pairwise(lines), 1)
        if line.is_time and not following.is_time and following.text.endswith(_SENTENCE_ENDS)
    }
    if len(entries) < _TIMED_ENTRIES:
        return lines
    return [
        line._replace(text=f"{lines[at - 1].text} {line.text}") if at in entries else line
        for at, line in enumerate(lines)
        if at + 1 not in entries
    ]
