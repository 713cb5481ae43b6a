"""The OpenVINO backend against the library that it replaces."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.models import HIDDEN, TEXTS, make_sentence_transformer

from rag.embedding.backend_check import load_backend
from rag.embedding.encoder import SentenceEncoder
from rag.embedding.openvino_backend import OpenVinoBackend

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
