"""The question page as HTML: the answer, the articles, the filters, or why there is nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup

from rag.assistant import Assistant
from rag.i18n.translator import Translator
from rag.types import Answer
from rag.web.rendering import render
from rag.web.views.addresses import article_address
from rag.web.views.query import PAGE_ARTICLES, Query
from rag.web.views.results import filters, nothing
from rag.web.views.results.answers import show_answer
from rag.web.views.results.found import answer_spans, in_order, read, search
from rag.web.views.results.groups import FoundArticle, group_by_article, page_of
from rag.web.views.results.passages import Card, show_card
from rag.web.views.results.site_colours import SiteColours
from rag.web.views.results.timeline import show_timeline
from rag.web.views.writing import show_follow_up, show_panel, translation_language
from rag.writing.follow_ups import is_follow_up
from rag.writing.prompts import Turn

_NEWEST = 5
_ANY_TURNS = (Turn(""),)
"""Stands for what was asked before: only the browser of the visitor knows that."""


def show_home(assistant: Assistant, examples: Sequence[str], translate: Translator) -> Markup:
    """Return the page without a question: the archive, and examples or else the newest articles."""
    return render(
        "home.html",
        translate,
        about=nothing.describe(assistant, translate),
        examples=[(question, Query(question).address()) for question in examples],
        newest=[] if examples else assistant.newest(_NEWEST),
        article_address=article_address,
    )


def show_results(assistant: Assistant, query: Query, translate: Translator) -> Markup:
    """Return the answer to a question from the articles that pass its filters.

    Raises what `Assistant.search` and `Assistant.read` raise.
    """
    if query.operators and not query.asked:
        return nothing.show_no_question(query, translate)
    hits = search(assistant, query)
    if not hits:
        return nothing.show_no_articles(
            assistant, lambda wider: _find(assistant, wider), query, translate
        )
    found = group_by_article(hits)
    answer = read(assistant, query, hits) if query.page == 1 else None
    ordered = in_order(found, query.order, lambda article: article.passage)
    cards = _cards(page_of(ordered, query.page), answer)
    counts = assistant.counts()
    writing = assistant.language_model
    into = translation_language(query, translate) if writing else ""
    return render(
        "results.html",
        translate,
        query=query,
        chips=filters.show_chips(query, translate),
        answer=_show_answer(assistant, answer, cards, query, translate, into) if answer else Markup(),
        incomplete=is_follow_up(query.asked, _ANY_TURNS),
        written=show_panel(query, len(hits), writing, translate) if answer and writing else Markup(),
        follow_up=show_follow_up(writing, translate) if writing else Markup(),
        timeline=show_timeline(found, SiteColours(counts["sources"]), query, translate),
        heading=translate("page.closest" if answer and not answer.hit else "page.passages"),
        articles=len(found),
        passages=len(hits),
        cards=_show_cards(assistant, cards, query, translate, into),
        pages=range(1, -(-len(found) // PAGE_ARTICLES) + 1),
        filters=filters.show_filters(_of_any_site(assistant, found, query), counts, query, translate),
    )


def _find(assistant: Assistant, query: Query) -> list[FoundArticle]:
    return group_by_article(search(assistant, query))


def _of_any_site(
    assistant: Assistant, found: Sequence[FoundArticle], query: Query
) -> Sequence[FoundArticle]:
    return _find(assistant, replace(query, sites=())) if query.sites else found


def _cards(shown: Sequence[FoundArticle], answer: Answer | None) -> list[Card]:
    answers = answer_spans(answer) if answer else {}
    return [Card.of(f"card-{n}", article, answers) for n, article in enumerate(shown, start=1)]


def _show_answer(
    assistant: Assistant,
    answer: Answer,
    cards: Sequence[Card],
    query: Query,
    translate: Translator,
    into: str,
) -> Markup:
    by_article = {card.best.passage.article_id: card.identifier for card in cards}
    shown = show_answer(answer, query, by_article, translate, into)
    return shown if answer.hit else shown + nothing.show_reasons(assistant, query, translate)


def _show_cards(
    assistant: Assistant, cards: Sequence[Card], query: Query, translate: Translator, into: str
) -> list[Markup]:
    neighbours = assistant.neighbours([card.best.passage for card in cards])
    return [
        show_card(card, query, translate, beside, into)
        for card, beside in zip(cards, neighbours, strict=True)
    ]
