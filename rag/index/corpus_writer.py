"""Fills the text side of a new generation: articles, passages, terms and vector rows, in SQLite."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from rag.text import terms as lexical
from rag.types import Article, Passage, Span, Stored

_SCHEMA = """
CREATE TABLE articles (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, url TEXT NOT NULL,
    published TEXT, moment INTEGER, source TEXT NOT NULL, language TEXT NOT NULL,
    story INTEGER NOT NULL, first_passage INTEGER NOT NULL, end_passage INTEGER NOT NULL,
    first_row INTEGER NOT NULL, end_row INTEGER NOT NULL,
    digest BLOB NOT NULL, signature BLOB NOT NULL, text TEXT NOT NULL
);
CREATE INDEX articles_by_story ON articles (story);
CREATE INDEX articles_by_filter ON articles (
    lower(source), moment, language, first_row, end_row, source
);
CREATE INDEX articles_by_month ON articles (substr(published, 1, 7), source, language);
CREATE TABLE passages (
    number INTEGER PRIMARY KEY, key INTEGER NOT NULL UNIQUE, id TEXT NOT NULL,
    article INTEGER NOT NULL REFERENCES articles, start INTEGER NOT NULL, end INTEGER NOT NULL,
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
_DISK_ERRORS = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_IOERR: errno.EIO,
    sqlite3.SQLITE_CANTOPEN: errno.EACCES,
    sqlite3.SQLITE_READONLY: errno.EACCES,
}
_TERMS = 1 << 20
"""Different terms counted in memory before their numbers go into the file."""
_KEPT = (
    "INSERT INTO articles SELECT :number, id, title, url, published, moment, source, language, 0, "
    ":first_passage, :end_passage, :first_row, :end_row, digest, signature, text "
    "FROM old.articles WHERE number = :old_number",
    "INSERT INTO passages SELECT number + :first_passage - :old_passage, key, id, :number, start, end, "
    "first_row + :first_row - :old_row, end_row + :first_row - :old_row, titled "
    "FROM old.passages WHERE number >= :old_passage AND number < :old_end_passage",
    "INSERT INTO vectors SELECT row + :first_row - :old_row, "
    "passage + :first_passage - :old_passage, start, end, digest "
    "FROM old.vectors WHERE row >= :old_row AND row < :old_end_row",
)


