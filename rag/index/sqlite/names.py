"""The names that the articles of a corpus print in two scripts, in SQLite."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rag.index.catalogue import Query
from rag.names.keys import chinese_key, foreign_key
from rag.names.known import CountedPair

SCHEMA = """
CREATE TABLE printed_names (
    article INTEGER NOT NULL REFERENCES articles, chinese_key TEXT NOT NULL,
    foreign_key TEXT NOT NULL, chinese TEXT NOT NULL, foreign_name TEXT NOT NULL,
    PRIMARY KEY (article, chinese, foreign_name)
) WITHOUT ROWID;
CREATE TABLE names (
    chinese_key TEXT NOT NULL, foreign_key TEXT NOT NULL, chinese TEXT NOT NULL,
    foreign_name TEXT NOT NULL, articles INTEGER NOT NULL, PRIMARY KEY (chinese_key, foreign_key)
) WITHOUT ROWID;
CREATE INDEX names_by_foreign ON names (foreign_key);
"""
ADD = "INSERT INTO printed_names VALUES (?, ?, ?, ?, ?)"
COUNT = (
    "WITH counted AS (SELECT chinese_key, foreign_key, count(DISTINCT a.story) AS articles "
    "FROM printed_names JOIN main.articles a ON a.number = article GROUP BY chinese_key, foreign_key), "
    "spelt AS (SELECT chinese_key, foreign_key, chinese, foreign_name, row_number() OVER "
    "(PARTITION BY chinese_key, foreign_key ORDER BY count(*) DESC, "
    "foreign_name = upper(foreign_name), chinese, foreign_name) AS place "
    "FROM printed_names GROUP BY chinese_key, foreign_key, chinese, foreign_name) "
    "INSERT INTO names SELECT chinese_key, foreign_key, chinese, foreign_name, articles "
    "FROM counted JOIN spelt USING (chinese_key, foreign_key) WHERE place = 1"
)
"""Count the near-duplicate groups that print a pair, and choose its most frequent spelling.

Of equally frequent ones that in capitals comes last.
"""
_SELECT = "SELECT chinese, foreign_name, articles FROM names"
_ORDER = "ORDER BY articles DESC, chinese_key, foreign_key"


class SqliteNames:
    """The names of a corpus; implements `PairSource`. A corpus without the tables has none."""

    def __init__(self, query: Query) -> None:
        self._query = query
        found = query("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'names'")
        self._exist = bool(found)

    def all(self) -> list[CountedPair]:
        """Return all pairs, most frequent first."""
        return self._pairs("TRUE")

    def pairs_of_chinese(self, names: Sequence[str]) -> list[CountedPair]:
        """Return the pairs with one of these Chinese names, most frequent first."""
        return self._among("chinese_key", [*map(chinese_key, names)])

    def pairs_of_foreign(self, names: Sequence[str]) -> list[CountedPair]:
        """Return the pairs with one of these foreign names, most frequent first."""
        return self._among("foreign_key", [*map(foreign_key, names)])

    def _among(self, column: str, keys: Sequence[str]) -> list[CountedPair]:
        values = json.dumps(keys)
        return self._pairs(f"{column} IN (SELECT value FROM json_each(?))", values) if keys else []

    def _pairs(self, condition: str, *values: object) -> list[CountedPair]:
        if not self._exist:
            return []
        found = self._query(f"{_SELECT} WHERE {condition} {_ORDER}", *values)
        return [CountedPair(*columns) for columns in found]


def rows(article: int, names: set[tuple[str, str]]) -> list[tuple[int, str, str, str, str]]:
    """Return the rows of the names that an article prints."""
    return [
        (article, chinese_key(chinese), foreign_key(foreign), chinese, foreign)
        for chinese, foreign in sorted(names)
    ]
