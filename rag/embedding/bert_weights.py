"""The weights and the tokenizer of a BERT model folder, read without torch."""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.embedding.unigram import UnigramTokenizer
from rag.files import Table
from rag.types import Span

Floats = NDArray[np.float32]
PASSAGE_LAYERS = "passage_layers.safetensors"
"""The file in a model folder with the deltas of the last layers for passages; see `BertGraph`."""
_WORD_EMBEDDINGS = "embeddings.word_embeddings.weight"
_DTYPES: dict[str, np.dtype[Any]] = {"F32": np.dtype("<f4"), "F16": np.dtype("<f2")}


class Tokens(Protocol):
    """The ids of the tokens of a text, and the characters that each covers."""

    @property
    def ids(self) -> list[int]: ...

    @property
    def offsets(self) -> list[Span]: ...


class Tokenizer(Protocol):
    """What is used of `tokenizers.Tokenizer`."""

    def encode_batch(
        self, texts: Sequence[str], /, *, add_special_tokens: bool = True
    ) -> Sequence[Tokens]:
        """Return the tokens of each text."""
        ...

    def token_to_id(self, token: str, /) -> int | None:
        """Return the id of a token, None if there is none."""
        ...


@cache
def read_tokenizer(folder: Path) -> Tokenizer:
    """Return the tokenizer of the model in a folder, without padding and truncation.

    A Unigram vocabulary is mapped from disk. `tokenizers` reads any other; it is cached, because it may
    take hundreds of megabytes.
    """
    path = folder / "tokenizer.json"
    with suppress(OSError, ValueError, KeyError):
        return UnigramTokenizer.of_file(path)
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def count_tokens(tokenizer: Tokenizer, words: Sequence[str]) -> list[int]:
    """Return the number of tokens of each word."""
    return [len(each.ids) for each in tokenizer.encode_batch(words, add_special_tokens=False)]


def read_weights(path: Path) -> tuple[Table, dict[str, NDArray[Any]]]:
    """Return the word embeddings in a safetensors file, and the other weights by name.

    The word embeddings stay on disk; the other weights are mapped into memory. Raises `ValueError` for
    a dtype other than float32 and float16 or if word embeddings are missing, `OSError` for an
    unreadable file.
    """
    # The safetensors package does not report the offset of a tensor, which `Table` needs.
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
    data = 8 + size
    content = np.memmap(path, np.uint8, "c", offset=data)
    header.pop("__metadata__", None)
    words, weights = None, {}
    for name, tensor in header.items():
        start, end = tensor["data_offsets"]
        if (dtype := _DTYPES.get(tensor["dtype"])) is None:
            raise ValueError(f"{name} has the dtype {tensor['dtype']}")
        if name == _WORD_EMBEDDINGS:
            words = Table(path, data + start, dtype, tuple(tensor["shape"]))
        else:
            weights[name] = content[start:end].view(dtype).reshape(tensor["shape"])
    if words is None:
        raise ValueError(f"{path.name} has no {_WORD_EMBEDDINGS}")
    return words, weights


def release_pages(weights: Mapping[str, NDArray[Any]]) -> None:
    """Take the pages of mapped weights out of memory; they are read again when they are needed."""
    if not hasattr(mmap, "MADV_DONTNEED"):  # on Windows
        return
    maps: dict[int, mmap.mmap] = {}
    for weight in weights.values():
        base: object = weight
        while isinstance(base, np.ndarray):
            base = base.base
        if isinstance(base, mmap.mmap):
            maps[id(base)] = base
    for each in maps.values():
        each.madvise(mmap.MADV_DONTNEED)


def add_deltas(weights: Mapping[str, NDArray[Any]], path: Path) -> dict[str, NDArray[Any]]:
    """Add the deltas in a safetensors file to the weights; a name without weight is new.

    Mapped weights are out of memory then.
    """
    result = dict(weights)
    for name, value in read_deltas(path):
        result[name] = weights[name] + value if name in weights else value
    release_pages(weights)
    return result


def read_deltas(path: Path) -> Iterator[tuple[str, Floats]]:
    """Yield each tensor of a safetensors file in float32, 4-bit matrices from their codes and scales.

    A byte has the codes of two neighbours in a row, the first in its low half, offset by 8. Each scale
    belongs to an equal share of the row.
    """
    from safetensors.numpy import load_file

    tensors = load_file(path)
    for name, value in tensors.items():
        if name.endswith(".codes"):
            matrix = name.removesuffix(".codes")
            codes = np.stack([value & 0x0F, value >> 4], axis=-1).reshape(len(value), -1)
            scales = tensors[f"{matrix}.scales"].astype(np.float32)
            scales = np.repeat(scales, codes.shape[1] // scales.shape[1], axis=1)
            yield matrix, (codes.astype(np.float32) - 8) * scales
        elif not name.endswith(".scales"):
            yield name, value.astype(np.float32)
