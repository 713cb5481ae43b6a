"""Calibrate the confidence of the reader: `python -m training.calibrate_reader --data ../shared/data`.

A conditional logit (McFadden 1974) turns what the reader finds in each passage into the probability
that it is right: one of the candidates is right, or none is. It is fitted on the questions that
`reading_cases.py` asks of two archives, so that it holds for a third. The threshold is chosen on them
too. Everything goes into the metadata of the reader's file.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
from scipy.optimize import minimize
from scipy.special import logsumexp

from rag.answering.choice import choose
from rag.answering.confidence import FEATURES, ConfidenceModel, features
from rag.answering.reader import CONFIDENCE_KEY, SHIPPED, SpanReader
from training import reader_limits
from training.reading_cases import Case, cases

PENALTY = 5.0
"""The penalty on the squared weights of standardised features."""
GOALS = (0.70, 0.72, 0.75)
"""Goals: the share of right answers, and the precision and recall of the refusals."""
OTHER = 0.15
"""The odds, against no answer, from which a different answer is shown beside the best one."""


def fit(examples: Sequence[Case]) -> ConfidenceModel:
    """Return the weights with the maximum likelihood of the right candidates, or of no answer."""
    tables = [features(case.candidates, case.hits) for case in examples]
    rows = np.concatenate(tables)
    mean, spread = rows.mean(0), rows.std(0) + 1e-9

    def penalized_loss(weights: NDArray[np.float64]) -> float:
        lost = PENALTY * float(np.square(weights[:-1]).sum())
        for case, table in zip(examples, tables, strict=True):
            logits = np.append((table - mean) / spread @ weights[:-1] + weights[-1], 0.0)
            right = np.append(case.right, not any(case.right)).astype(bool)
            lost += logsumexp(logits) - logsumexp(logits[right])
        return lost

    *fitted, bias = minimize(penalized_loss, np.zeros(len(FEATURES) + 1)).x
    weights = np.array(fitted) / spread
    named = dict(zip(FEATURES, weights.round(4).tolist(), strict=True))
    return ConfidenceModel(named, bias=round(float(bias - weights @ mean), 4), other=OTHER)


def judged(model: ConfidenceModel, examples: Sequence[Case]) -> tuple[NDArray, NDArray, NDArray]:  # type: ignore[type-arg]
    """Return the confidence of each case, whether the answer is right, and whether it has one."""
    given = replace(model, threshold=0.0)
    results = [choose(c.asked.text, c.candidates, c.hits, given) for c in examples]
    is_right = [
        any(
            ok and candidate.hit is answer.hit
            for ok, candidate in zip(case.right, case.candidates, strict=True)
        )
        for case, answer in zip(examples, results, strict=True)
    ]
    answerable = [bool(case.asked.answers) for case in examples]
    return np.array([a.confidence for a in results]), np.array(is_right), np.array(answerable)


def scale(model: ConfidenceModel, examples: Sequence[Case]) -> ConfidenceModel:
    """Add the sharpness and offset that scale probabilities to frequencies (Platt 1999)."""
    confidence, is_right, _ = judged(model, examples)
    confidence = np.clip(confidence, 1e-9, 1 - 1e-9)
    logits, signs = np.log(confidence / (1 - confidence)), np.where(is_right, 1, -1)
    sharpness, offset = minimize(
        lambda numbers: np.logaddexp(0, -signs * (numbers[0] * logits + numbers[1])).sum(), [1.0, 0.0]
    ).x
    return replace(model, sharpness=round(float(sharpness), 4), offset=round(float(offset), 4))


def threshold(model: ConfidenceModel, examples: Sequence[Case]) -> float:
    """Return the threshold at which the goal that is missed most is missed least."""
    confidence, is_right, answerable = judged(model, examples)

    def worst_ratio(limit: float) -> float:
        given = confidence >= limit
        reached = (
            (given & is_right)[answerable].mean(),
            (~answerable)[~given].mean() if (~given).any() else 1.0,
            (~given)[~answerable].mean(),
        )
        return min(value / goal for value, goal in zip(reached, GOALS, strict=True))

    return round(float(max(np.arange(0.05, 0.7, 0.01), key=worst_ratio)), 2)


def calibrate(path: Path, data: Path) -> None:
    """Measure the limits of a reader, fit its confidence, and write both into its file."""
    reader_limits.write(path, data)
    examples = [case for case in cases(SpanReader(path), data, random.Random(0)) if case.candidates]
    model = scale(fit(examples), examples)
    write(path, replace(model, threshold=threshold(model, examples)))


def write(path: Path, model: ConfidenceModel) -> None:
    with safe_open(path, "numpy") as file:
        metadata = file.metadata()
    metadata[CONFIDENCE_KEY] = json.dumps(asdict(model))
    save_file(load_file(path), path, metadata)
    print(metadata[CONFIDENCE_KEY])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--reader", type=Path, default=SHIPPED)
    options = parser.parse_args()
    calibrate(options.reader, options.data)


if __name__ == "__main__":
    main()
