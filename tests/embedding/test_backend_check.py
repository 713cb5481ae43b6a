"""Which backend a model gets: OpenVINO where it agrees with torch, and what the check costs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryFile
from types import MappingProxyType

import numpy as np
import platformdirs
import pytest
from support.doubles import ROOT
from support.models import TEXTS, make_sentence_transformer

from rag.embedding.backend_check import MIN_COSINE, Backend, load_backend, min_cosine
from rag.embedding.bert import PassageVectors
from rag.embedding.bert_graph import Architecture
from rag.embedding.openvino_backend import OpenVinoBackend
from rag.embedding.torch_backend import TorchBackend
from rag.reports import Progress, Stage
from rag.types import Vectors

Rows = Sequence[Sequence[float]]


class TableBackend:
    """Gives each text of a batch the next row of a table."""

    prompts = MappingProxyType({})

    def __init__(
        self, few: Rows, many: Rows, windows: tuple[Sequence[float], Rows] | None = None
    ) -> None:
        self._few, self._many = np.array(few, np.float32), np.array(many, np.float32)
        self.dim = self._few.shape[1]
        self.reads_windows = windows is not None
        self._passage = PassageVectors(*(np.array(each, np.float32) for each in windows or ((), ())))

    def encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        return np.resize(self._few, (len(texts), self.dim))

    def encode_many(
        self, texts: Sequence[str], prompt: str, progress: Progress | None = None
    ) -> Vectors:
        return np.resize(self._many, (len(texts), self.dim))

    def encode_windows(
        self, passages: Sequence[Sequence[str]], prompt: str, progress: Progress | None = None
    ) -> list[PassageVectors]:
        return [self._passage for _ in passages]


def no_reference(_name: str, _progress: Progress | None) -> Backend:
    raise AssertionError("the reference is loaded")


RIGHT, TURNED = [[1, 0], [0, 1]], [[1, 0], [0.6, 0.8]]


@pytest.mark.parametrize(
    ("few", "many", "least"),
    [
        (RIGHT, RIGHT, 1.0),
        (TURNED, RIGHT, 0.8),
        (RIGHT, TURNED, 0.8),
        ([[1, 0, 0]], [[1, 0, 0]], 0.0),
    ],
)
def test_min_cosine_is_that_of_the_worst_vector_of_both_modes(
    few: list[list[float]], many: list[list[float]], least: float
) -> None:
    found = min_cosine(TableBackend(few, many), TableBackend(RIGHT, RIGHT))
    assert found == pytest.approx(least)


@pytest.mark.parametrize(
    ("own", "windows", "least"),
    [
        ([1, 0], RIGHT, 1.0),
        ([0.6, 0.8], RIGHT, 0.6),
        ([1, 0], TURNED, 0.8),
        ([1, 0], RIGHT[:1], 0.0),
    ],
)
def test_min_cosine_includes_passages_that_are_computed_with_their_windows(
    own: list[float], windows: list[list[float]], least: float
) -> None:
    found = TableBackend(RIGHT, RIGHT, (own, windows))
    assert min_cosine(found, TableBackend(RIGHT, RIGHT, ([1, 0], RIGHT))) == pytest.approx(least)


@pytest.mark.parametrize(("kind", "pooling"), [("distilbert", "mean"), ("bert", "max")])
def test_an_unsupported_model_runs_with_torch(
    own_cache: Path, tmp_path: Path, kind: str, pooling: str
) -> None:
    folder = make_sentence_transformer(tmp_path / "model", kind, pooling)
    backend = load_backend(str(folder))
    assert isinstance(backend, TorchBackend)
    assert np.allclose(np.linalg.norm(backend.encode_many(TEXTS, ""), axis=1), 1, atol=1e-5)
    assert not own_cache.exists()


def test_a_backend_that_differs_from_torch_is_refused_and_logged_each_time(
    own_cache: Path,
    small_model: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    right = load_backend(str(small_model)).encode(TEXTS, "")
    (record,) = own_cache.glob("compiled-*.json")
    assert json.loads(record.read_text())["cosine"] >= MIN_COSINE
    record.unlink()
    monkeypatch.setattr(Architecture, "read", lambda _folder: Architecture(heads=2, epsilon=1e-12))
    backend = load_backend(str(small_model))
    assert isinstance(backend, TorchBackend)
    assert (backend.encode(TEXTS, "") * right).sum(axis=1).min() >= 0.9999
    assert "OpenVINO vectors differ from the torch reference" in caplog.text
    assert json.loads(record.read_text())["cosine"] < MIN_COSINE
    caplog.clear()
    assert isinstance(load_backend(str(small_model)), TorchBackend)
    assert "falling back to torch" in caplog.text


def test_the_check_runs_once_per_model_and_runtime(own_cache: Path, small_model: Path) -> None:
    stages: list[str] = []
    first = load_backend(str(small_model), lambda stage, *_: stages.append(stage))
    assert stages == [Stage.CHECKING_BACKEND]
    again = load_backend(str(small_model), reference=no_reference)
    assert isinstance(again, OpenVinoBackend)
    assert np.array_equal(again.encode(TEXTS, ""), first.encode(TEXTS, ""))
    (record,) = own_cache.glob("compiled-*.json")
    known = json.loads(record.read_text())
    for earlier in ({**known, "openvino": "another"}, {**known, "precision": "another"}):
        record.write_text(json.dumps(earlier))
        with pytest.raises(AssertionError, match="the reference is loaded"):
            load_backend(str(small_model), reference=no_reference)


def test_a_damaged_record_is_replaced(own_cache: Path, small_model: Path) -> None:
    load_backend(str(small_model))
    (record,) = own_cache.glob("compiled-*.json")
    content = record.read_bytes()
    record.write_bytes(content[:10])
    assert isinstance(load_backend(str(small_model)), OpenVinoBackend)
    assert record.read_bytes() == content


@pytest.mark.model
@pytest.mark.parametrize("command", ["search", "ask"])
def test_a_question_from_the_shell_imports_nothing_heavy_and_connects_to_nothing(
    seeds_index: Path, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(platformdirs.user_cache_path()))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)  # there, telemetry is off by default
    heavy = ["torch", "transformers", "sentence_transformers", "gradio", "bs4", "pymilvus", "scipy"]
    code = (
        "import socket, sys; from rag.cli import main; "
        "socket.socket.connect = lambda *_: sys.exit('it connects'); "
        f"status = main(['{command}', '朝鲜运送了多少集装箱？', '--index', r'{seeds_index}']); "
        f"print([name for name in {[*heavy, 'openvino_telemetry']} if name in sys.modules], status)"
    )
    # Not a pipe: a process that was forked meanwhile would hold its end, and nobody would see it close.
    with TemporaryFile("w+", encoding="utf-8") as output:
        subprocess.run([sys.executable, "-c", code], stdout=output, check=True, cwd=ROOT, timeout=300)
        output.seek(0)
        shown = output.read()
    assert "集装箱" in shown
    assert shown.splitlines()[-1] == "[] 0"
    assert list(tmp_path.iterdir()) == []
