"""Reads the text side of a generation: articles, passages, terms and vector rows, in SQLite."""

from __future__ import annotations

import json
import sqlite3
import threading
import weakref
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.index import generations
from rag.index.corpus_writer import moment
from rag.types import Article, Filter, Passage, Reprint, Rows, Span, Stored

_ARTICLE = "a.id, a.title, a.url, a.text, a.published, a.source, a.language"


_CACHE_KIB = 1 << 15
"""Of the file, kept in memory by each that has it open."""


class Corpus:
    """Reads a finished corpus file; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        self._connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._lock = threading.Lock()
        self.close = weakref.finalize(self, self._connection.close)

    def _query(self, statement: str, *values: object) -> list[Any]:
        try:
            with self._lock:
                return self._connection.execute(statement, values).fetchall()
        except sqlite3.DatabaseError as error:
            generation = self._path.parent
            reason = f"{generation.name}/{self._path.name}: {error}"
            raise generations.damaged(generation.parent, reason) from error

    def article(self, identifier: str) -> Article | None:
        """The article with this id, if there is one."""
        found = self._query(f"SELECT {_ARTICLE} FROM articles a WHERE a.id = ?", identifier)
        return _article(found[0]) if found else None

    def stored(self) -> dict[str, Stored]:
        """Where each article is, by its id, in order."""
        found = self._query(
            "SELECT id, number, url, digest, signature, first_passage, end_passage, first_row, end_row "
            "FROM articles ORDER BY number"
        )
        return {identifier: Stored(*values) for identifier, *values in found}

    def articles(self) -> Iterator[Article]:
        """All articles, in order."""
        for identifier in self.stored():
            article = self.article(identifier)
            assert article is not None
            yield article

    def faults(self) -> list[str]:
        """What SQLite finds wrong with the structure of the file."""
        found = self._query("PRAGMA integrity_check")
        return [message for (message,) in found if message != "ok"]

    def entries(self, numbers: range) -> list[tuple[int, Reprint]]:
        """The articles with these numbers, without their texts, each with the number of its story."""
        found = self._query(
            "SELECT story, id, title, url, published, source, language FROM articles "
            "WHERE number >= ? AND number < ? ORDER BY number",
            numbers.start,
            numbers.stop,
        )
        return [(story, _reprint(columns)) for story, *columns in found]

    def vocabulary(self) -> list[tuple[str, int]]:
        """Every term, and in how many passages it occurs, in the order of terms."""
        return self._query("SELECT term, passages FROM frequencies ORDER BY term")

    def mean_length(self) -> float:
        """How many terms a passage has on average, each counted as often as it occurs."""
        self._query(
            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.occurrences USING fts5vocab (main, terms, row)"
        )
        ((mean,),) = self._query(
            "SELECT (SELECT sum(cnt) FROM temp.occurrences) * 1.0 / count(*) FROM passages"
        )
        return mean or 1.0

    def duplicates(self) -> int:
        """How many articles tell the story of an earlier one."""
        ((count,),) = self._query("SELECT count(*) FROM articles WHERE story != number")
        return int(count)

    def digests(self) -> bytes:
        """The digests of the texts of all rows, 16 bytes each, in order."""
        return b"".join(digest for (digest,) in self._query("SELECT digest FROM vectors ORDER BY row"))

    def texts(self, rows: Sequence[int]) -> list[str]:
        """What these rows, in ascending order, are the vectors of."""
        found = self._query(
            "SELECT iif(v.end, substr(a.text, p.start + v.start + 1, v.end - v.start), a.title) "
            "FROM vectors v JOIN passages p ON p.number = v.passage "
            "JOIN articles a ON a.number = p.article "
            "WHERE v.row IN (SELECT value FROM json_each(?)) ORDER BY v.row",
            json.dumps(list(rows)),
        )
        return [text for (text,) in found]

    def rows(self, near: Sequence[int] = (), passages: Sequence[int] = ()) -> list[Rows]:
        """The rows of these passages and of those that any row of `near` belongs to, in order."""
        found = self._query(
            "SELECT p.number, p.first_row, p.end_row, p.titled, a.number, a.story, a.published "
            "FROM passages p JOIN articles a ON a.number = p.article WHERE p.number IN "
            "(SELECT passage FROM vectors WHERE row IN (SELECT value FROM json_each(?)) "
            "UNION SELECT value FROM json_each(?)) ORDER BY p.number",
            json.dumps(list(near)),
            json.dumps(list(passages)),
        )
        return [Rows._make((*row, _time(published))) for *row, published in found]

    def leads(self, only: Filter | None = None) -> NDArray[np.int64]:
        """The rows of passages themselves and of titles, of articles that pass the filter, in order."""
        condition, values = _condition(only or Filter())
        passing = f"FROM passages p JOIN articles a ON a.number = p.article WHERE {condition}"
        found = self._query(
            f"SELECT p.first_row {passing} UNION ALL SELECT p.end_row - 1 {passing} AND p.titled "
            "ORDER BY 1",
            *values,
            *values,
        )
        return np.fromiter((row for (row,) in found), np.int64, len(found))

    def spans(self, rows: Sequence[int]) -> list[Span]:
        """The range of characters of its passage that each row is the vector of."""
        found = self._query(
            "SELECT row, start, end FROM vectors WHERE row IN (SELECT value FROM json_each(?))",
            json.dumps(list(rows)),
        )
        spans = {row: (start, end) for row, start, end in found}
        return [spans[row] for row in rows]

    def row_ranges(self, only: Filter) -> list[Span]:
        """The ranges of rows of the articles that pass the filter."""
        condition, values = _condition(only)
        return self._query(f"SELECT first_row, end_row FROM articles a WHERE {condition}", *values)

    @cached_property
    def languages(self) -> frozenset[str]:
        """The languages of the articles, as far as they are known."""
        found = self._query("SELECT DISTINCT language FROM articles WHERE language != 'und'")
        return frozenset(tag for (tag,) in found)

    def counts(self) -> dict[str, dict[str, int]]:
        """How many articles there are of each source, language and month ("" where it is unknown)."""
        return self._counts

    @cached_property
    def _counts(self) -> dict[str, dict[str, int]]:
        return {
            name: dict(
                self._query(
                    f"SELECT coalesce(value, ''), count FROM (SELECT {value} AS value, "
                    f"count(*) AS count FROM articles GROUP BY {value}) ORDER BY {order}"
                )
            )
            for name, value, order in (
                ("sources", "source", "2 DESC, 1"),
                ("languages", "language", "2 DESC, 1"),
                ("months", "substr(published, 1, 7)", "1"),
            )
        }

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """In how many passages each term occurs."""
        found = self._query(
            "SELECT term, passages FROM frequencies WHERE term IN (SELECT value FROM json_each(?))",
            json.dumps(list(terms)),
        )
        return {**dict.fromkeys(terms, 0), **dict(found)}

    def bm25(self, terms: Sequence[str], only: Filter | None = None) -> dict[int, float]:
        """The BM25 score of every passage that holds any of the terms and passes the filter.

        k1 is 1.2 and b 0.75 (https://www.sqlite.org/fts5.html#the_bm25_function).
        """
        if not terms:
            return {}
        statement = (
            "SELECT p.number, -bm25(terms) FROM terms JOIN passages p ON p.key = terms.rowid{} "
            "WHERE terms MATCH ? AND {}"
        )
        condition, values, articles = "TRUE", list[object](), ""
        if only:
            condition, values = _condition(only)
            articles = " JOIN articles a ON a.number = p.article"
        match = " OR ".join(f'"{term}"' for term in terms)
        return dict(self._query(statement.format(articles, condition), match, *values))

    def reprints(self, articles: Sequence[int]) -> dict[int, list[Reprint]]:
        """For each of these articles, the others of its story."""
        found = self._query(
            "SELECT a.number, b.id, b.title, b.url, b.published, b.source, b.language FROM articles a "
            "JOIN articles b ON b.story = a.story AND b.number != a.number "
            "WHERE a.number IN (SELECT value FROM json_each(?)) ORDER BY b.number",
            json.dumps(list(articles)),
        )
        reprints: dict[int, list[Reprint]] = {number: [] for number in articles}
        for number, *columns in found:
            reprints[number].append(_reprint(columns))
        return reprints

    def retold(self, most: int) -> list[list[Reprint]]:
        """The stories told by more than one article, the most told first, at most so many."""
        found = self._query(
            "SELECT a.story, a.id, a.title, a.url, a.published, a.source, a.language FROM articles a "
            "JOIN (SELECT story, count(*) AS told FROM articles GROUP BY story HAVING told > 1 "
            "ORDER BY told DESC, story LIMIT ?) s ON s.story = a.story "
            "ORDER BY s.told DESC, a.story, a.number",
            most,
        )
        stories: dict[int, list[Reprint]] = {}
        for story, *columns in found:
            stories.setdefault(story, []).append(_reprint(columns))
        return list(stories.values())

    def newest(self, count: int) -> list[int]:
        """The first passages of the newest articles, one for a story, newest first, undated last."""
        order = "moment DESC NULLS LAST, number"
        found = self._query(
            "SELECT first_passage FROM (SELECT first_passage, moment, number, row_number() OVER "
            f"(PARTITION BY story ORDER BY {order}) AS place FROM articles "
            f"WHERE end_passage > first_passage) WHERE place = 1 ORDER BY {order} LIMIT ?",
            count,
        )
        return [number for (number,) in found]

    def numbers(self, passages: Sequence[Passage]) -> dict[str, int]:
        """The numbers of these passages by their ids, as far as they are there as they are here."""
        found = self._query(
            "SELECT p.id, p.start, p.end, p.number FROM articles a JOIN passages p "
            "ON p.number >= a.first_passage AND p.number < a.end_passage "
            "WHERE a.id IN (SELECT value FROM json_each(?))",
            json.dumps([passage.article_id for passage in passages]),
        )
        known = {(passage.id, passage.start, passage.end) for passage in passages}
        return {place[0]: number for *place, number in found if tuple(place) in known}

    def passages(self, numbers: Sequence[int]) -> list[Passage]:
        """The passages with these numbers, in the order asked for."""
        found = self._query(
            f"SELECT p.number, p.id, p.start, p.end, {_ARTICLE} FROM passages p "
            "JOIN articles a ON a.number = p.article "
            "WHERE p.number IN (SELECT value FROM json_each(?))",
            json.dumps(list(numbers)),
        )
        by_number = {}
        for number, identifier, start, end, *columns in found:
            article = _article(columns)
            by_number[number] = Passage(
                id=identifier,
                article_id=article.id,
                title=article.title,
                url=article.url,
                text=article.text[start:end],
                start=start,
                end=end,
                published=article.published,
                source=article.source,
                language=article.language,
            )
        return [by_number[number] for number in numbers]


def _article(columns: Sequence[Any]) -> Article:
    identifier, title, url, text, published, source, language = columns
    return Article(
        id=identifier,
        title=title,
        url=url,
        text=text,
        published=_time(published),
        source=source,
        language=language,
    )


def _reprint(columns: Sequence[Any]) -> Reprint:
    identifier, title, url, published, source, language = columns
    return Reprint(identifier, title, url, _time(published), source, language)


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _condition(only: Filter) -> tuple[str, list[object]]:
    """The filter as a condition on `articles a`, and its values."""
    conditions = ["TRUE"]
    values: list[object] = []
    if only.source is not None:
        conditions.append("lower(a.source) = ?")
        values.append(only.source.lower())
    for sign, time in ((">=", only.since), ("<=", only.until)):
        if time is not None:
            conditions.append(f"a.moment {sign} ?")
            values.append(moment(time))
    if only.language is not None:
        conditions.append("instr(lower(a.language) || '-', ? || '-') = 1")
        values.append(only.language.lower())
    return " AND ".join(conditions), values
