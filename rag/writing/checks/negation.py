"""Whether a sentence drops or adds a negation of the passage that it retells.

The encoder tells: a clause that has lost a negation is nearer to that of the passage once its negation
is taken away too, and one that has gained a negation is nearer without it. The weights are fitted by
`training/negation.py`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import regex

from rag.protocols import Encoder
from rag.types import Vectors
from rag.writing.checks.words.opposites import (
    NEGATIONS,
    NEGATIVE_WORDS,
    SURE_NEGATION,
    WEAK_NEGATIONS,
)
from rag.writing.checks.words.unnegated import without_negation

PATH = Path(__file__).parents[2] / "models" / "negation.json"
_CHINESE = "zh"
_NEAREST = 2
"""Clauses of the passage that a clause of the sentence is compared with."""
_NEARLY = 0.05
"""Difference of similarity within which a clause is as near as the nearest one."""
_SHORTEST = {"zh": 8, "ja": 8, "ko": 8}
_SHORT = 12
"""Characters of a clause, by language, from which its meaning can be compared; of other languages."""
_LONG = 80
"""Characters from which a clause is not judged as longer."""
_ENDS = regex.compile(r"[。！？!?][”」』\"]?$")


_LEAST_GAIN, _LEAST_AHEAD = 0.02, 0.1
"""Of an added negation: how much nearer a clause is without it, and how far negated ones are behind."""


class Dropped(NamedTuple):
    """A clause that is not negated, and how it compares with a negated one of a passage."""

    part: str
    features: Sequence[float]


def adds_negation(
    parts: Sequence[str], language: str, clauses: Sequence[str], vectors: Vectors, encoder: Encoder
) -> bool:
    """Whether a clause of a sentence is negated, and is nearer to one of a passage without that.

    Arguments are those of `find_dropped`.
    """
    passage = _Clauses(clauses, vectors, encoder)
    negated = [part for part in parts if negation(language).search(part)]
    if not negated:
        return False
    plain = [without_negation(part, language) for part in negated]
    pairs = zip(encoder.encode_queries(negated), encoder.encode_queries(plain), strict=True)
    return any(passage.is_nearest_plain(*pair) for pair in pairs)


def find_dropped(
    parts: Sequence[str], language: str, clauses: Sequence[str], vectors: Vectors, encoder: Encoder
) -> list[Dropped]:
    """Return the clauses of a sentence that are not negated where those of a passage are.

    `language` is the code of ISO 639-1, `vectors` are those of the clauses, shape (len(clauses), dim).
    """
    passage = _Clauses(clauses, vectors, encoder)
    sentence_is_negated = bool(negation(language).search(" ".join(parts)))
    found = []
    least = _SHORTEST.get(language, _SHORT)
    for part, vector in zip(parts, encoder.encode_queries(parts), strict=True):
        is_compared = len(part) >= least and not negation(language).search(part)
        features = passage.negated_features(vector) if is_compared else None
        if features:
            is_negative = bool(_negative(language).search(part))
            length = min(len(part), _LONG) / _LONG
            own = [float(is_negative), float(sentence_is_negated), length]
            found.append(Dropped(part, [*features, *own]))
    return found


class _Clauses:
    """The clauses of a passage, and which of them are negated."""

    def __init__(self, clauses: Sequence[str], vectors: Vectors, encoder: Encoder) -> None:
        self._clauses = clauses
        self._vectors = vectors
        self._encoder = encoder
        self.is_negated = [bool(negation(_CHINESE).search(clause)) for clause in clauses]

    def negated_features(self, vector: Vectors) -> list[float] | None:
        """Compare the vector of a clause with the negated one that is nearest to it, if one is near.

        What counts most is by how much nearer that one is without its negation.
        """
        similar = self._vectors @ vector
        order = [int(at) for at in np.argsort(-similar, kind="stable")[:_NEAREST]]
        near = [at for at in order if similar[order[0]] - similar[at] <= _NEARLY]
        negated = next((at for at in near if self.is_negated[at]), None)
        if negated is None:
            return None
        clause = self._clauses[negated]
        plain = self._encoder.encode_passages([without_negation(clause, _CHINESE)])[0]
        return [
            float(similar[negated]),
            float(plain @ vector - similar[negated]),
            float(bool(_words(SURE_NEGATION).search(clause))),
            float(self._is_negated_around(order[0])),
        ]

    def is_nearest_plain(self, vector: Vectors, plain: Vectors) -> bool:
        """Whether the clause nearest to a negated one says the same without a negation of any kind."""
        similar = self._vectors @ vector
        nearest = int(similar.argmax())
        negated = similar[np.array(self.is_negated)].max(initial=0.0)
        return bool(
            similar[nearest] - negated >= _LEAST_AHEAD
            and self._vectors[nearest] @ plain - similar[nearest] >= _LEAST_GAIN
            and not _words(WEAK_NEGATIONS).search(self._clauses[nearest])
            and not self._is_negated_around(nearest)
        )

    def _is_negated_around(self, at: int) -> bool:
        """Whether the clause before or after one in the same sentence is negated."""
        before = at > 0 and not _ENDS.search(self._clauses[at - 1]) and self.is_negated[at - 1]
        is_last = at + 1 == len(self._clauses) or _ENDS.search(self._clauses[at])
        return bool(before or (not is_last and self.is_negated[at + 1]))


class Model:
    """A logistic regression over the features of `Dropped`, and its output from which it is sure."""

    def __init__(self, weights: Sequence[float], bias: float, threshold: float) -> None:
        self._weights = weights
        self._least = threshold - bias

    @staticmethod
    @cache
    def load() -> Model:
        """Return the model that ships with the package."""
        return Model(**json.loads(PATH.read_text(encoding="utf-8")))

    def is_sure(self, dropped: Dropped) -> bool:
        """Whether a clause has lost the negation of the passage."""
        terms = zip(self._weights, dropped.features, strict=True)
        return math.fsum(weight * value for weight, value in terms) >= self._least


@cache
def _words(words: str) -> regex.Pattern[str]:
    return regex.compile(words, regex.I)


def negation(language: str) -> regex.Pattern[str]:
    """Return a pattern of the words that negate a clause of a language."""
    return _words(NEGATIONS[language])


@cache
def _negative(language: str) -> regex.Pattern[str]:
    return _words(f"{NEGATIONS[language]}|{NEGATIVE_WORDS[language]}")
