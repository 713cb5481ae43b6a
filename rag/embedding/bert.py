"""A BERT or XLM-RoBERTa network run by OpenVINO: no torch, and bfloat16 where the processor has it.

The graph is written down here, operation by operation, from named weights. Word vectors are looked up
outside of it: their table is four fifths of a multilingual model, and stays in its file.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from rag.files import Table

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Floats = NDArray[np.float32]
_WORDS = "embeddings.word_embeddings.weight"
_BATCH_TOKENS = 1024
_TYPES: dict[str, np.dtype[Any]] = {"F32": np.dtype("<f4"), "F16": np.dtype("<f2")}
_KINDS = ("bert", "xlm-roberta")
_MASKED = np.float32(-1e9)


class Shape(NamedTuple):
    """What the weights do not say of a network: `first` is the row of the first position."""

    heads: int
    epsilon: float
    first: int = 0

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The shape of the model in a folder. Raises `ValueError` for a network of another kind."""
        config = json.loads((folder / "config.json").read_bytes())
        kind, activation = config.get("model_type"), config.get("hidden_act")
        if kind not in _KINDS or activation != "gelu":
            raise ValueError(f"a network of the kind {kind} with {activation} is not known")
        first = config["pad_token_id"] + 1 if kind == "xlm-roberta" else 0
        return cls(config["num_attention_heads"], config["layer_norm_eps"], first)


class Network:
    """Compiled once; `run` may be called from several threads, one at a time gets it.

    With `pooling`, "mean" or "cls", a text has one unit vector; without, each of its tokens has what
    the weights of `span` make of it. For `throughput` each core works at a batch of its own; otherwise
    all work at the same one, which is sooner ready. Texts that follow one another make a batch of up to
    so many tokens, padding included; one that alone is longer is a batch by itself.
    """

    def __init__(
        self,
        words: Table,
        weights: Mapping[str, NDArray[Any]],
        shape: Shape,
        pooling: str | None = None,
        *,
        throughput: bool = True,
        batch: int = _BATCH_TOKENS,
    ) -> None:
        openvino = _openvino()
        self._words = words
        self._batch = batch
        graph = _graph(weights, words.shape[1], shape, pooling)
        hint = "THROUGHPUT" if throughput else "LATENCY"
        compiled = openvino.Core().compile_model(graph, "CPU", {"PERFORMANCE_HINT": hint})
        self.precision: str = compiled.get_property("INFERENCE_PRECISION_HINT").to_string()
        self._queue = openvino.AsyncInferQueue(compiled)
        self._is_pooled = pooling is not None
        self._lock = threading.Lock()

    def run(self, rows: Iterable[Sequence[int]]) -> list[Floats]:
        """For each row of token numbers its vector, shape (dim,), or its tokens', shape (tokens, n).

        Like lengths should stand together. What is still to come of `rows` is made while the first are
        computed.
        """
        results: list[Any] = []

        def keep(request: Any, at: tuple[int, list[int]]) -> None:
            first, lengths = at
            for number, length in enumerate(lengths):
                found = request.get_output_tensor(0).data[number]
                results[first + number] = (found if self._is_pooled else found[:length]).copy()

        with self._lock:
            self._queue.set_callback(keep)
            try:
                for together in _batches(rows, self._batch):
                    lengths = list(map(len, together))
                    first = len(results)
                    results += [None] * len(together)
                    self._queue.start_async(self._inputs(together, lengths), (first, lengths))
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