class CorpusWriter:
    """Fills a new corpus file; everything is numbered from 0 in the order of adding.

    Of a `previous` file articles can be kept: their terms are not made again, only those of what is
    gone are taken out. The terms of a passage go by its key, which stays when its number changes.
    """

    def __init__(self, path: Path, previous: Path | None) -> None:
        with _disk_errors(path):
            if previous:
                shutil.copyfile(previous, path)
            self._connection = sqlite3.connect(path, isolation_level=None, uri=True)
            # Nothing to roll back to, nothing to sync: an unfinished generation is thrown away whole.
            self._connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
            if previous:
                self._connection.execute("ATTACH ? AS old", [f"{previous.resolve().as_uri()}?mode=ro"])
                self._connection.execute("BEGIN")
                for table in ("vectors", "passages", "articles"):
                    self._connection.execute(f"DELETE FROM main.{table}")
            else:
                self._connection.executescript(_SCHEMA)
                self._connection.execute("BEGIN")
        self._path = path
        self._key = 0
        if previous:
            ((last,),) = self._connection.execute("SELECT coalesce(max(key), -1) FROM old.passages")
            self._key = last + 1
        self._previous = previous
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
        self._connection.close()

    def keep(self, stored: Stored) -> None:
        """Add an article of the previous file as it is there."""
        end_passage = self.passages + stored.end_passage - stored.first_passage
        end_row = self.vectors + stored.end_row - stored.first_row
        values = {
            "number": self.articles,
            "first_passage": self.passages,
            "end_passage": end_passage,
            "first_row": self.vectors,
            "end_row": end_row,
            "old_number": stored.number,
            "old_passage": stored.first_passage,
            "old_end_passage": stored.end_passage,
            "old_row": stored.first_row,
            "old_end_row": stored.end_row,
        }
        with _disk_errors(self._path):
            for statement in _KEPT:
                self._connection.execute(statement, values)
        self.articles, self.passages, self.vectors = self.articles + 1, end_passage, end_row

    def add(
        self,
        article: Article,
        digest: bytes,
        signature: bytes,
        passages: Iterable[tuple[Passage, Sequence[tuple[Span, bytes]]]],
    ) -> None:
        """Add an article with its passages: the spans and digests of the vectors of each.

        The rows of a passage are its own, those of its windows and, for the first one of an article
        with a title, the title's, which has no span. `digest` tells whether the article has changed,
        `signature` which articles have nearly the same text.
        """
        first_passage, first_row = self.passages, self.vectors
        with _disk_errors(self._path):
            for passage, spans in passages:
                self._add_passage(passage, spans)
            self._connection.execute(
                "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?)",
                (
                    self.articles,
                    article.id,
                    article.title,
                    article.url,
                    article.published.isoformat() if article.published else None,
                    moment(article.published) if article.published else None,
                    article.source,
                    article.language,
                    first_passage,
                    self.passages,
                    first_row,
                    self.vectors,
                    digest,
                    signature,
                    article.text,
                ),
            )
        self.articles += 1

    def _add_passage(self, passage: Passage, spans: Sequence[tuple[Span, bytes]]) -> None:
        end_row, titled = self.vectors + len(spans), spans[-1][0] == (0, 0)
        self._connection.execute(
            "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self.passages,
                self._key,
                passage.id,
                self.articles,
                passage.start,
                passage.end,
                self.vectors,
                end_row,
                titled,
            ),
        )
        terms = _terms(passage.title, passage.text)
        self._connection.execute(
            "INSERT INTO terms (rowid, text) VALUES (?, ?)", (self._key, " ".join(terms))
        )
        self._frequencies.update(set(terms))
        if len(self._frequencies) > _TERMS:
            self._count_terms()
        self._connection.executemany(
            "INSERT INTO vectors VALUES (?, ?, ?, ?, ?)",
            [
                (row, self.passages, start, end, digest)
                for row, ((start, end), digest) in enumerate(spans, self.vectors)
            ],
        )
        self.vectors, self.passages, self._key = end_row, self.passages + 1, self._key + 1

    def finish(self, stories: Sequence[int]) -> None:
        """Complete the file: `stories` has for each article the number of its story's first one."""
        with _disk_errors(self._path):
            self._connection.executemany(
                "UPDATE main.articles SET story = ? WHERE number = ?",
                [(story, number) for number, story in enumerate(stories)],
            )
            if self._previous:
                self._remove_terms()
            self._count_terms()
            self._connection.execute("DELETE FROM frequencies WHERE passages <= 0")
            self._connection.execute("COMMIT")

    def _count_terms(self) -> None:
        self._connection.executemany(
            "INSERT INTO frequencies VALUES (?, ?) "
            "ON CONFLICT (term) DO UPDATE SET passages = passages + excluded.passages",
            sorted(self._frequencies.items()),
        )
        self._frequencies.clear()

    def _remove_terms(self) -> None:
        """Take out the terms of the passages that are gone."""
        gone = self._connection.execute(
            "SELECT p.key, a.title, substr(a.text, p.start + 1, p.end - p.start) "
            "FROM old.passages p JOIN old.articles a ON a.number = p.article "
            "WHERE p.key NOT IN (SELECT key FROM main.passages)"
        ).fetchall()
        for key, title, text in gone:
            terms = _terms(title, text)
            self._connection.execute(
                "INSERT INTO terms (terms, rowid, text) VALUES ('delete', ?, ?)", (key, " ".join(terms))
            )
            self._frequencies.subtract(set(terms))


def _terms(title: str, text: str) -> list[str]:
    return lexical.terms(f"{title}\n{text}")


@contextmanager
def _disk_errors(path: Path) -> Iterator[None]:
    """Raise `OSError` where SQLite cannot read or write the disk."""
    try:
        yield
    except sqlite3.OperationalError as error:
        number = _DISK_ERRORS.get(error.sqlite_errorcode & 0xFF)  # the primary one
        if number is None:
            raise
        raise OSError(number, str(error), str(path)) from error


def moment(time: datetime) -> int:
    """Microseconds since 1970, as times are compared in the file."""
    return (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
