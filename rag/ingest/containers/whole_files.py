"""Reads a container in one piece where its format needs all of it, within a limit."""

from __future__ import annotations

from typing import BinaryIO

from rag.errors import SeedUnreadable
from rag.ingest.regular_files import MAX_BYTES, MEGABYTE

MAX_WHOLE_BYTES = 5 * MAX_BYTES
"""Size limit of a file that is held in memory."""
MAX_RECORDS = 100_000
"""Limit of the records of one file."""


def read_whole(file: BinaryIO) -> bytes:
    """Return the rest of a file. Raises `SeedUnreadable` if it exceeds the limit."""
    content = file.read(MAX_WHOLE_BYTES + 1)
    if len(content) > MAX_WHOLE_BYTES:
        raise SeedUnreadable("file-too-large", limit=MAX_WHOLE_BYTES // MEGABYTE)
    return content
