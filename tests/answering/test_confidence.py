"""Features, odds, calibration, and the pooling of equivalent answers."""

from __future__ import annotations

import numpy as np
import pytest
from support.reading import make_hit

from rag.answering.confidence import FEATURES, ConfidenceModel, features, pool_equivalent
from rag.answering.span_scoring import Candidate
from rag.types import Hit


def candidate(hit: Hit, margin: float) -> Candidate:
    return Candidate(hit, 0, len(hit.passage.text), margin)


def test_features_are_of_the_candidate_and_of_its_place_among_the_hits() -> None:
    hits = [make_hit("甲", 0.75), make_hit("乙", 0.5, "b"), make_hit("丙", 0.25, "c")]
    found = features([Candidate(hits[1], 0, 1, 2.0, answered=3.0), candidate(hits[2], -1.0)], hits)
    assert FEATURES == ("margin", "answered", "gap", "rank")
    assert found.tolist() == [[2, 3, 0.25, 1], [-1, 0, 0.5, 2]]
    assert features([], hits).shape == (0, len(FEATURES))


def test_no_feature_depends_on_the_level_of_the_scores() -> None:
    """It differs from archive to archive."""
    rows = []
    for level in (0.0, 0.25):
        hits = [make_hit("甲", 0.5 + level), make_hit("乙", 0.25 + level, "b")]
        rows.append(features([candidate(hits[0], 1), candidate(hits[1], 2)], hits).tolist())
    assert rows[0] == rows[1]


def test_odds_are_the_exponential_of_the_weighted_features_and_finite() -> None:
    hits = [make_hit("甲", 0.75), make_hit("乙", 0.5, "b")]
    model = ConfidenceModel({"margin": 0.5, "gap": -4.0}, bias=0.25)
    odds = model.odds([candidate(hits[0], 3.0), candidate(hits[1], 1.0)], hits)
    assert odds == pytest.approx(np.exp([1.5 + 0.25, 0.5 - 1 + 0.25]))
    assert np.isfinite(model.odds([candidate(hits[0], 1e6)], hits)).all()


def test_calibrate_scales_the_logit() -> None:
    assert ConfidenceModel().calibrate(0.3) == pytest.approx(0.3)
    model = ConfidenceModel(sharpness=2.0, offset=-1.0)
    assert model.calibrate(0.5) == pytest.approx(1 / (1 + np.e))
    assert model.calibrate(0.8) == pytest.approx(16 / (16 + np.e))
    for probability in (0.0, 1.0):
        assert ConfidenceModel().calibrate(probability) == pytest.approx(probability, abs=1e-8)


def test_pool_equivalent_adds_up_the_probabilities_of_the_same_answer() -> None:
    texts = ("6700个集装箱", "1000个集装箱", "六千七百个集装箱")
    candidates = [candidate(make_hit(text, name=text), 1.0) for text in texts]
    pooled = pool_equivalent(candidates, np.array([0.25, 0.125, 0.5]))
    assert pooled == [0.75, 0.125, 0.75]


def test_pool_equivalent_counts_each_candidate_for_itself() -> None:
    """Even an answer that is equivalent to nothing."""
    candidates = [candidate(make_hit("……"), 1.0), candidate(make_hit("！！", name="b"), 1.0)]
    assert pool_equivalent(candidates, np.array([0.25, 0.5]))[0] >= 0.25
