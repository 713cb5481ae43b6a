"""Answers and passages as HTML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from markupsafe import Markup

from rag.answering import no_answer
from rag.answering.sentences import sentence_around
from rag.i18n.translator import Translator
from rag.types import Answer, Hit, Passage, Span
from rag.web.rendering import render
from rag.web.views.citations import is_web, markdown_citation, passage_url, plain_citation

Neighbours: TypeAlias = tuple[Passage | None, Passage | None]
"""The passages before and after one in its article."""

_REPRINTS = 20


class Piece(NamedTuple):
    """A stretch of a passage: part of the "answer", of the best "sentence", or neither ("")."""

    text: str
    kind: str


def show_answer(answer: Answer, translate: Translator) -> Markup:
    """Return the answer in its sentence, with its source and its alternatives, or the refusal."""
    return render(
        "answer.html",
        translate,
        answer=answer,
        pieces=list(_sentence(answer)),
        is_unsure=no_answer.is_unsure(answer.confidence),
        confidence=translate(no_answer.confidence_key(answer.confidence)),
        refusal=no_answer.no_answer(answer.question),
    )


def _sentence(answer: Answer) -> Iterator[Piece]:
    """Return the sentence that is quoted, in pieces."""
    if answer.hit is None:
        return iter(())
    is_span = answer.kind == "span"
    start, end = answer.sentence if is_span else (answer.start, answer.end)
    text = answer.hit.passage.text[start:end]
    return _pieces(text, (0, 0), (answer.focus[0] - start, answer.focus[1] - start))


def answer_spans(answer: Answer) -> dict[str, Span]:
    """Return the span of the answer, or of an alternative, by the id of its passage."""
    spans = {other.hit.passage.id: (other.start, other.end) for other in answer.alternatives}
    if answer.hit:
        spans[answer.hit.passage.id] = answer.start, answer.end
    return spans


def show_card(
    hit: Hit,
    translate: Translator,
    answer: Span | None = None,
    neighbours: Neighbours = (None, None),
) -> Markup:
    """Return a passage with its best sentences and the answer marked, its source and its neighbours.

    In a passage with an answer the best sentence is the one that holds it: it is marked, cited and
    opened.
    """
    passage = hit.passage
    if answer:
        hit = replace(hit, highlight=sentence_around(passage.text, answer))
    before, after = neighbours
    url = passage_url(passage.url, passage.text, hit.highlight) if is_web(passage.url) else ""
    return render(
        "card.html",
        translate,
        hit=hit,
        pieces=list(_pieces(passage.text, hit.highlight, answer)),
        address=url,
        citation=plain_citation(hit),
        citation_markdown=markdown_citation(hit),
        before=before,
        after=after,
        reprints=hit.reprints[:_REPRINTS],
    )


def _pieces(text: str, sentence: Span, answer: Span | None) -> Iterator[Piece]:
    cuts = sorted({0, len(text), *sentence, *(answer or ())})
    for start, end in pairwise(cuts):
        if answer and answer[0] <= start < answer[1]:
            kind = "answer"
        elif sentence[0] <= start < sentence[1]:
            kind = "sentence"
        else:
            kind = ""
        yield Piece(text[start:end], kind)
