"""Progress bars for long work."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from rag import reports
from rag.i18n.translator import Translator
from rag.reports import Stage


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


@contextmanager
def progress_bars(translate: Translator) -> Iterator[reports.Progress]:
    """Show one bar per stage on standard error; nothing if that is not a terminal."""
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
    tasks: dict[str, TaskID] = {}

    def report(stage: str, done: int, total: int) -> None:
        if stage not in tasks:
            # An encoder from elsewhere may report stages that we have no translation of.
            tasks[stage] = bars.add_task(translate(stage.key) if isinstance(stage, Stage) else stage)
        bars.update(tasks[stage], completed=done, total=total or None)

    with bars:
        yield report
