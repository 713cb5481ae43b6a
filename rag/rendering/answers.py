"""Answers with what they say in the language of the question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from rag.names.known import KnownNames
from rag.rendering.numbers.currencies import currency_of
from rag.rendering.reader_language import reader_language
from rag.types import Answer, Hit, Passage, Span

if TYPE_CHECKING:
    from rag.rendering.renderer import Context

T = TypeVar("T")


def with_renderings(answer: Answer, names: KnownNames, language: str | None = None) -> Answer:
    """Return an answer with its renderings in a language (BCP 47), by default that of its question.

    A refusal stays as it is, and so does every answer for readers of Chinese. An article in another
    language has no renderings.
    """
    language = reader_language(answer.question) if language is None else language
    if answer.hit is None or not language or language.startswith("zh"):
        return answer
    from rag.rendering.renderer import glosses, render  # with Babel, for the first such answer

    def rendered(hit: Hit, span: Span, make: Callable[..., T]) -> T | None:
        passage = hit.passage
        if not passage.language.startswith("zh"):
            return None
        return make(passage.text, span, **_context(passage, language, names))

    return replace(
        answer,
        rendering=rendered(answer.hit, (answer.start, answer.end), render)
        if answer.kind == "span"
        else None,
        glosses=tuple(rendered(answer.hit, answer.sentence, glosses) or ()),
        alternatives=tuple(
            replace(other, rendering=rendered(other.hit, (other.start, other.end), render))
            for other in answer.alternatives
        ),
        reader_language=language,
    )


def explained(answer: Answer) -> list[tuple[str, str]]:
    """Return words of the quoted sentence and what they say, each once, in their order.

    Those of a rendered answer are left out, and what shows by itself: the number in 16艘.
    """
    if answer.hit is None:
        return []
    text, said = answer.hit.passage.text, (answer.start, answer.end)
    first, last = answer.sentence if answer.kind == "span" else said
    words = {
        text[gloss.start : gloss.end]: gloss.text
        for gloss in answer.glosses
        if first <= gloss.start and gloss.end <= last
        if not answer.rendering or gloss.end <= said[0] or said[1] <= gloss.start
    }
    return [(chinese, meaning) for chinese, meaning in words.items() if meaning not in chinese]


def _context(passage: Passage, language: str, names: KnownNames) -> Context:
    return {
        "language": language,
        "day": passage.published.date() if passage.published else None,
        "currency": currency_of(passage.source),
        "names": names,
    }
