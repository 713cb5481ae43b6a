"""Fit the model that tells a dropped negation: `python -m training.negation`.

It learns from the documents of NTREX that the encoder is not trained on: their Chinese sentences are
passages, with the ones before and after them, and their translations are sentences written from them.
A wrong one is made by taking the negation out of a translation. The threshold strikes two hundredths
of all sentences that are right.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
from sklearn.model_selection import GroupKFold, cross_val_predict  # type: ignore[import-untyped]
from sklearn.pipeline import make_pipeline  # type: ignore[import-untyped]
from sklearn.preprocessing import StandardScaler  # type: ignore[import-untyped]

from benchmarks import sets
from rag.embedding.encoder import SentenceEncoder
from rag.writing.checks.evidence import find_clauses
from rag.writing.checks.negation import PATH, find_dropped, negation
from rag.writing.checks.polarity import split_clauses
from rag.writing.checks.words.unnegated import without_negation

_CHINESE = "zh"
_FILES = {
    "en": "eng", "fr": "fra", "de": "deu", "es": "spa", "pt": "por", "it": "ita", "ru": "rus",
    "tr": "tur", "vi": "vie", "ar": "arb", "ja": "jpn", "ko": "kor",
}  # fmt: skip
_STRUCK = 0.02
"""Share of the right sentences that may be struck."""
_FOLDS = 10
_DIGITS = 4


class Example(NamedTuple):
    """Features of sentence `number`, right or wrong."""

    number: int
    features: Sequence[float]
    is_wrong: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    news = sets.Ntrex.read(parser.parse_args().data)
    chinese, encoder = news.sentences["zho-CN"], SentenceEncoder()
    held = [all(news.held_back[at - 1 : at + 2]) for at in range(len(chinese) - 1)]
    numbers = [at for at in range(1, len(held)) if held[at]]
    found = [
        example
        for language, name in _FILES.items()
        for at in numbers
        for example in examples(
            at, news.sentences[name][at], chinese[at - 1 : at + 2], language, encoder
        )
    ]
    weights = fit(found, len(numbers) * len(_FILES))
    PATH.write_text(json.dumps(weights) + "\n", encoding="utf-8")


def examples(
    number: int, sentence: str, texts: Sequence[str], language: str, encoder: SentenceEncoder
) -> Iterator[Example]:
    """Yield the comparisons of a sentence with three of Chinese, of which it translates the second."""
    before, own, after = map(find_clauses, texts)
    clauses = [*before, *own, *after]
    vectors = encoder.encode_passages(clauses)
    parts = list(split_clauses(sentence))
    for right in find_dropped(parts, language, clauses, vectors, encoder):
        yield Example(number, right.features, is_wrong=False)
    if not any(map(negation(_CHINESE).search, own)):
        return
    for at, part in enumerate(parts):
        plain = without_negation(part, language)
        if negation(language).search(part) and not negation(language).search(plain):
            changed = [*parts[:at], plain, *parts[at + 1 :]]
            for wrong in find_dropped(changed, language, clauses, vectors, encoder):
                if wrong.part == plain:
                    yield Example(number, wrong.features, is_wrong=True)


def fit(found: Sequence[Example], sentences: int) -> dict[str, object]:
    """Return the model, and print how much it finds in documents that it has not seen."""
    features = np.array([each.features for each in found])
    wrong = np.array([each.is_wrong for each in found])
    model = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced"))
    unseen = cross_val_predict(
        model, features, wrong, groups=[each.number for each in found], cv=GroupKFold(_FOLDS),
        method="decision_function",
    )  # fmt: skip
    threshold = float(np.sort(unseen[~wrong])[-round(_STRUCK * sentences) - 1])
    struck = unseen > threshold
    print(f"{struck[wrong].mean():.2f} of {wrong.sum()} dropped negations are found")
    print(f"{struck[~wrong].sum()} of {sentences} right sentences are struck")
    scale, regression = (step for _, step in model.fit(features, wrong).steps)
    weights = regression.coef_[0] / scale.scale_
    return {
        "weights": np.round(weights, _DIGITS).tolist(),
        "bias": round(float(regression.intercept_[0] - weights @ scale.mean_), _DIGITS),
        "threshold": round(threshold, _DIGITS),
    }


if __name__ == "__main__":
    main()
