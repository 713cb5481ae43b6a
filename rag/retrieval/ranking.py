"""Vectors of questions -> the passages that score best, wherever vectors and texts are kept."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from rag.index.generations import Manifest
from rag.text.date_expressions import Period
from rag.types import Article, Filter, Passage, Reprint, Rows, Span, Vectors

_NEAR, NEAR_AT_LEAST = 40, 200
"""Passages scored for each one asked for, and at any rate."""
_FAVOURED = 10
"""Of those with a bonus."""
_TIME_WEIGHT = 0.05


class Match(NamedTuple):
    """A passage by number, with its score, the row of its best window, and its article by number."""

    passage: int
    score: float
    window: int
    article: int


class Texts(Protocol):
    """The text side of an index; everything in it goes by number."""

    @property
    def languages(self) -> frozenset[str]:
        """The languages of the articles, as far as they are known."""
        ...

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """How many articles there are of each source, language and month ("" where it is unknown)."""
        ...

    def article(self, identifier: str) -> Article | None:
        """The article with this id, if there is one."""
        ...

    def numbers(self, passages: Sequence[Passage]) -> dict[str, int]:
        """The numbers of these passages by their ids, as far as they are there as they are here."""
        ...

    def newest(self, count: int) -> list[int]:
        """The first passages of the newest articles, one for a story, newest first, undated last."""
        ...

    def retold(self, most: int) -> list[list[Reprint]]:
        """The stories told by more than one article, the most told first, at most so many."""
        ...

    def rows(self, near: Sequence[int] = (), passages: Sequence[int] = ()) -> list[Rows]:
        """The rows of these passages and of those that any row of `near` belongs to, in order."""
        ...

    def passages(self, numbers: Sequence[int]) -> list[Passage]:
        """The passages with these numbers, in the order asked for."""
        ...

    def spans(self, rows: Sequence[int]) -> list[Span]:
        """The range of characters of its passage that each row is the vector of."""
        ...

    def reprints(self, articles: Sequence[int]) -> dict[int, list[Reprint]]:
        """For each of these articles, the others of its story."""
        ...

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """In how many passages each term occurs."""
        ...

    def bm25(self, terms: Sequence[str], only: Filter | None = None) -> dict[int, float]:
        """The BM25 score of every passage that holds any of the terms and passes the filter."""
        ...


class Ranking(ABC):
    """What can be searched; safe to share between threads."""

    manifest: Manifest
    corpus: Texts
    stamp: Hashable
    """Of this generation; see `Store.stamp`."""

    @abstractmethod
    def nearest(self, query: Vectors, count: int, only: Filter | None) -> list[int]:
        """The rows of the passages and titles nearest to a query, shape (dim,), that pass the filter.

        Best first; fewer than `count` only where there are no more.
        """

    @abstractmethod
    def vectors(self, rows: Sequence[int]) -> Vectors:
        """The vectors in these rows, shape (len(rows), dim)."""

    def similarities(self, query: Vectors, rows: Sequence[int]) -> Vectors:
        """How similar each of these rows is to a query, shape (dim,): shape (len(rows),)."""
        # Not `@`: the threads of BLAS would go on spinning where the next question is encoded, and
        # its rounding depends on what else is in the matrix, so that equal passages would not tie.
        similarities: Vectors = np.einsum("ij,j->i", self.vectors(rows), query)
        return similarities

    def search(
        self,
        queries: Vectors,
        k: int,
        bonuses: Sequence[Mapping[int, float]] | None = None,
        only: Filter | None = None,
        periods: Sequence[Period | None] | None = None,
    ) -> list[list[Match]]:
        """Return for each of the `queries`, shape (n, dim), its `k` best passages, best first.

        A passage scores the mean of its own similarity and that of its best window, the first one of
        an article the similarity of its title if that is more. To that comes its bonus, if `bonuses`
        have one for it, and up to 0.05 where the query has one of `periods` and the article is of that
        time; bonuses are for passages that pass the filter. Of the articles of one story only the one
        with the best passage is found. Ties are broken by passage number.

        Only the 200 nearest passages by their own vectors and titles, or 40 for each of `k`, and 10
        for each of `k` with the largest bonuses are scored: the best are nearly always among them.
        """
        results = []
        none = [None] * len(queries)
        asked = zip(queries, bonuses or [{}] * len(queries), periods or none, strict=True)
        for query, bonus, period in asked:
            favoured = sorted(bonus, key=lambda passage: (-bonus[passage], passage))[: _FAVOURED * k]
            near, matches, is_all = 0, list[Match](), False
            while len(matches) < k and not is_all:
                near = 4 * near or max(_NEAR * k, NEAR_AT_LEAST)
                rows = self.nearest(query, near, only)
                is_all = len(rows) < near
                candidates = self.corpus.rows(rows, favoured)
                matches = self._score(query, candidates, bonus, period)
            results.append(matches[:k])
        return results

    def _score(
        self,
        query: Vectors,
        candidates: Sequence[Rows],
        bonus: Mapping[int, float],
        period: Period | None,
    ) -> list[Match]:
        rows = [row for c in candidates for row in range(c.first, c.end)]
        similarity = self.similarities(query, rows)
        matches, start = [], 0
        for passage, first, end, titled, article, story, published in candidates:
            own, *others = similarity[start : start + end - first].tolist()
            title = others.pop() if titled else -1.0
            window = max(range(len(others)), key=others.__getitem__)
            score = max((own + others[window]) / 2, title) + bonus.get(passage, 0.0)
            if period and published:
                score += _TIME_WEIGHT * period.nearness(published)
            matches.append((-score, passage, first + 1 + window, article, story))
            start += end - first
        teller: dict[int, int] = {}
        return [
            Match(passage, -score, window, article)
            for score, passage, window, article, story in sorted(matches)
            if teller.setdefault(story, article) == article
        ]
