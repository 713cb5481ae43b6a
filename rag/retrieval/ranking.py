"""Ranks the passages of an index for a question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import numpy as np

from rag.index.base import MIN_CANDIDATES, PassageTable, SearchIndex
from rag.retrieval.keywords import NO_KEYWORDS, Keywords
from rag.text.date_expressions import Period
from rag.types import Filter, Vectors

_FIRST_HITS = 10


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of the score of a passage, and the number of candidates.

    With similarities to the question, the base score of a passage is the larger of
    `window` · best window + (1 - `window`) · passage and `title` · title. Shared terms add up to
    `keyword`, and an article of the time that the question names adds up to `date`. (A convex
    combination: Bruch et al. 2023, doi:10.1145/3596512.) For each of the first ten requested hits
    `candidates` nearest passages are scored (at least `min_candidates` in all), for each further one
    `further_candidates`; and for each the `keyword_candidates` with the best keyword scores.
    """

    window: float = 0.5
    title: float = 1.0
    keyword: float = 0.15
    date: float = 0.05
    candidates: int = 40
    further_candidates: int = 15
    min_candidates: int = MIN_CANDIDATES
    keyword_candidates: int = 10

    def near(self, k: int) -> int:
        """Return the number of nearest passages that are scored for `k` hits."""
        first = min(k, _FIRST_HITS)
        near = self.candidates * first + self.further_candidates * (k - first)
        return max(near, self.min_candidates)


DEFAULT_WEIGHTS = Weights()


class Query(NamedTuple):
    """What a question is ranked by: its vector, shape (dim,), its keywords and the time it names."""

    vector: Vectors
    keywords: Keywords = NO_KEYWORDS
    period: Period | None = None


class Match(NamedTuple):
    """A passage by number, with its score, the row of its best window, and its article by number."""

    passage: int
    score: float
    window: int
    article: int


def rank(
    index: SearchIndex,
    query: Query,
    k: int,
    *,
    only: Filter | None = None,
    weights: Weights = DEFAULT_WEIGHTS,
) -> list[Match]:
    """Return the `k` best passages, best first; all if there are fewer.

    Only articles that pass the filter `only` are ranked; the keyword scores of the query are for such
    articles too. Of the articles of a near-duplicate group only the one with the best passage is
    returned. Ties are broken by passage number.
    """
    bonuses = _bonuses(query.keywords, weights)
    favoured = sorted(bonuses, key=lambda passage: (-bonuses[passage], passage))
    near, is_complete, matches = 0, False, list[Match]()
    while len(matches) < k and not is_complete:
        near = 4 * near or weights.near(k)
        rows = index.nearest(query.vector, near, only)
        is_complete = len(rows) < near
        candidates = index.corpus.rows(rows, favoured[: weights.keyword_candidates * k])
        matches = list(islice(_best(index, query, candidates, bonuses, weights), k))
    return matches


def _bonuses(keywords: Keywords, weights: Weights) -> dict[int, float]:
    return {
        passage: weights.keyword * score / keywords.ceiling
        for passage, score in keywords.scores.items()
    }


def _best(
    index: SearchIndex,
    query: Query,
    candidates: PassageTable,
    bonuses: Mapping[int, float],
    weights: Weights,
) -> Iterator[Match]:
    """Yield candidates, the best first, one article per near-duplicate group."""
    passage, first, end, titled, article, group, day = candidates
    if not len(passage):
        return
    starts = np.cumsum(end - first) - (end - first)
    rows = np.arange((end - first).sum()) + np.repeat(first - starts, end - first)
    similarities = index.similarities(query.vector, rows).astype(np.float64)
    own, windows = similarities[starts], similarities.copy()
    windows[starts] = -np.inf
    titles = np.where(titled, starts + end - first - 1, starts)
    windows[titles] = -np.inf
    best = np.maximum.reduceat(windows, starts)
    scores = (1 - weights.window) * own + weights.window * best
    scores = np.maximum(scores, np.where(titled, weights.title * similarities[titles], -1.0))
    scores += [bonuses.get(number, 0.0) for number in passage.tolist()]
    if query.period:
        scores += np.where(day, weights.date * query.period.nearness(day), 0.0)
    representatives: dict[int, int] = {}
    for n in np.lexsort((passage, -scores)).tolist():
        if representatives.setdefault(int(group[n]), int(article[n])) == article[n]:
            inside = slice(starts[n], starts[n] + end[n] - first[n])
            window = int(first[n] + windows[inside].argmax())
            yield Match(int(passage[n]), float(scores[n]), window, int(article[n]))
