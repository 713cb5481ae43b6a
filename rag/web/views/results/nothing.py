"""What the page says where there is no answer or no article: why, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from markupsafe import Markup

from rag.answering.no_answer import no_answer
from rag.assistant import Assistant
from rag.i18n.translator import Translator
from rag.text.date_expressions import Period, find_period
from rag.types import Answer, Passage
from rag.web.rendering import render
from rag.web.views.addresses import places
from rag.web.views.query import NEWEST, Query
from rag.web.views.results.filters import show_chips, without_filters
from rag.web.views.results.groups import FoundArticle

Search: TypeAlias = Callable[[Query], Sequence[FoundArticle]]
Way: TypeAlias = tuple[str, str]
"""The label and the address of a link that leads on."""


def describe(assistant: Assistant, translate: Translator) -> str:
    """Return the size of an archive and its period in words."""
    manifest, period = assistant.manifest, _period(assistant)
    if not manifest.articles:
        return translate("page.no-articles")
    return translate(
        "page.about",
        articles=translate("page.articles-count", count=manifest.articles),
        passages=translate("page.passages-count", count=manifest.passages),
        period=translate.period(*period) if period else translate("page.no-date"),
    )


def show_refusal(
    answer: Answer,
    closest: Iterable[Passage],
    cards: Mapping[str, str],
    assistant: Assistant,
    query: Query,
    translate: Translator,
) -> Markup:
    """Return that there is no answer, what the archive has instead, and what to do.

    `closest` are passages of different articles, `cards` the identifiers of the cards below by article.
    """
    return render(
        "refused.html",
        translate,
        answer=answer,
        refusal=no_answer(answer.question),
        closest=places(closest, cards),
        reasons=_reasons(assistant, query, translate),
        ways=list(_other_ways(query, translate)),
    )


def _reasons(assistant: Assistant, query: Query, translate: Translator) -> list[str]:
    """Return why the archive may have no answer."""
    reasons = _hints(assistant, query, translate)
    asked, covered = find_period(query.asked), _period(assistant)
    if asked and covered and not covered[0] <= asked.first <= covered[1]:
        periods = {"asked": translate.period(*asked), "period": translate.period(*covered)}
        reasons.append(translate("page.outside", **periods))
    reasons.append(translate("page.try-without" if query.is_filtered else "page.try"))
    return reasons


def _other_ways(query: Query, translate: Translator) -> Iterator[Way]:
    if query.is_filtered:
        yield translate("page.without-filters"), without_filters(query).address()
    if query.order != NEWEST:
        yield translate("page.newest-first"), query.address(order=NEWEST)


def show_no_articles(
    assistant: Assistant, search: Search, query: Query, translate: Translator
) -> Markup:
    """Return the message that no article passes the filters, and the results without one of them."""
    return render(
        "nothing.html",
        translate,
        message=translate("page.nothing" if query.is_filtered else "page.no-articles"),
        chips=show_chips(query, translate),
        ways=list(_wider(search, query, translate)),
        hints=_hints(assistant, query, translate),
    )


def _wider(search: Search, query: Query, translate: Translator) -> Iterator[Way]:
    for key, wider in (
        ("page.any-site", replace(query, sites=())),
        ("page.any-language", replace(query, language="")),
        ("page.any-date", replace(query, since=None, until=None)),
        ("page.any-words", replace(query, question=query.asked)),
    ):
        if wider.filters != query.filters and (found := search(wider)):
            yield translate(key, count=len(found)), wider.address()


def show_no_question(query: Query, translate: Translator) -> Markup:
    """Return the message that a text has operators only, with a link to the articles that they mean."""
    chips = show_chips(query, translate)
    return render("only_operators.html", translate, chips=chips, articles=_articles_address(query))


def _articles_address(query: Query) -> str:
    """Return the address of the list of the articles that pass the filters, chosen or typed."""
    only = query.filters
    sites = only.get("source") or ()
    chosen = replace(
        query,
        question=None,
        sites=(sites,) if isinstance(sites, str) else tuple(sites),
        since=only.get("since"),
        until=only.get("until"),
    )
    return f"/articles{chosen.address(order='')}"


def _hints(assistant: Assistant, query: Query, translate: Translator) -> list[str]:
    return [translate.error(hint) for hint in assistant.hints(query.asked, **query.filters)]


def _period(assistant: Assistant) -> Period | None:
    """Return the period of the months with articles, None if none has a date."""
    return Period.spanning(filter(None, map(Period.parse, assistant.counts()["months"])))
