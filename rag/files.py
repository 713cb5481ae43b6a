"""A matrix in a file, of which rows are read when they are asked for."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Table:
    """Rows of numbers, one after the other from an `offset` on; safe to share between threads.

    They are not mapped into memory: the system would keep, and count, more and more for the process.
    Raises `OSError` when the file cannot be read.
    """

    def __init__(self, path: Path, offset: int, dtype: np.dtype[Any], shape: tuple[int, int]) -> None:
        self.shape = shape
        self._offset, self._dtype, self._size = offset, dtype, dtype.itemsize * shape[1]
        self._file = path.open("rb")

    def __getitem__(self, rows: Sequence[int] | NDArray[np.int64]) -> NDArray[np.float32]:
        """The rows with these numbers, shape (len(rows), columns)."""
        different, places = np.unique(np.asarray(rows, np.int64), return_inverse=True)
        starts = np.flatnonzero(np.diff(different, prepend=-2) != 1)
        lengths = np.diff([*starts, len(different)])
        number = self._file.fileno()
        content = b"".join(
            os.pread(number, length * self._size, self._offset + first * self._size)
            for first, length in zip(different[starts].tolist(), lengths.tolist(), strict=True)
        )
        found = np.frombuffer(content, self._dtype).reshape(-1, self.shape[1])
        return found[places].astype(np.float32)
