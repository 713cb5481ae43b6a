"""Compresses unit vectors to six bits per number.

Vectors are rotated first, by random signs and a Fourier transform (Ailon and Chazelle 2009,
doi:10.1137/060673096). The numbers of a rotated unit vector are nearly normal with a deviation of
1/√dim, whatever the model, so one range fits all of them and nothing is trained: a vector has the same
code in every build. Inner products of rotated vectors are those of the vectors.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from rag.types import Vectors

VERSION = 1
"""Version of the codes of vectors."""
_RANGE = 3.5
"""Deviations from zero that the codes reach; larger numbers are cut off there."""

Codes = NDArray[np.uint8]
"""Codes of rotated vectors, shape (n, code size)."""


def empty(dim: int) -> Any:
    """Return a FAISS index of codes, without vectors; search it with rotated queries."""
    index = faiss.IndexScalarQuantizer(dim, faiss.ScalarQuantizer.QT_6bit, faiss.METRIC_INNER_PRODUCT)
    limit = _RANGE / math.sqrt(dim)
    lowest_and_width = np.repeat(np.array([-limit, 2 * limit], np.float32), dim)
    faiss.copy_array_to_vector(lowest_and_width, index.sq.trained)
    index.is_trained = True
    return index


def encode(vectors: Vectors) -> Codes:
    """Rotate vectors, shape (n, dim), and return their codes."""
    codes: Codes = empty(vectors.shape[1]).sa_encode(rotate(vectors))
    return codes


def is_rotated(index: faiss.IndexScalarQuantizer) -> bool:
    """Whether a FAISS index has codes; those of earlier versions have vectors in half precision."""
    return bool(index.sq.qtype == faiss.ScalarQuantizer.QT_6bit)


def rotate(vectors: Vectors) -> Vectors:
    """Rotate vectors, shape (n, dim) or (dim,); each alone, so that equal ones stay equal."""
    dim = vectors.shape[-1]
    spectrum = np.fft.rfft(vectors * _signs(dim), norm="ortho")
    # Real and imaginary parts in turns. The imaginary part of the mean, and of the last number if
    # `dim` is even, is zero and left out.
    parts = spectrum.view(spectrum.real.dtype) * math.sqrt(2)
    rotated = np.ascontiguousarray(parts[..., 1 : dim + 1], np.float32)
    rotated[..., 0] = spectrum[..., 0].real
    if dim % 2 == 0:
        rotated[..., -1] = spectrum[..., -1].real
    return rotated


def rotate_back(rotated: Vectors) -> Vectors:
    """Undo `rotate`."""
    dim = rotated.shape[-1]
    parts = np.zeros((*rotated.shape[:-1], 2 * (dim // 2 + 1)), np.float32)
    parts[..., 1 : dim + 1] = rotated / math.sqrt(2)
    parts[..., 0], parts[..., 1] = rotated[..., 0], 0
    if dim % 2 == 0:
        parts[..., -2] = rotated[..., -1]
    vectors = np.fft.irfft(parts.view(np.complex64), dim, norm="ortho")
    return vectors.astype(np.float32, copy=False) * _signs(dim)


@cache
def _signs(dim: int) -> Vectors:
    random = np.frombuffer(hashlib.shake_256(b"signs of a rotation").digest(dim), np.uint8)
    return np.where(random < 128, np.float32(-1), np.float32(1))


@contextmanager
def one_thread() -> Iterator[None]:
    """Let FAISS compute on the calling thread.

    Its others have nothing to do for one question, and spin on while the next one is encoded.
    """
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(threads)
