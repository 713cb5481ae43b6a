"""Fills the text side of a new generation: articles, passages, terms and vector rows, in SQLite."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from rag.types import Article, Passage, Span

_SCHEMA = """
CREATE TABLE articles (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, url TEXT NOT NULL,
    published TEXT, moment INTEGER, source TEXT NOT NULL, language TEXT NOT NULL,
    story INTEGER NOT NULL, first_row INTEGER NOT NULL, end_row INTEGER NOT NULL,
    signature BLOB NOT NULL, text TEXT NOT NULL
);
CREATE INDEX articles_by_story ON articles (story);
CREATE TABLE passages (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, article INTEGER NOT NULL REFERENCES articles,
    start INTEGER NOT NULL, end INTEGER NOT NULL,
    first_row INTEGER NOT NULL, end_row INTEGER NOT NULL, titled INTEGER NOT NULL
);
CREATE TABLE vectors (
    row INTEGER PRIMARY KEY, passage INTEGER NOT NULL REFERENCES passages,
    start INTEGER NOT NULL, end INTEGER NOT NULL, digest BLOB NOT NULL
);
CREATE INDEX vectors_by_passage ON vectors (passage);
CREATE VIRTUAL TABLE terms USING fts5 (text, content = '', tokenize = 'ascii');
CREATE TABLE frequencies (term TEXT PRIMARY KEY, passages INTEGER NOT NULL) WITHOUT ROWID;
"""


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
        self._frequencies: Counter[str] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._connection.executemany(
                "INSERT INTO frequencies VALUES (?, ?)", sorted(self._frequencies.items())
            )
            self._connection.execute("COMMIT")
        self._connection.close()

    def add(
        self,
        article: Article,
        story: int,
        signature: bytes,
        passages: Iterable[tuple[Passage, Sequence[str], Sequence[tuple[Span, bytes]]]],
    ) -> None:
        """Add an article with its passages: the terms of each, the spans and digests of its vectors.

        The rows of a passage are its own, those of its windows and, for the first one of an article
        with a title, the title's, which has no span. `story` is the number of the first article
        with nearly the same text, its own if it is that; `signature` is what told so.
        """
        first_row = self.vectors
        for passage, terms, spans in passages:
            end_row, titled = self.vectors + len(spans), spans[-1][0] == (0, 0)
            self._connection.execute(
                "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    self.passages,
                    passage.id,
                    self.articles,
                    passage.start,
                    passage.end,
                    self.vectors,
                    end_row,
                    titled,
                ),
            )
            self._connection.execute(
                "INSERT INTO terms (rowid, text) VALUES (?, ?)", (self.passages, " ".join(terms))
            )
            self._frequencies.update(set(terms))
            for (start, end), digest in spans:
                self._connection.execute(
                    "INSERT INTO vectors VALUES (?, ?, ?, ?, ?)",
                    (self.vectors, self.passages, start, end, digest),
                )
                self.vectors += 1
            self.passages += 1
        self._connection.execute(
            "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self.articles,
                article.id,
                article.title,
                article.url,
                article.published.isoformat() if article.published else None,
                moment(article.published) if article.published else None,
                article.source,
                article.language,
                story,
                first_row,
                self.vectors,
                signature,
                article.text,
            ),
        )
        self.articles += 1


def moment(time: datetime) -> int:
    """Microseconds since 1970, as times are compared in the file."""
    return (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
