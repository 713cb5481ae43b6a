"""The sentence that holds an answer."""

from __future__ import annotations

import regex

from rag.text import passages
from rag.types import Span

LONGEST = 120
"""Most characters of a sentence that is given as an answer."""
_PARAGRAPH_END = "\n\n"
_CLAUSE = regex.compile(r"[^，,；;：:、]+[，,；;：:、]*")


def sentence_around(text: str, span: Span) -> Span:
    """Return the range of the sentence of a text that holds a span; of several, if it crosses some.

    A heading without an end mark is not part of the sentence below it.
    """
    start, end = span
    first = text.rfind(_PARAGRAPH_END, 0, start) + 1
    last = text.find(_PARAGRAPH_END, end)
    spans = passages.sentences(text, (first, last if last >= 0 else len(text)))
    inside = [each for each in spans if each[0] < end and start < each[1]]
    return (inside[0][0], inside[-1][1]) if inside else span


def shortened(text: str, sentence: Span, span: Span) -> Span:
    """Return as many whole clauses of a sentence around a span as `LONGEST` characters hold."""
    if sentence[1] - sentence[0] <= LONGEST:
        return sentence
    clauses = [match.span() for match in _CLAUSE.finditer(text, *sentence)]
    inside = [n for n, (start, end) in enumerate(clauses) if start < span[1] and span[0] < end]
    first, last = (inside[0], inside[-1]) if inside else (0, 0)
    while True:
        before = max(0, first - 1), last
        after = first, min(len(clauses) - 1, last + 1)
        longer = [
            each
            for each in (after, before)
            if each != (first, last) and clauses[each[1]][1] - clauses[each[0]][0] <= LONGEST
        ]
        if not longer:
            break
        first, last = longer[0]
    start, end = min(clauses[first][0], span[0]), max(clauses[last][1], span[1])
    return start, start + len(text[start:end].rstrip("，,；;：:、 "))
