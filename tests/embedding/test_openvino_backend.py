"""Models that run without torch: that their vectors are the same, and what happens where they are not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import platformdirs
import pytest
from support.doubles import ROOT

from rag.embedding import encoder as encoders
from rag.embedding.bert import Shape
from rag.embedding.encoder import SentenceEncoder
from rag.embedding.openvino_backend import CompiledEncoder

HIDDEN, TOKENS = 64, 48
TEXTS = [*encoders._SAMPLE, "", "第一。", "one two three " * 9, "集装箱" * 40]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def make(folder: Path, kind: str, pooling: str, *, normalized: bool = True) -> Path:
    """A small SentenceTransformer of random weights, as the library itself writes it."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import AutoConfig, AutoModel, PreTrainedTokenizerFast

    torch.manual_seed(0)
    characters = sorted(set("".join(TEXTS)))
    words = {c: n for n, c in enumerate(["<s>", "<pad>", "</s>", "<unk>", *characters])}
    tokenizer = Tokenizer(models.WordLevel(words, "<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    special = {"pad_token": "<pad>", "unk_token": "<unk>", "cls_token": "<s>", "sep_token": "</s>"}
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=TOKENS, **special)
    config = AutoConfig.for_model(
        kind,
        vocab_size=len(words),
        hidden_size=HIDDEN,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=96,
        max_position_embeddings=TOKENS + 2,
        pad_token_id=1,
        initializer_range=0.08,
    )
    inner = folder.with_name(f"{folder.name}-inner")
    AutoModel.from_config(config).save_pretrained(inner)
    fast.save_pretrained(inner)
    modules = [Transformer(str(inner)), Pooling(HIDDEN, pooling)]
    model = SentenceTransformer(modules=[*modules, Normalize()] if normalized else modules)
    model.prompts = {"query": "问：", "document": "文："}
    model.save(str(folder))
    return folder


@pytest.mark.parametrize(
    ("kind", "pooling", "normalized"),
    [("bert", "mean", True), ("bert", "cls", False), ("xlm-roberta", "mean", False)],
)
def test_vectors_are_those_of_the_library(
    tmp_path: Path, kind: str, pooling: str, normalized: bool
) -> None:
    from sentence_transformers import SentenceTransformer

    folder = make(tmp_path / "model", kind, pooling, normalized=normalized)
    encoder = SentenceEncoder(str(folder))
    model = SentenceTransformer(str(folder))
    for ours, theirs in (
        (encoder.encode_queries(TEXTS), model.encode_query(TEXTS, normalize_embeddings=True)),
        (encoder.encode_passages(TEXTS), model.encode_document(TEXTS, normalize_embeddings=True)),
    ):
        assert isinstance(encoder._load(), CompiledEncoder)
        assert ours.shape == (len(TEXTS), HIDDEN)
        assert (ours * theirs).sum(axis=1).min() >= 0.9995
    assert encoder.dim == HIDDEN


@pytest.mark.parametrize(("kind", "pooling"), [("distilbert", "mean"), ("bert", "max")])
def test_a_model_of_another_kind_runs_with_torch(tmp_path: Path, kind: str, pooling: str) -> None:
    folder = make(tmp_path / "model", kind, pooling)
    encoder = SentenceEncoder(str(folder))
    assert np.allclose(np.linalg.norm(encoder.encode_passages(TEXTS), axis=1), 1, atol=1e-5)
    assert isinstance(encoder._load(), encoders.Reference)


def test_other_vectors_than_the_reference_are_refused_and_it_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    folder = make(tmp_path / "model", "bert", "mean")
    right = SentenceEncoder(str(folder)).encode_queries(TEXTS)
    (record,) = (tmp_path / "cache/rag").glob("compiled-*.json")
    assert json.loads(record.read_text())["cosine"] >= 0.9999
    record.unlink()
    monkeypatch.setattr(Shape, "read", lambda _folder: Shape(heads=2, epsilon=1e-12))
    encoder = SentenceEncoder(str(folder))
    assert (encoder.encode_queries(TEXTS) * right).sum(axis=1).min() >= 0.9999
    assert isinstance(encoder._load(), encoders.Reference)
    assert "runs with torch" in caplog.text
    assert json.loads(record.read_text())["cosine"] < 0.9999
    assert isinstance(SentenceEncoder(str(folder))._load(), encoders.Reference)


def test_the_reference_is_asked_once_for_each_model_and_runtime(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make(tmp_path / "model", "bert", "mean")
    first = SentenceEncoder(str(folder)).encode_queries(TEXTS)

    def fail(*_: object) -> None:
        raise AssertionError("the reference is asked again")

    monkeypatch.setattr(encoders, "Reference", fail)
    assert np.array_equal(SentenceEncoder(str(folder)).encode_queries(TEXTS), first)
    monkeypatch.setattr(encoders.metadata, "version", lambda _package: "another")
    with pytest.raises(AssertionError, match="asked again"):
        SentenceEncoder(str(folder)).encode_queries(TEXTS)


def test_a_model_in_the_cache_of_the_hub_is_found_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub.constants

    cached = tmp_path / "hub/models--someone--small"
    (cached / "refs").mkdir(parents=True)
    (cached / "refs/main").write_text("a" * 40)
    make(cached / "snapshots" / ("a" * 40), "bert", "mean")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    encoder = SentenceEncoder("someone/small")
    assert encoder._load().dim == HIDDEN
    assert encoder.fingerprint == SentenceEncoder(str(cached / "snapshots" / ("a" * 40))).fingerprint


@pytest.mark.model
@pytest.mark.parametrize("command", ["search", "ask"])
def test_a_question_from_the_shell_imports_nothing_heavy_and_tells_no_one(
    seeds_index: Path, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", str(platformdirs.user_cache_path()))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)  # where telemetry keeps quiet of itself
    heavy = ["torch", "transformers", "sentence_transformers", "gradio", "bs4", "pymilvus", "scipy"]
    code = (
        "import socket, sys; from rag.cli import main; "
        "socket.socket.connect = lambda *_: sys.exit('it connects'); "
        f"status = main(['{command}', '朝鲜运送了多少集装箱？', '--index', r'{seeds_index}']); "
        f"print([name for name in {[*heavy, 'openvino_telemetry']} if name in sys.modules], status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert "集装箱" in done.stdout
    assert done.stdout.splitlines()[-1] == "[] 0"
    assert list(tmp_path.iterdir()) == []
