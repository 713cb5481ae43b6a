"""The index folder, opened for searching: FAISS has the vectors, SQLite the rest."""

from __future__ import annotations

import math
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
from rag.index.corpus import Corpus
from rag.index.generations import Manifest
from rag.retrieval.ranking import NEAR_AT_LEAST, Ranking
from rag.types import Filter, Vectors

_FEW = 100_000
"""Rows that may pass a filter for all to be compared, where otherwise the nearest are looked up."""

_BLOCK = 512
"""Rows that are compared at a time."""


class Index(Ranking):
    """One generation of an index folder, opened for reading; safe to share between threads."""

    corpus: Corpus

    def __init__(
        self,
        path: Path,
        manifest: Manifest,
        corpus: Corpus,
        vectors: faiss.IndexScalarQuantizer,
        nearest: faiss.IndexIVF | None = None,
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
        self._nearest = nearest
        # As FAISS would decode them, but without its threads, which get in the way of the encoder's.
        shape = manifest.vectors, manifest.dim
        start = (path / generations.VECTORS).stat().st_size - 2 * math.prod(shape)
        self._halves = Table(path / generations.VECTORS, start, np.dtype("<f2"), shape)

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
        vectors = _read(generation / generations.VECTORS)
        nearest = _read(generation / generations.NEAREST) if manifest.search.nearest else None
        corpus = Corpus(generation / generations.CORPUS)
        return cls(generation, manifest, corpus, vectors, nearest, stamp)

    def vectors(self, rows: Sequence[int] | NDArray[np.int64]) -> Vectors:
        """The vectors in these rows, shape (len(rows), dim)."""
        return self._halves[rows]

    def similarities(self, query: Vectors, rows: Sequence[int]) -> Vectors:
        # All at once takes twice as long: they do not stay in the processor's cache.
        parts = [rows[at : at + _BLOCK] for at in range(0, len(rows), _BLOCK)]
        found = [super(Index, self).similarities(query, part) for part in parts]
        return np.concatenate(found) if found else np.empty(0, np.float32)

    def close(self) -> None:
        self.corpus.close()

    def nearest(self, query: Vectors, count: int, only: Filter | None) -> list[int]:
        if self._nearest is None:
            return self._compared(query, count, self._within(only) if only else self._all)
        if only is None:
            probes = self.manifest.search.probes if count <= NEAR_AT_LEAST else self._nearest.nlist
            return self._looked_up(query, count, probes, None)
        ranges = self.corpus.row_ranges(only)
        if sum(end - start for start, end in ranges) <= _FEW:
            return self._compared(query, count, self._within(only))
        edges = np.zeros(self.manifest.vectors + 1, np.int32)
        for sign, places in zip((1, -1), np.array(ranges).T, strict=True):
            np.add.at(edges, places, sign)
        selector = _selector(np.cumsum(edges[:-1]) > 0)
        return self._looked_up(query, count, self._nearest.nlist, selector)

    def _compared(self, query: Vectors, count: int, leads: _Leads) -> list[int]:
        """The nearest of some rows, from a look at all of them."""
        if not leads.total:
            return []
        parameters = faiss.SearchParameters(sel=leads.selector)  # type: ignore[call-arg]
        _, (rows,) = self._vectors.search(query[None], min(count, leads.total), params=parameters)
        found: list[int] = rows.tolist()
        return found

    def _looked_up(
        self, query: Vectors, count: int, probes: int, selector: faiss.IDSelector | None
    ) -> list[int]:
        """The nearest of all passages and titles, or of those selected, in the likeliest lists."""
        assert self._nearest is not None
        parameters = faiss.SearchParametersIVF(nprobe=probes, sel=selector)  # type: ignore[call-arg]
        _, (rows,) = self._nearest.search(query[None], count, params=parameters)
        found: list[int] = rows[rows >= 0].tolist()
        if len(found) < count and probes < self._nearest.nlist:
            return self._looked_up(query, count, self._nearest.nlist, selector)
        return found

    @cached_property
    def _all(self) -> _Leads:
        return self._within(None)

    def _within(self, only: Filter | None) -> _Leads:
        """The rows of the passages and titles that pass the filter."""
        rows = self.corpus.leads(only)
        is_lead = np.zeros(self.manifest.vectors, bool)
        is_lead[rows] = True
        return _Leads(len(rows), _selector(is_lead))

    def emptied(self) -> Any:
        """What finds the nearest, with its lists, and nothing in them."""
        assert self._nearest is not None
        empty: Any = faiss.clone_index(self._nearest)
        empty.reset()
        return empty


def _read(path: Path) -> Any:
    """An index of FAISS, of which only what is searched is read from the disk."""
    return faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)


class _Leads(NamedTuple):
    """How many rows of passages and titles there are, and what tells FAISS to look at no others."""

    total: int
    selector: faiss.IDSelector


def _selector(rows: NDArray[np.bool_]) -> faiss.IDSelector:
    return faiss.IDSelectorBitmap(np.packbits(rows, bitorder="little"))  # type: ignore[call-arg,arg-type]
