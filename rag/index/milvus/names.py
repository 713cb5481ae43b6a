"""The names that the articles of a generation in Milvus print in two scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rag.index.milvus.client import Schema, Server
from rag.names.keys import chinese_key, foreign_key
from rag.names.known import CountedPair

PART = "names"
"""The part of a generation with the names; one without names lacks it."""
SCHEMA = Schema(
    {
        "number": int,
        **dict.fromkeys(("chinese_key", "foreign_key", "chinese", "foreign_name"), str),
        "articles": int,
        "unused": list,
    },
    ["chinese_key", "foreign_key"],
)
"""The pairs, numbered from the most frequent one."""
_BATCH = 10_000
"""Pairs per request."""


class MilvusNames:
    """The names of a generation; implements `PairSource`."""

    def __init__(self, server: Server, collection: str | None) -> None:
        self._server = server
        self._collection = collection

    def pairs_of_chinese(self, names: Sequence[str]) -> list[CountedPair]:
        """Return the pairs with one of these Chinese names, most frequent first."""
        return self._among("chinese_key", [*map(chinese_key, names)])

    def pairs_of_foreign(self, names: Sequence[str]) -> list[CountedPair]:
        """Return the pairs with one of these foreign names, most frequent first."""
        return self._among("foreign_key", [*map(foreign_key, names)])

    def _among(self, field: str, keys: Sequence[str]) -> list[CountedPair]:
        if self._collection is None:
            return []
        fields = ("number", "chinese", "foreign_name", "articles")
        found = self._server.rows(self._collection, field, keys, *fields)
        found.sort(key=lambda row: int(row["number"]))
        return [CountedPair(row["chinese"], row["foreign_name"], row["articles"]) for row in found]


def batches(pairs: Sequence[CountedPair]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the rows of pairs, most frequent first, in batches, with the name of the part."""
    rows = [
        {
            "number": number,
            "chinese_key": chinese_key(pair.chinese),
            "foreign_key": foreign_key(pair.foreign),
            "chinese": pair.chinese,
            "foreign_name": pair.foreign,
            "articles": pair.articles,
            "unused": [1.0, 0.0],
        }
        for number, pair in enumerate(pairs)
    ]
    for start in range(0, len(rows), _BATCH):
        yield PART, rows[start : start + _BATCH]
