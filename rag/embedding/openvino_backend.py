"""A SentenceTransformer's folder -> vectors with OpenVINO: it starts and runs faster than torch.

It supports the kinds of most multilingual models: BERT or XLM-RoBERTa, pooled by mean or by the first
token. `backend_check.py` compares its vectors with those of torch.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np

from rag.embedding.bert import BertNetwork, PassageNetwork, PassageVectors, first_windows
from rag.embedding.bert_graph import Architecture
from rag.embedding.bert_weights import read_tokenizer, read_weights
from rag.types import Progress, Stage, Vectors

_CHUNK = 1024
"""Texts that are tokenised and sorted by length together, while earlier ones are computed."""
_REPORT = 128
"""Texts between two reports of progress."""
_PIPELINES = (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])
_OLD_POOLINGS = {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "cls"}
"""Settings that sentence-transformers wrote before version 6."""


class OpenVinoBackend:
    """The model in a folder, compiled on first use; safe to share between threads.

    Raises `ValueError`, `KeyError`, `TypeError` or `OSError` when the folder has no supported model.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._architecture = Architecture.read(folder)
        self._pooling = _pooling(folder)
        self._max_tokens = _max_tokens(folder, self._architecture)
        read_weights(folder / "model.safetensors")
        settings = _read(folder / "config_sentence_transformers.json")
        self.prompts: Mapping[str, str] = settings.get("prompts") or {}
        self.dim = int(_read(folder / "config.json")["hidden_size"])
        self.reads_windows = self._architecture.local_layers > 0 and self._pooling == "mean"

    @cached_property
    def precision(self) -> str:
        """The arithmetic, such as "bf16"."""
        return self._for_latency.precision

    def encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        """Encode a few texts with low latency, shape (n, dim)."""
        return self._encode(self._for_latency, texts, prompt)

    def encode_many(
        self, texts: Sequence[str], prompt: str, progress: Progress | None = None
    ) -> Vectors:
        """Encode many texts, shape (n, dim); it is fastest if texts of similar length are adjacent."""
        return self._encode(self._for_throughput, texts, prompt, progress)

    def encode_windows(
        self, passages: Sequence[Sequence[str]], prompt: str, progress: Progress | None = None
    ) -> list[PassageVectors]:
        """Encode passages, each given as its windows, in one pass; see `Backend`."""
        tokenizer = read_tokenizer(self._folder)
        order: list[int] = []
        total = sum(map(len, passages))

        def rows() -> Iterator[list[list[int]]]:
            done = 0
            for start in range(0, len(passages), _CHUNK):
                chunk = passages[start : start + _CHUNK]
                encoded = iter(tokenizer.encode_batch([prompt + text for row in chunk for text in row]))
                ids = [
                    list(
                        first_windows(
                            [self._truncate(next(encoded).ids) for _ in row], self._max_tokens
                        )
                    )
                    for row in chunk
                ]
                for number in sorted(range(len(ids)), key=lambda number: -sum(map(len, ids[number]))):
                    order.append(start + number)
                    yield ids[number]
                    done += len(chunk[number])
                    if progress and len(order) % _REPORT == 0:
                        progress(Stage.ENCODING, done, total)

        results = self._for_passages.run(rows())
        if progress and total:
            progress(Stage.ENCODING, total, total)
        return [result for _, result in sorted(zip(order, results, strict=True), key=itemgetter(0))]

    def _encode(
        self, network: BertNetwork, texts: Sequence[str], prompt: str, progress: Progress | None = None
    ) -> Vectors:
        tokenizer = read_tokenizer(self._folder)
        order: list[int] = []

        def rows() -> Iterator[list[int]]:
            for start in range(0, len(texts), _CHUNK):
                chunk = [prompt + text for text in texts[start : start + _CHUNK]]
                ids = [self._truncate(e.ids) for e in tokenizer.encode_batch(chunk)]
                for number in sorted(range(len(ids)), key=lambda number: -len(ids[number])):
                    order.append(start + number)
                    yield ids[number]
                    if progress and len(order) % _REPORT == 0:
                        progress(Stage.ENCODING, len(order), len(texts))

        vectors = np.empty((len(texts), self.dim), np.float32)
        results = network.run(rows())
        if results:
            vectors[order] = results
            if progress:
                progress(Stage.ENCODING, len(texts), len(texts))
        return vectors

    def _truncate(self, ids: list[int]) -> list[int]:
        """Cut a text to the limit of the model, but keep its last token, which marks the end."""
        return ids if len(ids) <= self._max_tokens else [*ids[: self._max_tokens - 1], ids[-1]]

    @cached_property
    def _for_latency(self) -> BertNetwork:
        return self._network(throughput=False)

    @cached_property
    def _for_throughput(self) -> BertNetwork:
        return self._network(throughput=True)

    @cached_property
    def _for_passages(self) -> PassageNetwork:
        words, weights = read_weights(self._folder / "model.safetensors")
        return PassageNetwork(words, weights, self._architecture)

    def _network(self, *, throughput: bool) -> BertNetwork:
        words, weights = read_weights(self._folder / "model.safetensors")
        return BertNetwork(words, weights, self._architecture, self._pooling, throughput=throughput)


def _pooling(folder: Path) -> str:
    """Return how token vectors are pooled, "mean" or "cls". Raises `ValueError` for anything else."""
    modules = _read(folder / "modules.json", list)
    pipeline = [str(module["type"]).rpartition(".")[2] for module in modules]
    if pipeline not in _PIPELINES or modules[0]["path"]:
        raise ValueError(f"the pipeline {', '.join(pipeline)} is not supported")
    settings = _read(folder / modules[1]["path"] / "config.json")
    old = [name for key, name in _OLD_POOLINGS.items() if settings.get(key)]
    pooling = settings.get("pooling_mode") or (old[0] if len(old) == 1 else None)
    if pooling not in _OLD_POOLINGS.values() or not settings.get("include_prompt", True):
        raise ValueError(f"pooling by {pooling} is not supported")
    return str(pooling)


def _max_tokens(folder: Path, architecture: Architecture) -> int:
    """Return the number of tokens that the model reads of a text."""
    limits = (
        _read(folder / "sentence_bert_config.json").get("max_seq_length"),
        _read(folder / "tokenizer_config.json").get("model_max_length"),
    )
    positions = _read(folder / "config.json")["max_position_embeddings"] - architecture.first_position
    return min(int(limit) for limit in (*limits, positions) if limit)


def _read(path: Path, kind: type[Any] = dict) -> Any:
    """Read a JSON file, an empty `kind` if it is missing. Raises `ValueError` for another type."""
    content = json.loads(path.read_bytes()) if path.is_file() else kind()
    if not isinstance(content, kind):
        raise ValueError(f"{path.name} is not a JSON {kind.__name__}")
    return content
