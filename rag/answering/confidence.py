"""How likely each candidate is to be right: a conditional logit, and its calibration."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.answering.equivalence import agree
from rag.answering.span_scoring import Candidate
from rag.types import Hit

_MAX_LOGIT = 50.0
"""Keeps `exp` finite."""


@dataclass(frozen=True, slots=True)
class ConfidenceModel:
    """The weights of the confidence, and the thresholds from which answers are given.

    The model is a conditional logit (McFadden 1974): one of the candidates is right, or none is.
    `margin`, `score` and `gap` are the weights of the `features`. An answer needs a confidence of at
    least `threshold`, an alternative must be at least `other` times as likely as no answer. `sharpness`
    and `offset` scale a probability to its observed frequency.
    """

    margin: float = 1.0
    score: float = 0.0
    gap: float = 0.0
    bias: float = 0.0
    threshold: float = 0.5
    other: float = 0.5
    sharpness: float = 1.0
    offset: float = 0.0

    def odds(self, candidates: Sequence[Candidate], hits: Sequence[Hit]) -> NDArray[np.float64]:
        """Return the odds of each candidate against no answer, shape (n,)."""
        weights = np.array([self.margin, self.score, self.gap])
        logits = features(candidates, hits) @ weights + self.bias
        odds: NDArray[np.float64] = np.exp(np.minimum(logits, _MAX_LOGIT))
        return odds

    def calibrate(self, probability: float) -> float:
        """Scale a probability to its observed frequency (Platt scaling of its logit)."""
        probability = min(max(probability, 1e-9), 1 - 1e-9)
        logit = math.log(probability / (1 - probability))
        return 1 / (1 + math.exp(-self.sharpness * logit - self.offset))


def features(candidates: Sequence[Candidate], hits: Sequence[Hit]) -> NDArray[np.float64]:
    """Return the features of candidates, shape (n, 3).

    They are the margin, the score of the hit, and the gap between that and the score of the best hit.
    """
    best = max(hit.score for hit in hits)
    rows = [(c.margin, c.hit.score, best - c.hit.score) for c in candidates]
    return np.array(rows, np.float64).reshape(-1, 3)


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
