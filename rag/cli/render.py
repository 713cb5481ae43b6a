"""Output of the commands: hits, answers, build reports and the contents of an index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from rag.answering import no_answer
from rag.cli.layout import pad, printable, wrap
from rag.i18n.translator import Translator
from rag.index.manifest import Manifest
from rag.rendering.answers import explained
from rag.reports import BuildReport, Failure
from rag.types import Alternative, Answer, Hit, Reprint, Span

_REPRINTS = 5
"""Reprints listed under a hit."""
_FAILURES = 10
"""Files listed under one reason."""
_REMARKS = 3
"""Articles listed under one remark."""
_INDENT = 4


def show_report(report: BuildReport, index: str, translate: Translator) -> None:
    """Show what a build did, the files that it could not index and the articles to check, by reason."""
    console = _console()
    summary = translate(
        "cli.report",
        articles=translate("cli.articles", count=report.added + report.updated + report.unchanged),
        added=report.added,
        updated=report.updated,
        removed=report.removed,
        unchanged=report.unchanged,
        passages=translate("cli.passages", count=report.passages),
        index=index,
        encoded=translate("cli.texts-encoded", count=report.encoded),
        seconds=report.seconds,
    )
    console.print(summary, soft_wrap=True)
    if report.model_changed:
        console.print(translate("report.model-changed"), soft_wrap=True)
    if report.duplicates:
        console.print(translate("cli.near-duplicates", count=report.duplicates), soft_wrap=True)
    for key, found, most in (
        ("cli.not-indexed", report.failed, _FAILURES),
        ("cli.to-check", report.remarks, _REMARKS),
    ):
        for reason, paths in _by_reason(found, translate).items():
            _show_files(
                console, translate(key, count=len(paths), reason=reason), paths, most, translate
            )


def _by_reason(found: Sequence[Failure], translate: Translator) -> dict[str, list[str]]:
    paths: dict[str, list[str]] = {}
    for failure in found:
        paths.setdefault(translate.reason(failure), []).append(failure.path)
    return paths


def _show_files(
    console: Console, heading: str, paths: Sequence[str], most: int, translate: Translator
) -> None:
    lines = [heading, *(f"    {path}" for path in paths[:most])]
    if len(paths) > most:
        lines.append("    " + translate("cli.more-files", count=len(paths) - most))
    for line in lines:
        console.print(printable(line), soft_wrap=True)


def show_hits(hits: Sequence[Hit], translate: Translator) -> None:
    console = _console()
    if not hits:
        console.print(translate("cli.no-hits"), soft_wrap=True)
    for number, hit in enumerate(hits, start=1):
        show_source(console, hit, f"{number}.", translate)
        _show_passage(console, hit, hit.highlight)


def show_answer(answer: Answer, translate: Translator) -> None:
    """Show the answer in its passage and the alternatives, or the best-matching passages."""
    if answer.hit is None:
        _show_refusal(answer, translate)
        return
    console = _console()
    _show_bold(console, _with_rendering(answer, translate), 0)
    console.print(Text(translate(no_answer.confidence_key(answer.confidence)), "dim"))
    if answer.supporting:
        agreeing = translate("page.supporting", count=len(answer.supporting))
        console.print(Text(agreeing, "dim"))
    console.print()
    show_source(console, answer.hit, "", translate)
    _show_passage(console, answer.hit, (answer.start, answer.end))
    _show_glosses(console, answer)
    if answer.alternatives:
        console.print(translate("cli.alternatives"), soft_wrap=True)
    for other in answer.alternatives:
        console.print()
        _show_bold(console, _with_rendering(other, translate), _INDENT)
        show_source(console, other.hit, "", translate)


def _with_rendering(answer: Answer | Alternative, translate: Translator) -> str:
    """Return an answer and what it says in the reader's language: 约6700 · about 6,700."""
    if not answer.rendering:
        return answer.text
    label = f"{translate('page.transliterated')} " if answer.rendering.is_transliteration else ""
    return f"{answer.text} · {label}{answer.rendering.text}"


