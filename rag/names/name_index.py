"""Names -> their rows, in MARISA tries that are made once per machine and mapped from disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag import files
from rag.names.columns import SAME, folded_names

LAYOUT = 1
"""Increase it whenever the same table gives other keys."""
_TRIE, _STARTS, _ROWS = "names.marisa", "starts.npy", "rows.npy"

Pairs = Iterable[tuple[str, int]]
"""Keys of names, and their rows."""


class NameIndex:
    """Rows of a table, found by the keys of their names.

    The rows of the name with number *n* in the trie are `rows[starts[n] : starts[n + 1]]`.
    """

    def __init__(self, trie: Any, starts: NDArray[np.int64], rows: NDArray[np.int64]) -> None:
        self._trie, self._starts, self._rows = trie, starts, rows

    @classmethod
    def of(cls, pairs: Pairs) -> NameIndex:
        """Return the index of these names, in memory."""
        from marisa_trie import Trie

        keys, rows = map(list, zip(*pairs, strict=True))
        trie = Trie(keys)
        numbers = np.array([trie[key] for key in keys])
        order = np.lexsort((rows, numbers))
        starts = np.searchsorted(numbers[order], np.arange(len(trie) + 1))
        return cls(trie, starts, np.array(rows)[order])

    @classmethod
    def cached(cls, name: str, pairs: Callable[[], Pairs]) -> NameIndex:
        """Return the index with a name in the user's cache; in memory if that cannot be used."""
        from marisa_trie import Trie

        try:
            folder = files.cached_folder(name, lambda to: cls.of(pairs()).save(to))
            trie = Trie().mmap(str(folder / _TRIE))
            starts, rows = (np.load(folder / file, mmap_mode="r") for file in (_STARTS, _ROWS))
        except (OSError, RuntimeError, ValueError):  # no cache, or a damaged file in it
            return cls.of(pairs())
        return cls(trie, starts, rows)

    def save(self, folder: Path) -> None:
        """Write the index into a folder. Raises `OSError` if it cannot be written."""
        self._trie.save(str(folder / _TRIE))
        np.save(folder / _STARTS, self._starts)
        np.save(folder / _ROWS, self._rows)

    def rows(self, key: str) -> list[int]:
        """Return the rows with a name of this key, in their order."""
        if (number := self._trie.get(key)) is None:
            return []
        found: list[int] = self._rows[self._starts[number] : self._starts[number + 1]].tolist()
        return found

    def __contains__(self, key: str) -> bool:
        return key in self._trie

    def longest(self, text: str) -> int:
        """Return the length of the longest key with which a text begins, 0 if there is none."""
        return max(map(len, self._trie.prefixes(text)), default=0)


def chinese_names(keys: str) -> Iterator[tuple[str, int]]:
    """Yield each name of the Chinese column, whose text is made of keys, and its row."""
    for row, line in enumerate(keys.splitlines()):
        for key in line.split("\t"):
            yield key, row


def foreign_names(column: str) -> Iterator[tuple[str, int]]:
    """Yield the key of each name of a column, and its row."""
    for row, line in enumerate(folded_names(column).splitlines()):
        if line and line != SAME:
            for key in line.split("\t"):
                yield key, row
