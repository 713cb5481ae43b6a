"""Article -> passages, and passage -> windows.

A passage is the unit of ranking and display: whole paragraphs, about 400 characters. A window is the
unit of comparison: sentences of a passage, about 100 characters. Both are ranges of the text, which is
never changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import regex

from rag.text.scripts import WORD_REST, WORD_START
from rag.types import Article, Passage, Span

PASSAGE_CHARACTERS = 400
WINDOW_CHARACTERS = 100
SCRAP_CHARACTERS = 80
WINDOW_SCRAP_CHARACTERS = 30
"""Least length of a passage and of a window.

A shorter one joins its neighbour: alone it would match almost any question.
"""

_HEADING_CHARACTERS = 40
_CLOSERS = r"[”’」』》〉）】\"')\]]*+"
_OPEN, _CLOSE = r"(（\[【《〈「", r")）\]】》〉」"
_PLAIN = rf"[^{_OPEN}{_CLOSE}\n]"
_BRACKETED = rf"[{_OPEN}](?:{_PLAIN}|[{_OPEN}]{_PLAIN}{{0,50}}[{_CLOSE}]){{0,100}}+[{_CLOSE}]"
_ABBREVIATION = (
    r"(?<![A-Za-z])(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|St|No|Jr|Sr|Inc|Ltd|Co|Corp|Gen|Sen|Rep|Gov|Lt|Col|vs"
    r"|e\.g|i\.e)\."
)
_BOUNDARY = regex.compile(
    rf"{_BRACKETED}|{_ABBREVIATION}"
    r"|(?P<end>(?:(?<![。！？；…])[。！？；…]++|(?<![!?;])[!?;]++(?![A-Za-z0-9=&])|(?<!\.)\.++(?=[\s\"'”’)\]]|$))"
    rf"{_CLOSERS}(?![，、,：:。！？；…]))"
)
_ATOM = regex.compile(
    rf"(?V1){_BRACKETED}"
    r"|\p{N}{1,100}+(?:[.,:，'’ \u00a0\u202f/-]\p{N}++){1,20}+"
    rf"|{WORD_START}{{1,100}}+(?:[.,:，'’/&%_-]{WORD_REST}++){{0,20}}+"
    r"|\X"
)
"""What is never cut: a bracketed name, a number, a word, a grapheme."""
_PAUSE = re.compile(r"[，、,：:\s]$")


def split(article: Article) -> list[Passage]:
    """Split an article into passages, in order, that cover all of its text. None is empty."""
    text = article.text
    units = [unit for paragraph in _paragraphs(text) for unit in _units(text, paragraph)]
    return [
        Passage.of(article, f"{article.id}#{number}", span)
        for number, span in enumerate(_group(text, units), start=1)
    ]


def windows(text: str) -> list[Span]:
    """Return ranges of consecutive sentences, about 100 characters each, that cover the text.

    A window stays within its paragraph, unless the paragraph is shorter than a window may be.
    """
    spans = [
        window
        for paragraph in _paragraphs(text)
        for window in _join(sentences(text, paragraph), WINDOW_CHARACTERS)
    ]
    return _absorb(text, spans, WINDOW_SCRAP_CHARACTERS)


def _paragraphs(text: str) -> Iterator[Span]:
    for match in re.finditer(r"[^\n]+", text):
        if span := _trim(text, match.span()):
            yield span


def _units(text: str, paragraph: Span) -> list[Span]:
    """Return the paragraph, or its sentences in as few even groups as possible if it is too long."""
    length = paragraph[1] - paragraph[0]
    if length <= PASSAGE_CHARACTERS:
        return [paragraph]
    parts = [part for span in sentences(text, paragraph) for part in _break(text, span)]
    even = -(-length // -(-length // PASSAGE_CHARACTERS))
    return _join(parts, PASSAGE_CHARACTERS, full=even)


def _group(text: str, units: Sequence[Span]) -> list[Span]:
    """Join units up to the limit; a heading goes with the next unit, a scrap with its neighbour."""
    groups: list[list[Span]] = []
    for unit in units:
        if groups and unit[1] - groups[-1][0][0] <= PASSAGE_CHARACTERS:
            groups[-1].append(unit)
            continue
        heading: list[Span] = []
        if groups and len(groups[-1]) > 1 and _is_heading(text, groups[-1][-1]):
            heading = [groups[-1].pop()]
        groups.append([*heading, unit])
    return _absorb(text, [(group[0][0], group[-1][1]) for group in groups], SCRAP_CHARACTERS)


def _absorb(text: str, spans: Iterable[Span], scrap: int) -> list[Span]:
    """Join spans shorter than `scrap` with the span before; a heading or the first with the next."""
    joined: list[Span] = []
    joins_next = False
    for start, end in spans:
        is_scrap = end - start < scrap
        if joined and (joins_next or (is_scrap and not _is_heading(text, (start, end)))):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
        joins_next = joined[-1][1] - joined[-1][0] < scrap
    if joins_next and len(joined) > 1:
        joined[-2:] = [(joined[-2][0], joined[-1][1])]
    return joined


def _is_heading(text: str, span: Span) -> bool:
    start, end = span
    return end - start <= _HEADING_CHARACTERS and text[end - 1] not in "。！？；…!?;.”」』\"'）)"


def sentences(text: str, within: Span) -> list[Span]:
    """Return the ranges of the sentences in a range of the text.

    A sentence does not end inside brackets, abbreviations, numbers or addresses.
    """
    spans = []
    start, stop = within
    for match in _BOUNDARY.finditer(text, start, stop):
        if match["end"]:
            spans.append(_trim(text, (start, match.end())))
            start = match.end()
    spans.append(_trim(text, (start, stop)))
    return [span for span in spans if span]


def _break(text: str, sentence: Span) -> list[Span]:
    """Cut an overlong sentence at its pauses if it has any, and never inside an atom."""
    parts: list[Span] = []
    start, stop = sentence
    pause = previous = start
    for match in _ATOM.finditer(text, start, stop):
        if match.end() - start > PASSAGE_CHARACTERS and previous > start:
            cut = pause if pause - start >= PASSAGE_CHARACTERS // 2 else previous
            parts.append((start, cut))
            start = cut
        previous = match.end()
        if _PAUSE.search(match.group()):
            pause = previous
    parts.append((start, stop))
    return [span for part in parts if (span := _trim(text, part))]


def _join(spans: Iterable[Span], limit: int, full: int | None = None) -> list[Span]:
    """Join neighbours within `limit` characters, until a group has `full` characters."""
    joined: list[Span] = []
    for start, end in spans:
        if (
            joined
            and end - joined[-1][0] <= limit
            and (full is None or joined[-1][1] - joined[-1][0] < full)
        ):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _trim(text: str, span: Span) -> Span | None:
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None
