"""Durable files: written so that a crash leaves the old content or the new, and read row by row."""

from __future__ import annotations

import os
import secrets
import shutil
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from numpy.typing import NDArray

_GAP_BYTES = 1 << 13
"""Bytes between two rows up to which they are read together, because a second read takes longer.

At each read another thread may go first: among many users that delays more than the reading itself.
"""


def replace(path: Path, content: bytes, *, newer_than: Path | None = None) -> None:
    """Write a file durably and atomically, replacing an earlier one.

    A reader sees the old content or the new, also after a crash. With `newer_than` the modification
    time is later than that of another file, even if the clock was set back. Raises `OSError` if the
    disk is full or read-only; the earlier file is then unchanged.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("xb") as file:
            file.write(content)
        if newer_than:
            date_after(draft, newer_than)
        sync(draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    sync(path.parent)


def create(path: Path, content: bytes) -> None:
    """Write a new file durably. Raises `FileExistsError`, and changes nothing, if it exists."""
    draft = path.with_name(f".{path.name[:32]}.{secrets.token_hex(8)}")
    try:
        with draft.open("xb") as file:
            file.write(content)
        sync(draft)
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            raise
        except OSError:
            # Some file systems have no hard links: an empty file reserves the name there.
            path.touch(exist_ok=False)
            try:
                draft.replace(path)
            except OSError:
                path.unlink()
                raise
    finally:
        draft.unlink(missing_ok=True)
    sync(path.parent)


def sync(path: Path) -> None:
    """Flush a file, or the entries of a folder, to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def cached_folder(name: str, write: Callable[[Path], None]) -> Path:
    """Return a folder of the user's cache; `write` fills it if this machine does not have it yet.

    It appears complete or not at all; of two processes that write it, the first one's stays. Raises
    `OSError` if the cache cannot be written, and what `write` raises.
    """
    folder = platformdirs.user_cache_path("rag") / name
    if folder.is_dir():
        return folder
    draft = folder.with_name(f".{name}.{secrets.token_hex(4)}")
    draft.mkdir(parents=True)
    try:
        write(draft)
        for path in [*draft.iterdir(), draft]:
            sync(path)
        try:
            draft.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def date_after(path: Path, earlier: Path) -> None:
    """Date a file after another one, which may be missing."""
    with suppress(FileNotFoundError):
        written = earlier.stat().st_mtime_ns
        if path.stat().st_mtime_ns <= written:
            os.utime(path, ns=(written + 1, written + 1))


class Table:
    """Rows of numbers in a file, read on demand; safe to share between threads.

    The rows start at `offset`. They are read, not mapped: mapped pages would count as memory of the
    process. Raises `OSError` if the file cannot be read.
    """

    def __init__(self, path: Path, offset: int, dtype: np.dtype[Any], shape: tuple[int, int]) -> None:
        self.shape = shape
        self._offset, self._dtype, self._size = offset, dtype, dtype.itemsize * shape[1]
        self._descriptor = os.open(path, os.O_RDONLY)
        self.close = weakref.finalize(self, os.close, self._descriptor)

    def __getitem__(self, rows: Sequence[int] | NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the rows with these numbers, shape (len(rows), columns)."""
        return self.stored(rows).view(self._dtype).astype(np.float32)

    def stored(self, rows: Sequence[int] | NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return these rows as they are in the file, shape (len(rows), bytes per row)."""
        return read_rows(self._descriptor, rows, self._size, self._offset)


def read_rows(
    descriptor: int, rows: Sequence[int] | NDArray[np.int64], size: int, offset: int = 0
) -> NDArray[np.uint8]:
    """Read rows of `size` bytes of an open file, shape (len(rows), size); row 0 is at `offset`."""
    distinct, positions = np.unique(np.asarray(rows, np.int64), return_inverse=True)
    begins = np.diff(distinct, prepend=-_GAP_BYTES - 1) * size > _GAP_BYTES
    starts = np.flatnonzero(begins)
    firsts = distinct[starts]
    lengths = distinct[np.append(starts, len(distinct))[1:] - 1] - firsts + 1
    content = b"".join(
        os.pread(descriptor, length * size, offset + first * size)
        for first, length in zip(firsts.tolist(), lengths.tolist(), strict=True)
    )
    before = firsts - np.cumsum(lengths) + lengths
    places = distinct - before[np.cumsum(begins) - 1]
    stored = np.frombuffer(content, np.uint8).reshape(-1, size)
    found: NDArray[np.uint8] = stored[places[positions]]
    return found
