"""How a file is read: the output of `rag explain`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rag.cli.layout import pad, printable
from rag.errors import SeedUnreadable
from rag.i18n.translator import Translator
from rag.ingest import file_records, formats
from rag.ingest.curation import corrections
from rag.ingest.curation.corrections import Correction
from rag.ingest.curation.seed_names import CORRECTIONS
from rag.ingest.records import Reading, Record
from rag.serialization import to_json

_LINE_CHARACTERS = 90
_NAME_CELLS = 12


def explain(path: Path, seeds: Path) -> Iterator[tuple[str, Reading | SeedUnreadable]]:
    """Yield how each article of a file or an archive is read, or why it is refused.

    The corrections of the seeds folder apply to its files. Raises `SeedsError` if they are damaged.
    """
    name, known = _in_folder(path, seeds)
    try:
        for identifier, record in file_records.open_records(path, name):
            yield identifier, _read(record, known.get(identifier))
    except SeedUnreadable as error:
        yield name, error


def _in_folder(path: Path, seeds: Path) -> tuple[str, dict[str, Correction]]:
    """Return the name that a build gives a file, and the corrections that may apply to it."""
    file, folder = path.parent.resolve() / path.name, seeds.resolve()
    if not file.is_relative_to(folder):
        return path.name, {}
    return file.relative_to(folder).as_posix(), corrections.load(folder)


def _read(record: Record | SeedUnreadable, correction: Correction | None) -> Reading | SeedUnreadable:
    if isinstance(record, SeedUnreadable):
        return record
    if correction and correction.left_out:
        return SeedUnreadable("article-left-out", file=CORRECTIONS)
    try:
        return corrections.correct(formats.read(record), correction)
    except SeedUnreadable as error:
        return error


def reading_to_json(name: str, reading: Reading | SeedUnreadable) -> dict[str, Any]:
    """Return a reading as values that JSON can hold."""
    if isinstance(reading, SeedUnreadable):
        return {"name": name, "refused": {"code": reading.code, "reason": str(reading)}}
    return {
        "name": name,
        "form": reading.form,
        "encoding": reading.decoded._asdict() | {"text": len(reading.decoded.text)},
        "article": to_json(reading.article),
        "origins": reading.origins,
        "kept": reading.article.text.split("\n\n"),
        "dropped": [dropped._asdict() for dropped in reading.dropped],
        "remarks": to_json(reading.remarks),
    }


def show_reading(name: str, reading: Reading | SeedUnreadable, translate: Translator) -> Iterator[str]:
    """Yield the lines that tell how an article is read."""
    yield printable(name)
    if isinstance(reading, SeedUnreadable):
        yield f"  {translate('cli.explain-refused', reason=translate.error(reading))}"
        return
    for label, value in _facts(reading, translate).items():
        yield f"  {pad(label, _NAME_CELLS)} {printable(value)}"
    for remark in reading.remarks:
        yield f"  {translate.reason(remark)}"
    kept = reading.article.text.split("\n\n")
    yield f"  {translate('cli.explain-kept', count=len(kept))}"
    yield from (f"    + {_cut(text)}" for text in kept)
    yield f"  {translate('cli.explain-dropped', count=len(reading.dropped))}"
    yield from (f"    - {_cut(text)}  ({printable(rule)})" for text, rule in reading.dropped)


def _facts(reading: Reading, translate: Translator) -> dict[str, str]:
    article, decoded = reading.article, reading.decoded
    published = article.published.isoformat(" ") if article.published else ""
    encoding = f"{decoded.encoding}  ({decoded.origin})" if decoded.encoding else decoded.origin

    def stated(key: str, value: str) -> str:
        return f"{value}  ({reading.origins[key]})" if value else translate("cli.explain-none")

    facts = {
        translate("cli.explain-form"): reading.form,
        translate("cli.explain-encoding"): encoding,
        translate("cli.explain-title"): stated("title", article.title),
        translate("cli.explain-url"): stated("url", article.url),
        translate("cli.explain-published"): stated("published", published),
        translate("cli.explain-language"): translate.language(article.language),
    }
    if "source" in reading.origins:
        facts[translate("cli.explain-site")] = stated("source", article.source)
    return facts


def _cut(text: str) -> str:
    line = printable(" ".join(text.split()))
    return line if len(line) <= _LINE_CHARACTERS else f"{line[: _LINE_CHARACTERS - 1]}…"