def _show_glosses(console: Console, answer: Answer) -> None:
    """Show what words of the sentence with the answer say, in one paragraph."""
    listed = " · ".join(f"{words} = {meaning}" for words, meaning in explained(answer))
    for line in wrap(Text(printable(listed), "dim"), console.width - _INDENT) if listed else ():
        console.print(Text(" " * _INDENT) + line)
    if listed:
        console.print()


def _show_refusal(answer: Answer, translate: Translator) -> None:
    console = _console()
    if answer.hits:
        console.print(Text(no_answer.no_answer(answer.question).text, "bold"), soft_wrap=True)
        console.print()
    show_hits(answer.hits, translate)


def show_contents(
    manifest: Manifest, counts: Mapping[str, Mapping[str, int]], index: str, translate: Translator
) -> None:
    """Show the settings of an index and its articles by site, language and month."""
    console = _console()
    facts = {
        translate("cli.index"): index,
        translate("cli.article-count"): manifest.articles,
        translate("cli.passage-count"): manifest.passages,
        translate("cli.vectors"): translate(
            "cli.vectors-value", vectors=manifest.vectors, dim=manifest.dim
        ),
        translate("cli.search"): _search(manifest, translate),
        translate("cli.model"): manifest.model,
        translate("cli.fingerprint"): manifest.fingerprint,
        translate("cli.built"): manifest.created,
        translate("cli.format"): manifest.format,
    }
    groups = {
        "sources": translate("cli.sources"),
        "languages": translate("cli.languages"),
        "months": translate("cli.months"),
    }
    for name, value in facts.items():
        console.print(Text(f"{pad(name, 12)} {value}"), soft_wrap=True)
    for group, articles in counts.items():
        name = groups[group]
        for member, count in articles.items():
            member = printable(member) or translate("cli.unknown")
            console.print(Text(f"{pad(name, 12)} {pad(member, 28)} {count:>8}"), soft_wrap=True)
            name = ""


def _search(manifest: Manifest, translate: Translator) -> str:
    settings = manifest.search
    if not settings.nearest:
        return translate("cli.search-exact")
    return translate(
        "cli.search-approximate",
        factory=settings.nearest,
        probes=settings.probes,
        recall=settings.recall,
    )


def _show_bold(console: Console, text: str, indent: int) -> None:
    for line in wrap(Text(printable(text), "bold"), console.width - indent):
        console.print(Text(" " * indent) + line)


def _show_passage(console: Console, hit: Hit, marked: Span) -> None:
    text = Text(printable(hit.passage.text))
    text.stylize("bold yellow", *marked)
    for line in wrap(text, console.width - _INDENT):
        console.print(Text(" " * _INDENT) + line)
    console.print()


def show_source(console: Console, hit: Hit, label: str, translate: Translator) -> None:
    """Show the title of a hit after a label, its source, date, score, address and reprints."""
    passage = hit.passage
    date = f"{passage.published:%Y-%m-%d}" if passage.published else translate("cli.no-date")
    source = passage.source or translate("cli.no-source")
    details = [f"{source} · {date} · {translate('cli.score', score=hit.score)}"]
    if passage.url:
        details.append(passage.url)
    details += [_reprint(reprint, translate) for reprint in hit.reprints[:_REPRINTS]]
    if len(hit.reprints) > _REPRINTS:
        details.append(translate("cli.more-reprints", count=len(hit.reprints) - _REPRINTS))
    title = f"{label:<{_INDENT}}{printable(passage.title)}"
    console.print(Text(title, "bold"), soft_wrap=True)
    for detail in details:
        console.print(Text(" " * _INDENT + printable(detail), "dim"), soft_wrap=True)


def _reprint(reprint: Reprint, translate: Translator) -> str:
    source = reprint.source or translate("cli.no-source")
    address = reprint.url or reprint.article_id
    return translate("cli.reprint", source=source, title=reprint.title, address=address)


def _console() -> Console:
    return Console(highlight=False, markup=False)
