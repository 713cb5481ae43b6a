"""Interface between retrieval and the stores: what every index and corpus must offer."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple, Protocol, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rag.errors import RagError
from rag.index.manifest import Manifest
from rag.names.known import PairSource
from rag.reports import Failure
from rag.types import Article, Filter, Passage, Reprint, Span, Vectors

if TYPE_CHECKING:
    from rag.index.catalogue import Catalogue

Integers: TypeAlias = NDArray[np.int64]
DIGEST_BYTES = 16
"""Size of the digest of a text or an article."""
MIN_CANDIDATES = 200
"""Nearest rows that a search looks up at least; an ANN index is tuned for this number."""


class StoredArticle(NamedTuple):
    """Position of an article in a corpus: its number, its passages and the rows of their vectors."""

    number: int
    digest: bytes
    first_passage: int
    end_passage: int
    first_row: int
    end_row: int


class PassageRows(NamedTuple):
    """Rows of the vectors of a passage: its own, one per window, and the title's if `titled`.

    `article` is the number of its article, `group` that of the first near-duplicate of the article,
    `day` the day of publication as an ordinal of `datetime.date`, 0 if it is unknown.
    """

    passage: int
    first: int
    end: int
    titled: int
    article: int
    group: int
    day: int


class PassageTable(NamedTuple):
    """The rows of the vectors of passages as columns, each of shape (n,), in the order of passages.

    Not a list of `PassageRows`: the garbage collector looks through thousands of objects per question.
    """

    passage: Integers
    first: Integers
    end: Integers
    titled: Integers
    article: Integers
    group: Integers
    day: Integers

    @classmethod
    def of(cls, rows: Integers) -> Self:
        """Return the table of passages in any order, shape (n, 7)."""
        return cls(*rows[np.argsort(rows[:, 0])].T)

    def each(self) -> list[PassageRows]:
        """Return the passages one by one."""
        return [*map(PassageRows._make, np.column_stack(self).tolist())]


class Corpus(Protocol):
    """The articles and passages of an index, addressed by number; safe to share between threads."""

    @property
    def languages(self) -> frozenset[str]:
        """The known languages of the articles, as BCP 47 tags."""
        ...

    @property
    def catalogue(self) -> Catalogue:
        """Its articles as a list, without their texts."""
        ...

    @property
    def names(self) -> PairSource:
        """The names that its articles print in two scripts."""
        ...

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Count the articles by "sources", "languages" and "months"; the key "" is for unknown ones."""
        ...

    def article(self, identifier: str) -> Article | None:
        """Return the article with this id, None if there is none."""
        ...

    def passage_numbers(self, passages: Sequence[Passage]) -> dict[str, int]:
        """Map passage id to passage number, for passages that are unchanged in this generation."""
        ...

    def newest(self, count: int) -> list[int]:
        """Return the numbers of the first passages of the newest articles.

        Newest first, articles without a time last, one article of each near-duplicate group.
        """
        ...

    def at_address(self, addresses: Sequence[str]) -> list[int]:
        """Return the numbers of the passages of the articles with these addresses, in order."""
        ...

    def rows(self, near: Sequence[int] = (), passages: Sequence[int] = ()) -> PassageTable:
        """Return the rows of these passages and of the owners of the rows `near`."""
        ...

    def passages(self, numbers: Sequence[int]) -> list[Passage]:
        """Return the passages with these numbers, in this order."""
        ...

    def spans(self, rows: Sequence[int]) -> list[Span]:
        """Return the range of its passage that each row encodes; (0, 0) for a title."""
        ...

    def reprints(self, articles: Sequence[int]) -> dict[int, list[Reprint]]:
        """Map each of these articles to its near-duplicates."""
        ...

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """Count the passages that contain each term."""
        ...

    def articles_of(self, term: str) -> list[int]:
        """Return the numbers of the articles that contain a term, in any order, perhaps repeated."""
        ...

    def contents(self, articles: Sequence[int]) -> list[tuple[int, str, str]]:
        """Return number, title and text of these articles, in any order."""
        ...

    def bm25(self, terms: Sequence[str], only: Filter | None = None) -> dict[int, float]:
        """Return the BM25 score of each passage that contains a term and passes the filter.

        k1 is 1.2 and b 0.75 (https://www.sqlite.org/fts5.html#the_bm25_function).
        """
        ...


class SearchIndex(Protocol):
    """One generation of an index, open for searching; safe to share between threads."""

    @property
    def manifest(self) -> Manifest:
        """Description of the generation."""
        ...

    @property
    def corpus(self) -> Corpus:
        """Its articles and passages."""
        ...

    @property
    def stamp(self) -> Hashable:
        """Identifies the generation, as `Store.stamp` does."""
        ...

    def nearest(self, query: Vectors, count: int, only: Filter | None) -> list[int]:
        """Return the rows of passages and titles nearest to a query, best first.

        The query has shape (dim,). Only articles that pass the filter count. Returns fewer than `count`
        rows only if no more exist.
        """
        ...

    def vectors(self, rows: Sequence[int]) -> Vectors:
        """Return the vectors of these rows, shape (len(rows), dim)."""
        ...

    def similarities(self, query: Vectors, rows: Sequence[int] | Integers) -> Vectors:
        """Return the inner products of these rows and a query of shape (dim,), shape (len(rows),)."""
        ...


def inner_products(vectors: Vectors, query: Vectors) -> Vectors:
    """Return the inner product of each vector and a query, shape (len(vectors),)."""
    # Not `@`: BLAS threads would keep spinning while the next question is encoded, and its rounding
    # depends on the other rows of the matrix, so that equal passages would not tie.
    products: Vectors = np.einsum("ij,j->i", vectors, query)
    return products


def microseconds(time: datetime) -> int:
    """Return the microseconds from 1970 to a time: the form in which a corpus compares times."""
    return (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def parse_time(text: str | None) -> datetime | None:
    """Parse the time of a stored article; None if it is null or empty."""
    return datetime.fromisoformat(text) if text else None


def failure(path: str, error: RagError) -> Failure:
    """Describe an error as the failure of one part of an index."""
    return Failure(path, str(error), error.code, error.parameters)
