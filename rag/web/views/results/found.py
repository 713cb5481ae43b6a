"""What is found for a question, for the page, for files and feeds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

from rag.answering.sentences import sentence_around
from rag.assistant import READ_HITS, Assistant
from rag.types import Alternative, Answer, Hit, Passage, Span
from rag.web.views.query import LAST_PAGE, NEWEST, PAGE_ARTICLES, Query

T = TypeVar("T")

_MOST_HITS = LAST_PAGE * PAGE_ARTICLES
_UNDATED = datetime.min.replace(tzinfo=UTC)


class Found(NamedTuple):
    """A passage that was found: its rank by how well it matches, and the answer in it, "" for none.

    In a passage with an answer the highlight is the sentence that holds it. `rendering` is what the
    answer says in the language of the question, "" where that is unsure.
    """

    rank: int
    hit: Hit
    answer: str
    rendering: str


def find(assistant: Assistant, query: Query) -> tuple[Answer, list[Found]]:
    """Return the answer to a question and all passages found for it, in the order of the query.

    Raises what `Assistant.search` and `Assistant.read` raise.
    """
    hits = search(assistant, query)
    answer = read(assistant, query, hits)
    answers = _by_passage(answer)
    found = [_found(rank, hit, answers.get(hit.passage.id)) for rank, hit in enumerate(hits, start=1)]
    return answer, in_order(found, query.order, lambda each: each.hit.passage)


def search(assistant: Assistant, query: Query) -> list[Hit]:
    """Return the passages that match a question best and pass its filters."""
    return assistant.search(query.asked, _MOST_HITS, **query.filters)


def read(assistant: Assistant, query: Query, hits: list[Hit]) -> Answer:
    """Return the answer to a question from the best of these hits."""
    return assistant.read(query.asked, hits[:READ_HITS])


def in_order(found: Iterable[T], order: str, passage: Callable[[T], Passage]) -> list[T]:
    """Return what was found as it is, or for `NEWEST` the latest first and undated ones last."""
    if order != NEWEST:
        return list(found)
    return sorted(found, key=lambda each: passage(each).published or _UNDATED, reverse=True)


def answer_spans(answer: Answer) -> dict[str, Span]:
    """Return the span of the answer, or of an alternative, by the id of its passage."""
    return {passage: (each.start, each.end) for passage, each in _by_passage(answer).items()}


def _by_passage(answer: Answer) -> dict[str, Answer | Alternative]:
    """Return the answer, or an alternative, by the id of its passage."""
    answers: dict[str, Answer | Alternative] = {
        other.hit.passage.id: other for other in answer.alternatives
    }
    if answer.hit:
        answers[answer.hit.passage.id] = answer
    return answers


def _found(rank: int, hit: Hit, answer: Answer | Alternative | None) -> Found:
    if not answer:
        return Found(rank, hit, "", "")
    sentence = sentence_around(hit.passage.text, (answer.start, answer.end))
    rendering = answer.rendering.text if answer.rendering else ""
    return Found(rank, replace(hit, highlight=sentence), answer.text, rendering)
