"""A generation of an index folder, open for searching: vectors in FAISS, the corpus in SQLite."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Self

import faiss
import numpy as np
from numpy.typing import NDArray

from rag.errors import IndexDamaged, IndexMissing
from rag.files import Table
from rag.index import generations
from rag.index.base import MIN_CANDIDATES, Integers, inner_products
from rag.index.manifest import CORPUS, NEAREST, VECTORS, Manifest, read_manifest
from rag.index.sqlite.corpus import SqliteCorpus
from rag.index.vectors import quantizer
from rag.index.vectors.quantizer import Codes
from rag.types import Filter, Vectors

EXACT_ROWS = 100_000
"""Rows that pass a filter, up to which each is compared instead of searching the ANN index."""
_BLOCK = 512
"""Rows to compare at a time."""


class Index:
    """One generation of an index folder; implements `SearchIndex`, safe to share between threads."""

    def __init__(
        self,
        path: Path,
        manifest: Manifest,
        corpus: SqliteCorpus,
        vectors: faiss.IndexScalarQuantizer,
        nearest: faiss.IndexIVF | None = None,
        stamp: generations.Stamp | None = None,
    ) -> None:
        if (manifest.vectors, manifest.dim) != (vectors.ntotal, vectors.d):
            raise ValueError(
                f"{vectors.ntotal} vectors of {vectors.d} numbers, but the manifest has "
                f"{manifest.vectors} of {manifest.dim}"
            )
        self.path = path
        self.stamp = stamp
        self.manifest = manifest
        self.corpus = corpus
        self._vectors = vectors
        self._nearest = nearest
        self.is_rotated = quantizer.is_rotated(vectors)
        rows, size = manifest.vectors, vectors.sa_code_size()
        start = (path / VECTORS).stat().st_size - rows * size
        self._codes = Table(path / VECTORS, start, np.dtype(np.uint8), (rows, size))

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> Self:
        """Open the live generation of a folder. Raises `IndexMissing`, or `IndexDamaged`."""
        folder = Path(folder)
        while True:
            stamp = generations.stamp(folder)
            try:
                generation = generations.current(folder)
                return cls.open_generation(generation, read_manifest(generation), stamp)
            except (IndexMissing, IndexDamaged):
                if stamp == generations.stamp(folder):
                    raise  # otherwise a build has replaced the generation meanwhile

    @classmethod
    def open_generation(
        cls, generation: Path, manifest: Manifest, stamp: generations.Stamp | None = None
    ) -> Self:
        """Open a generation, live or not, whose files have been verified."""
        vectors = _read(generation / VECTORS)
        nearest = _read(generation / NEAREST) if manifest.search.nearest else None
        corpus = SqliteCorpus(generation / CORPUS)
        return cls(generation, manifest, corpus, vectors, nearest, stamp)

    def close(self) -> None:
        """Close the files."""
        self.corpus.close()
        self._codes.close()

    def vectors(self, rows: Sequence[int] | Integers) -> Vectors:
        """Return the vectors of these rows, shape (len(rows), dim)."""
        stored = self._stored(rows)
        return quantizer.rotate_back(stored) if self.is_rotated else stored

    def codes(self, rows: Sequence[int] | Integers) -> Codes:
        """Return the codes of these rows, as a build writes them."""
        if self.is_rotated:
            return self._codes.stored(rows)
        return quantizer.encode(self.vectors(rows))

    def similarities(self, query: Vectors, rows: Sequence[int] | Integers) -> Vectors:
        """Return the inner products of these rows and a query, shape (len(rows),)."""
        query = self._rotate(query)
        # In blocks that fit the processor's cache: twice as fast as all rows at once.
        parts = [rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK)]
        products = [inner_products(self._stored(part), query) for part in parts]
        return np.concatenate(products) if products else np.empty(0, np.float32)

    def _stored(self, rows: Sequence[int] | Integers) -> Vectors:
        """The vectors of rows as they are searched: rotated, unless an earlier version wrote them."""
        with quantizer.one_thread():
            vectors: Vectors = self._vectors.sa_decode(self._codes.stored(rows))
        return vectors

    def _rotate(self, query: Vectors) -> Vectors:
        return quantizer.rotate(query) if self.is_rotated else query

    def nearest(self, query: Vectors, count: int, only: Filter | None) -> list[int]:
        """Return the rows of passages and titles nearest to a query, best first."""
        query = self._rotate(query)
        if self._nearest is None:
            return self._exact(query, count, self._leads(only) if only else self._all_leads)
        if only is None:
            probes = self.manifest.search.probes if count <= MIN_CANDIDATES else self._nearest.nlist
            return self._approximate(query, count, probes, None)
        ranges = self.corpus.row_ranges(only)
        if sum(end - start for start, end in ranges) <= EXACT_ROWS:
            return self._exact(query, count, self._leads(only))
        selector = _selector(_is_inside(ranges, self.manifest.vectors))
        return self._approximate(query, count, self._nearest.nlist, selector)

    def _exact(self, query: Vectors, count: int, leads: _Leads) -> list[int]:
        """The nearest of some rows to a rotated query, by comparing each."""
        if not leads.total:
            return []
        parameters = faiss.SearchParameters(sel=leads.selector)  # type: ignore[call-arg]
        with quantizer.one_thread():
            _, (rows,) = self._vectors.search(query[None], min(count, leads.total), params=parameters)
        nearest: list[int] = rows.tolist()
        return nearest

    def _approximate(
        self, query: Vectors, count: int, probes: int, selector: faiss.IDSelector | None
    ) -> list[int]:
        """The nearest of all passages and titles, or of the selected ones, in the ANN index.

        The query is rotated.
        """
        assert self._nearest is not None
        parameters = faiss.SearchParametersIVF(nprobe=probes, sel=selector)  # type: ignore[call-arg]
        _, (rows,) = self._nearest.search(query[None], count, params=parameters)
        nearest: list[int] = rows[rows >= 0].tolist()
        if len(nearest) < count and probes < self._nearest.nlist:
            return self._approximate(query, count, self._nearest.nlist, selector)
        return nearest

    @cached_property
    def _all_leads(self) -> _Leads:
        return self._leads(None)

    def _leads(self, only: Filter | None) -> _Leads:
        rows = self.corpus.leads(only)
        is_lead = np.zeros(self.manifest.vectors, bool)
        is_lead[rows] = True
        return _Leads(len(rows), _selector(is_lead))

    def empty_ann(self) -> Any:
        """Return a copy of the ANN index with its lists but without vectors."""
        assert self._nearest is not None
        empty: Any = faiss.clone_index(self._nearest)
        empty.reset()
        return empty


def _read(path: Path) -> Any:
    """Open a FAISS index; FAISS maps its codes and reads only what a search touches."""
    return faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)


class _Leads(NamedTuple):
    """The rows of passages and titles: their number, and the selector that restricts FAISS to them."""

    total: int
    selector: faiss.IDSelector


def _is_inside(ranges: Sequence[tuple[int, int]], rows: int) -> NDArray[np.bool_]:
    """Whether each row is in one of the ranges, shape (rows,)."""
    edges = np.zeros(rows + 1, np.int32)
    for step, places in zip((1, -1), np.array(ranges).T, strict=True):
        np.add.at(edges, places, step)
    inside: NDArray[np.bool_] = np.cumsum(edges[:-1]) > 0
    return inside


def _selector(rows: NDArray[np.bool_]) -> faiss.IDSelector:
    return faiss.IDSelectorBitmap(np.packbits(rows, bitorder="little"))  # type: ignore[call-arg,arg-type]
