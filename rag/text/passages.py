"""Article -> passages, and passage -> windows. Pure functions over character ranges.

A passage is what is shown and ranked: whole paragraphs, joined up to about 400 characters. A window
is what is compared: the sentences of a passage in groups of about 100 characters. Ranges always refer
to the text that was given, so nothing is ever rewritten.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import regex

from rag.types import Article, Passage, Span

PASSAGE_CHARACTERS = 400
WINDOW_CHARACTERS = 100
SCRAP_CHARACTERS = 80
WINDOW_SCRAP_CHARACTERS = 30
"""A shorter remainder joins its neighbour: alone it would match almost any question."""

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
    r"|[[\p{L}\p{N}\p{M}]--[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}]]{1,100}+"
    r"(?:[.,:，'’/&%_-][[\p{L}\p{N}\p{M}]--\p{Han}]++){0,20}+"
    r"|\X"
)
_PAUSE = re.compile(r"[，、,：:\s]$")


def split(article: Article) -> list[Passage]:
    """Cut an article into passages, in order, that together cover all of its text.

    `article.text[p.start:p.end] == p.text` holds for each; none is empty.
    """
    text = article.text
    units = [unit for paragraph in _paragraphs(text) for unit in _units(text, paragraph)]
    return [
        Passage(
            id=f"{article.id}#{number}",
            article_id=article.id,
            title=article.title,
            url=article.url,
            text=text[start:end],
            start=start,
            end=end,
            published=article.published,
            source=article.source,
            language=article.language,
        )
        for number, (start, end) in enumerate(_group(text, units), start=1)
    ]


def windows(text: str) -> list[Span]:
    """Ranges of consecutive sentences of `text`, each about 100 characters, that cover it.

    A window stays within its paragraph, unless that is too short to stand alone.
    """
    spans = [
        window
        for paragraph in _paragraphs(text)
        for window in _join(_sentences(text, paragraph), WINDOW_CHARACTERS)
    ]
    return _absorb(text, spans, WINDOW_SCRAP_CHARACTERS)


def _paragraphs(text: str) -> Iterator[Span]:
    for match in re.finditer(r"[^\n]+", text):
        if span := _trim(text, match.span()):
            yield span


def _units(text: str, paragraph: Span) -> list[Span]:
    """The paragraph itself, or where it is too long the fewest even groups of its sentences."""
    length = paragraph[1] - paragraph[0]
    if length <= PASSAGE_CHARACTERS:
        return [paragraph]
    sentences = [part for span in _sentences(text, paragraph) for part in _break(text, span)]
    even = -(-length // -(-length // PASSAGE_CHARACTERS))
    return _join(sentences, PASSAGE_CHARACTERS, full=even)


def _group(text: str, units: Sequence[Span]) -> list[Span]:
    """Join units up to the limit; a heading goes with what follows it, a scrap with its neighbour."""
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
    """Join a span shorter than `scrap` with the one before; a heading, or the first, with the next."""
    whole: list[Span] = []
    forward = False
    for start, end in spans:
        short = end - start < scrap
        if whole and (forward or (short and not _is_heading(text, (start, end)))):
            whole[-1] = (whole[-1][0], end)
        else:
            whole.append((start, end))
        forward = whole[-1][1] - whole[-1][0] < scrap
    if forward and len(whole) > 1:
        whole[-2:] = [(whole[-2][0], whole[-1][1])]
    return whole


def _is_heading(text: str, span: Span) -> bool:
    start, end = span
    return end - start <= _HEADING_CHARACTERS and text[end - 1] not in "。！？；…!?;.”」』\"'）)"


def _sentences(text: str, within: Span) -> list[Span]:
    spans = []
    start, stop = within
    for match in _BOUNDARY.finditer(text, start, stop):
        if match["end"]:
            spans.append(_trim(text, (start, match.end())))
            start = match.end()
    spans.append(_trim(text, (start, stop)))
    return [span for span in spans if span]


def _break(text: str, sentence: Span) -> list[Span]:
    """Cut an overlong sentence, at pauses where it has any, never inside an atom."""
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
    """Join neighbours while they stay within `limit` and the group is not yet `full`."""
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
