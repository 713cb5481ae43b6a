"""Found articles as HTML: a card for each, with its best passage and the others folded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from markupsafe import Markup

from rag.answering.sentences import sentence_around
from rag.i18n.translator import Translator
from rag.types import Hit, Passage, Span
from rag.web.rendering import render
from rag.web.views.query import Query
from rag.web.views.results.groups import FoundArticle
from rag.web.views.results.quotations import Quotation, excerpt, quote

Neighbours: TypeAlias = tuple[Passage | None, Passage | None]
"""The passages before and after one in its article."""

_REPRINTS = 20


@dataclass(frozen=True, slots=True)
class Card:
    """An article to show: its best passage, or the one with an answer, and its other passages.

    `identifier` names the card in the page. `shown` is the range of the best passage to show.
    """

    identifier: str
    best: Hit
    others: Sequence[Hit]
    shown: Span
    answer: Span | None = None

    @classmethod
    def of(cls, identifier: str, article: FoundArticle, answers: Mapping[str, Span]) -> Card:
        """Choose the passage to show; `answers` are the spans of answers by the id of their passage.

        Where it holds an answer, the sentence to shade, cite and open is the one with the answer. The
        card then shows the same sentences as without it, if that one is among them.
        """
        best, *others = sorted(article.hits, key=lambda hit: hit.passage.id not in answers)
        text, shown = best.passage.text, excerpt(best.passage.text, best.highlight)
        answer = answers.get(best.passage.id)
        if answer:
            sentence = sentence_around(text, answer)
            if not shown[0] <= sentence[0] < sentence[1] <= shown[1]:
                shown = excerpt(text, sentence)
            best = replace(best, highlight=sentence)
        return cls(identifier, best, others, shown, answer)


def show_card(
    card: Card,
    query: Query,
    translate: Translator,
    neighbours: Neighbours = (None, None),
    into: str = "",
) -> Markup:
    """Return an article with its best sentences and the answer marked, its source and its context.

    `into` is the language that its quotations can be translated into, "" for none.
    """
    earlier, later = _context(card.best.passage, card.shown, *neighbours)
    return render(
        "card.html",
        translate,
        identifier=card.identifier,
        quotation=quote(card.best, card.shown, card.answer, query),
        earlier=earlier,
        later=later,
        others=[_quote_other(hit, query) for hit in card.others],
        reprints=card.best.reprints[:_REPRINTS],
        more_reprints=len(card.best.reprints[_REPRINTS:]),
        into=into,
    )


def _quote_other(hit: Hit, query: Query) -> Quotation:
    return quote(hit, excerpt(hit.passage.text, hit.highlight), None, query)


def _context(
    passage: Passage, shown: Span, before: Passage | None, after: Passage | None
) -> tuple[str, str]:
    """Return the text before and after the shown part: of the passage, and of its neighbours."""
    earlier, later = passage.text[: shown[0]], passage.text[shown[1] :]
    if before:
        earlier = f"{before.text}{_gap(before, passage)}{earlier}"
    if after:
        later = f"{later}{_gap(passage, after)}{after.text}"
    return earlier.strip(), later.strip()


def _gap(first: Passage, second: Passage) -> str:
    return "\n\n" if first.end < second.start else ""
