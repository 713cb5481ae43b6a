"""Reads the corpus of a generation, in SQLite: articles, passages, terms and vector rows."""

from __future__ import annotations

import json
import sqlite3
import threading
import weakref
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.index import phrases
from rag.index.base import PassageTable, StoredArticle
from rag.index.catalogue import Catalogue
from rag.index.manifest import damaged
from rag.index.sqlite import statements as sql
from rag.index.sqlite.names import SqliteNames
from rag.types import Article, Filter, Passage, Reprint, Span

_CACHE_KIB = 1 << 15
"""Memory for pages of the file, per open corpus."""


class SqliteCorpus:
    """A finished corpus file, open for reading; safe to share between threads.

    Every method raises `IndexDamaged` if SQLite cannot read the file. Beyond the interface of `Corpus`
    it has the methods that builds and uploads need.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        self._connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._lock = threading.Lock()
        self.close = weakref.finalize(self, self._connection.close)

    def _query(self, statement: str, *values: object) -> list[Any]:
        return list(self._each(statement, *values))

    def _each(self, statement: str, *values: object) -> Iterator[Any]:
        """Yield the rows of a result; the corpus is locked until the last one."""
        try:
            with self._lock:
                yield from self._connection.execute(statement, values)
        except sqlite3.DatabaseError as error:
            generation = self._path.parent
            raise damaged(
                generation.parent,
                "damage-file-unreadable",
                file=f"{generation.name}/{self._path.name}",
                cause=str(error),
            ) from error

    def article(self, identifier: str) -> Article | None:
        """Return the article with this id, None if there is none."""
        found = self._query(f"SELECT {sql.ARTICLE} FROM articles a WHERE a.id = ?", identifier)
        return sql.to_article(found[0]) if found else None

    def stored(self) -> dict[str, StoredArticle]:
        """Map the id of each article to its position, in order."""
        return {identifier: StoredArticle(*values) for identifier, *values in self._each(sql.STORED)}

    def position(self, identifier: str) -> StoredArticle | None:
        """Return the position of the article with this id, None if there is none."""
        return next(map(StoredArticle._make, self._query(sql.POSITION, identifier)), None)

    def positions_in(self, name: str) -> list[StoredArticle]:
        """Return the positions of the articles of a file or archive, in order."""
        return [*map(StoredArticle._make, self._query(sql.POSITIONS_IN, name))]

    def articles(self) -> Iterator[Article]:
        """Yield all articles, in order."""
        ((count,),) = self._query("SELECT count(*) FROM articles")
        yield from map(self.numbered, range(count))

    def numbered(self, number: int) -> Article:
        """Return the article with this number."""
        (found,) = self._query(f"SELECT {sql.ARTICLE} FROM articles a WHERE a.number = ?", number)
        return sql.to_article(found)

    def faults(self) -> list[str]:
        """Return the messages of SQLite's integrity check; none if the file is intact."""
        found = self._query("PRAGMA integrity_check")
        return [message for (message,) in found if message != "ok"]

    def entries(self, numbers: range) -> list[tuple[int, Reprint]]:
        """Return the articles with these numbers, without texts, with their near-duplicate groups."""
        found = self._query(sql.ENTRIES, numbers.start, numbers.stop)
        return [(group, sql.to_reprint(columns)) for group, *columns in found]

    def vocabulary(self) -> list[tuple[str, int]]:
        """Return every term with the number of passages that contain it, in the order of terms."""
        return self._query("SELECT term, passages FROM frequencies ORDER BY term")

    def mean_length(self) -> float:
        """Return the mean number of terms of a passage, repetitions included."""
        self._query(
            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.occurrences USING fts5vocab (main, terms, row)"
        )
        ((mean,),) = self._query(
            "SELECT (SELECT sum(cnt) FROM temp.occurrences) * 1.0 / count(*) FROM passages"
        )
        return mean or 1.0

    def duplicate_count(self) -> int:
        """Count the articles that are near-duplicates of an earlier one."""
        ((count,),) = self._query("SELECT count(*) FROM articles WHERE story != number")
        return int(count)

    def digests(self) -> bytearray:
        """Return the digests of the texts of all rows, 16 bytes each, in order."""
        digests = bytearray()
        for (digest,) in self._each("SELECT digest FROM vectors ORDER BY row"):
            digests += digest
        return digests

    def texts(self, rows: Sequence[int]) -> list[str]:
        """Return the texts that these rows encode; the rows are in ascending order."""
        return [text for (text,) in self._query(sql.TEXTS, json.dumps(list(rows)))]

    def rows(self, near: Sequence[int] = (), passages: Sequence[int] = ()) -> PassageTable:
        """Return the rows of these passages and of the owners of the rows `near`."""
        ((found,),) = self._query(sql.ROWS, json.dumps(list(near)), json.dumps(list(passages)))
        numbers = np.fromstring(found or "", np.int64, sep=" ")
        return PassageTable.of(numbers.reshape(-1, len(PassageTable._fields)))

    def leads(self, only: Filter | None = None) -> NDArray[np.int64]:
        """Return the rows of passages and titles, without windows, that pass the filter, in order."""
        condition, values = self._condition(only or Filter())
        passing = f"FROM passages p JOIN articles a ON a.number = p.article WHERE {condition}"
        found = self._each(
            f"SELECT p.first_row {passing} UNION ALL SELECT p.end_row - 1 {passing} AND p.titled "
            "ORDER BY 1",
            *values,
            *values,
        )
        return np.fromiter((row for (row,) in found), np.int64)

    def spans(self, rows: Sequence[int]) -> list[Span]:
        """Return the range of its passage that each row encodes; (0, 0) for a title."""
        found = self._query(
            "SELECT row, start, end FROM vectors WHERE row IN (SELECT value FROM json_each(?))",
            json.dumps(list(rows)),
        )
        spans = {row: (start, end) for row, start, end in found}
        return [spans[row] for row in rows]

    def row_ranges(self, only: Filter) -> list[Span]:
        """Return the ranges of rows of the articles that pass the filter."""
        condition, values = self._condition(only)
        return self._query(f"SELECT first_row, end_row FROM articles a WHERE {condition}", *values)

    @cached_property
    def languages(self) -> frozenset[str]:
        """The known languages of the articles, as BCP 47 tags."""
        found = self._query("SELECT DISTINCT language FROM articles WHERE language != 'und'")
        return frozenset(tag for (tag,) in found)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The articles as a list, without their texts."""
        return Catalogue(self._query)

    @cached_property
    def names(self) -> SqliteNames:
        """The names that its articles print in two scripts."""
        return SqliteNames(self._query)

    def counts(self) -> dict[str, dict[str, int]]:
        """Count the articles by "sources", "languages" and "months"; the key "" is for unknown ones."""
        return self.catalogue.counts

    def articles_of(self, term: str) -> list[int]:
        """Return the numbers of the articles that contain a term."""
        return [number for (number,) in self._query(sql.ARTICLES_OF, f'"{term}"')]

    def contents(self, articles: Sequence[int]) -> list[tuple[int, str, str]]:
        """Return number, title and text of these articles."""
        return self._query(sql.CONTENTS, json.dumps(list(articles)))

    def _condition(self, only: Filter) -> tuple[str, list[object]]:
        return sql.condition(only, phrases.choose(self, only))

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """Count the passages that contain each term."""
        found = self._query(
            "SELECT term, passages FROM frequencies WHERE term IN (SELECT value FROM json_each(?))",
            json.dumps(list(terms)),
        )
        return {**dict.fromkeys(terms, 0), **dict(found)}

    def bm25(self, terms: Sequence[str], only: Filter | None = None) -> dict[int, float]:
        """Return the BM25 score of each passage that contains a term and passes the filter."""
        if not terms:
            return {}
        condition, values, articles = "TRUE", list[object](), ""
        if only:
            condition, values = self._condition(only)
            articles = " JOIN articles a ON a.number = p.article"
        statement = (
            "SELECT json_group_object(number, score) FROM ("
            "SELECT p.number, -bm25(terms) AS score FROM terms JOIN passages p ON p.key = terms.rowid"
            # A limit, so that SQLite does not merge the two: bm25 cannot be aggregated.
            f"{articles} WHERE terms MATCH ? AND {condition} LIMIT -1)"
        )
        ((found,),) = self._query(statement, " OR ".join(f'"{term}"' for term in terms), *values)
        return {int(number): score for number, score in json.loads(found).items()}

    def reprints(self, articles: Sequence[int]) -> dict[int, list[Reprint]]:
        """Map each of these articles to its near-duplicates."""
        reprints: dict[int, list[Reprint]] = {number: [] for number in articles}
        for number, *columns in self._query(sql.REPRINTS, json.dumps(list(articles))):
            reprints[number].append(sql.to_reprint(columns))
        return reprints

    def newest(self, count: int) -> list[int]:
        """Return the numbers of the first passages of the newest articles, as `Corpus.newest` does."""
        return [number for (number,) in self._query(sql.NEWEST, count)]

    def at_address(self, addresses: Sequence[str]) -> list[int]:
        """Return the numbers of the passages of the articles with these addresses, in order."""
        return [number for (number,) in self._query(sql.AT_ADDRESS, json.dumps(list(addresses)))]

    def passage_numbers(self, passages: Sequence[Passage]) -> dict[str, int]:
        """Map passage id to passage number, for passages that are unchanged in this generation."""
        owners = json.dumps([passage.article_id for passage in passages])
        known = {(passage.id, passage.start, passage.end) for passage in passages}
        found = self._query(sql.PASSAGE_NUMBERS, owners)
        return {place[0]: number for *place, number in found if tuple(place) in known}

    def passages(self, numbers: Sequence[int]) -> list[Passage]:
        """Return the passages with these numbers, in this order."""
        found = self._query(sql.PASSAGES, json.dumps(list(numbers)))
        by_number = {
            number: Passage.of(sql.to_article(columns), identifier, (start, end))
            for number, identifier, start, end, *columns in found
        }
        return [by_number[number] for number in numbers]
