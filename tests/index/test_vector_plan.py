from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.archives import write_seeds
from support.doubles import HashEncoder, make_article

import rag
from rag.index import checkpoint
from rag.index.checkpoint import Checkpoint
from rag.index.faiss_index import Index
from rag.index.vectors import plan as vector_plan
from rag.text import passages
from rag.types import Vectors


class Interrupted(HashEncoder):
    """Raises KeyboardInterrupt after some batches."""

    def __init__(self, batches: int) -> None:
        super().__init__()
        self._left = batches

    def encode_passages(self, texts: list[str], progress: object = None) -> Vectors:  # type: ignore[override]
        if not self._left:
            raise KeyboardInterrupt
        self._left -= 1
        return super().encode_passages(texts)


def test_build_after_an_interruption_resumes_from_the_checkpoint(tmp_path: Path) -> None:
    seeds = write_seeds(tmp_path / "seeds", {f"{n:03}.txt": n for n in range(60)})
    index = tmp_path / "index"
    first = Interrupted(3)
    with pytest.raises(KeyboardInterrupt):
        rag.build(rag.read_seeds(seeds), index, first, checkpoint_texts=50)
    assert len(first.encoded) == 150
    (path,) = index.glob(".encoded-*")
    path.write_bytes(path.read_bytes()[:-7])  # as a crash may leave it
    second = HashEncoder()
    report = rag.build(rag.read_seeds(seeds), index, second)
    assert report.encoded == len(second.encoded)
    assert not set(first.encoded[:149]) & set(second.encoded)
    assert list(index.glob(".encoded-*")) == []
    rag.build(rag.read_seeds(seeds), tmp_path / "fresh", HashEncoder())
    resumed, fresh = Index.open(index), Index.open(tmp_path / "fresh")
    rows = range(fresh.manifest.vectors)
    assert np.array_equal(resumed.vectors(rows), fresh.vectors(rows))


class Windowed(HashEncoder):
    """Computes the windows of a text with the text."""

    def encode_with_windows(self, texts: list[str], progress: object = None) -> dict[str, Vectors]:
        self.encoded += texts
        windows = [text[slice(*span)] for text in texts for span in passages.windows(text)]
        return {text: self.vector(text) for text in [*texts, *windows, "nobody asked for this"]}


def test_windows_that_come_with_their_passage_are_not_encoded_again(tmp_path: Path) -> None:
    seeds = write_seeds(tmp_path / "seeds", {f"{n:03}.txt": n for n in range(20)})
    encoder = Windowed()
    report = rag.build(rag.read_seeds(seeds), tmp_path / "windowed", encoder, checkpoint_texts=7)
    rag.build(rag.read_seeds(seeds), tmp_path / "plain", HashEncoder())
    windowed, plain = Index.open(tmp_path / "windowed"), Index.open(tmp_path / "plain")
    rows = range(plain.manifest.vectors)
    assert np.array_equal(windowed.vectors(rows), plain.vectors(rows))
    assert len(encoder.encoded) == len(set(encoder.encoded)) < report.encoded


def test_build_that_looks_up_few_rows_at_a_time_has_the_same_vectors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    articles = [make_article(str(n), f"第{n % 4}座桥在周三通车，市长剪彩。" * 20) for n in range(9)]
    encoder = HashEncoder()
    report = rag.build(articles, tmp_path / "whole", encoder)
    assert report.encoded == len(set(encoder.encoded)) < Index.open(tmp_path / "whole").manifest.vectors
    monkeypatch.setattr(vector_plan, "_CHUNK", 3)
    for given in (articles[2:5], articles):
        rag.build(given, tmp_path / "parts", HashEncoder())
    whole, parts = Index.open(tmp_path / "whole"), Index.open(tmp_path / "parts")
    rows = range(whole.manifest.vectors)
    assert np.array_equal(parts.vectors(rows), whole.vectors(rows))


def test_digests_of_a_damaged_file_end_before_the_damage(tmp_path: Path) -> None:
    digests = [bytes([number]) * 16 for number in range(1, 4)]
    vectors = np.arange(12, dtype=np.float32).reshape(3, 4)
    Checkpoint(tmp_path, "f").append(digests, vectors)
    (path,) = tmp_path.glob(".encoded-*")
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    reopened = Checkpoint(tmp_path, "f")
    assert reopened.digests().tolist() == digests[:2]
    assert len(path.read_bytes()) == len(content) * 2 // 3
    assert np.array_equal(reopened.vectors(np.array([1, 0]), 4), vectors[[1, 0]])
    assert not len(Checkpoint(tmp_path, "another encoder").digests())
    checkpoint.clear_checkpoints(tmp_path)
    assert list(tmp_path.iterdir()) == []
