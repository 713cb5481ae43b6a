"""BERT and XLM-RoBERTa on OpenVINO: no torch, and bfloat16 on processors that have it.

The graph is built here, operation by operation, from named weights. Word embeddings are looked up
outside of it: they are four fifths of a multilingual model and stay on disk.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from rag.embedding.bert_weights import Floats
from rag.files import Table

_BATCH_TOKENS = 1024
_MODEL_TYPES = ("bert", "xlm-roberta")
_MASKED = np.float32(-1e9)


class Architecture(NamedTuple):
    """The settings of a network that its weights do not show.

    `first_position` is the row of the first position embedding.
    """

    heads: int
    epsilon: float
    first_position: int = 0

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read them from the model in a folder. Raises `ValueError` for an unsupported network."""
        config = json.loads((folder / "config.json").read_bytes())
        model_type, activation = config.get("model_type"), config.get("hidden_act")
        if model_type not in _MODEL_TYPES or activation != "gelu":
            raise ValueError(f"the network {model_type} with {activation} is not supported")
        first_position = config["pad_token_id"] + 1 if model_type == "xlm-roberta" else 0
        return cls(config["num_attention_heads"], config["layer_norm_eps"], first_position)


class BertNetwork:
    """A compiled network; `run` is safe to call from several threads, which take turns.

    With `pooling`, "mean" or "cls", the output is one unit vector per text. Without it, the output is
    the head `span` applied to each token. With `throughput` each core computes a batch of its own;
    otherwise all cores compute the same one, which reduces the latency. Consecutive texts form a batch
    of up to `batch` tokens, padding included; a longer text is a batch by itself.

    The output for a text depends, by rounding, on the padding of its batch. With `batch=1` each text is
    computed alone, so its output is bit-identical whatever else is computed.
    """

    def __init__(
        self,
        words: Table,
        weights: Mapping[str, NDArray[Any]],
        architecture: Architecture,
        pooling: str | None = None,
        *,
        throughput: bool = True,
        batch: int = _BATCH_TOKENS,
    ) -> None:
        openvino = _openvino()
        self._words = words
        self._batch = batch
        graph = _graph(weights, words.shape[1], architecture, pooling)
        hint = "THROUGHPUT" if throughput else "LATENCY"
        compiled = openvino.Core().compile_model(graph, "CPU", {"PERFORMANCE_HINT": hint})
        self.precision: str = compiled.get_property("INFERENCE_PRECISION_HINT").to_string()
        self._queue = openvino.AsyncInferQueue(compiled)
        self._is_pooled = pooling is not None
        self._lock = threading.Lock()

    def run(self, rows: Iterable[Sequence[int]]) -> list[Floats]:
        """Return the output for each row of token ids: shape (dim,) if pooled, else (tokens, n).

        Sort the rows by length, so that batches need little padding. `rows` may be a generator: it
        produces the next rows while the first are computed.
        """
        results: list[Any] = []

        def collect(request: Any, batch: tuple[int, list[int]]) -> None:
            first, lengths = batch
            for number, length in enumerate(lengths):
                output = request.get_output_tensor(0).data[number]
                results[first + number] = (output if self._is_pooled else output[:length]).copy()

        with self._lock:
            self._queue.set_callback(collect)
            try:
                for batch in _batches(rows, self._batch):
                    lengths = list(map(len, batch))
                    first = len(results)
                    results += [None] * len(batch)
                    self._queue.start_async(self._inputs(batch, lengths), (first, lengths))
            finally:
                self._queue.wait_all()
        return results

    def _inputs(self, rows: Sequence[Sequence[int]], lengths: Sequence[int]) -> list[Floats]:
        words = np.zeros((len(rows), max(lengths), self._words.shape[1]), np.float32)
        mask = np.full(words.shape[:2], _MASKED)
        for number, (row, length) in enumerate(zip(rows, lengths, strict=True)):
            words[number, :length] = self._words[row]
            mask[number, :length] = 0
        return [words, mask]


