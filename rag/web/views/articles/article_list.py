"""The list of articles as HTML: a form of filters, a page of titles, the other pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from rag.assistant import Assistant
from rag.i18n.translator import Translator
from rag.index.catalogue import Order
from rag.text.date_expressions import Period
from rag.web.rendering import render
from rag.web.views.addresses import article_address
from rag.web.views.articles.list_query import NONE, PAGE_ARTICLES, ListQuery

_BESIDE = 2
"""Pages before and after the present one that have a link."""


@dataclass(frozen=True, slots=True)
class Option:
    """A value to choose in the form."""

    value: str
    name: str
    is_chosen: bool


def show_articles(assistant: Assistant, query: ListQuery, translate: Translator) -> Markup:
    """Return a page of the list of articles that pass the filters of a query."""
    start = (query.page - 1) * PAGE_ARTICLES
    found = assistant.catalogue.articles(query.selection, query.order, start, PAGE_ARTICLES)
    last = max(1, -(-found.total // PAGE_ARTICLES))
    if query.page > last:
        return show_articles(assistant, replace(query, page=last), translate)
    counts = assistant.counts()
    return render(
        "article_list.html",
        translate,
        query=query,
        articles=found.articles,
        total=found.total,
        chips=list(_chips(query, translate)),
        sites=_sites(counts["sources"], query, translate),
        languages=_languages(counts["languages"], query, translate),
        years=_years(counts["months"], query, translate),
        undated=Option(NONE, translate("page.no-date"), query.month == NONE),
        has_undated="" in counts["months"],
        orders=_orders(query, translate),
        pages=_pages(query.page, last),
        last=last,
        article_address=article_address,
    )


def site_name(site: str, translate: Translator) -> str:
    """Return the name of a site; "" and `NONE` stand for none."""
    return translate("page.no-source") if site in ("", NONE) else site


def month_name(month: str, translate: Translator) -> str:
    """Return the name of a month or a year; "" and `NONE` stand for no date."""
    period = Period.parse(month)
    return translate.period(*period) if period else translate("page.no-date")


def _chips(query: ListQuery, translate: Translator) -> Iterator[tuple[str, str]]:
    """Yield the name of each active filter, and the address without it."""
    for site in query.sites:
        rest = tuple(other for other in query.sites if other != site)
        yield site_name(site, translate), query.address(sites=rest)
    if query.language:
        yield translate.language(query.language), query.address(language="")
    if query.month:
        yield month_name(query.month, translate), query.address(month="")
    elif query.since or query.until:
        dates = translate("page.only-dates", first=query.since or "…", last=query.until or "…")
        yield dates, query.address(since=None, until=None)
    if query.title:
        yield translate("page.list-titled", words=query.title), query.address(title="")


def _sites(counts: Mapping[str, int], query: ListQuery, translate: Translator) -> Sequence[Option]:
    """The sites by name, those without one last; of several that are chosen none is preselected."""
    chosen = query.sites if len(query.sites) == 1 else ()
    names = [*sorted(site for site in counts if site), *([NONE] if "" in counts else [])]
    return [Option(site, site_name(site, translate), site in chosen) for site in names]


def _languages(counts: Mapping[str, int], query: ListQuery, translate: Translator) -> Sequence[Option]:
    return [Option(tag, translate.language(tag), tag == query.language) for tag in counts]


def _years(
    months: Mapping[str, int], query: ListQuery, translate: Translator
) -> Mapping[str, Sequence[Option]]:
    """The months of each year by the name of the year, newest first, after the whole year."""
    years: dict[str, list[Option]] = {}
    for month in sorted(filter(None, months), reverse=True):
        year = month[:4]
        for value in (month,) if year in years else (year, month):
            name = month_name(value, translate)
            years.setdefault(year, []).append(Option(value, name, value == query.month))
    return years


def _orders(query: ListQuery, translate: Translator) -> Sequence[Option]:
    names = {
        Order.NEWEST: translate("page.list-newest"),
        Order.OLDEST: translate("page.list-oldest"),
        Order.TITLE: translate("page.list-by-title"),
    }
    return [Option(order.value, name, order is query.order) for order, name in names.items()]


def _pages(page: int, last: int) -> Sequence[int]:
    """The first, the last and the nearest pages."""
    near = range(page - _BESIDE, page + _BESIDE + 1)
    return sorted({1, last, *near}.intersection(range(1, last + 1)))
