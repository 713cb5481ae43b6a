"""Calibrate the confidence of the reader: `python -m training.calibrate_reader --data ../shared/data`.

A conditional logit (McFadden 1974) turns the margin of each candidate and the score of its passage into
the probability that it is right: one of the candidates is right, or none is. It is fitted on the
questions of `newsqa-dev` at even positions, on which the threshold is chosen as well. Both go into the
metadata of the reader's file. The questions at odd positions are for the report.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
from scipy.optimize import minimize
from scipy.special import logsumexp

import rag
from benchmarks import sets
from benchmarks.answers import accepted
from benchmarks.run import BUILD
from benchmarks.sets import Question
from rag.answering.confidence import ConfidenceModel, features
from rag.answering.reader import CONFIDENCE_KEY, SHIPPED, SpanReader
from rag.embedding.encoder import SentenceEncoder
from rag.types import Hit

READ = 5
"""Passages that are read, as in `Assistant.ask`."""
PENALTY = 5.0
"""The penalty on the squared weights of standardised features."""
GOALS = (0.60, 0.65, 0.65)
"""Goals: the share of right answers, and the precision and recall of the refusals."""


class Case(NamedTuple):
    """A question with its hits, the features of its candidates, and which of them are right."""

    question: Question
    hits: list[Hit]
    features: NDArray[np.float64]
    right: NDArray[np.bool_]


def cases(reader: SpanReader, data: Path) -> Iterator[Case]:
    """Ask the questions at even positions of the index that the benchmark builds."""
    chosen = sets.news(data, small=False)
    encoder = SentenceEncoder()
    folder = BUILD / f"{encoder.name}-{chosen.name}"
    rag.build(chosen.articles(), folder, encoder)
    assistant = rag.load(folder, encoder)
    for question in chosen.questions["newsqa-dev"][::2]:
        hits = assistant.search(question.text, READ)
        candidates = reader.candidates(question.text, hits)
        right = [accepted(candidate.text, question.answers) for candidate in candidates]
        yield Case(question, hits, features(candidates, hits), np.array(right, bool))


def fit(examples: list[Case]) -> ConfidenceModel:
    """Return the weights with the maximum likelihood of the right candidates, or of no answer."""
    rows = np.concatenate([case.features for case in examples])
    mean, spread = rows.mean(0), rows.std(0)

    def penalized_loss(weights: NDArray[np.float64]) -> float:
        lost = PENALTY * float(np.square(weights[:-1]).sum())
        for case in examples:
            logits = np.append((case.features - mean) / spread @ weights[:-1] + weights[-1], 0.0)
            right = np.append(case.right, not case.right.any())
            lost += logsumexp(logits) - logsumexp(logits[right])
        return lost

    *weights, bias = minimize(penalized_loss, np.zeros(rows.shape[1] + 1)).x
    weights = np.array(weights) / spread
    return ConfidenceModel(*weights.round(4).tolist(), bias=round(float(bias - weights @ mean), 4))


def scale(reader: SpanReader, examples: list[Case]) -> tuple[float, float]:
    """Return the sharpness and offset that scale probabilities to frequencies (Platt 1999)."""
    answers = [(reader.read(case.question.text, case.hits), case.question.answers) for case in examples]
    confidence = np.clip([answer.confidence for answer, _ in answers], 1e-9, 1 - 1e-9)
    was_right = np.array([accepted(answer.text, right) for answer, right in answers])
    logits = np.log(confidence / (1 - confidence))
    signs = np.where(was_right, 1, -1)
    sharpness, offset = minimize(
        lambda numbers: np.logaddexp(0, -signs * (numbers[0] * logits + numbers[1])).sum(), [1.0, 0.0]
    ).x
    return round(float(sharpness), 4), round(float(offset), 4)


def threshold(reader: SpanReader, examples: list[Case]) -> float:
    """Return the threshold at which the goal that is missed most is missed least."""
    answers = [(reader.read(case.question.text, case.hits), case.question.answers) for case in examples]
    right = [
        (answer.confidence, accepted(answer.text, strings)) for answer, strings in answers if strings
    ]

    def worst_ratio(limit: float) -> float:
        precision = [not strings for answer, strings in answers if answer.confidence < limit]
        recall = [answer.confidence < limit for answer, strings in answers if not strings]
        answered = [confidence >= limit and was_right for confidence, was_right in right]
        reached = [sum(each) / max(1, len(each)) for each in (answered, precision, recall)]
        return min(value / goal for value, goal in zip(reached, GOALS, strict=True))

    return round(float(max(np.arange(0.05, 0.6, 0.01), key=worst_ratio)), 2)


def calibrate(path: Path, data: Path) -> None:
    """Fit the confidence model of a reader's file, and write it into the file."""
    examples = list(cases(SpanReader(path), data))
    confidence = replace(fit(examples), threshold=0.0)
    write(path, confidence)
    sharpness, offset = scale(SpanReader(path), examples)
    confidence = replace(confidence, sharpness=sharpness, offset=offset)
    write(path, confidence)
    write(path, replace(confidence, threshold=threshold(SpanReader(path), examples)))


def write(path: Path, confidence: ConfidenceModel) -> None:
    """Write a confidence model into the metadata of a reader's file."""
    with safe_open(path, "numpy") as file:
        metadata = file.metadata()
    metadata[CONFIDENCE_KEY] = json.dumps(asdict(confidence))
    metadata["judged on"] = "newsqa-dev, questions at even positions"
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
