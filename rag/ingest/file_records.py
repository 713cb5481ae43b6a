"""One file -> its records: one article, or those of a feed, an export or a web archive."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from rag.errors import SeedUnreadable
from rag.ingest import archives, encodings, file_types, formats, regular_files
from rag.ingest.containers import exports, feeds, mhtml, pdf, singlefile
from rag.ingest.containers.web_archives import wacz, warc
from rag.ingest.records import Record
from rag.ingest.texts import dumps


class Container(Protocol):
    """A format of files with records; implemented by the modules of `containers`."""

    NAME: str
    """Its name for people."""

    def matches(self, name: str, head: bytes) -> bool:
        """Whether a file has the format, by its beginning and its name."""
        ...

    def read(self, file: BinaryIO, name: str) -> Iterator[tuple[str, Record | SeedUnreadable]]:
        """Yield each record with its name. Raises `SeedUnreadable` if the file cannot be read."""
        ...


_CONTAINERS: tuple[Container, ...] = (pdf, warc, wacz, mhtml, singlefile, feeds, exports)
_DUMPS = re.compile(rb"^(?:<!--\s*\d{1,40}\s*-->|\[.{0,2000}\]\(http)", re.MULTILINE)


def open_records(path: Path, name: str) -> Iterator[tuple[str, Record | SeedUnreadable]]:
    """Yield the records of a file, or of the files in an archive, each with its name.

    What is refused of them is yielded in their place. Raises `SeedUnreadable` if all of the file is.
    """
    formats.check_name(name)
    if archives.is_archive(path.name):
        for member, content in archives.unpack(path):
            yield from _member(content, f"{name}/{member}")
        return
    with regular_files.opened(path) as file:
        yield from _records(file, name)


def _member(
    content: bytes | SeedUnreadable, name: str
) -> Iterator[tuple[str, Record | SeedUnreadable]]:
    try:
        if isinstance(content, SeedUnreadable):
            raise content
        yield from records(content, name)
    except SeedUnreadable as error:
        yield name, error


def records(content: bytes, name: str) -> Iterator[tuple[str, Record | SeedUnreadable]]:
    """Yield the records of a file that is in memory. Raises `SeedUnreadable` if it has none."""
    return _records(io.BytesIO(content), name)


def _read(
    container: Container, file: BinaryIO, name: str
) -> Iterator[tuple[str, Record | SeedUnreadable]]:
    """Yield the records of a container; a damage names its format."""
    try:
        for record_name, record in container.read(file, name):
            if isinstance(record, SeedUnreadable):
                record = _of_format(record, container)
            yield record_name, record
    except SeedUnreadable as error:
        raise _of_format(error, container) from error


def _of_format(error: SeedUnreadable, container: Container) -> SeedUnreadable:
    if error.code != "file-damaged":
        return error
    return SeedUnreadable(error.code, **error.parameters | {"format": container.NAME})


def _records(file: BinaryIO, name: str) -> Iterator[tuple[str, Record | SeedUnreadable]]:
    head = file.read(file_types.HEAD_BYTES)
    file.seek(0)
    for container in _CONTAINERS:
        if container.matches(name, head):
            yield from _read(container, file, name)
            return
    if refusal := file_types.describe(name, head):
        raise refusal
    content = file.read(regular_files.MAX_BYTES + 1)
    regular_files.check_size(len(content))
    if len(_DUMPS.findall(content)) > 1:
        for record in dumps.split(encodings.decode(content).text.replace("\r\n", "\n"), name):
            yield record.name, record if record.name != name else Record(name, content)
        return
    yield name, Record(name, content)