@cache
def read_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer of the model in a folder: read once, since it is a third of a gigabyte."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def read_weights(path: Path) -> tuple[Table, dict[str, NDArray[Any]]]:
    """Return the word vectors in a safetensors file, and its other weights, mapped into memory.

    Raises `ValueError` for numbers other than float32 and float16 or where there are no word vectors,
    `OSError` for an unreadable file.
    """
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
    first = 8 + size
    content = np.memmap(path, np.uint8, "c", offset=first)
    header.pop("__metadata__", None)
    words, weights = None, {}
    for name, about in header.items():
        start, end = about["data_offsets"]
        if (dtype := _TYPES.get(about["dtype"])) is None:
            raise ValueError(f"{name} is of type {about['dtype']}")
        if name == _WORDS:
            words = Table(path, first + start, dtype, tuple(about["shape"]))
        else:
            weights[name] = content[start:end].view(dtype).reshape(about["shape"])
    if words is None:
        raise ValueError(f"there is no {_WORDS} in {path.name}")
    return words, weights


def tuned(weights: Mapping[str, NDArray[Any]], path: Path) -> dict[str, NDArray[Any]]:
    """Add what was tuned, in a safetensors file, to the weights that it was tuned from."""
    from safetensors.numpy import load_file

    added = dict(weights)
    for name, value in _decoded(load_file(path)):
        added[name] = weights[name] + value if name in weights else value
    return added


def _decoded(file: Mapping[str, NDArray[Any]]) -> Iterator[tuple[str, Floats]]:
    """Unpack 4-bit codes: a byte has two neighbours, the first in its low half, offset by 8; a scale
    is for as many neighbours as there are codes for each.
    """
    for name, value in file.items():
        if name.endswith(".codes"):
            matrix = name.removesuffix(".codes")
            codes = np.stack([value & 0x0F, value >> 4], axis=-1).reshape(len(value), -1)
            scales = file[f"{matrix}.scales"].astype(np.float32)
            scales = np.repeat(scales, codes.shape[1] // scales.shape[1], axis=1)
            yield matrix, (codes.astype(np.float32) - 8) * scales
        elif not name.endswith(".scales"):
            yield name, value.astype(np.float32)


def _batches(rows: Iterable[Sequence[int]], most: int) -> Iterator[list[Sequence[int]]]:
    together: list[Sequence[int]] = []
    longest = 0
    for row in rows:
        longest = max(longest, len(row))
        if together and longest * (len(together) + 1) > most:
            yield together
            together, longest = [], len(row)
        together.append(row)
    if together:
        yield together


def _openvino() -> Any:
    """Import OpenVINO without its telemetry, which reports each import to its makers."""
    package = "openvino_telemetry"
    if package in sys.modules:
        import openvino
    else:
        sys.modules[package] = None  # type: ignore[assignment]
        try:
            import openvino  # which takes a stub for a package that is not there
        finally:
            del sys.modules[package]
    return openvino


def _graph(weights: Mapping[str, NDArray[Any]], width: int, shape: Shape, pooling: str | None) -> Any:
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
        x = ops.mvn(x, np.array([-1]), True, shape.epsilon, "inside_sqrt")
        return ops.add(ops.multiply(x, weight(f"{name}.weight")), weight(f"{name}.bias"))

    def split(x: Any) -> Any:
        x = ops.reshape(x, np.array([0, 0, shape.heads, -1]), True)
        return ops.transpose(x, np.array([0, 2, 1, 3]))

    words = ops.parameter([-1, -1, width], np.float32)
    mask = ops.parameter([-1, -1], np.float32)
    length = ops.gather(ops.shape_of(words), np.array(1), np.array(0))
    places = ops.range(np.array(0), length, np.array(1), "i64")
    table = weights["embeddings.position_embeddings.weight"][shape.first :]
    table = constant(table + weights["embeddings.token_type_embeddings.weight"][0])
    x = norm(ops.add(words, ops.gather(table, places, np.array(0))), "embeddings.LayerNorm")
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
        there = ops.unsqueeze(ops.convert(ops.equal(mask, np.float32(0)), np.float32), np.array([2]))
        x = ops.reduce_sum(ops.multiply(x, there), np.array([1]))
    return openvino.Model([ops.normalize_l2(x, np.array([1]), 1e-24, "add")], [words, mask])
