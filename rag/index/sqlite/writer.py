"""Writes the corpus of a new generation, in SQLite: articles, passages, terms and vector rows."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from rag.index.base import StoredArticle, microseconds
from rag.index.sqlite import names as name_pairs
from rag.index.sqlite import statements as sql
from rag.index.sqlite.runs import Run
from rag.names.pairs import find_names
from rag.text import terms as lexical
from rag.types import Article, Passage, Span

_DISK_ERRORS = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_IOERR: errno.EIO,
    sqlite3.SQLITE_CANTOPEN: errno.EACCES,
    sqlite3.SQLITE_READONLY: errno.EACCES,
}
_TERMS = 1 << 18
"""Distinct terms to count in memory before the counts are written to the file."""


class CorpusWriter:
    """Writes a new corpus file; articles, passages and rows are numbered from 0 in the order of adding.

    The first articles of a `previous` file, `kept` of them, stay in place, and others of it can be
    copied. Their terms stay in place; only those of removed passages are deleted. Every method raises
    `OSError` if the disk is full or cannot be written.
    """

    def __init__(self, path: Path, previous: Path | None, kept: int = 0) -> None:
        self.articles = self.passages = self.vectors = 0
        with _disk_errors(path):
            if previous:
                shutil.copyfile(previous, path)
            self._connection = sqlite3.connect(path, isolation_level=None, uri=True)
            # No journal and no sync: an unfinished generation is deleted as a whole.
            self._connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
            if previous:
                self._connection.execute("ATTACH ? AS old", [f"{previous.resolve().as_uri()}?mode=ro"])
                self._connection.execute("BEGIN")
                self._keep(kept)
            else:
                self._connection.executescript(sql.SCHEMA + name_pairs.SCHEMA)
                self._connection.execute("BEGIN")
        self._path = path
        self._key = 0
        if previous:
            ((last,),) = self._connection.execute("SELECT coalesce(max(key), -1) FROM old.passages")
            self._key = last + 1
        self._previous = previous
        self._run: Run | None = None
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

    def _keep(self, articles: int) -> None:
        """Delete all but the first articles."""
        ends = self._connection.execute(
            "SELECT end_passage, end_row FROM old.articles WHERE number = ?", [articles - 1]
        ).fetchone()
        self.articles, (self.passages, self.vectors) = articles, ends or (0, 0)
        values = {"articles": articles, "passages": self.passages, "rows": self.vectors}
        for statement in sql.TRUNCATE:
            self._connection.execute(statement, values)

    def copy(self, stored: StoredArticle) -> None:
        """Copy an article of the previous file."""
        if self._run and self._run.goes_on_with(stored):
            self._run = self._run._replace(last=stored)
        else:
            self._copy_run()
            self._run = Run(stored, stored, self.articles, self.passages, self.vectors)
        self.articles += 1
        self.passages += stored.end_passage - stored.first_passage
        self.vectors += stored.end_row - stored.first_row

    def _copy_run(self) -> None:
        """Write the articles that are copied together, if there are any."""
        run, self._run = self._run, None
        if run:
            with _disk_errors(self._path):
                for statement in sql.COPIES:
                    self._connection.execute(statement, run.values())

    def add(
        self,
        article: Article,
        digest: bytes,
        signature: bytes,
        passages: Iterable[tuple[Passage, Sequence[tuple[Span, bytes]]]],
    ) -> None:
        """Add an article with its passages, each with the spans and text digests of its vectors.

        The first vector of a passage is its own; then come its windows and, for the first passage of an
        article with a title, the title, whose span is (0, 0). `digest` identifies the content of the
        article, `signature` is its near-duplicate signature.
        """
        self._copy_run()
        first_passage, first_row = self.passages, self.vectors
        with _disk_errors(self._path):
            for passage, spans in passages:
                self._add_passage(passage, spans)
            self._connection.execute(
                "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    self.articles,
                    article.id,
                    article.title,
                    article.url,
                    article.published.isoformat() if article.published else None,
                    microseconds(article.published) if article.published else None,
                    article.source,
                    article.language,
                    self.articles,
                    first_passage,
                    self.passages,
                    first_row,
                    self.vectors,
                    digest,
                    signature,
                    article.text,
                ),
            )
            names = find_names(f"{article.title}\n{article.text}")
            self._connection.executemany(name_pairs.ADD, name_pairs.rows(self.articles, names))
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
        terms = passage_terms(passage.title, passage.text)
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

    def signatures(self) -> Iterator[tuple[bytes, str]]:
        """Yield the near-duplicate signature and the address of each article, in order."""
        self._copy_run()
        with _disk_errors(self._path):
            yield from self._connection.execute(
                "SELECT signature, url FROM main.articles ORDER BY number"
            )

    def finish(self, groups: Mapping[int, int]) -> None:
        """Complete the file. `groups` maps near-duplicates to the first article of their group."""
        self._copy_run()
        with _disk_errors(self._path):
            self._group(groups)
            self._connection.execute("DELETE FROM main.names")
            self._connection.execute(name_pairs.COUNT)
            if self._previous:
                self._remove_terms()
            self._count_terms()
            self._connection.execute("DELETE FROM frequencies WHERE passages <= 0")
            self._connection.execute("COMMIT")

    def _group(self, groups: Mapping[int, int]) -> None:
        """Store the group of each article whose group has changed."""
        stories = self._connection.execute("SELECT number, story FROM main.articles")
        changed = [
            (group, number)
            for number, story in stories
            if (group := groups.get(number, number)) != story
        ]
        self._connection.executemany("UPDATE main.articles SET story = ? WHERE number = ?", changed)

    def _count_terms(self) -> None:
        self._connection.executemany(
            "INSERT INTO frequencies VALUES (?, ?) "
            "ON CONFLICT (term) DO UPDATE SET passages = passages + excluded.passages",
            sorted(self._frequencies.items()),
        )
        self._frequencies.clear()

    def _remove_terms(self) -> None:
        """Delete the terms of passages that the new file lacks."""
        for key, title, text in self._connection.execute(sql.REMOVED).fetchall():
            terms = passage_terms(title, text)
            self._connection.execute(
                "INSERT INTO terms (terms, rowid, text) VALUES ('delete', ?, ?)", (key, " ".join(terms))
            )
            self._frequencies.subtract(set(terms))


def passage_terms(title: str, text: str) -> list[str]:
    """The terms of a passage: those of its title and its text."""
    return lexical.terms(f"{title}\n{text}")


@contextmanager
def _disk_errors(path: Path) -> Iterator[None]:
    """Turn errors of SQLite that concern the disk into `OSError`."""
    try:
        yield
    except sqlite3.OperationalError as error:
        number = _DISK_ERRORS.get(error.sqlite_errorcode & 0xFF)  # the primary code
        if number is None:
            raise
        raise OSError(number, str(error), str(path)) from error
