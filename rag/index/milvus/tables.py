"""Reads the rows of one generation, and turns the keys in them into numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rag.errors import IndexDamaged, IndexMissing
from rag.index.milvus.client import Server, rows_by_key
from rag.index.milvus.manifest import Contents
from rag.index.milvus.numbering import ABSENT, Numbering

KEYS = {"articles": "number", "passages": "number", "rows": "row"}
"""The field of each collection that is its key."""
_KINDS = {
    "articles": {"number": "articles", "story": "articles"},
    "passages": {
        "number": "passages",
        "article": "articles",
        "story": "articles",
        "first_row": "rows",
        "end_row": "rows",
    },
    "rows": {"row": "rows", "passage": "passages"},
}
"""The fields of each collection that are keys, and those of which collection."""


class Tables:
    """The collections of a generation, as it sees them; safe to share between threads.

    Whatever goes in or comes out has the numbers of the generation; its rows alone come out.
    """

    def __init__(self, server: Server, generation: str, contents: Contents) -> None:
        self.server = server
        self._generation = generation
        self._contents = contents
        self._numberings = {part: Numbering(runs) for part, runs in contents.runs.items()}

    def numbering(self, part: str) -> Numbering:
        """Return the numbers of the rows of a collection."""
        return self._numberings[part]

    def find(self, part: str, field: str, values: Sequence[Any], *fields: str) -> list[dict[str, Any]]:
        """Return these fields of all rows whose `field` is one of the values, in any order."""
        if kind := _KINDS[part].get(field):
            values = self._numberings[kind].keys(values)
        own = KEYS[part]
        found = self.server.rows(self._collection(part), field, values, *{own, *fields})
        self._renumber(part, found)
        return [row for row in found if row[own] != ABSENT]

    def get(self, part: str, numbers: Sequence[int], *fields: str) -> dict[int, dict[str, Any]]:
        """Return these fields of the rows with these numbers.

        Raises `IndexDamaged` if a row is missing, or `IndexMissing` if later builds have deleted it.
        """
        distinct = list(dict.fromkeys(numbers))
        keys = self._numberings[part].keys(distinct)
        try:
            found = rows_by_key(self.server, self._collection(part), KEYS[part], keys, *fields)
        except IndexDamaged:
            if self._generation not in self.server.parts():
                raise IndexMissing("index-missing", location=str(self.server.address)) from None
            raise
        rows = [found[key] for key in keys]
        self._renumber(part, rows)
        return dict(zip(distinct, rows, strict=True))

    def nearest(
        self, part: str, field: str, query: Any, count: int, conditions: Sequence[str]
    ) -> list[tuple[int, float]]:
        """Return the numbers of the rows with the largest inner product, best first, with it."""
        condition = " and ".join(filter(None, [*conditions, self._contents.condition(part)]))
        collection, key = self._collection(part), KEYS[part]
        hits = self.server.nearest(collection, key, field, query, count, condition)
        numbers = self._numberings[part].numbers([key for key, _ in hits])
        return [
            (number, product)
            for number, (_, product) in zip(numbers, hits, strict=True)
            if number != ABSENT
        ]

    def _collection(self, part: str) -> str:
        return f"{self._contents.base}_{part}"

    def _renumber(self, part: str, rows: Sequence[dict[str, Any]]) -> None:
        """Replace the keys in rows by numbers."""
        for field, kind in _KINDS[part].items():
            if rows and field in rows[0]:
                last = field.startswith("end_")  # the key after the last one
                numbers = self._numberings[kind].numbers([row[field] - last for row in rows])
                for row, number in zip(rows, numbers, strict=True):
                    row[field] = number + last
