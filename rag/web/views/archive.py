"""What an archive holds -> HTML: articles by site, month and language, what was refused, the facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import PurePath

from rag.assistant import Assistant
from rag.i18n.translator import Translator
from rag.types import BuildReport, Reprint

_ROWS, _STORIES, _REFUSED = 40, 20, 100


def show_holdings(assistant: Assistant, words: Translator) -> str:
    """The page about the archive: plots, stories told twice, refused files, index and model."""
    counts, report = assistant.counts(), assistant.store.report()
    years = _by_year(counts["months"])
    named = {words.language(tag): count for tag, count in counts["languages"].items()}
    sources = {source or words("page.no-source"): count for source, count in counts["sources"].items()}
    return "".join(
        [
            _facts(assistant, report, words),
            _plot(words("page.site"), sources, words),
            _plot(words("page.month"), years, words),
            *(
                f"<details><summary>{year}</summary>{_plot('', months, words)}</details>"
                for year, months in _by_month(counts["months"]).items()
            ),
            _plot(words("page.language"), named, words),
            _duplicates(assistant.duplicates(_STORIES), report, words),
            _refused(report, words),
        ]
    )


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


def _plot(label: str, counts: Mapping[str, int], words: Translator) -> str:
    """A table with a bar for each group, as long as its share of the largest."""
    most = max(counts.values(), default=1)
    shown = list(counts.items())[:_ROWS]
    rows = "".join(
        f'<tr><th scope="row"><bdi>{escape(name or words("page.unknown"))}</bdi></th>'
        f'<td class="plot"><span class="bar" style="width:{100 * count / most:.1f}%"></span></td>'
        f'<td class="number">{words.number(count)}</td></tr>'
        for name, count in shown
    )
    if len(counts) > len(shown):
        rest = sum(list(counts.values())[len(shown) :])
        rows += f'<tr><th scope="row">…</th><td></td><td class="number">{words.number(rest)}</td></tr>'
    return (f"<h2>{label}</h2>" if label else "") + f"<table>{rows}</table>"


def _facts(assistant: Assistant, report: BuildReport | None, words: Translator) -> str:
    manifest = assistant.manifest
    search, name = manifest.search, PurePath(manifest.model).name
    found_by = f"{search.nearest}, {search.probes}, {search.recall:.1%}" if search.nearest else ""
    facts = {
        words("page.articles"): words.number(manifest.articles),
        words("page.passages"): words.number(manifest.passages),
        words("page.vectors"): f"{words.number(manifest.vectors)} × {manifest.dim}",
        words("page.search"): found_by or words("page.mode-all"),
        words("page.model"): f"{name} ({manifest.fingerprint})",
        words("page.built"): manifest.created,
    }
    return f"<h2>{words('page.facts')}</h2>{_table(facts.items())}"


def _table(rows: Iterable[tuple[str, str]]) -> str:
    cells = "".join(f'<tr><th scope="row">{escape(k)}</th><td>{escape(v)}</td></tr>' for k, v in rows)
    return f"<table>{cells}</table>"


def _duplicates(
    stories: Sequence[Sequence[Reprint]], report: BuildReport | None, words: Translator
) -> str:
    count = report.duplicates if report else sum(len(story) - 1 for story in stories)
    items = "".join(
        f"<li><bdi>{escape(story[0].title or story[0].article_id)}</bdi><br>"
        f'<span class="note">{", ".join(map(_site, story))}</span></li>'
        for story in stories
    )
    return (
        f"<h2>{words('page.duplicates')}</h2>"
        f"<p>{words('page.duplicates-note', count=words.number(count))}</p>"
        f"<ul>{items}</ul>"
    )


def _site(article: Reprint) -> str:
    return f"<bdi>{escape(article.source or article.article_id)}</bdi>"


def _refused(report: BuildReport | None, words: Translator) -> str:
    if not report:
        return ""
    reasons: dict[str, list[str]] = {}
    for failure in report.failed:
        reasons.setdefault(words.reason(failure), []).append(failure.path)
    items = "".join(
        f"<details><summary><bdi>{escape(reason)}</bdi> · "
        f"{words('page.refused-count', count=len(paths))}</summary><ul>"
        + "".join(f"<li><bdi>{escape(path)}</bdi></li>" for path in paths[:_REFUSED])
        + "</ul></details>"
        for reason, paths in reasons.items()
    )
    total = words("page.refused-count", count=len(report.failed))
    return f"<h2>{words('page.refused')}</h2><p>{total}</p>{items}"
