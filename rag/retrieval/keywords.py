"""Chooses the terms of a question to search for, and scores passages by them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from rag.index.base import SearchIndex
from rag.names.known import KnownNames
from rag.retrieval.question_names import LIST_WORDS, SENTENCE_START, Mention, find_mentions
from rag.text.language import probabilities
from rag.text.terms import RUN, normal, query_terms
from rag.types import Filter

MAX_POSTINGS = 2000
"""Postings to read for a question, over all its terms; the rarest terms come first."""
_SATURATION = 1.2 + 1
"""Limit of a term's weight in BM25, for the k1 of SQLite (1.2)."""
_SURE = 0.6
"""Probability from which the language of a question decides in which language names are known."""
_DIGIT = re.compile(r"\d")


class Keywords(NamedTuple):
    """BM25 scores by passage number, and the score that no passage can exceed."""

    scores: Mapping[int, float]
    ceiling: float


NO_KEYWORDS = Keywords(MappingProxyType({}), 1.0)


def search(
    index: SearchIndex,
    question: str,
    only: Filter | None = None,
    known: KnownNames | None = None,
) -> Keywords:
    """Score the passages that share terms with a question and pass the filter.

    A foreign name of the question that is `known` is also found by its Chinese forms, as one term.

    If not all articles are in the language of the question, only its names and numbers are searched:
    other words would favour articles that are. The other terms still raise the ceiling, so that a match
    of few terms counts less.
    """
    corpus, passages = index.corpus, index.manifest.passages
    frequencies = corpus.frequencies(query_terms(question))
    chosen, ceiling = plan(frequencies, passages)
    likely = probabilities(question)
    if not {_base(tag) for tag in corpus.languages} <= {_base(tag) for tag in likely}:
        shared = {name: frequencies[name] for name in names(question) if name in frequencies}
        chosen, _ = plan(shared, passages)
    found = Keywords(corpus.bm25(chosen, only), ceiling)
    if known and any(_base(tag) == "zh" for tag in corpus.languages):
        language = next((_base(tag) for tag, p in likely.items() if p > _SURE), None)
        for mention in find_mentions(question, known, language):
            found = _with_name(index, found, mention, only)
    return found


def _with_name(index: SearchIndex, found: Keywords, mention: Mention, only: Filter | None) -> Keywords:
    """Add the passages with a Chinese form of a name to those with the name as it is typed.

    A passage has the name or not: how often does not count. The forms count as much as the typed words
    may, so the ceiling stays.
    """
    typed, weight = plan(index.corpus.frequencies(mention.terms), index.manifest.passages)
    passages = {passage for name in mention.chinese for passage in _with_form(index, name, only)}
    known = index.corpus.bm25(typed, only) if passages else {}
    scores = dict(found.scores)
    for passage in passages:
        scores[passage] = scores.get(passage, 0.0) + max(0.0, weight - known.get(passage, 0.0))
    return Keywords(scores, found.ceiling)


def _with_form(index: SearchIndex, name: str, only: Filter | None) -> set[int]:
    """Return the passages with all terms of a Chinese name but those beyond `MAX_POSTINGS`."""
    frequencies = index.corpus.frequencies(query_terms(name))
    chosen, _ = plan(frequencies, index.manifest.passages)
    if not chosen or not all(frequencies.values()):
        return set()
    first, *others = (index.corpus.bm25([term], only) for term in chosen)
    return set(first).intersection(*others)


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
            len(runs) <= LIST_WORDS or not SENTENCE_START.search(question[: run.start()])
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
