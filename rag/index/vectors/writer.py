"""Writes the vectors of a new generation, and the ANN index of a large one.

In a small archive a question is compared with every passage and title. A large one has an ANN index
with two bits per number (RaBitQ: Gao and Long 2024, doi:10.1145/3654970), divided into lists if it is
very large; the candidates it finds are compared again with their own vectors.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from rag.index.base import MIN_CANDIDATES
from rag.index.faiss_index import Index
from rag.index.manifest import NEAREST, VECTORS, AnnSettings
from rag.index.vectors import quantizer
from rag.index.vectors.quantizer import Codes
from rag.types import Vectors

EXACT = 20_000
"""Passages and titles up to which a question is compared with each."""
ONE_LIST = 250_000
"""Passages and titles up to which the ANN index has a single list."""
_FACTORY = "IVF{},RaBitQfs2"
_CHUNK = 1 << 12
_TRAINING, _PER_LIST = 1 << 16, 40
"""Vectors that the lists are trained on: in total, and at least per list."""
_RECALL, _BEST = 0.99, 10
_FEW, _GROWTH = 0.01, 1.05
"""Share of new rows, and growth, up to which as many lists are searched as before."""
_QUESTIONS = 8
"""Questions that are searched at a time: FAISS makes a table of 6 kB for each and each of its lists."""

RowNumbers = NDArray[np.int64]
CodesOf = Callable[[RowNumbers], Codes]
"""Returns the codes of rows, shape (len(rows), code size)."""
VectorsOf = Callable[[RowNumbers], Vectors]
"""Returns the rotated vectors of rows, shape (len(rows), dim)."""


def write(
    generation: Path,
    shape: tuple[int, int],
    codes_of: CodesOf,
    *,
    leads: RowNumbers,
    questions: Callable[[], Vectors],
    previous: Index | None,
    new: int,
) -> AnnSettings:
    """Write the vectors of all rows, of this `shape`, and an ANN index if there are many `leads`.

    `leads` are the rows of passages and titles. `questions` returns vectors like those of real
    questions, shape (n, dim); with them the number of lists to search is chosen so that 99 % of the
    ten best are among the 200 found. The lists of a `previous` index with the same factory string are
    reused, and so is that number if few of the rows are `new`.

    Raises `OSError` if the disk is full or cannot be written.
    """
    rows, dim = shape
    stored = quantizer.empty(dim)
    _write_vectors(generation / VECTORS, rows, stored, codes_of)
    if len(leads) <= EXACT:
        return AnnSettings("", 0, 1.0)
    lists = 1 if len(leads) <= ONE_LIST else 2 ** round(math.log2(math.sqrt(len(leads))))
    factory = _FACTORY.format(lists)

    def vectors_of(rows: RowNumbers) -> Vectors:
        vectors: Vectors = stored.sa_decode(codes_of(rows))
        return vectors

    same = _with_lists(previous, factory)
    ann = same.empty_ann() if same else _trained_ann(factory, dim, vectors_of, leads)
    for start in range(0, len(leads), _CHUNK):
        chunk = leads[start : start + _CHUNK]
        ann.add_with_ids(vectors_of(chunk), chunk)
    if same and _is_alike(same.manifest.vectors, rows, new):
        settings = same.manifest.search
    else:
        probes, recall = _probes(ann, vectors_of, leads, quantizer.rotate(questions()))
        settings = AnnSettings(factory, probes, recall)
    path = generation / NEAREST
    try:
        faiss.write_index(ann, str(path))
    except RuntimeError as error:  # FAISS reports a full disk this way
        raise OSError(f"{path.name} cannot be written, perhaps because the disk is full") from error
    return settings


def _write_vectors(path: Path, rows: int, empty: Any, codes_of: CodesOf) -> None:
    """Write codes into an index that is `empty`, as `faiss.write_index` does, a chunk at a time.

    The file is a header with the number of vectors in bytes 8 to 15, the length of the codes in bytes,
    and the codes.
    """
    header = faiss.serialize_index(empty).tobytes()
    with path.open("wb") as file:
        file.write(header[:8] + struct.pack("<q", rows) + header[16:-8])
        file.write(struct.pack("<Q", rows * empty.sa_code_size()))
        for start in range(0, rows, _CHUNK):
            chunk = np.arange(start, min(start + _CHUNK, rows))
            file.write(codes_of(chunk).tobytes())


def _with_lists(previous: Index | None, factory: str) -> Index | None:
    """The previous index if its ANN index has this factory string."""
    is_same = previous and previous.is_rotated and previous.manifest.search.nearest == factory
    return previous if is_same else None


def _is_alike(before: int, rows: int, new: int) -> bool:
    """Whether an archive is still as it was when the number of lists was chosen.

    It is not once it has passed the next of the sizes that are 5 % apart, so that many small builds
    change it as one large build does.
    """
    steps = [int(math.log(count, _GROWTH)) for count in (before, rows)]
    return new <= _FEW * rows and steps[0] == steps[1]


def _trained_ann(factory: str, dim: int, vectors_of: VectorsOf, leads: RowNumbers) -> Any:
    """An ANN index with trained lists and without vectors."""
    empty: Any = faiss.index_factory(dim, factory, faiss.METRIC_INNER_PRODUCT)
    empty.train(vectors_of(_evenly(leads, max(_TRAINING, _PER_LIST * empty.nlist))))
    return empty


def _probes(
    ann: faiss.IndexIVF, vectors_of: VectorsOf, leads: RowNumbers, questions: Vectors
) -> tuple[int, float]:
    """The number of lists to search, and the share of the ten best passages or titles found there."""
    exact = faiss.ResultHeap(len(questions), _BEST, keep_max=True)
    for start in range(0, len(leads), _CHUNK):
        chunk = leads[start : start + _CHUNK]
        scores, places = faiss.knn(questions, vectors_of(chunk), _BEST, faiss.METRIC_INNER_PRODUCT)
        exact.add_result(scores, chunk[places])
    exact.finalize()
    probes = 1
    while True:
        parameters = faiss.SearchParametersIVF(nprobe=probes)  # type: ignore[call-arg]
        found = np.concatenate(
            [
                ann.search(questions[start : start + _QUESTIONS], MIN_CANDIDATES, params=parameters)[1]
                for start in range(0, len(questions), _QUESTIONS)
            ]
        )
        shares = [np.isin(right, rows).mean() for right, rows in zip(exact.I, found, strict=True)]
        recall = float(np.mean(shares))
        if recall >= _RECALL or probes == ann.nlist:
            return probes, round(recall, 4)
        probes = min(ann.nlist, 1 + probes * 9 // 8)


def _evenly(rows: RowNumbers, limit: int) -> RowNumbers:
    """About `limit` of the rows, evenly spread."""
    return rows[:: max(1, len(rows) // limit)]
