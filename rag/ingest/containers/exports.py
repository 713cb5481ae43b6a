"""Reads the articles of exports: JSON, JSON Feed, JSON Lines, CSV and TSV."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import PurePath
from typing import BinaryIO, TextIO

from rag.errors import SeedUnreadable
from rag.ingest.archives import MAX_ARCHIVE_BYTES
from rag.ingest.containers import text_streams
from rag.ingest.containers.export_fields import is_article, is_link, recognised, record_of, unwrapped
from rag.ingest.containers.whole_files import MAX_RECORDS, MAX_WHOLE_BYTES
from rag.ingest.records import Record
from rag.ingest.regular_files import MAX_BYTES, MEGABYTE

NAME = "JSON or CSV export"

_LINES = (".jsonl", ".ndjson")
_JSON = (".json", *_LINES)
_TABLES = (".csv", ".tsv")
_DELIMITERS = ",\t;|"
_MAX_DEPTH = 4
_OBJECT = re.compile(r"(?:\[\s*+)?\{\s*+\"")
_KEY = re.compile(r'"([^"\\\n]{1,40})"\s{0,10}:')
_DELIMITER_LINE = re.compile(r"\s*+\"?sep=.\"?\s*+", re.IGNORECASE)
"""The line with which Excel names the delimiter."""
_MAX_CELL = 40
_MAX_HEADER = 64 * 1024


def matches(name: str, head: bytes) -> bool:
    """Whether a file is an export: by its extension unless it is a page, else by its fields."""
    text = _beginning(head)
    if text.startswith("<") or "\0" in text:
        return False
    if PurePath(name).suffix.lower() in (*_JSON, *_TABLES):
        return True
    if _OBJECT.match(text):
        return recognised(_KEY.findall(text)) >= {"title", "text"}
    return _is_header(text.partition("\n")[0])


def read(file: BinaryIO, name: str) -> Iterator[tuple[str, Record | SeedUnreadable]]:
    """Yield the articles in their order. Raises `SeedUnreadable` if the file has none."""
    if file.seek(0, io.SEEK_END) > MAX_ARCHIVE_BYTES:
        raise SeedUnreadable("file-too-large", limit=MAX_ARCHIVE_BYTES // MEGABYTE)
    file.seek(0)
    with text_streams.opened(file) as text:
        yield from _articles(_values(text, name), name)


def _beginning(head: bytes) -> str:
    """Decode the beginning of a file roughly: most names of fields are ASCII in every encoding."""
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    return head.decode(encoding, "replace").lstrip()


def _is_header(line: str) -> bool:
    header = _cells(line, _delimiter(line))
    return recognised(header) >= {"title", "text"} and max(map(len, header)) <= _MAX_CELL


def _articles(values: Iterable[object], name: str) -> Iterator[tuple[str, Record | SeedUnreadable]]:
    """Yield a record for each value. Raises `SeedUnreadable` if none of them is an article."""
    refused: list[tuple[str, SeedUnreadable]] = []
    has_article = False
    for number, value in enumerate(values, start=1):
        if number > MAX_RECORDS:
            refused.append((name, SeedUnreadable("archive-too-many", limit=MAX_RECORDS)))
            break
        identifier = f"{name}#{number}"
        try:
            record = record_of(value, identifier)
        except SeedUnreadable as error:
            refused.append((identifier, error))
        else:
            has_article = True
            yield from refused
            refused.clear()
            yield identifier, record
    if not has_article:
        raise _reason([error for _, error in refused])
    yield from refused


def _reason(refusals: list[SeedUnreadable]) -> SeedUnreadable:
    """Return why a file without any article is refused."""
    codes = [error.code for error in refusals]
    if "record-no-text" in codes:
        return SeedUnreadable("export-links-only")
    if set(codes) <= {"record-no-fields"}:
        return SeedUnreadable("export-no-articles")
    return next(error for error in refusals if error.code != "record-no-fields")


def _values(text: TextIO, name: str) -> Iterator[object]:
    """Return the values of which each should be an article."""
    beginning = list(islice(text_streams.lines(text), 2))
    text.seek(0)
    first, second, *_ = [*(line or "" for line in beginning), "", ""]
    suffix = PurePath(name).suffix.lower()
    if not beginning:
        raise SeedUnreadable("file-empty")
    if suffix in _TABLES or (suffix not in _JSON and not first.startswith(("{", "["))):
        return _rows(text)
    is_object = first.startswith("{") and first.endswith("}")
    if (is_object and second.startswith("{")) or (suffix in _LINES and not first.startswith("[")):
        return _objects(text)
    return iter(_listed(_whole(text)))


def _objects(text: TextIO) -> Iterator[object]:
    """Yield the objects of JSON Lines."""
    for line in text_streams.lines(text):
        if line is None:
            yield SeedUnreadable("file-too-large", limit=MAX_BYTES // MEGABYTE)
        else:
            try:
                yield unwrapped(json.loads(line))
            except (ValueError, RecursionError) as error:
                yield SeedUnreadable("record-damaged", cause=str(error))


def _whole(text: TextIO) -> object:
    content = text.read(MAX_WHOLE_BYTES + 1)
    if len(content) > MAX_WHOLE_BYTES:
        raise SeedUnreadable("json-too-large", limit=MAX_WHOLE_BYTES // MEGABYTE)
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise SeedUnreadable("json-damaged", cause=str(error)) from error


def _listed(value: object) -> list[object]:
    """Return the articles in a value: a list, an object that holds one, a mapping, or one article."""
    for is_wanted in (is_article, is_link):
        for values in _collections(value):
            if any(map(is_wanted, values)):
                return values
    return next(_collections(value), [])


def _collections(value: object) -> Iterator[list[object]]:
    """Yield the lists of a value, the outermost first; an object is one in itself and in its values."""
    level = [value]
    for _ in range(_MAX_DEPTH):
        for inner in level:
            if isinstance(inner, list):
                yield _unwrapped(inner)
            elif isinstance(inner, dict):
                if rows := _by_columns(inner):
                    yield rows
                yield [inner]
                if inner and all(isinstance(each, dict) for each in inner.values()):
                    yield _unwrapped(inner.values())
        inside = (each for inner in level if isinstance(inner, dict) for each in inner.values())
        level = list(islice(inside, MAX_RECORDS))


def _by_columns(value: dict[str, object]) -> list[object]:
    """Return the rows of a table that is written by columns, as pandas does; [] if it is none."""
    names, data = value.get("columns"), value.get("data")
    if isinstance(names, list) and isinstance(data, list):
        rows = (row for row in islice(data, MAX_RECORDS + 1) if isinstance(row, list))
        return [dict(zip(map(str, names), row, strict=False)) for row in rows]
    if not recognised(value) >= {"title", "text"}:
        return []
    columns = [column for column in value.values() if isinstance(column, dict)]
    if len(columns) < len(value) or any(column.keys() != columns[0].keys() for column in columns):
        return []
    keys = islice(columns[0], MAX_RECORDS + 1)
    return [{name: column[key] for name, column in zip(value, columns, strict=True)} for key in keys]


def _unwrapped(values: Iterable[object]) -> list[object]:
    """Unwrap the values up to one above the limit, so that the file is known to have more."""
    return [*map(unwrapped, islice(values, MAX_RECORDS + 1))]


def _rows(text: TextIO) -> Iterator[object]:
    """Yield the rows of a table as objects whose names are the header."""
    csv.field_size_limit(max(csv.field_size_limit(), MAX_BYTES))
    pieces = text_streams.pieces(text)
    filled = (piece for piece in pieces if piece.strip())
    first = next(filled, "")
    if _DELIMITER_LINE.fullmatch(first):
        first = next(filled, "")
    rows = _records(csv.reader(chain([first], pieces), delimiter=_delimiter(first)))
    header = next(rows, [])
    if isinstance(header, SeedUnreadable):
        raise header
    for row in rows:
        yield row if isinstance(row, SeedUnreadable) else dict(zip(header, row, strict=False))


def _records(reader: Iterator[list[str]]) -> Iterator[list[str] | SeedUnreadable]:
    """Yield the rows that are not blank, and go on after one that cannot be read."""
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield SeedUnreadable("record-damaged", cause=str(error))
        else:
            if any(map(str.strip, row)):
                yield row


def _delimiter(header: str) -> str:
    """Return the delimiter that gives a header the most known names, then the most cells."""

    def names(delimiter: str) -> tuple[int, int]:
        cells = _cells(header, delimiter)
        return len(recognised(cells)), len(cells)

    return max(_DELIMITERS, key=names)


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line[:_MAX_HEADER]], delimiter=delimiter), [])
    except csv.Error:
        return []
