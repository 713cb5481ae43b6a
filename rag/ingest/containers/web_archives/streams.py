"""Unpacks a WARC file, within limits that no file can exceed."""

from __future__ import annotations

import gzip
import zlib
from io import BufferedReader, RawIOBase
from typing import TYPE_CHECKING, BinaryIO

from warcio.exceptions import ArchiveLoadFailed

from rag.errors import SeedUnreadable
from rag.ingest import archives, regular_files

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_RECORDS = 100_000
"""Records of one file, of any type."""
_MAX_LINES = 3_000_000
MAX_HEADER_BYTES = 2**16
"""Size limit of the header of one record."""
_BLOCK = 2**16


class Limits:
    """What may still be read of a file: unpacked bytes, records and lines."""

    def __init__(self) -> None:
        self._bytes = archives.MAX_ARCHIVE_BYTES
        self._records = MAX_RECORDS
        self._lines = _MAX_LINES

    @property
    def is_reached(self) -> bool:
        """Whether nothing more may be read."""
        return min(self._bytes, self._records, self._lines) < 0

    def take(self, content: bytes) -> bytes:
        """Return the bytes. Raises `SeedUnreadable` if they are too many."""
        self._bytes -= len(content)
        if self._bytes < 0:
            limit = archives.MAX_ARCHIVE_BYTES // regular_files.MEGABYTE
            raise SeedUnreadable("archive-too-large", limit=limit)
        return content

    def take_record(self) -> None:
        """Count a record. Raises `SeedUnreadable` if it is one too many."""
        self._records -= 1
        if self._records < 0:
            raise SeedUnreadable("archive-too-many", limit=MAX_RECORDS)

    def take_line(self) -> None:
        """Count a line. Raises `SeedUnreadable` if it is one too many."""
        self._lines -= 1
        if self._lines < 0:
            raise SeedUnreadable("file-damaged", cause="too many lines between the records")


class Stream:
    """The unpacked bytes of a WARC file, as warcio reads them.

    `line_bytes` is how many bytes may still be read as lines: a header is short.
    """

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        file.seek(0)
        is_gzip = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        self._unzipped = _Unzipped(file) if is_gzip else None
        self._file = BufferedReader(self._unzipped) if self._unzipped else file
        self._limits = limits
        self.line_bytes = MAX_HEADER_BYTES

    @property
    def damage(self) -> str:
        """Why unpacking ended before the end of the file, empty if it did not."""
        return self._unzipped.damage if self._unzipped else ""

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes, none at the end."""
        return self._limits.take(self._file.read(min(size, _BLOCK)))

    def readline(self, size: int = MAX_HEADER_BYTES) -> bytes:
        """Return the next line. Raises `ArchiveLoadFailed` beyond `line_bytes`."""
        self._limits.take_line()
        line = self._limits.take(self._file.readline(min(size, MAX_HEADER_BYTES)))
        self.line_bytes -= len(line)
        if self.line_bytes < 0:
            raise ArchiveLoadFailed("the header of a record is too long")
        return line


class _Unzipped(RawIOBase):
    """The content of a gzip file. It ends where the file is damaged: what precedes can be read."""

    def __init__(self, file: BinaryIO) -> None:
        self._gzip = gzip.GzipFile(fileobj=file)
        self.damage = ""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        try:
            block = self._gzip.read1(len(view))
        except (EOFError, OSError, zlib.error) as error:
            self.damage = str(error)
            return 0
        view[: len(block)] = block
        return len(block)
