"""Weights in safetensors files: which are mapped, which are refused, how deltas are added."""

from __future__ import annotations

import mmap
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from rag.embedding.bert_weights import add_deltas, read_weights, release_pages

WORDS = "embeddings.word_embeddings.weight"


def test_read_weights_separates_the_word_embeddings(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    words, bias = rng.normal(size=(5, 4)).astype(np.float16), rng.normal(size=3).astype(np.float32)
    save_file({"bias": bias, WORDS: words}, tmp_path / "weights", {"format": "pt"})
    table, weights = read_weights(tmp_path / "weights")
    assert table.shape == (5, 4)
    assert np.array_equal(table[[3, 0, 3]], words[[3, 0, 3]].astype(np.float32))
    assert list(weights) == ["bias"]
    assert np.array_equal(weights["bias"], bias)


def test_read_weights_refuses_another_dtype_and_missing_word_embeddings(tmp_path: Path) -> None:
    save_file({WORDS: np.zeros((2, 2), np.float64)}, tmp_path / "double")
    with pytest.raises(ValueError, match="has the dtype F64"):
        read_weights(tmp_path / "double")
    save_file({"bias": np.zeros(2, np.float32)}, tmp_path / "bare")
    with pytest.raises(ValueError, match=f"bare has no {WORDS}"):
        read_weights(tmp_path / "bare")
    with pytest.raises(FileNotFoundError):
        read_weights(tmp_path / "missing")


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells what is resident")
def test_release_pages_frees_memory_and_keeps_the_values(tmp_path: Path) -> None:
    matrix = np.random.default_rng(0).normal(size=(2000, 2000)).astype(np.float32)
    save_file({"matrix": matrix, WORDS: matrix[:2]}, tmp_path / "weights")
    _, weights = read_weights(tmp_path / "weights")
    own = {"sum": weights["matrix"] + 1, **weights}
    resident = _resident_pages()
    release_pages(own)
    assert _resident_pages() < resident - matrix.nbytes // mmap.PAGESIZE // 2
    assert np.array_equal(weights["matrix"], matrix)
    assert np.array_equal(own["sum"], matrix + 1)


def _resident_pages() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])


def test_add_deltas_unpacks_codes_and_adds_new_names(tmp_path: Path) -> None:
    codes = np.array([[0x98, 0xF0]], np.uint8)  # 8 - 8, 9 - 8, 0 - 8, 15 - 8
    deltas = {
        "matrix.codes": codes,
        "matrix.scales": np.array([[2, 0.5]], np.float16),
        "bias": np.array([1], np.float16),
        "head": np.array([3], np.float32),
    }
    save_file(deltas, tmp_path / "deltas")
    weights = {"matrix": np.full((1, 4), 10, np.float32), "bias": np.array([4], np.float32)}
    result = add_deltas(weights, tmp_path / "deltas")
    assert {name: value.ravel().tolist() for name, value in result.items()} == {
        "matrix": [10, 12, 6, 13.5],
        "bias": [5],
        "head": [3],
    }
    assert weights["bias"].tolist() == [4]