def _batches(rows: Iterable[Sequence[int]], max_tokens: int) -> Iterator[list[Sequence[int]]]:
    batch: list[Sequence[int]] = []
    longest = 0
    for row in rows:
        longest = max(longest, len(row))
        if batch and longest * (len(batch) + 1) > max_tokens:
            yield batch
            batch, longest = [], len(row)
        batch.append(row)
    if batch:
        yield batch


def _openvino() -> Any:
    """Import OpenVINO without its telemetry, which reports each import to Intel."""
    package = "openvino_telemetry"
    if package in sys.modules:
        import openvino
    else:
        sys.modules[package] = None  # type: ignore[assignment]
        try:
            import openvino  # it replaces a missing telemetry package by a stub
        finally:
            del sys.modules[package]
    return openvino


def _graph(
    weights: Mapping[str, NDArray[Any]], width: int, architecture: Architecture, pooling: str | None
) -> Any:
    openvino = _openvino()
    from openvino import opset15 as ops

    def constant(value: NDArray[Any]) -> Any:
        return ops.constant(np.ascontiguousarray(value, np.float32), shared_memory=True)

    def weight(name: str) -> Any:
        return constant(weights[name])

    def dense(x: Any, name: str) -> Any:
        product = ops.matmul(x, weight(f"{name}.weight"), False, True)
        return ops.add(product, weight(f"{name}.bias"))

    def norm(x: Any, name: str) -> Any:
        x = ops.mvn(x, np.array([-1]), True, architecture.epsilon, "inside_sqrt")
        return ops.add(ops.multiply(x, weight(f"{name}.weight")), weight(f"{name}.bias"))

    def split(x: Any) -> Any:
        x = ops.reshape(x, np.array([0, 0, architecture.heads, -1]), True)
        return ops.transpose(x, np.array([0, 2, 1, 3]))

    words = ops.parameter([-1, -1, width], np.float32)
    mask = ops.parameter([-1, -1], np.float32)
    length = ops.gather(ops.shape_of(words), np.array(1), np.array(0))
    positions = ops.range(np.array(0), length, np.array(1), "i64")
    table = weights["embeddings.position_embeddings.weight"][architecture.first_position :]
    table = constant(table + weights["embeddings.token_type_embeddings.weight"][0])
    x = norm(ops.add(words, ops.gather(table, positions, np.array(0))), "embeddings.LayerNorm")
    hidden = ops.unsqueeze(mask, np.array([1, 2]))
    layer = 0
    while f"encoder.layer.{layer}.output.dense.weight" in weights:
        name = f"encoder.layer.{layer}"
        q, k, v = (split(dense(x, f"{name}.attention.self.{n}")) for n in ("query", "key", "value"))
        mixed = ops.scaled_dot_product_attention(q, k, v, hidden)
        mixed = ops.reshape(ops.transpose(mixed, np.array([0, 2, 1, 3])), np.array([0, 0, -1]), True)
        mixed = ops.add(x, dense(mixed, f"{name}.attention.output.dense"))
        x = norm(mixed, f"{name}.attention.output.LayerNorm")
        inner = ops.gelu(dense(x, f"{name}.intermediate.dense"), "erf")
        x = norm(ops.add(x, dense(inner, f"{name}.output.dense")), f"{name}.output.LayerNorm")
        layer += 1
    if pooling is None:
        return openvino.Model([dense(x, "span")], [words, mask])
    if pooling == "cls":
        x = ops.gather(x, np.array(0), np.array(1))
    else:
        is_token = ops.unsqueeze(ops.convert(ops.equal(mask, np.float32(0)), np.float32), np.array([2]))
        x = ops.reduce_sum(ops.multiply(x, is_token), np.array([1]))
    return openvino.Model([ops.normalize_l2(x, np.array([1]), 1e-24, "add")], [words, mask])
