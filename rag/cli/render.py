"""What the command line shows: progress, hits and answers, at any width and with CJK widths right."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import PathLike

from rich.cells import cell_len
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from rag import types
from rag.answering import no_answer
from rag.index.manifest import AnnSettings, Manifest
from rag.types import Answer, BuildReport, Hit, Span

_REPRINTS = 5
_REFUSED = 10
_INDENT = 4
_NOT_FIRST = frozenset("，。、！？；：…”’）》〉」』】,.!?;:)]%")
_NOT_LAST = frozenset("“‘（《〈「『【([")


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


@contextmanager
def progress() -> Iterator[types.Progress]:
    """Show bars for long work on standard error; nothing where that is not a terminal."""
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    tasks = {}

    def report(stage: str, done: int, total: int) -> None:
        if stage not in tasks:
            tasks[stage] = bars.add_task(stage)
        bars.update(tasks[stage], completed=done, total=total or None)

    with bars:
        yield report


def show_report(report: BuildReport, index: str | PathLike[str]) -> None:
    """Show what a build did, and each file it refused under the reason why."""
    console = Console(highlight=False, markup=False)
    total = report.added + report.updated + report.unchanged
    console.print(
        f"{total} articles ({report.added} added, {report.updated} updated, {report.removed} removed, "
        f"{report.unchanged} unchanged), {report.passages} passages in {index}; "
        f"{report.encoded} texts encoded, {report.seconds:.1f} s.",
        soft_wrap=True,
    )
    if report.duplicates:
        console.print(f"{report.duplicates} of them repeat the story of another and are found with it.")
    refused: dict[str, list[str]] = {}
    for failure in report.failed:
        refused.setdefault(failure.reason, []).append(failure.path)
    for reason, paths in refused.items():
        console.print(printable(f"not indexed, {len(paths)}: {reason}"), soft_wrap=True)
        for path in paths[:_REFUSED]:
            console.print(printable(f"    {path}"), soft_wrap=True)
        if len(paths) > _REFUSED:
            console.print(f"    and {len(paths) - _REFUSED} more (all with --json)")


def show_hits(hits: Sequence[Hit]) -> None:
    console = Console(highlight=False, markup=False)
    if not hits:
        console.print("No passage was found: the index is empty, or no article passes the filters.")
    for number, hit in enumerate(hits, start=1):
        _show_source(console, hit, f"{number}.")
        _show_passage(console, hit, hit.highlight)


def show_answer(answer: Answer) -> None:
    """Show the answer in its passage and what other articles say, or the closest passages."""
    console = Console(highlight=False, markup=False)
    if answer.hit is None:
        if answer.hits:
            console.print(Text(no_answer.absent(answer.question).text, "bold"), soft_wrap=True)
            console.print()
        show_hits(answer.hits)
        return
    for line in _wrap(Text(printable(answer.text), "bold"), console.width):
        console.print(line)
    console.print(Text(no_answer.likelihood(answer.confidence), "dim"))
    console.print()
    _show_source(console, answer.hit, "")
    _show_passage(console, answer.hit, (answer.start, answer.end))
    if answer.alternatives:
        console.print("Other articles say:")
    for other in answer.alternatives:
        console.print()
        for line in _wrap(Text(printable(other.text), "bold"), console.width - _INDENT):
            console.print(Text(" " * _INDENT) + line)
        _show_source(console, other.hit, "")


def _show_passage(console: Console, hit: Hit, marked: Span) -> None:
    text = Text(printable(hit.passage.text))
    text.stylize("bold yellow", *marked)
    for line in _wrap(text, console.width - _INDENT):
        console.print(Text(" " * _INDENT) + line)
    console.print()


def show_contents(
    manifest: Manifest, counts: Mapping[str, Mapping[str, int]], index: str | PathLike[str]
) -> None:
    """Show what made an index, and how many articles it has of each site, language and month."""
    console = Console(highlight=False, markup=False)
    facts = {
        "index": index,
        "articles": manifest.articles,
        "passages": manifest.passages,
        "vectors": f"{manifest.vectors} of {manifest.dim} numbers",
        "search": _search(manifest.search),
        "model": manifest.model,
        "fingerprint": manifest.fingerprint,
        "built": manifest.created,
        "format": manifest.format,
    }
    for name, value in facts.items():
        console.print(Text(f"{name:<12} {value}"))
    for name, groups in counts.items():
        for group, articles in groups.items():
            console.print(Text(f"{name:<12} {printable(group) or 'unknown':<28} {articles:>8}"))
            name = ""


def _search(search: AnnSettings) -> str:
    if not search.nearest:
        return "a question is compared with every passage and title"
    return f"{search.nearest}, {search.probes} probes: {search.recall:.1%} of the ten nearest"


def _show_source(console: Console, hit: Hit, label: str) -> None:
    passage = hit.passage
    date = passage.published.strftime("%Y-%m-%d") if passage.published else "no date"
    lead = f"{label:<{_INDENT}}"
    console.print(Text(lead + printable(passage.title), "bold"), soft_wrap=True)
    about = f"{printable(passage.source) or 'no source'} · {date} · score {hit.score:.3f}"
    console.print(Text(" " * _INDENT + about, "dim"), soft_wrap=True)
    if passage.url:
        console.print(Text(" " * _INDENT + printable(passage.url), "dim"), soft_wrap=True)
    for reprint in hit.reprints[:_REPRINTS]:
        where = reprint.url or reprint.article_id
        also = printable(f"also: {reprint.source or 'no source'} · {reprint.title} · {where}")
        console.print(Text(" " * _INDENT + also, "dim"), soft_wrap=True)
    if len(hit.reprints) > _REPRINTS:
        more = f"and {len(hit.reprints) - _REPRINTS} more in nearly the same words"
        console.print(Text(" " * _INDENT + more, "dim"), soft_wrap=True)


def _wrap(text: Text, width: int) -> list[Text]:
    """Break a text into lines of at most `width` cells.

    A line may end at a space and beside any wide character, but not before closing punctuation or
    after opening punctuation; the libraries at hand take a run of Chinese for one long word.
    """
    lines = []
    for paragraph in text.split("\n", allow_blank=True):
        plain = paragraph.plain
        cuts: list[int] = []
        start = used = opportunity = 0
        for at, character in enumerate(plain):
            cells = cell_len(character)
            before = plain[at - 1] if at else ""
            if before == " " or (
                cell_len(before) + cells > 2 and character not in _NOT_FIRST and before not in _NOT_LAST
            ):
                opportunity = at
            if used + cells > width and not character.isspace():
                start = opportunity if opportunity > start else at
                cuts.append(start)
                used = cell_len(plain[start:at])
            used += cells
        lines += list(paragraph.divide(cuts))
    for line in lines:
        line.rstrip()
    return lines


def printable(text: str) -> str:
    """Keep what an article says from steering the terminal; every character keeps its place."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)
