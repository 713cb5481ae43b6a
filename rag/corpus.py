"""The text side of a generation: articles, passages and vector rows in one SQLite file."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from rag.types import Article, Passage, Span

_SCHEMA = """
CREATE TABLE articles (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, url TEXT NOT NULL,
    text TEXT NOT NULL, published TEXT, source TEXT NOT NULL, language TEXT NOT NULL
);
CREATE TABLE passages (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, article INTEGER NOT NULL REFERENCES articles,
    start INTEGER NOT NULL, end INTEGER NOT NULL
);
CREATE TABLE vectors (
    row INTEGER PRIMARY KEY, passage INTEGER NOT NULL REFERENCES passages,
    start INTEGER NOT NULL, end INTEGER NOT NULL, digest BLOB NOT NULL
);
CREATE INDEX vectors_by_passage ON vectors (passage);
"""
_ARTICLE = "a.id, a.title, a.url, a.text, a.published, a.source, a.language"


class Row(NamedTuple):
    """Row `row` of the FAISS index is the vector of characters [start, end) of a passage."""

    row: int
    passage: int
    start: int
    end: int


class CorpusWriter:
    """Fills a new corpus file; everything is numbered from 0 in the order of adding."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        # Nothing to roll back to and nothing to sync: an unfinished generation is thrown away whole.
        self._connection.executescript(
            f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_SCHEMA}"
        )
        self._connection.execute("BEGIN")
        self.articles = self.passages = self.vectors = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._connection.execute("COMMIT")
        self._connection.close()

    def add(
        self, article: Article, passages: Iterable[tuple[Passage, Sequence[tuple[Span, bytes]]]]
    ) -> None:
        """Add an article with its passages, each with the spans of its vectors and their digests."""
        published = article.published.isoformat() if article.published else None
        self._connection.execute(
            "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self.articles,
                article.id,
                article.title,
                article.url,
                article.text,
                published,
                article.source,
                article.language,
            ),
        )
        for passage, spans in passages:
            self._connection.execute(
                "INSERT INTO passages VALUES (?, ?, ?, ?, ?)",
                (self.passages, passage.id, self.articles, passage.start, passage.end),
            )
            for (start, end), digest in spans:
                self._connection.execute(
                    "INSERT INTO vectors VALUES (?, ?, ?, ?, ?)",
                    (self.vectors, self.passages, start, end, digest),
                )
                self.vectors += 1
            self.passages += 1
        self.articles += 1


class Corpus:
    """Reads a finished corpus file; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        self._lock = threading.Lock()

    def close(self) -> None:
        self._connection.close()

    def _query(self, statement: str, *values: object) -> list[Any]:
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def article(self, identifier: str) -> Article | None:
        found = self._query(f"SELECT {_ARTICLE} FROM articles a WHERE a.id = ?", identifier)
        return _article(found[0]) if found else None

    def ids(self) -> set[str]:
        """The ids of all articles."""
        return {identifier for (identifier,) in self._query("SELECT id FROM articles")}

    def digests(self) -> list[bytes]:
        """The digest of the text of every row, in order."""
        return [digest for (digest,) in self._query("SELECT digest FROM vectors ORDER BY row")]

    def rows_near(self, rows: Sequence[int]) -> list[Row]:
        """All rows of the passages that any of `rows` belongs to, by passage, then by row."""
        found = self._query(
            "SELECT row, passage, start, end FROM vectors WHERE passage IN "
            "(SELECT passage FROM vectors WHERE row IN (SELECT value FROM json_each(?))) "
            "ORDER BY passage, row",
            json.dumps(list(rows)),
        )
        return [Row(*values) for values in found]

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
        published=datetime.fromisoformat(published) if published else None,
        source=source,
        language=language,
    )
