"""Searches the terms of the passages of a generation in Milvus."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from rag.index.milvus.client import MAX_HITS
from rag.index.milvus.manifest import NO_TERM, SHARED, Contents
from rag.index.milvus.tables import KEYS, Tables

_MIN_IDF = 1e-6
_K1, _B = 1.2, 0.75
_DRIFT = 0.004
"""How far the mean length of a passage may move until the weights are stored anew.

The weights between those for the two ends are then right to 7 of a million, about as a float is.
"""


class Term(NamedTuple):
    """The number of a term, and the number of passages that contain it."""

    number: int
    passages: int


class TermChanges(NamedTuple):
    """What a new generation changes: the terms to add, each with its number and the number of its
    passages, all counts that differ from the stored ones, and the numbers of the terms looked up.
    """

    new: list[tuple[str, int, int]]
    frequencies: dict[str, int]
    numbers: dict[str, int]


class MilvusTerms:
    """The terms of a generation; safe to share between threads."""

    def __init__(self, tables: Tables, contents: Contents) -> None:
        self._tables = tables
        self._contents = contents

    def known(self, terms: Sequence[str]) -> dict[str, Term]:
        """Return those of these terms that a passage contains."""
        counts = self._contents.frequencies
        return {
            term: Term(stored.number, count)
            for term, stored in self._stored(terms).items()
            if (count := counts.get(term, stored.passages))
        }

    def _stored(self, terms: Sequence[str]) -> dict[str, Term]:
        """The terms with the counts of the base, or of the generation that added them."""
        collection, last = f"{self._contents.base}_terms", self._contents.terms
        found = self._tables.server.rows(collection, "term", terms, "term", "number", "passages")
        return {
            row["term"]: Term(row["number"], row["passages"])
            for row in found
            if self._contents.layout < SHARED or row["number"] <= last
        }

    def changes(self, counts: Mapping[str, int]) -> TermChanges:
        """Return what changes if these terms have these counts from now on."""
        stored, frequencies = self._stored(list(counts)), dict(self._contents.frequencies)
        for term, entry in stored.items():
            frequencies[term] = counts[term]
            if counts[term] == entry.passages:
                del frequencies[term]
        added = (term for term, count in counts.items() if count and term not in stored)
        numbered = enumerate(added, self._contents.terms + 1)
        new = [(term, number, counts[term]) for number, term in numbered]
        numbers = {term: entry.number for term, entry in stored.items()}
        return TermChanges(new, frequencies, numbers | {term: number for term, number, _ in new})

    def passages_with(self, term: str) -> list[int]:
        """Return the numbers of the passages that contain a term, in any order."""
        entry = self.known([term]).get(term)
        if entry is None:
            return []
        query, key = self._query({entry.number: 1.0}), KEYS["passages"]
        # In parts, because Milvus limits the hits of a search.
        step = MAX_HITS if entry.passages > MAX_HITS else max(1, self._contents.manifest.passages)
        return [
            number
            for start, end in self._tables.numbering("passages").ranges(step)
            for number, _ in self._tables.nearest(
                "passages", "terms", query, step, [f"{key} >= {start} and {key} < {end}"]
            )
        ]

    def bm25(self, terms: Sequence[str], conditions: Sequence[str]) -> dict[int, float]:
        """Return the BM25 score of each passage that contains a term and meets the conditions.

        The scores equal those of SQLite: the collection has the weight of each term in each passage,
        the query has the inverse frequencies. Of more than 16,384 passages, returns the best.
        """
        known = self.known(terms).values()
        if not known:
            return {}
        query = self._query({entry.number: self._idf(entry.passages) for entry in known})
        limit = sum(entry.passages for entry in known)
        return dict(self._tables.nearest("passages", "terms", query, limit, conditions))

    def _idf(self, passages: int) -> float:
        total = self._contents.manifest.passages
        return max(math.log((total - passages + 0.5) / (passages + 0.5)), _MIN_IDF)

    def _query(self, weights: dict[int, float]) -> dict[int, float]:
        if self._contents.layout < SHARED:
            return weights
        short, mean, long = self._contents.lengths
        share = (1 / short - 1 / mean) / (1 / short - 1 / long)
        return {
            2 * number + end: weight * part
            for number, weight in weights.items()
            for end, part in enumerate((1 - share, share))
            if part
        }


def lengths(mean: float) -> tuple[float, float, float]:
    """Return the mean length of a passage, between the two for which weights are stored."""
    return mean * (1 - _DRIFT), mean, mean * (1 + _DRIFT)


def weights(
    terms: Iterable[str], numbers: dict[str, int], between: tuple[float, float, float]
) -> dict[int, float]:
    """Return the weights of the terms of a passage in its BM25 score, without inverse frequencies.

    Each term has two, for the first and the last of the mean lengths; the score is linear in the
    inverse length, almost. The formula and its constants are SQLite's
    (https://www.sqlite.org/fts5.html#the_bm25_function).
    """
    counts = Counter(terms)
    found = {
        2 * numbers[term] + end: count * (_K1 + 1) / (count + _damping(counts.total() / mean))
        for term, count in counts.items()
        for end, mean in enumerate((between[0], between[2]))
    }
    return found or {NO_TERM: 1.0}  # Milvus cannot store a vector of zeros


def _damping(length: float) -> float:
    return _K1 * (1 - _B + _B * length)
