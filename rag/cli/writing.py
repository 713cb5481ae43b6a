"""Output of a written answer, sentence by sentence as it arrives."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.text import Text

from rag.cli.layout import printable, wrap
from rag.cli.render import show_source
from rag.i18n.translator import Translator
from rag.serialization import to_json
from rag.writing.records import Written, WrittenSentence, report

_ITEM, _STRUCK = "- ", "✗ "


def as_json(snapshots: Iterable[Written]) -> dict[str, Any]:
    """Return the complete written answer for JSON, under its name."""
    *_, last = snapshots
    return {"written": to_json(report(last))}


def show_written(snapshots: Iterable[Written], host: str, translate: Translator) -> None:
    """Show the sentences as they arrive, struck ones with the reason, then the passages cited."""
    console = Console(highlight=False, markup=False)
    console.print(Text(translate("cli.written", host=host), "bold"), soft_wrap=True)
    count = 0
    for written in snapshots:
        for sentence in written.shown[count:]:
            _show_sentence(console, sentence, translate)
        count = len(written.shown)
    if written.notice:
        console.print(printable(translate.error(written.notice)), soft_wrap=True)
    _show_sources(console, written, translate)


def _show_sentence(console: Console, sentence: WrittenSentence, translate: Translator) -> None:
    mark = _ITEM if sentence.begins == "item" else ""
    numbers = "".join(f"[{number}]" for number in sentence.citations)
    text = Text(printable(f"{mark}{sentence.text} {numbers}".rstrip()))
    if not sentence.is_sound:
        reasons = " ".join(translate.error(fault) for fault in sentence.faults)
        text.stylize("strike dim")
        text = Text(_STRUCK) + text + Text(f" ({printable(reasons)})", "italic")
    for line in wrap(text, console.width):
        console.print(line)


def _show_sources(console: Console, written: Written, translate: Translator) -> None:
    cited = {number for sentence in written.sound for number in sentence.citations}
    if cited:
        console.print()
    for number in sorted(cited):
        show_source(console, written.hits[number - 1], f"[{number}]", translate)
