"""The question page as HTML: the answer, the passages, the filters, or why there is nothing."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from markupsafe import Markup

from rag.assistant import Assistant
from rag.i18n.translator import Translator
from rag.text import date_expressions
from rag.types import Answer, Hit
from rag.web.rendering import render
from rag.web.views import filters
from rag.web.views.boxes import show_status
from rag.web.views.passages import answer_spans, show_answer, show_card
from rag.web.views.query import LAST_PAGE, PAGE_ARTICLES, Query

_MOST_HITS = LAST_PAGE * PAGE_ARTICLES


def show_home(assistant: Assistant, examples: Sequence[str], translate: Translator) -> Markup:
    """Return the page without a question: the size of the archive and example questions."""
    return render(
        "home.html",
        translate,
        about=_about(assistant, translate),
        examples=[(question, Query(question).address()) for question in examples],
    )


def show_results(assistant: Assistant, query: Query, translate: Translator) -> Markup:
    """Return the answer to a question from the articles that pass its filters.

    Raises what `Assistant.search` and `Assistant.read` raise.
    """
    hits = _search(assistant, query)
    if not hits:
        return _show_nothing(assistant, query, translate)
    start = PAGE_ARTICLES * (query.page - 1)
    shown = hits[start : start + PAGE_ARTICLES] or hits[:PAGE_ARTICLES]
    is_first = query.page == 1
    answer = assistant.read(query.asked, hits[:PAGE_ARTICLES]) if is_first else None
    has_answer = answer is not None and answer.hit is not None
    return render(
        "results.html",
        translate,
        query=query,
        chips=filters.show_chosen(query, translate),
        answer=show_answer(answer, translate) if answer else Markup(),
        reasons=_reasons(assistant, query, translate) if answer and not has_answer else (),
        timeline=filters.show_timeline(filters.articles(hits, query), query, translate),
        heading=translate("page.passages" if has_answer else "page.closest"),
        cards=_cards(assistant, shown, answer, translate),
        pages=range(1, -(-len(hits) // PAGE_ARTICLES) + 1),
        filters=_show_filters(assistant, hits, query, translate),
    )


def _search(assistant: Assistant, query: Query) -> list[Hit]:
    return assistant.search(query.asked, _MOST_HITS, **query.filters)


def _cards(
    assistant: Assistant, hits: Sequence[Hit], answer: Answer | None, translate: Translator
) -> list[Markup]:
    spans = answer_spans(answer) if answer else {}
    neighbours = assistant.neighbours([hit.passage for hit in hits])
    return [
        show_card(hit, translate, spans.get(hit.passage.id), beside)
        for hit, beside in zip(hits, neighbours, strict=True)
    ]


def _show_filters(
    assistant: Assistant, hits: Sequence[Hit], query: Query, translate: Translator
) -> Markup:
    def found(wider: Query) -> list[filters.FoundArticle]:
        return filters.articles(hits if wider == query else _search(assistant, wider), wider)

    return filters.show_filters(
        found=found(query),
        of_any_source=found(replace(query, sites=())),
        of_any_language=found(replace(query, language="")),
        passages=len(hits),
        query=query,
        translate=translate,
    )


def _show_nothing(assistant: Assistant, query: Query, translate: Translator) -> Markup:
    """Return the message that no article passes the filters, and the results without one of them."""
    if not query.is_filtered:
        return show_status(translate("page.no-articles"), translate)
    ways = []
    for key, wider in (
        ("page.any-site", replace(query, sites=())),
        ("page.any-language", replace(query, language="")),
        ("page.any-date", replace(query, since=None, until=None)),
    ):
        if wider != query and (hits := _search(assistant, wider)):
            count = len(filters.articles(hits, wider))
            ways.append((translate(key, count=count), wider.address()))
    chips = filters.show_chosen(query, translate)
    hints = _hints(assistant, query, translate)
    return render("nothing.html", translate, chips=chips, ways=ways, hints=hints)


def _hints(assistant: Assistant, query: Query, translate: Translator) -> list[str]:
    hints = assistant.hints(query.asked, **query.filters)
    return [translate.error(hint) for hint in hints]


def _reasons(assistant: Assistant, query: Query, translate: Translator) -> list[str]:
    """Return sentences on why the archive may have no answer, and what to do."""
    reasons = [translate("page.try-without" if query.is_filtered else "page.try")]
    asked, covered = date_expressions.find_period(query.asked), _period(assistant)
    if asked and covered and not covered[0] <= asked.first <= covered[1]:
        outside = translate(
            "page.outside", asked=translate.period(*asked), period=translate.period(*covered)
        )
        reasons.insert(0, outside)
    return [*_hints(assistant, query, translate), *reasons, _about(assistant, translate)]


def _about(assistant: Assistant, translate: Translator) -> str:
    manifest, period = assistant.manifest, _period(assistant)
    if not manifest.articles:
        return translate("page.no-articles")
    return translate(
        "page.about",
        articles=translate("page.articles-count", count=manifest.articles),
        passages=translate("page.passages-count", count=manifest.passages),
        period=translate.period(*period) if period else translate("page.no-date"),
    )


def _period(assistant: Assistant) -> tuple[date, date] | None:
    """Return the first and the last day of the months with articles, None if none has a date."""
    months = [date.fromisoformat(f"{month}-01") for month in assistant.counts()["months"] if month]
    if not months:
        return None
    last = months[-1]
    return months[0], last.replace(day=monthrange(last.year, last.month)[1])
