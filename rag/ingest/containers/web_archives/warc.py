"""The web pages of a WARC file, the newest capture of each address."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from rag.errors import SeedUnreadable
from rag.ingest.records import Record

if TYPE_CHECKING:
    from rag.ingest.containers.web_archives.captures import Capture

NAME = "WARC"
_MAGIC = b"WARC/"


def matches(name: str, head: bytes) -> bool:
    """Whether a file is a WARC file, compressed or not."""
    return head.startswith(_MAGIC) or _unzipped(head).startswith(_MAGIC)


def read(file: BinaryIO, name: str) -> Iterator[tuple[str, Record | SeedUnreadable]]:
    """Yield the web pages of a WARC file.

    A page is named by its place among the pages of the file, other captures included. Raises
    `SeedUnreadable` if the file has no page.
    """
    return read_files(lambda: (file,), name)


def read_files(
    files: Callable[[], Iterable[BinaryIO | SeedUnreadable]], name: str
) -> Iterator[tuple[str, Record | SeedUnreadable]]:
    """Yield the web pages of several WARC files, numbered over all of them.

    `files` is called twice: first to find the newest capture of each address, then to read it.
    """
    newest = _newest(_numbered(files()))
    has_page = False
    for number, capture in _numbered(files()):
        if not isinstance(capture, SeedUnreadable):
            if newest.get(capture.key) == number:
                has_page = True
                yield f"{name}#{number}", _record(capture, f"{name}#{number}")
        elif has_page:
            yield name, capture
        else:
            raise capture
    if not has_page:
        raise SeedUnreadable("warc-no-pages")


def _numbered(
    files: Iterable[BinaryIO | SeedUnreadable],
) -> Iterator[tuple[int, Capture | SeedUnreadable]]:
    from rag.ingest.containers.web_archives.captures import captures
    from rag.ingest.containers.web_archives.streams import Limits

    limits, number = Limits(), 0
    for file in files:
        for capture in (file,) if isinstance(file, SeedUnreadable) else captures(file, limits):
            number += not isinstance(capture, SeedUnreadable)
            yield number, capture
        if limits.is_reached:
            return


def _newest(captures: Iterable[tuple[int, Capture | SeedUnreadable]]) -> dict[bytes, int]:
    """Return the number of the newest capture of each address."""
    newest: dict[bytes, tuple[str, int]] = {}
    for number, capture in captures:
        if not isinstance(capture, SeedUnreadable):
            newest[capture.key] = max(newest.get(capture.key, ("", 0)), (capture.date, number))
    return {key: number for key, (_, number) in newest.items()}


def _record(capture: Capture, name: str) -> Record | SeedUnreadable:
    try:
        content = capture.content()
    except SeedUnreadable as error:
        return error
    return Record(name, content, form="page", charset=capture.charset, url=capture.url)


def _unzipped(head: bytes) -> bytes:
    """Return the first bytes that a gzip file unpacks to, none if it is no gzip file."""
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, len(_MAGIC))
    except zlib.error:
        return b""
