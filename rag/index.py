"""The index folder, opened for searching: FAISS has the vectors, SQLite the rest."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import faiss
import numpy as np
from numpy.typing import NDArray

from rag import generations
from rag.corpus import Corpus
from rag.errors import IndexDamaged, IndexMissing
from rag.generations import Manifest
from rag.ranking import Ranking
from rag.types import Filter, Vectors


class Index(Ranking):
    """One generation of an index folder, opened for reading; safe to share between threads."""

    corpus: Corpus

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

    def nearest(self, query: Vectors, count: int, only: Filter | None) -> list[int]:
        total, parameters = _within(self._leads & self._passing(only)) if only else self._all
        if not total:
            return []
        _, (rows,) = self._vectors.search(query[None], min(count, total), params=parameters)
        found: list[int] = rows.tolist()
        return found

    def _passing(self, only: Filter) -> NDArray[np.bool_]:
        """Which rows are of articles that pass the filter."""
        passing = np.zeros(self.manifest.vectors, bool)
        for start, end in self.corpus.row_ranges(only):
            passing[start:end] = True
        return passing


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
