"""The OpenVINO backend against the library that it replaces."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from support.models import HIDDEN, INNER, TEXTS, make_sentence_transformer

from rag.embedding.backend_check import MIN_COSINE, load_backend, min_cosine
from rag.embedding.bert_weights import PASSAGE_LAYERS
from rag.embedding.encoder import SentenceEncoder
from rag.embedding.openvino_backend import OpenVinoBackend
from rag.embedding.torch_backend import TorchBackend

pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.mark.parametrize(
    ("kind", "pooling", "normalized"),
    [("bert", "mean", True), ("bert", "cls", False), ("xlm-roberta", "mean", False)],
)
def test_encode_gives_the_vectors_of_sentence_transformers(
    tmp_path: Path, kind: str, pooling: str, normalized: bool
) -> None:
    from sentence_transformers import SentenceTransformer

    folder = make_sentence_transformer(tmp_path / "model", kind, pooling, normalized=normalized)
    assert isinstance(load_backend(str(folder)), OpenVinoBackend)
    encoder = SentenceEncoder(str(folder))
    model = SentenceTransformer(str(folder))
    for ours, theirs in (
        (encoder.encode_queries(TEXTS), model.encode_query(TEXTS, normalize_embeddings=True)),
        (encoder.encode_passages(TEXTS), model.encode_document(TEXTS, normalize_embeddings=True)),
    ):
        assert ours.shape == (len(TEXTS), HIDDEN)
        assert (ours * theirs).sum(axis=1).min() >= 0.9995
    assert encoder.dim == HIDDEN


def test_encode_of_no_text_gives_no_vector(small_model: Path) -> None:
    backend = OpenVinoBackend(small_model)
    assert backend.encode([], "").shape == backend.encode_many([], "").shape == (0, HIDDEN)


@pytest.mark.parametrize(
    ("file", "content"), [("modules.json", "{}"), ("config.json", '{"model_type": "t5"}')]
)
def test_a_folder_without_supported_model_is_refused(tmp_path: Path, file: str, content: str) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert", "hidden_act": "gelu"}')
    (tmp_path / file).write_text(content)
    with pytest.raises((ValueError, KeyError)):
        OpenVinoBackend(tmp_path)


WINDOWS = [["朝鲜自九月以来", "已向俄罗斯运送了", "约6700个集装箱。"], ["第二段"], ["一", "图片来源"]]


@pytest.fixture(params=["bert", "xlm-roberta"])
def window_model(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A small model, whose second layer alone sees a whole passage, and attends to it strongly."""
    from safetensors.numpy import load_file, save_file

    folder = make_sentence_transformer(tmp_path / "windows", request.param, "mean")
    weights = load_file(folder / "model.safetensors")
    for part, factor in (("query", 8), ("key", 8), ("value", 30)):
        weights[f"encoder.layer.1.attention.self.{part}.weight"] *= factor
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    return with_local_layers(folder)


def with_local_layers(folder: Path) -> Path:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "local_layers": 1}))
    return folder


def test_a_model_that_is_not_pooled_by_mean_has_no_windows(tmp_path: Path) -> None:
    folder = with_local_layers(make_sentence_transformer(tmp_path / "model", "bert", "cls"))
    assert not OpenVinoBackend(folder).reads_windows
    assert not TorchBackend(str(folder)).reads_windows


def test_the_last_layers_for_passages_may_have_weights_of_their_own(window_model: Path) -> None:
    from safetensors.numpy import save_file

    before = OpenVinoBackend(window_model).encode_windows(WINDOWS, "文：")
    rng = np.random.default_rng(0)
    name = "encoder.layer.1.output.dense"
    deltas = {
        f"{name}.weight.codes": rng.integers(0, 256, (HIDDEN, INNER // 2), dtype=np.uint8),
        f"{name}.weight.scales": np.full((HIDDEN, 1), 0.1, np.float16),
        f"{name}.bias": rng.normal(size=HIDDEN).astype(np.float16),
    }
    save_file(deltas, window_model / PASSAGE_LAYERS)
    ours, reference = OpenVinoBackend(window_model), TorchBackend(str(window_model))
    assert min_cosine(ours, reference) >= MIN_COSINE
    for old, new in zip(before, ours.encode_windows(WINDOWS, "文："), strict=True):
        assert old.own @ new.own < 0.99
        assert (old.windows * new.windows).sum(axis=1).min() >= MIN_COSINE


def test_encode_windows_gives_the_vectors_of_torch(window_model: Path) -> None:
    ours, reference = OpenVinoBackend(window_model), TorchBackend(str(window_model))
    assert ours.reads_windows
    assert reference.reads_windows
    assert min_cosine(ours, reference) >= MIN_COSINE
    for found, right in zip(
        ours.encode_windows(WINDOWS, "文："), reference.encode_windows(WINDOWS, "文："), strict=True
    ):
        assert found.own @ right.own >= MIN_COSINE
        assert (found.windows * right.windows).sum(axis=1).min() >= MIN_COSINE


def test_a_window_has_the_vector_that_it_has_alone_and_a_passage_sees_all_its_windows(
    window_model: Path,
) -> None:
    backend = OpenVinoBackend(window_model)
    for windows, found in zip(WINDOWS, backend.encode_windows(WINDOWS, "文："), strict=True):
        alone = backend.encode_many(windows, "文：")
        assert (found.windows * alone).sum(axis=1).min() >= MIN_COSINE
        mean = alone.mean(axis=0)
        similarity = float(found.own @ mean / np.linalg.norm(mean))
        assert similarity >= MIN_COSINE if len(windows) == 1 else similarity < 0.99


def test_a_passage_that_is_too_long_has_the_vectors_of_its_first_windows(window_model: Path) -> None:
    long = ["集装箱" * 6, "朝鲜" * 9, "俄罗斯" * 6]  # 20 tokens each, of 48
    for backend in (OpenVinoBackend(window_model), TorchBackend(str(window_model))):
        (found,) = backend.encode_windows([long], "")
        (first,) = backend.encode_windows([long[:2]], "")
        assert found.windows.shape == (2, HIDDEN)
        assert found.own @ first.own >= MIN_COSINE
        (cut,) = backend.encode_windows([["集装箱" * 40]], "")
        assert cut.own @ backend.encode(["集装箱" * 40], "")[0] >= MIN_COSINE


def test_encode_windows_reports_the_windows_done(window_model: Path) -> None:
    for backend in (OpenVinoBackend(window_model), TorchBackend(str(window_model))):
        reports: list[tuple[int, int]] = []
        backend.encode_windows(WINDOWS, "", lambda _, done, total, to=reports: to.append((done, total)))
        assert reports[-1] == (6, 6)
        assert backend.encode_windows([], "") == []
