"""How likely each candidate is to be right: a conditional logit, and its calibration."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rag.answering.equivalence import agree
from rag.answering.span_scoring import Candidate
from rag.types import Hit

FEATURES = ("margin", "answered", "gap", "rank")
"""The names of the columns of `features`."""
_MAX_LOGIT = 50.0
"""Keeps `exp` finite."""


@dataclass(frozen=True, slots=True)
class ConfidenceModel:
    """The weights of the confidence, and the thresholds from which answers are given.

    The model is a conditional logit (McFadden 1974): one of the candidates is right, or none is.
    `weights` are those of the `features`, by name. An answer needs a confidence of at least
    `threshold`, an alternative must be at least `other` times as likely as no answer. `sharpness` and
    `offset` scale a probability to its observed frequency.
    """

    weights: Mapping[str, float] = field(default_factory=lambda: {"margin": 1.0})
    bias: float = 0.0
    threshold: float = 0.5
    other: float = 0.5
    sharpness: float = 1.0
    offset: float = 0.0

    def odds(self, candidates: Sequence[Candidate], hits: Sequence[Hit]) -> NDArray[np.float64]:
        """Return the odds of each candidate against no answer, shape (n,)."""
        weights = np.array([self.weights.get(name, 0.0) for name in FEATURES])
        logits = features(candidates, hits) @ weights + self.bias
        odds: NDArray[np.float64] = np.exp(np.minimum(logits, _MAX_LOGIT))
        return odds

    def calibrate(self, probability: float) -> float:
        """Scale a probability to its observed frequency (Platt scaling of its logit)."""
        probability = min(max(probability, 1e-9), 1 - 1e-9)
        logit = math.log(probability / (1 - probability))
        return 1 / (1 + math.exp(-self.sharpness * logit - self.offset))


def features(candidates: Sequence[Candidate], hits: Sequence[Hit]) -> NDArray[np.float64]:
    """Return the features of candidates, shape (n, 4).

    They are what the network says of the candidate, how far its hit is behind the best one, and the
    number of hits before it. None of them is an absolute similarity, which differs from archive to
    archive.
    """
    best = max((hit.score for hit in hits), default=0.0)
    rank = {hit.passage.id: number for number, hit in enumerate(hits)}
    rows = [(c.margin, c.answered, best - c.hit.score, rank[c.hit.passage.id]) for c in candidates]
    return np.array(rows, np.float64).reshape(-1, len(FEATURES))


def pool_equivalent(candidates: Sequence[Candidate], probabilities: NDArray[np.float64]) -> list[float]:
    """Return for each candidate the summed probability of all that give the same answer."""
    return [
        sum(
            probability
            for other, probability in zip(candidates, probabilities, strict=True)
            if other is candidate or agree(other.text, candidate.text)
        )
        for candidate in candidates
    ]
