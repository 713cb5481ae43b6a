"""The clause without its negation shows that a sentence drops or adds one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from rag.types import Vectors
from rag.writing.checks.negation import Dropped, Model, adds_negation, find_dropped
from rag.writing.checks.words.unnegated import without_negation

NEGATED, PLAIN, OTHER = "韩国没有证实数量，", "韩国证实数量，", "东京的樱花今年开得早。"


class DrawnEncoder:
    """Gives a text the vector that was drawn for it, and any other text the last one."""

    def __init__(self, **drawn: Sequence[float]) -> None:
        self._drawn = drawn

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        vectors = [self._drawn.get(text, (0.0, 0.0, 1.0)) for text in texts]
        return np.array(vectors, np.float32)

    encode_queries = encode_passages


@pytest.mark.parametrize(
    ("language", "clause", "plain"),
    [
        ("en", "it cannot and does not work without fuel", "it can and does work with fuel"),
        ("fr", "il n’a pas été vu", "il a été vu"),
        ("de", "sie hat keine Belege", "sie hat eine Belege"),
        ("es", "nunca se usó", "se usó"),
        ("ru", "что не хотят войны", "что хотят войны"),
        ("ja", "確認できていない", "確認できている"),
        ("ko", "근거가 없다", "근거가 있다"),
        ("zh", NEGATED, PLAIN),
        ("zh", "并非无效。", "是效。"),
        ("fi", "ei ole", "ei ole"),
    ],
)
def test_without_negation_gives_the_clause_that_says_the_opposite(
    language: str, clause: str, plain: str
) -> None:
    assert without_negation(clause, language) == plain


def test_find_dropped_compares_with_the_clause_without_its_negation() -> None:
    said = "South Korea has confirmed the number"
    encoder = DrawnEncoder(**{said: (1, 0, 0), NEGATED: (0.8, 0.6, 0), PLAIN: (1, 0, 0)})
    clauses = [NEGATED, OTHER]

    (dropped,) = find_dropped([said], "en", clauses, encoder.encode_passages(clauses), encoder)  # type: ignore[arg-type]

    similarity, gain = dropped.features[:2]
    assert similarity == pytest.approx(0.8)
    assert gain == pytest.approx(0.2)


@pytest.mark.parametrize("said", ["South Korea has not confirmed the number", "so it was"])
def test_find_dropped_leaves_negated_and_short_clauses_alone(said: str) -> None:
    encoder = DrawnEncoder(**{said: (1, 0, 0), NEGATED: (0.8, 0.6, 0)})

    assert not find_dropped([said], "en", [NEGATED], encoder.encode_passages([NEGATED]), encoder)  # type: ignore[arg-type]


@pytest.mark.parametrize(("gain", "is_added"), [(0.2, True), (-0.2, False)])
def test_adds_negation_asks_what_is_nearer_without_it(gain: float, is_added: bool) -> None:
    said, plain = "South Korea has not confirmed it", "South Korea has confirmed it"
    encoder = DrawnEncoder(**{said: (1, 0, 0), PLAIN: (0.7, 0, 0.1), plain: (1 + gain, 0, 0)})
    clauses = [PLAIN, OTHER]

    added = adds_negation([said], "en", clauses, encoder.encode_passages(clauses), encoder)  # type: ignore[arg-type]

    assert added is is_added


def test_adds_negation_of_a_passage_that_is_negated_too_is_none() -> None:
    said, plain = "South Korea has not confirmed it", "South Korea has confirmed it"
    encoder = DrawnEncoder(**{said: (1, 0, 0), NEGATED: (0.7, 0, 0), plain: (1.2, 0, 0)})

    assert not adds_negation([said], "en", [NEGATED], encoder.encode_passages([NEGATED]), encoder)  # type: ignore[arg-type]


def test_model_is_sure_from_its_threshold_on() -> None:
    model = Model([2.0, 1.0], bias=-1.0, threshold=0.5)

    assert model.is_sure(Dropped("", [0.5, 0.5]))
    assert not model.is_sure(Dropped("", [0.5, 0.4]))
