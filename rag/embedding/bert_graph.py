"""The operations of BERT and XLM-RoBERTa as an OpenVINO graph, built from named weights.

Word embeddings are looked up outside of it: they are four fifths of a multilingual model and stay on
disk.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

MASKED = np.float32(-1e9)
LIMITS = "limits"
"""The name, beside "weight" and "bias", of the largest input of each channel of a linear map."""
HIGHEST_CODE = 127
_MODEL_TYPES = ("bert", "xlm-roberta")


class Architecture(NamedTuple):
    """The settings of a network that its weights do not show.

    `first_position` is the row of the first position embedding. `local_layers` is the number of layers
    in which a token of a passage attends to its own window alone, 0 if the model is not trained for it.
    """

    heads: int
    epsilon: float
    first_position: int = 0
    local_layers: int = 0

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read them from the model in a folder. Raises `ValueError` for an unsupported network."""
        config = json.loads((folder / "config.json").read_bytes())
        model_type, activation = config.get("model_type"), config.get("hidden_act")
        if model_type not in _MODEL_TYPES or activation != "gelu":
            raise ValueError(f"the network {model_type} with {activation} is not supported")
        first_position = config["pad_token_id"] + 1 if model_type == "xlm-roberta" else 0
        local_layers = config.get("local_layers", 0)
        return cls(
            config["num_attention_heads"], config["layer_norm_eps"], first_position, local_layers
        )


def import_openvino() -> Any:
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


