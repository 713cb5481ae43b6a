"""Fixtures of the embedding tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.models import make_sentence_transformer


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty user's cache for one test, and its folder for this program."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "rag"


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small BERT with mean pooling; tests only read it."""
    return make_sentence_transformer(tmp_path_factory.mktemp("small") / "model", "bert", "mean")
