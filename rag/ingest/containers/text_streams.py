"""Opens the bytes of a file as text, and reads its lines without ever holding an endless one."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, TextIO

from rag.errors import SeedUnreadable
from rag.ingest.containers.whole_files import read_whole
from rag.ingest.regular_files import MAX_BYTES, MEGABYTE

MAX_LINES = 10_000_000
"""Limit of the lines of one file; blank ones take time too."""


@contextmanager
def opened(file: BinaryIO) -> Iterator[TextIO]:
    """Open a file as text: as a stream if it is UTF-8, else decoded as a whole.

    Raises `SeedUnreadable` if it is not UTF-8 and too large to be decoded as a whole.
    """
    if not _is_utf8(file):
        yield io.StringIO(_decode(read_whole(file)), newline="")
        return
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    try:
        yield text
    finally:
        text.detach()  # else it would close the file, which is the caller's


def pieces(text: TextIO) -> Iterator[str]:
    """Yield the lines; one above `MAX_BYTES` comes in several pieces.

    Raises `SeedUnreadable` after `MAX_LINES`.
    """
    for _ in range(MAX_LINES):
        if not (piece := text.readline(MAX_BYTES)):
            return
        yield piece
    raise SeedUnreadable("file-lines-too-many", limit=MAX_LINES)


def lines(text: TextIO) -> Iterator[str | None]:
    """Yield the lines that are not blank; None for one above `MAX_BYTES`."""
    is_open = False
    for piece in pieces(text):
        was_open, is_open = is_open, not piece.endswith(("\n", "\r"))
        if len(piece) == MAX_BYTES and is_open and not was_open:
            yield None
        elif not was_open and (line := piece.strip()):
            yield line


def _is_utf8(file: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while block := file.read(MEGABYTE):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        file.seek(0)
    return True


def _decode(content: bytes) -> str:
    from rag.ingest.encodings import decode

    return decode(content, is_markup=False).text.removeprefix("\ufeff")
