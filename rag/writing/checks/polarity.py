"""Whether a sentence says the opposite of the clauses of a passage that it retells.

Words of a clause negate it, or name one of two opposites, such as a rise and a fall. A clause of the
sentence is compared with those of the passage that are nearest to it in meaning.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import regex

from rag.types import Vectors
from rag.writing.checks.evidence import Evidence
from rag.writing.checks.negation import Model, adds_negation, find_dropped, negation
from rag.writing.checks.words.opposites import NEGATIONS, OPPOSITES

_CHINESE = "zh"
_BREAK = regex.compile(r"(?:[;；。،؛—–()（）]|(?<!\d)[,，:：、]|[,，:：、](?!\d))\s*")
_AND = regex.compile(
    r"\s(?:and|but|while|et|mais|tandis que|und|aber|während|y|pero|mientras|e|ma|mas|mentre|и|но|а|ve"
    r"|ama|và|nhưng)\s",
    regex.I,
)
_ENDS = regex.compile(r"[。！？!?][”」』\"]?$")
_LEAST_CHARACTERS = 8
_LEAST_JOINED = 20
"""Characters on both sides of an "and" that joins clauses."""
_NEAREST = 2
"""Clauses of the passage that a clause of the sentence is compared with."""
_NEARLY = 0.05
"""Difference of similarity within which a clause is as near as the nearest one."""


def is_opposite(sentence: str, language: str, evidence: Evidence) -> bool:
    """Whether a clause of a sentence says the opposite of what is nearest to it in the passages."""
    base = language.partition("-")[0]
    if base not in NEGATIONS or not evidence.clauses:
        return False
    parts = list(split_clauses(sentence))
    passage = (evidence.clauses, evidence.clause_vectors, evidence.encoder)
    dropped = find_dropped(parts, base, *passage)
    if any(map(Model.load().is_sure, dropped)) or adds_negation(parts, base, *passage):
        return True
    similar = evidence.encode_queries(parts) @ evidence.clause_vectors.T
    return any(
        _is_opposite(part, base, evidence.clauses, row)
        for part, row in zip(parts, similar, strict=True)
    )


def _is_opposite(part: str, language: str, clauses: list[str], similar: Vectors) -> bool:
    order = [int(at) for at in np.argsort(-similar, kind="stable")]
    best = similar[order[0]]
    near = [clauses[at] for at in order[:_NEAREST] if best - similar[at] <= _NEARLY]
    return _turns(part, language, near, _around(clauses, order[0]))


def split_clauses(sentence: str) -> Iterator[str]:
    """Yield the clauses of a sentence that are long enough to be compared, or the whole one."""
    parts = [each for part in _BREAK.split(sentence) for each in _joined(part.strip())]
    long = [part for part in parts if len(part) >= _LEAST_CHARACTERS]
    yield from long or [sentence]


def _joined(part: str) -> Iterator[str]:
    """Yield the clauses that a word such as "and" joins."""
    start = 0
    for match in _AND.finditer(part):
        if match.start() - start >= _LEAST_JOINED and len(part) - match.end() >= _LEAST_JOINED:
            yield part[start : match.start()]
            start = match.end()
    yield part[start:]


def _around(clauses: list[str], at: int) -> list[str]:
    """Return the clauses before and after one in the same sentence."""
    before = [clauses[at - 1]] if at and not _ENDS.search(clauses[at - 1]) else []
    after = clauses[at + 1 : at + 2] if not _ENDS.search(clauses[at]) else []
    return [*before, *after]


def _turns(part: str, language: str, near: list[str], around: list[str]) -> bool:
    """Whether a clause names one of two opposites, and the clauses near it only the other one.

    If those nearest in meaning name neither, the ones around them are asked.
    """
    for pair in OPPOSITES.values():
        said = _poles(part, language, pair[language]) if language in pair else set()
        if len(said) == 1:
            named = (_poles(clause, _CHINESE, pair[_CHINESE]) for clause in near)
            true = next(filter(None, named), set()) or _of_all(around, pair[_CHINESE])
            if true and said.isdisjoint(true):
                return True
    return False


def _of_all(clauses: list[str], words: tuple[str, str]) -> set[bool]:
    return set().union(*(_poles(clause, _CHINESE, words) for clause in clauses))


def _poles(clause: str, language: str, words: tuple[str, str]) -> set[bool]:
    """Return which of two opposites a clause names, both if it also negates: True is the first."""
    named = {at == 0 for at, each in enumerate(words) if _words(each).search(clause)}
    rest = _words("|".join(words)).sub("", clause)
    return {True, False} if named and negation(language).search(rest) else named


@cache
def _words(words: str) -> regex.Pattern[str]:
    return regex.compile(words, regex.I)
