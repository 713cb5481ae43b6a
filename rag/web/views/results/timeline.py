"""When it was reported: a bar chart of the articles of a result by month or year and site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from markupsafe import Markup

from rag.i18n.translator import Translator
from rag.text import date_expressions
from rag.web.rendering import render
from rag.web.views.query import Query
from rag.web.views.results.groups import FoundArticle
from rag.web.views.results.site_colours import COLOURS, SiteColours

Period: TypeAlias = tuple[int, int]
"""A year and a month, or a year and 0."""

_LEAST_ARTICLES = 3
"""Articles with a date, fewer than which make no chart."""
_MONTHS = 24
"""A chart of more months than this has a bar for each year."""
_HEIGHT_REM = 6


@dataclass(frozen=True, slots=True)
class Segment:
    """The part of a bar that shows the sites of one colour; the height is in rem."""

    colour: int
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A month or a year with articles; `tick` has the lines below the bar.

    `has_gap` tells that the periods just before it are left out, because they have no articles.
    """

    label: str
    tick: Sequence[str]
    count: int
    sources: str
    address: str
    segments: Sequence[Segment]
    has_gap: bool


def show_timeline(
    found: Sequence[FoundArticle], colours: SiteColours, query: Query, translate: Translator
) -> Markup:
    """Return the chart; each bar is a link to the articles of its time. Of few articles it is empty."""
    days = [day for article in found if (day := article.day)]
    if len(days) < _LEAST_ARTICLES:
        return Markup()
    counts = _count(found, is_yearly=_months_between(min(days), max(days)) > _MONTHS)
    sites = {article.passage.source for article in found if article.day}
    return render(
        "timeline.html",
        translate,
        bars=list(_bars(counts, colours, query, translate)),
        legend=sorted((colours.of(site), site) for site in sites if colours.of(site) < COLOURS),
        grey=COLOURS if any(colours.of(site) == COLOURS for site in sites) else None,
        undated=len(found) - len(days),
    )


def _months_between(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month + 1


def _count(found: Sequence[FoundArticle], *, is_yearly: bool) -> dict[Period, Counter[str]]:
    """Return the number of articles of each site by period, in order of time."""
    counts: dict[Period, Counter[str]] = {}
    for article in found:
        if day := article.day:
            period = (day.year, 0 if is_yearly else day.month)
            counts.setdefault(period, Counter())[article.passage.source] += 1
    return dict(sorted(counts.items()))


def _bars(
    counts: Mapping[Period, Counter[str]], colours: SiteColours, query: Query, translate: Translator
) -> Iterator[Bar]:
    most = max(sources.total() for sources in counts.values())
    previous: Period | None = None
    for period, sources in counts.items():
        year, month = period
        is_new_year = not previous or previous[0] != year
        named = sorted(sources.items(), key=lambda item: (colours.of(item[0]), item[0]))
        yield Bar(
            label=f"{year}-{month:02}" if month else str(year),
            tick=[str(month), *([str(year)] if is_new_year else [])] if month else [str(year)],
            count=sources.total(),
            sources=", ".join(f"{site or translate('page.no-source')} {n}" for site, n in named),
            address=_address(period, query),
            segments=_segments(sources, colours, _HEIGHT_REM / most),
            has_gap=previous is not None and period != _next(previous),
        )
        previous = period


def _address(period: Period, query: Query) -> str:
    since, until = date_expressions.Period.of(*period)
    return query.address(since=since, until=until)


def _segments(sources: Counter[str], colours: SiteColours, height: float) -> list[Segment]:
    by_colour: Counter[int] = Counter()
    for site, count in sources.items():
        by_colour[colours.of(site)] += count
    return [Segment(colour, height * count) for colour, count in sorted(by_colour.items())]


def _next(period: Period) -> Period:
    year, month = period
    return (year, month + 1) if 0 < month < 12 else (year + 1, min(month, 1))
