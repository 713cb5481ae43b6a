"""Reports of visitors as a table, and as questions in the form of the benchmark's sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from rag.cli.layout import printable
from rag.feedback import Report
from rag.i18n.translator import Translator
from rag.text.language import detect


def show_reports(reports: Sequence[Report], translate: Translator) -> None:
    """Show reports as a table."""
    table = Table(box=None, pad_edge=False)
    for name in (
        translate("cli.feedback-time"),
        translate("cli.feedback-problem"),
        translate("cli.feedback-question"),
        translate("cli.feedback-answer"),
        translate("cli.feedback-right"),
        translate("cli.feedback-article"),
    ):
        table.add_column(name, overflow="fold")
    for report in reports:
        table.add_row(*(Text(printable(cell)) for cell in _cells(report, translate)))
    Console(highlight=False, markup=False).print(table)


def _cells(report: Report, translate: Translator) -> list[str]:
    problems = {
        "answer": translate("cli.feedback-wrong-answer"),
        "passage": translate("cli.feedback-wrong-passage"),
        "refusal": translate("cli.feedback-refused"),
    }
    return [
        f"{report.time:%Y-%m-%d %H:%M}",
        problems[report.problem],
        report.question,
        report.answer and f"{report.answer} ({report.confidence:.2f})",
        report.right,
        report.title or report.article,
    ]


def to_question(number: int, report: Report) -> dict[str, Any]:
    """Return a report in the form of a question set, for a person to check.

    Only a wrong answer from a right passage names the article: `file`. `answers` has the right answer
    by the visitor, if given. `reported` is what the visitor saw and said.
    """
    return {
        "id": f"f{number:04}",
        "lang": detect(report.question),
        "question": report.question,
        "answerable": report.problem == "refusal" or bool(report.right),
        "file": report.article if report.problem == "answer" else None,
        "answers": [report.right] if report.right else [],
        "type": "",
        "reported": report.model_dump(mode="json", exclude={"question", "right"}),
    }
