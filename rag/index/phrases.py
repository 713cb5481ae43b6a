"""Finds the articles that contain a phrase: the terms give candidates, the texts decide."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from functools import lru_cache, reduce
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rag.index.base import Corpus
from rag.text.phrases import Phrase
from rag.types import Filter

Numbers: TypeAlias = NDArray[np.int32]
"""Numbers of articles, ascending, without repetitions."""

_REMEMBERED = 64
"""Phrases, and sets of phrases, whose articles are remembered, over all open indexes."""
_POSTINGS_PER_TEXT = 200
"""Postings that are read in the time that it takes to compare the text of one article."""
_BATCH = 256
"""Articles whose texts are in memory at a time."""


class Chosen(NamedTuple):
    """Numbers of articles: those that a search is restricted to, or those that it leaves out."""

    articles: Sequence[int]
    is_inside: bool


def choose(corpus: Corpus, only: Filter) -> Chosen | None:
    """Return the articles that the phrases of a filter choose; None if it has no phrases."""
    if not (only.phrases or only.without):
        return None
    return _choose(weakref.ref(corpus), only.phrases, only.without)


def articles_with(corpus: Corpus, phrase: str) -> Numbers:
    """Return the numbers of the articles whose title or text contains a phrase."""
    return _articles_with(weakref.ref(corpus), phrase)


# A generation never changes, and the page searches several times for one question: so what was found is
# remembered. The references are weak, so that a generation can close.
@lru_cache(maxsize=_REMEMBERED)
def _choose(
    reference: weakref.ref[Corpus], phrases: tuple[str, ...], without: tuple[str, ...]
) -> Chosen:
    none = np.empty(0, np.int32)
    excluded = reduce(np.union1d, (_articles_with(reference, phrase) for phrase in without), none)
    if not phrases:
        return Chosen(excluded.tolist(), is_inside=False)
    included = reduce(np.intersect1d, [_articles_with(reference, phrase) for phrase in phrases])
    return Chosen(np.setdiff1d(included, excluded).tolist(), is_inside=True)


@lru_cache(maxsize=_REMEMBERED)
def _articles_with(reference: weakref.ref[Corpus], text: str) -> Numbers:
    corpus, phrase = reference(), Phrase(text)
    assert corpus is not None
    candidates = _candidates(corpus, phrase)
    if phrase.is_term:
        return candidates
    found = [
        number
        for start in range(0, len(candidates), _BATCH)
        for number, title, body in corpus.contents(candidates[start : start + _BATCH].tolist())
        if phrase.is_in(title) or phrase.is_in(body)
    ]
    return np.array(sorted(found), np.int32)


def _candidates(corpus: Corpus, phrase: Phrase) -> Numbers:
    """Return the articles with the terms of a phrase, in any place; frequent terms may be left out."""
    found = np.empty(0, np.int32)
    by_count = sorted(corpus.frequencies(phrase.terms).items(), key=lambda item: item[1])
    for place, (term, count) in enumerate(by_count):
        if place and count > _POSTINGS_PER_TEXT * len(found):
            break
        having = np.unique(np.array(corpus.articles_of(term) if count else (), np.int32))
        found = np.intersect1d(found, having) if place else having
    return found
