"""What the passages found are from: counts by site, language and time, as filters to choose from."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date
from html import escape
from typing import TypeAlias

from rag.i18n.translator import Translator
from rag.types import Hit, Passage, Reprint
from rag.web.views.query import View

Found: TypeAlias = Passage | Reprint
"""An article that was found, by its passage or as a reprint of another."""

_MONTHS = 24
"""More of them are shown as years."""
_PERIODS, _CHOICES, _COLOURS = 24, 8, 4


def articles(hits: Iterable[Hit], view: View) -> list[Found]:
    """The articles of these hits and their reprints, each once, that pass the filters of a view."""
    found: dict[str, Found] = {}
    for hit in hits:
        of_story: tuple[Found, ...] = (hit.passage, *hit.reprints)
        for article in of_story:
            if _passes(article, view):
                found.setdefault(article.article_id, article)
    return list(found.values())


def _passes(article: Found, view: View) -> bool:
    day = article.published.astimezone(UTC).date() if article.published else None
    return (
        (not view.source or article.source.lower() == view.source.lower())
        and (
            not view.language or f"{article.language}-".lower().startswith(f"{view.language}-".lower())
        )
        and (view.since is None or (day is not None and day >= view.since))
        and (view.until is None or (day is not None and day <= view.until))
    )


def show_chosen(view: View, words: Translator) -> str:
    """The filters that are in effect, each a link that takes it away."""
    chips = []
    if view.source:
        chips.append((view.source, view.address(source="")))
    if view.language:
        chips.append((words.language(view.language), view.address(language="")))
    if view.since or view.until:
        ends = {"first": view.since or "…", "last": view.until or "…"}
        chips.append((words("page.only-dates", **ends), view.address(since=None, until=None)))
    if not chips:
        return ""
    links = "".join(
        f'<li><a class="go chip" href="{escape(address)}" '
        f'aria-label="{escape(words("page.remove", name=name))}"><bdi>{escape(name)}</bdi> '
        '<span aria-hidden="true">×</span></a></li>'
        for name, address in chips
    )
    return f'<ul class="chips" aria-label="{words("page.chosen")}">{links}</ul>'


def show_timeline(found: Sequence[Found], view: View, words: Translator) -> str:
    """How many articles were published in each month, or year, and by which sites: bars to click."""
    days = [article.published.astimezone(UTC).date() for article in found if article.published]
    if not days:
        return ""
    colours = _colours(found)
    by_year = _months_between(min(days), max(days)) > _MONTHS
    counts: dict[tuple[int, int], Counter[str]] = {}
    for article in found:
        if article.published:
            day = article.published.astimezone(UTC).date()
            key = (day.year, 0 if by_year else day.month)
            counts.setdefault(key, Counter())[article.source] += 1
    first, last = min(counts), max(counts)
    periods = [
        (year, month)
        for year in range(first[0], last[0] + 1)
        for month in ([0] if by_year else range(1, 13))
        if first <= (year, month) <= last
    ][-_PERIODS:]
    most = max(sum(counts.get(period, Counter()).values()) for period in periods)
    bars = "".join(
        _bar(period, counts.get(period, Counter()), most, colours, view, words) for period in periods
    )
    return (
        f'<section class="coverage"><h2>{words("page.coverage")}</h2>'
        f'<ol class="timeline">{bars}</ol></section>'
    )


def _months_between(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month + 1


def _bar(
    period: tuple[int, int],
    sources: Counter[str],
    most: int,
    colours: dict[str, int],
    view: View,
    words: Translator,
) -> str:
    year, month = period
    label = f"{year}-{month:02}" if month else str(year)
    written = f"{month}<br>{year if month == 1 else ''}" if month else year
    tick = f'<span class="tick" aria-hidden="true">{written}</span>'
    total = sum(sources.values())
    if not total:
        return (
            f'<li><span class="stack"></span><span class="tick" aria-hidden="true">{tick}</span></li>'
        )
    since = date(year, month or 1, 1)
    until = date(year, month or 12, monthrange(year, month or 12)[1])
    by_source = sorted(sources.items(), key=lambda item: (colours.get(item[0], _COLOURS), item[0]))
    names = ", ".join(f"{source or words('page.no-source')} {count}" for source, count in by_source)
    segments = "".join(
        f'<span class="site{colours.get(source, _COLOURS)}" style="height:{4 * count / most:.2f}rem">'
        "</span>"
        for source, count in by_source
    )
    return (
        f'<li><a class="go" href="{escape(view.address(since=since, until=until))}" '
        f'aria-label="{label}: {total} ({escape(names)})" title="{label}: {escape(names)}">'
        f'<span class="stack">{segments}</span>{tick}</a></li>'
    )


def _colours(found: Iterable[Found]) -> dict[str, int]:
    """The sites with the most articles, which have colours of their own, by number."""
    counts = Counter(article.source for article in found)
    ranked = sorted(counts, key=lambda source: (-counts[source], source))
    return {source: number for number, source in enumerate(ranked[:_COLOURS])}


def show_filters(
    found: Sequence[Found],
    of_any_source: Sequence[Found],
    of_any_language: Sequence[Found],
    passages: int,
    view: View,
    words: Translator,
) -> str:
    """Sites, languages and dates to choose from, with how many of the articles found are of each."""
    colours = _colours(found)
    sources = Counter(article.source for article in of_any_source)
    languages = Counter(article.language for article in of_any_language)
    source_links = [
        (source, view.address(source=source), count, source.lower() == view.source.lower())
        for source, count in _ranked(sources)
        if source
    ]
    language_links = [
        (words.language(tag), view.address(language=tag), count, tag == view.language)
        for tag, count in _ranked(languages)
    ]
    swatches = {
        source: f'<span class="swatch site{number}"></span>' for source, number in colours.items()
    }
    counted = words("page.counted", count=passages)
    return (
        f"<h2>{words('page.filter')}</h2>"
        f"{_choices(words('page.site'), source_links, swatches)}"
        f"{_choices(words('page.language'), language_links, {})}"
        f"{_dates(view, words)}"
        f'<p class="note">{counted}</p>'
    )


def _ranked(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_CHOICES]


def _choices(label: str, links: Sequence[tuple[str, str, int, bool]], swatches: dict[str, str]) -> str:
    items = "".join(
        f'<li><a class="go" href="{escape(address)}"{" aria-current=true" if is_chosen else ""}>'
        f"{swatches.get(name, '')}<bdi>{escape(name)}</bdi> "
        f'<span class="count">{count}</span></a></li>'
        for name, address, count, is_chosen in links
    )
    return f'<h3>{label}</h3><ul class="choices">{items}</ul>' if items else ""


def _dates(view: View, words: Translator) -> str:
    fields = "".join(
        f'<label>{words(f"page.{name}")} <input type="date" name="{name}" '
        f'value="{day.isoformat() if day else ""}"></label>'
        for name, day in (("from", view.since), ("to", view.until))
    )
    action = escape(view.address(since=None, until=None))
    return (
        f'<h3>{words("page.dates")}</h3><form class="dates" data-address="{action}">{fields}'
        f'<button type="submit">{words("page.show")}</button></form>'
    )
