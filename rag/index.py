"""Vectors of questions -> the passages nearest to them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple, Self

import faiss
import numpy as np
from numpy.typing import NDArray

from rag import generations
from rag.corpus import Corpus
from rag.generations import Manifest
from rag.types import Filter, Span, Vectors


class Match(NamedTuple):
    """A passage by number, with its score, the range of its best window, and its article by number."""

    passage: int
    score: float
    window: Span
    article: int
    story: int


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

    def search(
        self,
        queries: Vectors,
        k: int,
        bonuses: Sequence[Mapping[int, float]] | None = None,
        only: Filter | None = None,
    ) -> list[list[Match]]:
        """Return for each of the `queries`, shape (n, dim), its `k` best passages, best first.

        A passage scores the mean of its own similarity and that of its best window, the first one of
        an article the similarity of its title if that is more. To that comes its bonus, if `bonuses`
        have one for it; bonuses are for passages that pass the filter, and not negative. Of the
        articles of one story only the one with the best passage is found. Ties are broken by passage
        number.

        The result is exact: a passage that is neither among those with the largest bonuses nor has a
        row among the `s` nearest cannot score more than the last row and the next bonus together, so
        `s` grows until that is no more than the k-th score (the bound of Fagin's threshold
        algorithm, doi:10.1016/S0022-0000(03)00026-6).
        """
        total, parameters = self._within(only)
        searched = min(total, max(64, 16 * k))
        if not total:
            return [[] for _ in queries]
        results: list[list[Match]] = []
        all_scores, all_rows = self._vectors.search(queries, searched, params=parameters)
        bonuses = bonuses or [{}] * len(queries)
        for query, bonus, scores, rows in zip(queries, bonuses, all_scores, all_rows, strict=True):
            favoured = sorted(bonus, key=bonus.__getitem__, reverse=True)[: 1 + 16 * k]
            rest = bonus[favoured.pop()] if len(favoured) < len(bonus) else 0.0
            matches = self._score(query, rows, favoured, bonus)
            while len(scores) < total and (
                len(matches) < k or matches[k - 1].score < scores[-1] + rest
            ):
                more = min(total, 4 * len(scores))
                (scores,), (rows,) = self._vectors.search(query[None], more, params=parameters)
                matches = self._score(query, rows, favoured, bonus)
            results.append(matches[:k])
        return results

    def _within(self, only: Filter | None) -> tuple[int, faiss.SearchParameters | None]:
        """How many rows pass the filter, and what tells FAISS which."""
        if only is None:
            return self.manifest.vectors, None
        allowed = np.zeros(self.manifest.vectors, bool)
        for start, end in self.corpus.row_ranges(only):
            allowed[start:end] = True
        selector = faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))  # type: ignore[call-arg,arg-type]
        return int(allowed.sum()), faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]

    def _score(
        self,
        query: Vectors,
        near: NDArray[np.int64],
        favoured: Sequence[int],
        bonus: Mapping[int, float],
    ) -> list[Match]:
        rows = self.corpus.rows_of(near.tolist(), favoured)
        similarity = self.vectors([row.row for row in rows]) @ query
        matches = []
        for passage, group in groupby(range(len(rows)), key=lambda at: rows[at].passage):
            own, *others = group
            windows = [at for at in others if rows[at].end]
            best = max(windows, key=similarity.__getitem__)
            score = float(similarity[own] + similarity[best]) / 2
            if len(windows) < len(others):  # the title is the last row
                score = max(score, float(similarity[others[-1]]))
            score += bonus.get(passage, 0.0)
            row = rows[best]
            matches.append(Match(passage, score, (row.start, row.end), row.article, row.story))
        matches.sort(key=lambda match: (-match.score, match.passage))
        teller: dict[int, int] = {}
        return [
            match for match in matches if teller.setdefault(match.story, match.article) == match.article
        ]


def write_vectors(path: Path, vectors: Vectors) -> None:
    """Write unit vectors, shape (n, dim), for `Index` to open. Raises `OSError` when it cannot."""
    flat = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(np.ascontiguousarray(vectors, np.float32))
    try:
        faiss.write_index(flat, str(path))
    except RuntimeError as error:  # as it reports a full disk
        raise OSError(f"{path.name} cannot be written, perhaps because the disk is full") from error
