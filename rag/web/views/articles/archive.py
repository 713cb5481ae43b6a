"""The page about the archive as HTML: articles by site, year and language, reprints, reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import TypeAlias

from markupsafe import Markup

from rag.assistant import Assistant
from rag.i18n.translator import Translator
from rag.reports import Failure
from rag.text.date_expressions import Period
from rag.web.rendering import render
from rag.web.views.addresses import article_address
from rag.web.views.articles.article_list import month_name, site_name
from rag.web.views.articles.list_query import NONE, ListQuery
from rag.web.views.writing import model_name

Group: TypeAlias = tuple[str, ListQuery, int]
"""The name of a group of articles, the list that has them, and their number."""

_ROWS, _REPRINT_GROUPS, _REPORTED = 40, 20, 100


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a bar chart, a link to its articles; the bar is `percent` of the longest."""

    name: str
    address: str
    count: int
    percent: float


@dataclass(frozen=True, slots=True)
class Chart:
    """The first groups of articles, and the `rest`, which is folded away."""

    bars: Sequence[Row]
    rest: Sequence[Row]


@dataclass(frozen=True, slots=True)
class ReportedFiles:
    """A reason, and the files that the last build reports for it."""

    reason: str
    paths: Sequence[str]


def show_archive(assistant: Assistant, translate: Translator) -> Markup:
    """Return what the archive has, and the report of its last build."""
    counts, report = assistant.counts(), assistant.store.report()
    groups = assistant.duplicates(_REPRINT_GROUPS)
    return render(
        "archive.html",
        translate,
        about=_about(assistant, translate),
        facts=_facts(assistant, translate),
        sources=_chart(_sites(counts["sources"], translate)),
        years=_chart(_periods(_by_year(counts["months"]), translate)),
        months=_rows(_periods({month: n for month, n in counts["months"].items() if month}, translate)),
        languages=_chart(_languages(counts["languages"], translate)),
        duplicates=report.duplicates if report else sum(len(group) - 1 for group in groups),
        groups=groups,
        refused=_by_reason(report.failed if report else (), translate),
        to_check=_by_reason(report.remarks if report else (), translate),
        most_paths=_REPORTED,
        article_address=article_address,
    )


def _about(assistant: Assistant, translate: Translator) -> str:
    """How many articles of how many sites the archive has, and from when they are."""
    counts = assistant.counts()
    articles = translate("page.articles-count", count=assistant.manifest.articles)
    sites = translate("page.archive-sites", count=len([site for site in counts["sources"] if site]))
    covered = Period.spanning(filter(None, map(Period.parse, counts["months"])))
    if not covered:
        return translate("page.archive-undated", articles=articles, sites=sites)
    period = translate.period(*covered)
    return translate("page.archive-about", articles=articles, sites=sites, period=period)


def _facts(assistant: Assistant, translate: Translator) -> Mapping[str, str]:
    manifest = assistant.manifest
    search, name = manifest.search, PurePath(manifest.model).name
    ann = f"{search.nearest}, {search.probes}, {search.recall:.1%}" if search.nearest else ""
    facts = {
        translate("page.built"): translate.moment(datetime.fromisoformat(manifest.created)),
        translate("page.articles"): translate.number(manifest.articles),
        translate("page.passages"): translate.number(manifest.passages),
        translate("page.vectors"): f"{translate.number(manifest.vectors)} × {manifest.dim}",
        translate("page.search"): ann or translate("page.mode-all"),
        translate("page.model"): f"{name} ({manifest.fingerprint})",
    }
    if writing := assistant.language_model:
        where = {"model": model_name(writing, translate), "host": writing.host}
        facts[translate("page.written")] = translate("page.written-where", **where)
    return facts


def _sites(counts: Mapping[str, int], translate: Translator) -> Iterator[Group]:
    for site, count in counts.items():
        yield site_name(site, translate), ListQuery(sites=(site or NONE,)), count


def _periods(counts: Mapping[str, int], translate: Translator) -> Iterator[Group]:
    for month, count in counts.items():
        yield month_name(month, translate), ListQuery(month=month or NONE), count


def _languages(counts: Mapping[str, int], translate: Translator) -> Iterator[Group]:
    """Yield the languages; "zh" has the articles of "zh-Hans" too, as in the list of articles."""
    for tag in counts:
        count = sum(n for other, n in counts.items() if f"{other}-".startswith(f"{tag}-"))
        yield translate.language(tag), ListQuery(language=tag), count


def _chart(groups: Iterable[Group]) -> Chart:
    rows = _rows(groups)
    return Chart(rows[:_ROWS], rows[_ROWS:])


def _rows(groups: Iterable[Group]) -> list[Row]:
    listed = list(groups)
    most = max((count for *_, count in listed), default=1)
    return [Row(name, query.address(), count, 100 * count / most) for name, query, count in listed]


def _by_year(months: Mapping[str, int]) -> dict[str, int]:
    years: dict[str, int] = {}
    for month, count in months.items():
        years[month[:4]] = years.get(month[:4], 0) + count
    return years


def _by_reason(found: Sequence[Failure], translate: Translator) -> list[ReportedFiles]:
    paths: dict[str, list[str]] = {}
    for failure in found:
        paths.setdefault(translate.reason(failure), []).append(failure.path)
    return [ReportedFiles(reason, of_reason) for reason, of_reason in paths.items()]
