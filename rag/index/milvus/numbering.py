"""The numbers of the rows of a generation, and the keys under which Milvus stores them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np

from rag.types import Span

Run: TypeAlias = Sequence[int]
"""The first key and the length of consecutive keys whose numbers are consecutive too."""
ABSENT = -1
"""The number of a key that the generation lacks."""


class Numbering:
    """Maps numbers, which differ between generations, to keys, which do not, and back."""

    def __init__(self, runs: Sequence[Run]) -> None:
        """Take the runs in the order of their numbers, which begin at 0."""
        firsts, counts = np.array([*runs], np.int64).reshape(-1, 2).T
        self._firsts, self._counts = firsts, counts
        self._starts = np.cumsum(counts) - counts
        self._by_key = np.argsort(firsts)

    def keys(self, numbers: Sequence[int]) -> list[int]:
        """Return the key of each number."""
        wanted = np.array(numbers, np.int64)
        run = np.searchsorted(self._starts, wanted, side="right") - 1
        keys: list[int] = (self._firsts[run] + wanted - self._starts[run]).tolist()
        return keys

    def numbers(self, keys: Sequence[int]) -> list[int]:
        """Return the number of each key, `ABSENT` if the generation lacks it."""
        if not len(self._firsts):
            return [ABSENT] * len(keys)
        wanted = np.array(keys, np.int64)
        place = np.searchsorted(self._firsts[self._by_key], wanted, side="right") - 1
        run = self._by_key[place.clip(0)]
        offset = wanted - self._firsts[run]
        is_inside = (offset >= 0) & (offset < self._counts[run])
        found: list[int] = np.where(is_inside, self._starts[run] + offset, ABSENT).tolist()
        return found

    def ranges(self, step: int) -> Iterator[Span]:
        """Yield ranges of keys that together have all rows, and each at most `step` of them."""
        start, end, count = 0, 0, 0
        for run in self._by_key.tolist():
            first, left = int(self._firsts[run]), int(self._counts[run])
            while left:
                taken = min(left, step - count)
                end, count = first + taken, count + taken
                first, left = end, left - taken
                if count == step:
                    yield start, end
                    start, count = end, 0
        if count:
            yield start, end


def append(runs: list[Run], first: int, count: int) -> None:
    """Number `count` keys from `first` on after those of the runs."""
    if runs and sum(runs[-1]) == first:
        runs[-1] = (runs[-1][0], runs[-1][1] + count)
    elif count:
        runs.append((first, count))
