"""Reads the bytes of regular files, within the size limit of one article."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from rag.errors import SeedUnreadable

MEGABYTE = 2**20
MAX_BYTES = 20 * MEGABYTE
"""Size limit of one article file."""


def read_bytes(path: Path) -> bytes:
    """Return the content of a file.

    Raises `SeedUnreadable` if it is not a regular file, is larger than `MAX_BYTES` or cannot be read.
    """
    check_size(check_regular(path))
    with opened(path) as file:
        return file.read()


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a regular file. Raises `SeedUnreadable` if it is none or cannot be read."""
    check_regular(path)
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise _unreadable(error) from error


def check_regular(path: Path) -> int:
    """Return the size of a regular file. Raises `SeedUnreadable` for a link, a pipe or a device."""
    try:
        status = path.lstat()
    except OSError as error:
        raise _unreadable(error) from error
    if not stat.S_ISREG(status.st_mode):
        raise SeedUnreadable("file-not-regular")
    return status.st_size


def check_size(size: int) -> None:
    """Raise `SeedUnreadable` if a file is larger than `MAX_BYTES`."""
    if size > MAX_BYTES:
        raise SeedUnreadable("file-too-large", limit=MAX_BYTES // MEGABYTE)


def _unreadable(error: OSError) -> SeedUnreadable:
    return SeedUnreadable("file-unreadable", cause=error.strerror or str(error))
