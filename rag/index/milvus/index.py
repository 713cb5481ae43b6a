"""A generation in Milvus, open for searching."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np

from rag.errors import IndexMissing
from rag.index.base import Integers, inner_products
from rag.index.milvus.client import Server
from rag.index.milvus.corpus import MilvusCorpus
from rag.index.milvus.manifest import Contents
from rag.index.milvus.tables import Tables
from rag.types import Filter, Vectors


class MilvusIndex:
    """One generation in Milvus; implements `SearchIndex`, safe to share between threads."""

    def __init__(self, server: Server, generation: str, contents: Contents) -> None:
        self.contents = contents
        self.manifest = contents.manifest
        self.stamp = generation
        self._tables = Tables(server, generation, contents)
        self.corpus = MilvusCorpus(self._tables, contents)

    @classmethod
    def open(cls, server: Server) -> Self:
        """Open the live generation. Raises `IndexMissing`, `IndexDamaged` or `ServerUnavailable`."""
        while True:
            generation = server.live()
            try:
                return cls.at(server, generation)
            except IndexMissing:
                if generation == server.live():
                    raise  # otherwise builds have replaced the generation meanwhile

    @classmethod
    def at(cls, server: Server, generation: str) -> Self:
        """Open a generation, live or not. Raises what `open` raises."""
        return cls(server, generation, Contents.read(server, generation))

    def nearest(self, query: Vectors, count: int, only: Filter | None) -> list[int]:
        """Return the rows of passages and titles nearest to a query, best first."""
        conditions = ["lead == true", *self.corpus.conditions(only, "passage")]
        hits = self._tables.nearest("rows", "vector", query.tolist(), count, conditions)
        return [row for row, _ in hits]

    def vectors(self, rows: Sequence[int]) -> Vectors:
        """Return the vectors of these rows, shape (len(rows), dim)."""
        found = self._tables.get("rows", rows, "vector")
        vectors = np.empty((len(rows), self.manifest.dim), np.float32)
        for place, row in enumerate(rows):
            vectors[place] = found[row]["vector"]
        return vectors

    def similarities(self, query: Vectors, rows: Sequence[int] | Integers) -> Vectors:
        """Return the inner products of these rows and a query, shape (len(rows),)."""
        return inner_products(self.vectors(np.asarray(rows).tolist()), query)
