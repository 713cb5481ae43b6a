"""Set when the reader answers: `python -m training.calibrate_reader --data ../shared/data`.

What the network says of each candidate, and how well its passage was found, are made into probabilities
by a conditional logit (McFadden 1974) of the questions of `newsqa-dev` at even positions: one of the
candidates is right, or none is. Then the threshold is chosen that serves the same questions best. Both
go into the metadata of the reader's file; the questions at odd positions are for the report.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
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
from rag.answering.reader import SHIPPED, Judgement, SpanReader, features
from rag.embedding.encoder import SentenceEncoder
from rag.types import Hit

READ = 5
"""Passages that are read, as `Assistant.ask` does."""
PENALTY = 5.0
"""Of the squared weights of standardised features."""
GOALS = (0.60, 0.65, 0.65)
"""Questions answered rightly, precision and recall of the refusals: what must be reached."""


class Case(NamedTuple):
    """A question with the passages found, its candidates' features, and which of them are right."""

    question: Question
    hits: list[Hit]
    features: NDArray[np.float64]
    right: NDArray[np.bool_]


def cases(reader: SpanReader, data: Path) -> Iterator[Case]:
    """The questions at even positions, asked of the index that the benchmark makes."""
    chosen = sets.news(data, small=False)
    encoder = SentenceEncoder()
    folder = BUILD / f"{encoder.name}-{chosen.name}"
    rag.build(chosen.articles(), folder, encoder)
    assistant = rag.load(folder, encoder)
    for question in chosen.questions[::2]:
        hits = assistant.search(question.text, READ)
        candidates = reader.candidates(question.text, hits)
        right = [accepted(candidate.text, question.answers) for candidate in candidates]
        yield Case(question, hits, features(candidates, hits), np.array(right, bool))


def fit(asked: list[Case]) -> Judgement:
    """The weights with which the right candidates, or that there is none, are likeliest."""
    rows = np.concatenate([case.features for case in asked])
    mean, spread = rows.mean(0), rows.std(0)

    def unlikeliness(weights: NDArray[np.float64]) -> float:
        lost = PENALTY * float(np.square(weights[:-1]).sum())
        for case in asked:
            logits = np.append((case.features - mean) / spread @ weights[:-1] + weights[-1], 0.0)
            right = np.append(case.right, not case.right.any())
            lost += logsumexp(logits) - logsumexp(logits[right])
        return lost

    *weights, bias = minimize(unlikeliness, np.zeros(rows.shape[1] + 1)).x
    weights = np.array(weights) / spread
    return Judgement(*weights.round(4).tolist(), bias=round(float(bias - weights @ mean), 4))


def scale(reader: SpanReader, asked: list[Case]) -> tuple[float, float]:
    """The sharpness and offset with which probabilities are what they turn out to be (Platt 1999)."""
    answers = [(reader.read(case.question.text, case.hits), case.question.answers) for case in asked]
    confidence = np.clip([answer.confidence for answer, _ in answers], 1e-9, 1 - 1e-9)
    was_right = np.array([accepted(answer.text, right) for answer, right in answers])
    logits = np.log(confidence / (1 - confidence))
    signs = np.where(was_right, 1, -1)
    sharpness, offset = minimize(
        lambda numbers: np.logaddexp(0, -signs * (numbers[0] * logits + numbers[1])).sum(), [1.0, 0.0]
    ).x
    return round(float(sharpness), 4), round(float(offset), 4)


def threshold(reader: SpanReader, asked: list[Case]) -> float:
    """The probability from which on to answer: where the goal that is missed most is nearest."""
    answers = [(reader.read(case.question.text, case.hits), case.question.answers) for case in asked]
    right = [
        (answer.confidence, accepted(answer.text, strings)) for answer, strings in answers if strings
    ]

    def nearness(least: float) -> float:
        absent = [not strings for answer, strings in answers if answer.confidence < least]
        refused = [answer.confidence < least for answer, strings in answers if not strings]
        given = [confidence >= least and was_right for confidence, was_right in right]
        reached = [sum(each) / max(1, len(each)) for each in (given, absent, refused)]
        return min(value / goal for value, goal in zip(reached, GOALS, strict=True))

    return round(float(max(np.arange(0.05, 0.6, 0.01), key=nearness)), 2)


def calibrate(path: Path, data: Path) -> None:
    """Fit, and write what was fitted into the file."""
    asked = list(cases(SpanReader(path), data))
    judgement = fit(asked)._replace(threshold=0.0)
    write(path, judgement)
    sharpness, offset = scale(SpanReader(path), asked)
    judgement = judgement._replace(sharpness=sharpness, offset=offset)
    write(path, judgement)
    write(path, judgement._replace(threshold=threshold(SpanReader(path), asked)))


def write(path: Path, judgement: Judgement) -> None:
    """Put a judgement into the metadata of a reader's file."""
    with safe_open(path, "numpy") as file:
        about = file.metadata()
    about["judgement"] = json.dumps(judgement._asdict())
    about["judged on"] = "newsqa-dev, questions at even positions"
    save_file(load_file(path), path, about)
    print(about["judgement"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--reader", type=Path, default=SHIPPED)
    options = parser.parse_args()
    calibrate(options.reader, options.data)


if __name__ == "__main__":
    main()
