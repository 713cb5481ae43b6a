"""A SentenceTransformer's folder -> vectors with OpenVINO: it starts and runs faster than torch.

It supports the kinds of most multilingual models: BERT or XLM-RoBERTa, pooled by mean or by the first
token. `backend_check.py` compares its vectors with those of torch.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from rag.embedding.bert import BertNetwork, PassageNetwork, PassageVectors, first_windows
from rag.embedding.bert_graph import Architecture
from rag.embedding.bert_weights import (
    PASSAGE_LAYERS,
    add_deltas,
    read_tokenizer,
    read_weights,
    release_pages,
)
from rag.reports import Progress, Stage
from rag.types import Vectors

Item = TypeVar("Item")
Row = TypeVar("Row")
Result = TypeVar("Result")
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

        def tokenize(chunk: Sequence[Sequence[str]]) -> list[list[list[int]]]:
            ids = iter(tokenizer.encode_batch([prompt + text for row in chunk for text in row]))
            cut = ([self._truncate(next(ids).ids) for _ in row] for row in chunk)
            return [list(first_windows(row, self._max_tokens)) for row in cut]

        def length(row: Sequence[Sequence[int]]) -> int:
            return sum(map(len, row))

        return _run(self._for_passages.run, passages, tokenize, length, len, progress)

    def _encode(
        self, network: BertNetwork, texts: Sequence[str], prompt: str, progress: Progress | None = None
    ) -> Vectors:
        tokenizer = read_tokenizer(self._folder)

        def tokenize(chunk: Sequence[str]) -> list[list[int]]:
            encoded = tokenizer.encode_batch([prompt + text for text in chunk])
            return [self._truncate(each.ids) for each in encoded]

        results = _run(network.run, texts, tokenize, len, lambda _: 1, progress)
        return np.stack(results) if results else np.empty((0, self.dim), np.float32)

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
        deltas = self._folder / PASSAGE_LAYERS
        last = add_deltas(weights, deltas) if deltas.is_file() else weights
        network = PassageNetwork(words, weights, last, self._architecture)
        network.run([[[0]]])
        release_pages(weights)
        return network

    def _network(self, *, throughput: bool) -> BertNetwork:
        words, weights = read_weights(self._folder / "model.safetensors")
        network = BertNetwork(words, weights, self._architecture, self._pooling, throughput=throughput)
        network.run([[0]])  # from now on it has a copy of the weights, in the order it needs
        release_pages(weights)
        return network


def _run(
    compute: Callable[[Iterator[Row]], list[Result]],
    items: Sequence[Item],
    tokenize: Callable[[Sequence[Item]], list[Row]],
    length: Callable[[Row], int],
    texts: Callable[[Item], int],
    progress: Progress | None,
) -> list[Result]:
    """Compute the items in chunks, each sorted by length, and return the results in their order.

    `length` is the number of tokens of a row, `texts` what the progress counts of an item.
    """
    order: list[int] = []
    total = sum(map(texts, items))

    def rows() -> Iterator[Row]:
        done = 0
        for start in range(0, len(items), _CHUNK):
            chunk = tokenize(items[start : start + _CHUNK])
            for number in sorted(range(len(chunk)), key=lambda number: -length(chunk[number])):
                order.append(start + number)
                yield chunk[number]
                done += texts(items[order[-1]])
                if progress and len(order) % _REPORT == 0:
                    progress(Stage.ENCODING, done, total)

    results = compute(rows())
    if progress and results:
        progress(Stage.ENCODING, total, total)
    return [result for _, result in sorted(zip(order, results, strict=True), key=itemgetter(0))]


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
