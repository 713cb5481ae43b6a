"""The archive page as HTML: the index, articles by site, year and language, reprints, reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from markupsafe import Markup

from rag.assistant import Assistant
from rag.i18n.translator import Translator
from rag.types import Failure
from rag.web.rendering import render

_ROWS, _REPRINT_GROUPS, _REPORTED = 40, 20, 100


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a bar chart; the bar is `percent` of the longest."""

    name: str
    count: int
    percent: float


@dataclass(frozen=True, slots=True)
class Chart:
    """The largest groups of articles, and the number of articles in the `rest`."""

    bars: Sequence[Row]
    rest: int


@dataclass(frozen=True, slots=True)
class ReportedFiles:
    """A reason, and the files that the last build reports for it."""

    reason: str
    paths: Sequence[str]


def show_archive(assistant: Assistant, translate: Translator) -> Markup:
    """Return the statistics of the archive and the report of its last build."""
    counts, report = assistant.counts(), assistant.store.report()
    groups = assistant.duplicates(_REPRINT_GROUPS)
    return render(
        "archive.html",
        translate,
        facts=_facts(assistant, translate),
        sources=_chart(counts["sources"], {"": translate("page.no-source")}),
        years=_chart(_by_year(counts["months"]), {"": translate("page.no-date")}),
        months_of_years={year: _chart(months) for year, months in _by_month(counts["months"]).items()},
        languages=_chart(
            {translate.language(tag): count for tag, count in counts["languages"].items()}
        ),
        duplicates=report.duplicates if report else sum(len(group) - 1 for group in groups),
        groups=groups,
        refused=_by_reason(report.failed if report else (), translate),
        to_check=_by_reason(report.remarks if report else (), translate),
        most_paths=_REPORTED,
    )


def _facts(assistant: Assistant, translate: Translator) -> Mapping[str, str]:
    manifest = assistant.manifest
    search, name = manifest.search, PurePath(manifest.model).name
    ann = f"{search.nearest}, {search.probes}, {search.recall:.1%}" if search.nearest else ""
    return {
        translate("page.articles"): translate.number(manifest.articles),
        translate("page.passages"): translate.number(manifest.passages),
        translate("page.vectors"): f"{translate.number(manifest.vectors)} × {manifest.dim}",
        translate("page.search"): ann or translate("page.mode-all"),
        translate("page.model"): f"{name} ({manifest.fingerprint})",
        translate("page.built"): translate.moment(datetime.fromisoformat(manifest.created)),
    }


def _by_year(months: Mapping[str, int]) -> dict[str, int]:
    years: dict[str, int] = {}
    for month, count in months.items():
        years[month[:4]] = years.get(month[:4], 0) + count
    return years


def _by_month(months: Mapping[str, int]) -> dict[str, dict[str, int]]:
    years: dict[str, dict[str, int]] = {}
    for month, count in months.items():
        if month:
            years.setdefault(month[:4], {})[month] = count
    return years


def _chart(counts: Mapping[str, int], names: Mapping[str, str] | None = None) -> Chart:
    """Return a chart of the groups in this order; `names` replaces some of their names."""
    most = max(counts.values(), default=1)
    rows = [
        Row((names or {}).get(name, name), count, 100 * count / most) for name, count in counts.items()
    ]
    return Chart(rows[:_ROWS], sum(row.count for row in rows[_ROWS:]))


def _by_reason(found: Sequence[Failure], translate: Translator) -> list[ReportedFiles]:
    paths: dict[str, list[str]] = {}
    for failure in found:
        paths.setdefault(translate.reason(failure), []).append(failure.path)
    return [ReportedFiles(reason, of_reason) for reason, of_reason in paths.items()]
