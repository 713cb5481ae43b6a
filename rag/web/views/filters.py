"""Filters as HTML: counts by site, language and time of the articles in a result."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from markupsafe import Markup

from rag.i18n.translator import Translator
from rag.types import Hit, Passage, Reprint
from rag.web.rendering import render
from rag.web.views.query import Query

FoundArticle: TypeAlias = Passage | Reprint
"""An article of a result, by its passage or as a reprint."""
Period: TypeAlias = tuple[int, int]
"""A year and a month, or a year and 0."""

_MONTHS = 24
"""A timeline over more months than this has a bar for each year."""
_BARS, _CHOICES, _COLOURS = 24, 8, 4
_HEIGHT_REM = 4


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter to choose; `colour` is the number of the site's colour, None without one."""

    name: str
    address: str
    count: int
    is_chosen: bool
    colour: int | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """The part of a bar that shows one site; the height is in rem."""

    colour: int
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A month or a year of the timeline; `tick` has the lines below the bar."""

    label: str
    tick: Sequence[str]
    count: int = 0
    sources: str = ""
    address: str = ""
    segments: Sequence[Segment] = ()


def articles(hits: Iterable[Hit], query: Query) -> list[FoundArticle]:
    """Return the articles of these hits and their reprints, each once, that pass the filters."""
    found: dict[str, FoundArticle] = {}
    for hit in hits:
        group: tuple[FoundArticle, ...] = (hit.passage, *hit.reprints)
        for article in group:
            if _passes(article, query):
                found.setdefault(article.article_id, article)
    return list(found.values())


def _passes(article: FoundArticle, query: Query) -> bool:
    day = _day(article)
    language = f"{article.language}-".lower()
    return (
        (not query.sites or article.source.lower() in map(str.lower, query.sites))
        and (not query.language or language.startswith(f"{query.language}-".lower()))
        and (query.since is None or (day is not None and day >= query.since))
        and (query.until is None or (day is not None and day <= query.until))
    )


def _day(article: FoundArticle) -> date | None:
    return article.published.date() if article.published else None


def show_chosen(query: Query, translate: Translator) -> Markup:
    """Return the active filters, each as a link that removes it."""
    chips = []
    for site in query.sites:
        rest = tuple(other for other in query.sites if other != site)
        chips.append((site, query.address(sites=rest)))
    if query.language:
        chips.append((translate.language(query.language), query.address(language="")))
    if query.since or query.until:
        dates = translate("page.only-dates", first=query.since or "…", last=query.until or "…")
        chips.append((dates, query.address(since=None, until=None)))
    return render("chips.html", translate, chips=chips) if chips else Markup()


def show_timeline(found: Sequence[FoundArticle], query: Query, translate: Translator) -> Markup:
    """Return a bar chart of the articles by month or year and site; each bar is a link."""
    days = [day for article in found if (day := _day(article))]
    if not days:
        return Markup()
    by_year = _months_between(min(days), max(days)) > _MONTHS
    counts: dict[Period, Counter[str]] = {}
    for article in found:
        if day := _day(article):
            period = (day.year, 0 if by_year else day.month)
            counts.setdefault(period, Counter())[article.source] += 1
    periods = _periods(min(counts), max(counts))[-_BARS:]
    most = max(counts[period].total() for period in periods if period in counts)
    colours = _colours(found)
    bars = [
        _bar(period, counts[period], most, colours, query, translate)
        if period in counts
        else Bar(_label(period), _tick(period))
        for period in periods
    ]
    return render("timeline.html", translate, bars=bars)


def _months_between(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month + 1


def _periods(first: Period, last: Period) -> list[Period]:
    months = range(1, 13) if first[1] else [0]
    years = range(first[0], last[0] + 1)
    return [(year, month) for year in years for month in months if first <= (year, month) <= last]


def _bar(
    period: Period,
    sources: Counter[str],
    most: int,
    colours: dict[str, int],
    query: Query,
    translate: Translator,
) -> Bar:
    year, month = period
    since = date(year, month or 1, 1)
    until = date(year, month or 12, monthrange(year, month or 12)[1])
    by_colour = sorted(sources.items(), key=lambda item: (colours.get(item[0], _COLOURS), item[0]))
    return Bar(
        label=_label(period),
        tick=_tick(period),
        count=sources.total(),
        sources=", ".join(
            f"{source or translate('page.no-source')} {count}" for source, count in by_colour
        ),
        address=query.address(since=since, until=until),
        segments=[
            Segment(colours.get(source, _COLOURS), _HEIGHT_REM * count / most)
            for source, count in by_colour
        ],
    )


def _label(period: Period) -> str:
    year, month = period
    return f"{year}-{month:02}" if month else str(year)


def _tick(period: Period) -> Sequence[str]:
    year, month = period
    if not month:
        return [str(year)]
    return [str(month), str(year)] if month == 1 else [str(month)]


def _colours(found: Iterable[FoundArticle]) -> dict[str, int]:
    """Number the sites with the most articles, which have colours of their own."""
    counts = Counter(article.source for article in found)
    ranked = sorted(counts, key=lambda source: (-counts[source], source))
    return {source: number for number, source in enumerate(ranked[:_COLOURS])}


def show_filters(
    found: Sequence[FoundArticle],
    of_any_source: Sequence[FoundArticle],
    of_any_language: Sequence[FoundArticle],
    passages: int,
    query: Query,
    translate: Translator,
) -> Markup:
    """Return the sites, languages and dates to choose from, with the number of articles of each."""
    colours = _colours(found)
    sources = [
        Choice(
            name=source,
            address=query.address(sites=(source,)),
            count=count,
            is_chosen=source.lower() in map(str.lower, query.sites),
            colour=colours.get(source),
        )
        for source, count in _most_frequent(article.source for article in of_any_source)
        if source
    ]
    languages = [
        Choice(
            name=translate.language(tag),
            address=query.address(language=tag),
            count=count,
            is_chosen=tag == query.language,
        )
        for tag, count in _most_frequent(article.language for article in of_any_language)
    ]
    return render(
        "filters.html",
        translate,
        query=query,
        sources=sources,
        languages=languages,
        passages=passages,
    )


def _most_frequent(names: Iterable[str]) -> list[tuple[str, int]]:
    return sorted(Counter(names).items(), key=lambda item: (-item[1], item[0]))[:_CHOICES]
