"""Quotations from passages as HTML: which sentences are shown, and which words of them are marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from rag.text import passages
from rag.types import Hit, Span
from rag.web.views.addresses import article_address
from rag.web.views.query import Query
from rag.web.views.sharing.citations import is_web, passage_url

_EXCERPT = 140
"""Characters of a passage that are shown around its best sentence."""
_LONGEST_BACK = 2000
"""Characters of an address to lead back to: each quotation repeats it, in an address of its own."""


class Piece(NamedTuple):
    """A stretch of a passage: part of the "answer", of the best "sentence", or neither ("")."""

    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Quotation:
    """A part of a passage with marked words.

    The highlight of the `hit` is the sentence to cite. `original` is the address that opens the
    article's site at it, "" without one; `read` that of the whole article here. `place` is the range
    of the article that is quoted.
    """

    hit: Hit
    pieces: Sequence[Piece]
    original: str
    read: str
    place: Span


def quote(hit: Hit, shown: Span, marked: Span | None, query: Query) -> Quotation:
    """Quote a range of a passage, with its highlight shaded and the words of an answer marked."""
    passage = hit.passage
    start, end = marked or hit.highlight
    url = passage_url(passage.url, passage.text, hit.highlight) if is_web(passage.url) else ""
    place = passage.start + start, passage.start + end
    back = query.address(page=query.page)
    return Quotation(
        hit=hit,
        pieces=list(_pieces(passage.text, shown, hit.highlight, marked)),
        original=url,
        read=article_address(passage.article_id, place, back if len(back) <= _LONGEST_BACK else ""),
        place=(passage.start + shown[0], passage.start + shown[1]),
    )


def quote_sentence(hit: Hit, sentence: Span, marked: Span, query: Query) -> Quotation:
    """Quote one sentence, which is the one to cite, with some of its words marked."""
    return quote(replace(hit, highlight=sentence), sentence, marked, query)


def excerpt(text: str, sentence: Span) -> Span:
    """Return as many whole sentences around one as a card shows; all of a short text."""
    spans = passages.sentences(text, (0, len(text)))
    inside = [n for n, (start, end) in enumerate(spans) if start < sentence[1] and sentence[0] < end]
    if not inside:
        return 0, len(text)
    first, last = inside[0], inside[-1]
    while True:
        wider = [(first, min(last + 1, len(spans) - 1)), (max(first - 1, 0), last)]
        fitting = [
            (start, end)
            for start, end in wider
            if (start, end) != (first, last) and spans[end][1] - spans[start][0] <= _EXCERPT
        ]
        if not fitting:
            return spans[first][0], spans[last][1]
        first, last = fitting[0]


def _pieces(text: str, shown: Span, sentence: Span, answer: Span | None) -> Iterator[Piece]:
    marks = [*sentence, *(answer or ())]
    cuts = sorted({*shown, *(cut for cut in marks if shown[0] < cut < shown[1])})
    for start, end in pairwise(cuts):
        if answer and answer[0] <= start < answer[1]:
            kind = "answer"
        elif sentence[0] <= start < sentence[1]:
            kind = "sentence"
        else:
            kind = ""
        yield Piece(text[start:end], kind)
