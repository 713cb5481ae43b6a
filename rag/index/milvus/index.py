"""A generation in Milvus, open for searching."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np

from rag.errors import IndexMissing
from rag.index.base import inner_products
from rag.index.milvus.client import Server, rows_by_key
from rag.index.milvus.corpus import MilvusCorpus
from rag.index.milvus.manifest import Contents
from rag.types import Filter, Vectors


class MilvusIndex:
    """One generation in Milvus; implements `SearchIndex`, safe to share between threads."""

    def __init__(self, server: Server, generation: str, contents: Contents) -> None:
        self.manifest = contents.manifest
        self.corpus = MilvusCorpus(server, generation, contents)
        self.stamp = generation
        self._server = server
        self._rows = f"{generation}_rows"

    @classmethod
    def open(cls, server: Server) -> Self:
        """Open the live generation. Raises `IndexMissing`, `IndexDamaged` or `ServerUnavailable`."""
        while True:
            generation = server.live()
            try:
                return cls(server, generation, Contents.read(server, generation))
            except IndexMissing:
                if generation == server.live():
                    raise  # otherwise builds have replaced the generation meanwhile

    def nearest(self, query: Vectors, count: int, only: Filter | None) -> list[int]:
        """Return the rows of passages and titles nearest to a query, best first."""
        condition = " and ".join(["lead == true", *self.corpus.conditions(only, "passage")])
        hits = self._server.nearest(self._rows, "row", "vector", query.tolist(), count, condition)
        return [row for row, _ in hits]

    def vectors(self, rows: Sequence[int]) -> Vectors:
        """Return the vectors of these rows, shape (len(rows), dim)."""
        found = rows_by_key(self._server, self._rows, "row", rows, "vector")
        vectors = np.empty((len(rows), self.manifest.dim), np.float32)
        for place, row in enumerate(rows):
            vectors[place] = found[row]["vector"]
        return vectors

    def similarities(self, query: Vectors, rows: Sequence[int]) -> Vectors:
        """Return the inner products of these rows and a query, shape (len(rows),)."""
        return inner_products(self.vectors(rows), query)
