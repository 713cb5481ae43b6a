"""Candidates -> the answer, its confidence and the alternatives, or no answer."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.answering import question_form
from rag.answering.amounts import counted
from rag.answering.confidence import ConfidenceModel, pool_equivalent
from rag.answering.equivalence import agree
from rag.answering.sentences import sentence_around, shortened
from rag.answering.span_scoring import Candidate
from rag.types import Alternative, Answer, Hit, Span

_NEARLY = 0.5
"""What is this share as likely as the best answer competes with it on being the newest."""
_SAME_THING = 0.1
"""An amount of the same thing is shown from this share of the odds that other answers need."""


def choose(
    question: str, candidates: Sequence[Candidate], hits: Sequence[Hit], model: ConfidenceModel
) -> Answer:
    """Return the likeliest candidate, or the newest of the likely ones if the question wants that."""
    if not candidates:
        return refusal(question, hits, 0.0)
    odds = model.odds(candidates, hits)
    probabilities = odds / (1 + odds.sum())
    pooled = pool_equivalent(candidates, probabilities)
    best = max(range(len(candidates)), key=lambda n: (round(pooled[n], 6), probabilities[n]))
    confidence = model.calibrate(pooled[best])
    if confidence < model.threshold:
        return refusal(question, hits, confidence)
    if question_form.wants_newest(question):
        likely = [n for n in range(len(candidates)) if pooled[n] >= _NEARLY * pooled[best]]
        best = max(likely, key=lambda n: (_timestamp(candidates[n].hit), pooled[n]))
    return _answer(question, candidates[best], _others(candidates, best, odds, model), confidence, hits)


def answer_span(candidate: Candidate) -> Span:
    """Return the range of what is quoted: the words, or the sentence if the question wants one."""
    text, focus = candidate.hit.passage.text, (candidate.start, candidate.end)
    if candidate.wants_sentence <= 0:
        return focus
    return shortened(text, sentence_around(text, focus), focus)


def refusal(question: str, hits: Sequence[Hit], confidence: float) -> Answer:
    """Return that there is no answer, with what was read."""
    return Answer(
        question=question,
        text="",
        hit=None,
        start=0,
        end=0,
        confidence=confidence,
        hits=tuple(hits),
    )


def _answer(
    question: str,
    first: Candidate,
    others: Sequence[Candidate],
    confidence: float,
    hits: Sequence[Hit],
) -> Answer:
    text, focus = first.hit.passage.text, (first.start, first.end)
    is_open = first.wants_sentence > 0
    start, end = answer_span(first)
    return Answer(
        question=question,
        text=text[start:end],
        hit=first.hit,
        start=start,
        end=end,
        confidence=confidence,
        hits=tuple(hits),
        alternatives=() if is_open else tuple(_alternatives(first, others)),
        kind="sentence" if is_open else "span",
        sentence=sentence_around(text, focus),
        focus=focus,
        supporting=tuple(_supporting(first, others)),
    )


def _others(
    candidates: Sequence[Candidate], best: int, odds: NDArray[np.float64], model: ConfidenceModel
) -> list[Candidate]:
    """Return the candidates that are likely enough to be shown, the likeliest first."""
    things = [counted(c.hit.passage.text, (c.start, c.end)) for c in candidates]
    return [
        candidates[n]
        for n in np.argsort(-odds, kind="stable")
        if odds[n] >= model.other * (_SAME_THING if things[n].is_same(things[best]) else 1)
    ]


def _alternatives(first: Candidate, others: Iterable[Candidate]) -> list[Alternative]:
    """Return one different answer per article, each different from the others, newest first."""
    distinct: list[Candidate] = []
    for other in others:
        if not any(
            other.hit.passage.article_id == earlier.hit.passage.article_id
            or agree(other.text, earlier.text)
            for earlier in [first, *distinct]
        ):
            distinct.append(other)
    distinct.sort(key=lambda candidate: _timestamp(candidate.hit), reverse=True)
    return [Alternative(text=c.text, hit=c.hit, start=c.start, end=c.end) for c in distinct]


def _supporting(first: Candidate, others: Iterable[Candidate]) -> list[Hit]:
    """Return one hit of each other article that gives the same answer."""
    hits: dict[str, Hit] = {}
    for other in others:
        if agree(other.text, first.text):
            hits.setdefault(other.hit.passage.article_id, other.hit)
    hits.pop(first.hit.passage.article_id, None)
    return list(hits.values())


def _timestamp(hit: Hit) -> float:
    published = hit.passage.published
    return published.timestamp() if published else -math.inf
