"""Vectors of questions -> the passages nearest to them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple, Self

import faiss
import numpy as np
from numpy.typing import NDArray

from rag import generations
from rag.corpus import Corpus
from rag.generations import Manifest
from rag.types import Span, Vectors


class Match(NamedTuple):
    """A passage by number, how similar it is, and the range of its window that is most similar."""

    passage: int
    score: float
    window: Span


class Index:
    """One generation of an index folder, opened for reading; safe to share between threads."""

    def __init__(self, manifest: Manifest, corpus: Corpus, vectors: faiss.Index) -> None:
        if (manifest.vectors, manifest.dim) != (vectors.ntotal, vectors.d):
            raise ValueError(
                f"{vectors.ntotal} vectors of {vectors.d} numbers, but the manifest says "
                f"{manifest.vectors} of {manifest.dim}"
            )
        self.manifest = manifest
        self.corpus = corpus
        self._vectors = vectors

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> Self:
        """Open the live generation. Raises `IndexMissing`, or `IndexDamaged` naming the file."""
        generation = generations.current(Path(folder))
        manifest = generations.read_manifest(generation)
        vectors = faiss.read_index(str(generation / generations.VECTORS))
        return cls(manifest, Corpus(generation / generations.CORPUS), vectors)

    def vectors(self, rows: Sequence[int]) -> Vectors:
        """The vectors in these rows, shape (len(rows), dim)."""
        vectors: Vectors = self._vectors.reconstruct_batch(np.asarray(rows, np.int64))
        return vectors

    def close(self) -> None:
        self.corpus.close()

    def search(self, queries: Vectors, k: int) -> list[list[Match]]:
        """Return for each of the `queries`, shape (n, dim), its `k` best passages, best first.

        A passage scores the mean of its own similarity and that of its best window. The result is
        exact: a passage with no row among the `s` nearest cannot score more than the last of them,
        so `s` grows until that is no more than the k-th score (the bound of Fagin's threshold
        algorithm, doi:10.1016/S0022-0000(03)00026-6). Ties are broken by passage number.
        """
        total = self.manifest.vectors
        searched = min(total, max(64, 16 * k))
        if not total:
            return [[] for _ in queries]
        results: list[list[Match]] = []
        all_scores, all_rows = self._vectors.search(queries, searched)
        for query, scores, rows in zip(queries, all_scores, all_rows, strict=True):
            matches = self._score(query, rows)
            while len(scores) < total and (len(matches) < k or matches[k - 1].score < scores[-1]):
                (scores,), (rows,) = self._vectors.search(query[None], min(total, 4 * len(scores)))
                matches = self._score(query, rows)
            results.append(matches[:k])
        return results

    def _score(self, query: Vectors, near: NDArray[np.int64]) -> list[Match]:
        rows = self.corpus.rows_near(near.tolist())
        similarity = self.vectors([row.row for row in rows]) @ query
        matches = []
        for passage, group in groupby(range(len(rows)), key=lambda at: rows[at].passage):
            own, *windows = group
            best = max(windows, key=similarity.__getitem__)
            score = float(similarity[own] + similarity[best]) / 2
            matches.append(Match(passage, score, (rows[best].start, rows[best].end)))
        return sorted(matches, key=lambda match: (-match.score, match.passage))


def write_vectors(path: Path, vectors: Vectors) -> None:
    """Write unit vectors, shape (n, dim), for `Index` to open. Raises `OSError` when it cannot."""
    flat = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(np.ascontiguousarray(vectors, np.float32))
    try:
        faiss.write_index(flat, str(path))
    except RuntimeError as error:  # as it reports a full disk
        raise OSError(f"{path.name} cannot be written, perhaps because the disk is full") from error
