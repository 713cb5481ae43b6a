"""The names that the articles of a generation in Milvus print in two scripts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rag.index.milvus.client import Server
from rag.index.milvus.manifest import Contents
from rag.names.keys import chinese_key, foreign_key
from rag.names.known import CountedPair

PART = "names"
"""The collection of the pairs of a base; a base without pairs lacks it."""


class MilvusNames:
    """The names of a generation; implements `PairSource`."""

    def __init__(self, server: Server, contents: Contents) -> None:
        self._server = server
        self._collection = f"{contents.base}_{PART}" if PART in contents.sizes else None
        self._changed = {_key(pair): pair for pair in (CountedPair(*pair) for pair in contents.names)}

    def pairs_of_chinese(self, names: Sequence[str]) -> list[CountedPair]:
        """Return the pairs with one of these Chinese names, most frequent first."""
        keys = [*map(chinese_key, names)]
        return self._among("chinese_key", keys, [k for k in self._changed if k[0] in keys])

    def pairs_of_foreign(self, names: Sequence[str]) -> list[CountedPair]:
        """Return the pairs with one of these foreign names, most frequent first."""
        keys = [*map(foreign_key, names)]
        return self._among("foreign_key", keys, [k for k in self._changed if k[1] in keys])

    def _among(
        self, field: str, keys: Sequence[str], changed: Sequence[tuple[str, str]]
    ) -> list[CountedPair]:
        found: dict[tuple[str, str], CountedPair] = {}
        if self._collection is not None:
            fields = ("chinese", "foreign_name", "articles")
            stored = map(_pair, self._server.rows(self._collection, field, keys, *fields))
            found = {_key(pair): pair for pair in stored}
        found |= {key: self._changed[key] for key in changed}
        pairs = [pair for pair in found.values() if pair.articles]
        return sorted(pairs, key=lambda pair: (-pair.articles, *_key(pair)))


def changes(server: Server, base: Contents, pairs: Sequence[CountedPair]) -> list[tuple[str, str, int]]:
    """Return what differs from the pairs of a base; those that are gone have no articles."""
    stored: dict[tuple[str, str], CountedPair] = {}
    if PART in base.sizes:
        rows = server.scan(f"{base.base}_{PART}", "", "chinese", "foreign_name", "articles")
        stored = {_key(pair): pair for pair in map(_pair, rows)}
    gone = stored.keys() - {_key(pair) for pair in pairs}
    return [
        *((*pair,) for pair in pairs if stored.get(_key(pair)) != pair),
        *((stored[key].chinese, stored[key].foreign, 0) for key in sorted(gone)),
    ]


def rows(pairs: Sequence[CountedPair]) -> list[dict[str, Any]]:
    """Return the rows of pairs."""
    return [
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


def _pair(row: dict[str, Any]) -> CountedPair:
    return CountedPair(row["chinese"], row["foreign_name"], row["articles"])


def _key(pair: CountedPair) -> tuple[str, str]:
    return chinese_key(pair.chinese), foreign_key(pair.foreign)
