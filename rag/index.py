"""Vectors of questions -> the passages nearest to them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self

import faiss
import numpy as np
from numpy.typing import NDArray

from rag import generations
from rag.corpus import Corpus, Rows
from rag.errors import IndexDamaged, IndexMissing
from rag.generations import Manifest
from rag.periods import Period
from rag.types import Filter, Vectors

_NEAR, _NEAR_AT_LEAST = 40, 200
"""Passages scored for each one asked for, and at any rate."""
_TIME_WEIGHT = 0.05


class Match(NamedTuple):
    """A passage by number, with its score, the row of its best window, and its article by number."""

    passage: int
    score: float
    window: int
    article: int


class Index:
    """One generation of an index folder, opened for reading; safe to share between threads."""

    def __init__(
        self,
        path: Path,
        manifest: Manifest,
        corpus: Corpus,
        vectors: faiss.Index,
        stamp: generations.Stamp | None = None,
    ) -> None:
        if (manifest.vectors, manifest.dim) != (vectors.ntotal, vectors.d):
            raise ValueError(
                f"{vectors.ntotal} vectors of {vectors.d} numbers, but the manifest says "
                f"{manifest.vectors} of {manifest.dim}"
            )
        self.path = path
        self.stamp = stamp
        self.manifest = manifest
        self.corpus = corpus
        self._vectors = vectors
        self._leads = np.zeros(manifest.vectors, bool)
        self._leads[[row for rows in corpus.leads() for row in rows]] = True
        self._all = _within(self._leads)

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> Self:
        """Open the live generation. Raises `IndexMissing`, or `IndexDamaged` naming the file."""
        folder = Path(folder)
        while True:
            stamp = generations.stamp(folder)
            try:
                generation = generations.current(folder)
                return cls.of(generation, generations.read_manifest(generation), stamp)
            except (IndexMissing, IndexDamaged):
                if stamp == generations.stamp(folder):
                    raise  # it is not that builds have replaced it meanwhile

    @classmethod
    def of(cls, generation: Path, manifest: Manifest, stamp: generations.Stamp | None = None) -> Self:
        """Open a generation, live or not, whose files have been checked."""
        vectors = faiss.read_index(str(generation / generations.VECTORS))
        return cls(generation, manifest, Corpus(generation / generations.CORPUS), vectors, stamp)

    def vectors(self, rows: Sequence[int]) -> Vectors:
        """The vectors in these rows, shape (len(rows), dim)."""
        vectors: Vectors = self._vectors.reconstruct_batch(np.asarray(rows, np.int64))
        return vectors

    def close(self) -> None:
        self.corpus.close()

    def search(
        self,
        queries: Vectors,
        k: int,
        bonuses: Sequence[Mapping[int, float]] | None = None,
        only: Filter | None = None,
        periods: Sequence[Period | None] | None = None,
    ) -> list[list[Match]]:
        """Return for each of the `queries`, shape (n, dim), its `k` best passages, best first.

        A passage scores the mean of its own similarity and that of its best window, the first one of
        an article the similarity of its title if that is more. To that comes its bonus, if `bonuses`
        have one for it, and up to 0.05 where the query has one of `periods` and the article is of that
        time; bonuses are for passages that pass the filter. Of the articles of one story only the one
        with the best passage is found. Ties are broken by passage number.

        Only the 200 nearest passages by their own vectors and titles, or 40 for each of `k`, and as
        many with the largest bonuses are scored: the best are nearly always among them.
        """
        total, parameters = _within(self._leads & self._passing(only)) if only else self._all
        results = []
        none = [None] * len(queries)
        asked = zip(queries, bonuses or [{}] * len(queries), periods or none, strict=True)
        for query, bonus, period in asked:
            favoured = sorted(bonus, key=lambda passage: (-bonus[passage], passage))[: _NEAR * k]
            near, matches = 0, list[Match]()
            while len(matches) < k and near < total:
                near = min(total, 4 * near or max(_NEAR * k, _NEAR_AT_LEAST))
                _, (rows,) = self._vectors.search(query[None], near, params=parameters)
                candidates = self.corpus.rows(rows.tolist(), favoured)
                matches = self._score(query, candidates, bonus, period)
            results.append(matches[:k])
        return results

    def _passing(self, only: Filter) -> NDArray[np.bool_]:
        """Which rows are of articles that pass the filter."""
        passing = np.zeros(self.manifest.vectors, bool)
        for start, end in self.corpus.row_ranges(only):
            passing[start:end] = True
        return passing

    def _score(
        self,
        query: Vectors,
        candidates: Sequence[Rows],
        bonus: Mapping[int, float],
        period: Period | None,
    ) -> list[Match]:
        vectors = self.vectors([row for c in candidates for row in range(c.first, c.end)])
        # Not `@`: the threads of BLAS would go on spinning where the next question is encoded, and
        # its rounding depends on what else is in the matrix, so that equal passages would not tie.
        similarity = np.einsum("ij,j->i", vectors, query)
        matches, start = [], 0
        for passage, first, end, titled, article, story, published in candidates:
            own, *others = similarity[start : start + end - first].tolist()
            title = others.pop() if titled else -1.0
            window = max(range(len(others)), key=others.__getitem__)
            score = max((own + others[window]) / 2, title) + bonus.get(passage, 0.0)
            if period and published:
                score += _TIME_WEIGHT * period.nearness(published)
            matches.append((-score, passage, first + 1 + window, article, story))
            start += end - first
        teller: dict[int, int] = {}
        return [
            Match(passage, -score, window, article)
            for score, passage, window, article, story in sorted(matches)
            if teller.setdefault(story, article) == article
        ]


def _within(rows: NDArray[np.bool_]) -> tuple[int, faiss.SearchParameters]:
    """How many rows these are, and what tells FAISS to look at no others."""
    selector = faiss.IDSelectorBitmap(np.packbits(rows, bitorder="little"))  # type: ignore[call-arg,arg-type]
    return int(rows.sum()), faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]


def write_vectors(path: Path, vectors: Vectors) -> None:
    """Write unit vectors, shape (n, dim), for `Index` to open. Raises `OSError` when it cannot."""
    flat = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(np.ascontiguousarray(vectors, np.float32))
    try:
        faiss.write_index(flat, str(path))
    except RuntimeError as error:  # as it reports a full disk
        raise OSError(f"{path.name} cannot be written, perhaps because the disk is full") from error
