"""A BERT network with the reader's head, run by OpenVINO: no torch, and bfloat16 where there is any.

The graph is written down here, operation by operation, from named weights. Word vectors are looked up
outside of it, so that their table (four fifths of a multilingual model) is not copied into it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
_HEAD_WIDTH = 32
_EPSILON = 1e-12


class Network:
    """Compiled once; `run` may be called from several threads, one at a time gets it."""

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        import openvino

        self._words = weights["embeddings.word_embeddings.weight"]
        core = openvino.Core()
        compiled = core.compile_model(_graph(weights), "CPU", {"PERFORMANCE_HINT": "THROUGHPUT"})
        self._queue = openvino.AsyncInferQueue(compiled)
        self._lock = threading.Lock()

    @classmethod
    def load(cls, base: Path, tuned: Path) -> Self:
        """Add what was tuned to the weights it was tuned from; both are safetensors files."""
        from safetensors.numpy import load_file

        weights = load_file(base)
        for name, value in _decoded(load_file(tuned)):
            weights[name] = weights[name] + value if name in weights else value
        return cls(weights)

    def run(self, rows: Sequence[Sequence[int]]) -> list[Floats]:
        """For each row of token numbers: the logits of starts and ends, shape (tokens, 2)."""
        results: list[Any] = [None] * len(rows)

        def keep(request: Any, at: int) -> None:
            results[at] = request.get_output_tensor(0).data[0].copy()

        with self._lock:
            self._queue.set_callback(keep)
            for at, row in enumerate(rows):
                self._queue.start_async([self._words[row][None]], at)
            self._queue.wait_all()
        return results


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


def _graph(weights: Mapping[str, Floats]) -> Any:
    import openvino
    from openvino import opset15 as ops

    def dense(x: Any, name: str) -> Any:
        product = ops.matmul(x, weights[f"{name}.weight"], False, True)
        return ops.add(product, weights[f"{name}.bias"])

    def norm(x: Any, name: str) -> Any:
        x = ops.mvn(x, np.array([-1]), True, _EPSILON, "inside_sqrt")
        x = ops.multiply(x, weights[f"{name}.weight"])
        return ops.add(x, weights[f"{name}.bias"])

    def split(x: Any) -> Any:
        x = ops.reshape(x, np.array([0, 0, -1, _HEAD_WIDTH]), True)
        return ops.transpose(x, np.array([0, 2, 1, 3]))

    words = ops.parameter([-1, -1, weights["span.weight"].shape[1]], np.float32)
    length = ops.gather(ops.shape_of(words), np.array(1), np.array(0))
    places = ops.range(np.array(0), length, np.array(1), "i64")
    table = weights["embeddings.position_embeddings.weight"]
    table = table + weights["embeddings.token_type_embeddings.weight"][0]
    x = norm(ops.add(words, ops.gather(table, places, np.array(0))), "embeddings.LayerNorm")
    layer = 0
    while f"encoder.layer.{layer}.output.dense.weight" in weights:
        name = f"encoder.layer.{layer}"
        q, k, v = (split(dense(x, f"{name}.attention.self.{n}")) for n in ("query", "key", "value"))
        mixed = ops.transpose(ops.scaled_dot_product_attention(q, k, v), np.array([0, 2, 1, 3]))
        mixed = ops.reshape(mixed, np.array([0, 0, -1]), True)
        mixed = ops.add(x, dense(mixed, f"{name}.attention.output.dense"))
        x = norm(mixed, f"{name}.attention.output.LayerNorm")
        inner = ops.gelu(dense(x, f"{name}.intermediate.dense"), "erf")
        x = norm(ops.add(x, dense(inner, f"{name}.output.dense")), f"{name}.output.LayerNorm")
        layer += 1
    return openvino.Model([dense(x, "span")], [words])
