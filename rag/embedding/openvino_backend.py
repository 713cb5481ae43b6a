"""A SentenceTransformer's folder -> vectors, without SentenceTransformer: it starts and runs faster.

It is for the kind that most multilingual models are of: BERT or XLM-RoBERTa, pooled by mean or by the
first token. Whether what it computes is right is for `encoder.py` to find out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from rag.embedding.bert import Network, Shape, read_tokenizer, read_weights
from rag.types import Progress, Vectors

_CHUNK = 1024
"""Texts tokenised and put in order of length at a time, while those before them are computed."""
_REPORT = 128
_MODULES = (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])
_OLD_POOLINGS = {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "cls"}
"""As sentence-transformers wrote it before version 6."""


class CompiledEncoder:
    """The model in a folder, compiled on first use; safe to share between threads.

    Raises `ValueError`, `KeyError` or `OSError` when the folder has no model of a kind known here.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._shape = Shape.read(folder)
        self._pooling = _pooling(folder)
        self._longest = _longest(folder, self._shape)
        read_weights(folder / "model.safetensors")
        about = _read(folder / "config_sentence_transformers.json")
        self.prompts: Mapping[str, str] = about.get("prompts") or {}
        self.dim = int(_read(folder / "config.json")["hidden_size"])

    @cached_property
    def precision(self) -> str:
        """What it computes in, such as "bfloat16"."""
        return self._for_one.precision

    def encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        """Encode a few texts with what goes before each, soon: shape (n, dim)."""
        return self._encode(self._for_one, texts, prompt)

    def encode_many(
        self, texts: Sequence[str], prompt: str, progress: Progress | None = None
    ) -> Vectors:
        """Encode many texts, shape (n, dim), fastest if those of like length stand together."""
        return self._encode(self._for_many, texts, prompt, progress)

    def _encode(
        self, network: Network, texts: Sequence[str], prompt: str, progress: Progress | None = None
    ) -> Vectors:
        tokenizer = read_tokenizer(self._folder)
        order: list[int] = []

        def rows() -> Iterator[list[int]]:
            for start in range(0, len(texts), _CHUNK):
                chunk = [prompt + text for text in texts[start : start + _CHUNK]]
                ids = [self._cut(e.ids) for e in tokenizer.encode_batch(chunk)]
                for at in sorted(range(len(ids)), key=lambda at: -len(ids[at])):
                    order.append(start + at)
                    yield ids[at]
                    if progress and len(order) % _REPORT == 0:
                        progress("Encoding", len(order), len(texts))

        vectors = np.empty((len(texts), self.dim), np.float32)
        found = network.run(rows())
        if found:
            vectors[order] = found
            if progress:
                progress("Encoding", len(texts), len(texts))
        return vectors

    def _cut(self, ids: list[int]) -> list[int]:
        """What is read of a text; the last token, which ends it, stays."""
        return ids if len(ids) <= self._longest else [*ids[: self._longest - 1], ids[-1]]

    @cached_property
    def _for_one(self) -> Network:
        return self._network(throughput=False)

    @cached_property
    def _for_many(self) -> Network:
        return self._network(throughput=True)

    def _network(self, *, throughput: bool) -> Network:
        words, weights = read_weights(self._folder / "model.safetensors")
        return Network(words, weights, self._shape, self._pooling, throughput=throughput)


def _pooling(folder: Path) -> str:
    """How token vectors become one: "mean" or "cls". Raises `ValueError` for anything else."""
    modules = _read(folder / "modules.json", list)
    kinds = [str(module["type"]).rpartition(".")[2] for module in modules]
    if kinds not in _MODULES or modules[0]["path"]:
        raise ValueError(f"a model of {', '.join(kinds)} is not known")
    about = _read(folder / modules[1]["path"] / "config.json")
    old = [name for key, name in _OLD_POOLINGS.items() if about.get(key)]
    pooling = about.get("pooling_mode") or (old[0] if len(old) == 1 else None)
    if pooling not in _OLD_POOLINGS.values() or not about.get("include_prompt", True):
        raise ValueError(f"pooling by {pooling} is not known")
    return str(pooling)


def _longest(folder: Path, shape: Shape) -> int:
    """How many tokens of a text are read."""
    given = (
        _read(folder / "sentence_bert_config.json").get("max_seq_length"),
        _read(folder / "tokenizer_config.json").get("model_max_length"),
    )
    positions = _read(folder / "config.json")["max_position_embeddings"] - shape.first
    return min(int(limit) for limit in (*given, positions) if limit)


def _read(path: Path, kind: type[Any] = dict) -> Any:
    """A file of JSON; an empty one where there is none. Raises `ValueError` for another `kind`."""
    content = json.loads(path.read_bytes()) if path.is_file() else kind()
    if not isinstance(content, kind):
        raise ValueError(f"{path.name} is not what it is in a model folder")
    return content
