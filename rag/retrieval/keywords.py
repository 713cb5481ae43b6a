"""Chooses the terms of a question to search for, and scores passages by them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from rag.index.base import SearchIndex
from rag.text.language import probabilities
from rag.text.terms import RUN, normal, query_terms
from rag.types import Filter

MAX_POSTINGS = 2000
"""Postings to read for a question, over all its terms; the rarest terms come first."""
_SATURATION = 1.2 + 1
"""Limit of a term's weight in BM25, for the k1 of SQLite (1.2)."""
_LIST_WORDS = 3
"""Words up to which a question is a list of names, so that its first capital marks a name."""
_SENTENCE_START = re.compile(r"(?:^|[.?!:…。？！：])[\s\"'“«„¿¡(]*$")
_DIGIT = re.compile(r"\d")


class Keywords(NamedTuple):
    """BM25 scores by passage number, and the score that no passage can exceed."""

    scores: Mapping[int, float]
    ceiling: float


NO_KEYWORDS = Keywords(MappingProxyType({}), 1.0)


def search(index: SearchIndex, question: str, only: Filter | None = None) -> Keywords:
    """Score the passages that share terms with a question and pass the filter.

    If not all articles are in the language of the question, only its names and numbers are searched:
    other words would favour articles that are. The other terms still raise the ceiling, so that a match
    of few terms counts less.
    """
    corpus, passages = index.corpus, index.manifest.passages
    frequencies = corpus.frequencies(query_terms(question))
    chosen, ceiling = plan(frequencies, passages)
    languages = {_base(tag) for tag in probabilities(question)}
    if not {_base(tag) for tag in corpus.languages} <= languages:
        shared = {name: frequencies[name] for name in names(question) if name in frequencies}
        chosen, _ = plan(shared, passages)
    return Keywords(corpus.bm25(chosen, only), ceiling)


def names(question: str) -> list[str]:
    """Return the terms of a question that a passage in another language may contain too.

    These are names, recognised by capitals, numbers, and runs of unspaced scripts, which Chinese and
    Japanese share.
    """
    question = normal(question)
    runs = list(RUN.finditer(question))
    shared = []
    for run in runs:
        word = run.group()
        is_name = word[0].isupper() and (
            len(runs) <= _LIST_WORDS or not _SENTENCE_START.search(question[: run.start()])
        )
        if run["unspaced"] or is_name or sum(map(str.isupper, word)) > 1 or _DIGIT.search(word):
            shared.append(word)
    return query_terms(" ".join(shared))


def plan(frequencies: Mapping[str, int], passages: int) -> tuple[list[str], float]:
    """Return the terms of a question to search for, and the BM25 score that no passage can exceed.

    `frequencies` maps each term to the number of the `passages` that contain it. Terms that no passage
    contains, such as words of another language, count in full: if they are most of the question, a
    chance match of the others means little.
    """
    chosen, postings, ceiling = [], 0, 0.0
    for term, count in sorted(frequencies.items(), key=lambda item: (item[1], item[0])):
        weight = math.log((passages - count + 0.5) / (count + 0.5))
        if weight <= 0:
            break  # in half of the passages or more
        ceiling += _SATURATION * weight
        postings += count
        if count and postings <= MAX_POSTINGS:
            chosen.append(term)
    return chosen, ceiling


def _base(tag: str) -> str:
    return tag.partition("-")[0]
