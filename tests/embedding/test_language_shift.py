"""Language bias is removed, hubs are damped, and the means belong to one model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from rag.embedding.language_shift import LanguageMeans
from rag.errors import ModelError
from rag.text import language

FAR = np.eye(1, 64, dtype=np.float32)[0]
TAGS = ["ar", "en", "ru", "uk", "zh-Hans", "zh-Hant"]


@pytest.fixture
def spaces() -> tuple[np.ndarray, np.ndarray]:
    """The bias of each language in the vectors of queries, and in those of passages."""
    rng = np.random.default_rng(0)
    queries, passages = rng.normal(scale=0.05, size=(2, len(TAGS), 64)).astype(np.float32)
    return queries, passages


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


@pytest.mark.parametrize("side", [0, 1])
def test_shift_removes_language_bias(spaces: tuple[np.ndarray, np.ndarray], side: int) -> None:
    means = LanguageMeans(TAGS, *spaces, FAR, strength=1.0, ordinary=2.0, damping=0.0)
    meaning = np.random.default_rng(1).normal(scale=0.1, size=64).astype(np.float32)
    texts = [
        "how many containers did the ship carry this year?",
        "朝鲜运送了多少集装箱？",
        "كم عدد الحاويات التي شحنتها كوريا الشمالية إلى روسيا في هذا العام؟",
    ]
    assert [set(language.probabilities(text)) & set(TAGS) for text in texts] == [
        {"en"},
        {"zh-Hans"},
        {"ar"},
    ]
    rows = [TAGS.index(tag) for tag in ("en", "zh-Hans", "ar")]
    moved = means.shift((meaning + spaces[side][rows]), texts, queries=side == 0)
    assert np.allclose(moved[0], moved[2], atol=1e-6)
    assert np.allclose(unit(moved[1]), moved[0], atol=1e-6)


def test_shift_keeps_chinese_and_unknown_languages(
    spaces: tuple[np.ndarray, np.ndarray],
) -> None:
    means = LanguageMeans(TAGS, *spaces, FAR, strength=0.5, ordinary=2.0, damping=0.0)
    vectors = unit(np.random.default_rng(2).normal(size=(4, 64))).astype(np.float32)
    texts = ["朝鲜运送了多少集装箱？", "朝鮮運送了多少？", "12:30", "คอนเทนเนอร์กี่ตู้"]
    assert np.array_equal(means.shift(vectors, texts, queries=True), vectors)


def test_shift_averages_the_means_of_possible_languages(spaces: tuple[np.ndarray, np.ndarray]) -> None:
    means = LanguageMeans(TAGS, *spaces, FAR, strength=0.5, ordinary=2.0, damping=0.0)
    vector = unit(np.random.default_rng(3).normal(size=(1, 64))).astype(np.float32)
    text = "Сколько контейнеров?"
    likely = {tag: p for tag, p in language.probabilities(text).items() if tag in TAGS}
    assert len(likely) > 1
    queries = spaces[0]
    mixed = sum(p * queries[TAGS.index(tag)] for tag, p in likely.items()) / sum(likely.values())
    expected = unit(vector - (mixed - queries[TAGS.index("zh-Hans")]) / 2)
    assert np.allclose(means.shift(vector, [text], queries=True), expected, atol=1e-6)
    assert np.allclose(np.linalg.norm(expected, axis=1), 1)


def test_find_returns_the_means_of_one_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert LanguageMeans.find("0123") is None
    rows = np.eye(2, 8, dtype=np.float16)
    about = {"model": "0123", "languages": '["en", "zh-Hans"]'}
    about |= {"strength": "0.5", "ordinary": "0.6", "damping": "2"}
    tensors = {"queries": rows, "passages": rows, "background": rows[0]}
    LanguageMeans.user_path("0123").parent.mkdir()
    save_file(tensors, LanguageMeans.user_path("0123"), metadata=about)
    found = LanguageMeans.find("0123")
    assert found is not None
    assert found.shift(np.eye(1, 8, dtype=np.float32), ["how many containers?"], queries=True)[0, 1] > 0
    assert LanguageMeans.find("4567") is None
    LanguageMeans.user_path("4567").write_bytes(b"damaged")
    with pytest.raises(
        ModelError, match=r"language-means-4567.* cannot be read .* Delete the file"
    ) as refusal:
        LanguageMeans.find("4567")
    assert refusal.value.code == "language-means-unreadable"


def test_shift_damps_a_passage_that_resembles_every_question(
    spaces: tuple[np.ndarray, np.ndarray],
) -> None:
    background = unit(np.random.default_rng(4).normal(size=64)).astype(np.float32)
    means = LanguageMeans(TAGS, *spaces, background, strength=0.5, ordinary=0.6, damping=2.0)
    vectors = unit(np.random.default_rng(5).normal(size=(2, 64)) * 0.2)
    vectors[1] = unit(vectors[1] + 2 * background)
    vectors = vectors.astype(np.float32)
    near = vectors @ background
    assert near[0] < 0.6 < near[1]
    texts = ["朝鲜运送了多少集装箱？", "二〇二四年三月六日"]
    moved = means.shift(vectors, texts, queries=False)
    assert np.allclose(moved[0], vectors[0], atol=1e-6)
    assert moved[1] @ background < near[1] - 0.1
    assert np.allclose(np.linalg.norm(moved, axis=1), 1, atol=1e-6)
    assert np.array_equal(means.shift(vectors, texts, queries=True), vectors)