class BertGraph:
    """Builds the graphs of one model; `width` is the length of a word embedding."""

    def __init__(
        self, weights: Mapping[str, NDArray[Any]], width: int, architecture: Architecture
    ) -> None:
        self._openvino = import_openvino()
        from openvino import opset15

        self._ops: Any = opset15
        self._weights, self._width, self._architecture = weights, width, architecture
        self._layers = 0
        while f"encoder.layer.{self._layers}.output.dense.weight" in weights:
            self._layers += 1

    def of_texts(self, pooling: str | None) -> Any:
        """Return the graph from word embeddings and a mask to unit vectors.

        The mask is 0 for a token and `MASKED` for padding. Without `pooling`, "mean" or "cls", the
        output is the head `span` of each token.
        """
        ops = self._ops
        words = ops.parameter([-1, -1, self._width], np.float32)
        mask = ops.parameter([-1, -1], np.float32)
        length = ops.gather(ops.shape_of(words), np.array(1), np.array(0))
        x = self._embed(words, ops.range(np.array(0), length, np.array(1), "i64"))
        attention = ops.unsqueeze(mask, np.array([1, 2]))
        for layer in range(self._layers):
            x = self._layer(x, attention, layer)
        if pooling is None:
            return self._openvino.Model([self._dense(x, "span")], [words, mask])
        if pooling == "cls":
            x = ops.gather(x, np.array(0), np.array(1))
        else:
            is_token = ops.convert(ops.equal(mask, np.float32(0)), np.float32)
            x = ops.reduce_sum(ops.multiply(x, ops.unsqueeze(is_token, np.array([2]))), np.array([1]))
        return self._openvino.Model([self._unit(x, 1)], [words, mask])

    def of_passages(self, last: BertGraph) -> Any:
        """Return the graph from the tokens of passages to unit vectors of passages and their windows.

        Inputs are the word embeddings, shape (n, tokens, width), the number of the window of each
        token, -1 for padding, its position in the window, and the numbers of all windows from 0. The
        vector of a window comes from layers in which its tokens see one another alone; that of a
        passage from the same layers up to `local_layers`, and then from the layers of `last`, in which
        its tokens see one another too.
        """
        ops = self._ops
        words = ops.parameter([-1, -1, self._width], np.float32)
        window, position = (ops.parameter([-1, -1], np.int64) for _ in range(2))
        numbers = ops.parameter([-1], np.int64)

        def mask(visible: Any) -> Any:
            return ops.select(visible, np.float32(0), MASKED)

        is_token = ops.greater_equal(window, np.int64(0))
        apart = ops.equal(ops.unsqueeze(window, np.array([2])), ops.unsqueeze(window, np.array([1])))
        local = mask(ops.unsqueeze(apart, np.array([1])))
        together = mask(ops.unsqueeze(is_token, np.array([1, 2])))
        x = self._embed(words, position)
        for layer in range(self._architecture.local_layers):
            x = self._layer(x, local, layer)
        seen = x
        for layer in range(self._architecture.local_layers, self._layers):
            x, seen = self._layer(x, local, layer), last._layer(seen, together, layer)
        member = ops.equal(
            ops.unsqueeze(window, np.array([1])), ops.unsqueeze(numbers, np.array([0, 2]))
        )
        windows = ops.matmul(ops.convert(member, np.float32), x, False, False)
        weight = ops.unsqueeze(ops.convert(is_token, np.float32), np.array([2]))
        own = ops.reduce_sum(ops.multiply(seen, weight), np.array([1]))
        outputs = [self._unit(own, 1), self._unit(windows, 2)]
        return self._openvino.Model(outputs, [words, window, position, numbers])

    def _embed(self, words: Any, positions: Any) -> Any:
        ops = self._ops
        table = self._weights["embeddings.position_embeddings.weight"]
        table = table[self._architecture.first_position :]
        table = self._constant(table + self._weights["embeddings.token_type_embeddings.weight"][0])
        x = ops.add(words, ops.gather(table, positions, np.array(0)))
        return self._norm(x, "embeddings.LayerNorm")

    def _layer(self, x: Any, mask: Any, layer: int) -> Any:
        ops, name = self._ops, f"encoder.layer.{layer}"

        def split(y: Any) -> Any:
            y = ops.reshape(y, np.array([0, 0, self._architecture.heads, -1]), True)
            return ops.transpose(y, np.array([0, 2, 1, 3]))

        parts = (f"{name}.attention.self.{part}" for part in ("query", "key", "value"))
        q, k, v = map(split, self._denses(x, *parts))
        mixed = ops.scaled_dot_product_attention(q, k, v, mask)
        mixed = ops.reshape(ops.transpose(mixed, np.array([0, 2, 1, 3])), np.array([0, 0, -1]), True)
        mixed = ops.add(x, self._dense(mixed, f"{name}.attention.output.dense"))
        x = self._norm(mixed, f"{name}.attention.output.LayerNorm")
        inner = ops.gelu(self._dense(x, f"{name}.intermediate.dense"), "erf")
        return self._norm(
            ops.add(x, self._dense(inner, f"{name}.output.dense")), f"{name}.output.LayerNorm"
        )

    def _dense(self, x: Any, name: str) -> Any:
        (result,) = self._denses(x, name)
        return result

    def _denses(self, x: Any, *names: str) -> list[Any]:
        """Return linear maps of the same input, in 8 bits if the limits of the first map are known."""
        limits = self._weights.get(f"{names[0]}.{LIMITS}")
        if limits is not None:
            limits = limits.astype(np.float32)
            x = self._ops.multiply(x, self._constant(1 / limits))
            x = self._ops.fake_quantize(x, *map(np.float32, (-1, 1, -1, 1)), 2 * HIGHEST_CODE + 1)
        results = []
        for name in names:
            weight = self._weights[f"{name}.weight"]
            matrix = self._constant(weight) if limits is None else self._codes(weight * limits)
            bias = self._constant(self._weights[f"{name}.bias"])
            results.append(self._ops.add(self._ops.matmul(x, matrix, False, True), bias))
        return results

    def _codes(self, weight: NDArray[Any]) -> Any:
        """Return a matrix as codes of 8 bits, with one scale per row."""
        scales = np.abs(weight).max(axis=1, keepdims=True, initial=1e-9) / HIGHEST_CODE
        codes = self._ops.constant(np.rint(weight / scales).astype(np.int8))
        return self._ops.multiply(self._ops.convert(codes, np.float32), self._constant(scales))

    def _norm(self, x: Any, name: str) -> Any:
        weight, bias = (self._constant(self._weights[f"{name}.{kind}"]) for kind in ("weight", "bias"))
        x = self._ops.mvn(x, np.array([-1]), True, self._architecture.epsilon, "inside_sqrt")
        return self._ops.add(self._ops.multiply(x, weight), bias)

    def _constant(self, value: NDArray[Any]) -> Any:
        return self._ops.constant(np.ascontiguousarray(value, np.float32), shared_memory=True)

    def _unit(self, x: Any, axis: int) -> Any:
        return self._ops.normalize_l2(x, np.array([axis]), 1e-24, "add")
