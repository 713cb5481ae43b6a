"""Fills the vector side of a new generation: the vector of every row, and what finds the nearest.

In a small archive a question is compared with every passage and title. In a larger one that is done
with two bits for each number (RaBitQ: Gao and Long 2024, doi:10.1145/3654970), in the likeliest of
some lists if there are very many, and what is found is compared again, with the vectors themselves.
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

from rag.index import generations
from rag.index.faiss_index import Index
from rag.index.generations import Search
from rag.retrieval.ranking import NEAR_AT_LEAST
from rag.types import Vectors

EXACT = 20_000
"""Passages and titles up to which all are compared with a question."""
ONE_LIST = 250_000
"""How many are in one list, at most."""
_FACTORY = "IVF{},RaBitQfs2"
_CHUNK = 1 << 14
_TRAINING, _PER_LIST = 1 << 16, 40
"""Vectors that the lists are found from, and at least how many for each."""
_RECALL, _BEST = 0.99, 10


Rows = NDArray[np.int64]
Source = Callable[[Rows], Vectors]


def write(
    generation: Path,
    shape: tuple[int, int],
    source: Source,
    leads: Rows,
    questions: Callable[[], Vectors],
    previous: Index | None,
) -> Search:
    """Write the vectors of all rows, of this `shape`, and what finds the nearest of many `leads`.

    `questions`, shape (n, dim), are like those that will be asked. With them it is found out how many
    lists must be looked into for the ten best of all to be among the 200 found, 99 times of 100. The
    lists of a `previous` index are taken over, if it is of the same kind.

    Raises `OSError` when it cannot be written.
    """
    rows, dim = shape
    _write_vectors(generation / generations.VECTORS, rows, dim, source)
    if len(leads) <= EXACT:
        return Search("", 0, 1.0)
    lists = 1 if len(leads) <= ONE_LIST else 2 ** round(math.log2(math.sqrt(len(leads))))
    factory = _FACTORY.format(lists)
    nearest = _nearest(factory, dim, source, leads, previous)
    for start in range(0, len(leads), _CHUNK):
        chunk = leads[start : start + _CHUNK]
        nearest.add_with_ids(source(chunk), chunk)
    probes, recall = _probes(nearest, source, leads, questions())
    path = generation / generations.NEAREST
    try:
        faiss.write_index(nearest, str(path))
    except RuntimeError as error:  # as it reports a full disk
        raise OSError(f"{path.name} cannot be written, perhaps because the disk is full") from error
    return Search(factory, probes, recall)


def _write_vectors(path: Path, rows: int, dim: int, source: Source) -> None:
    """Write vectors in half precision, as `faiss.write_index` would, but a few at a time.

    The file is a header with the number of vectors at its bytes 8 to 15, the length of the codes in
    bytes, and the codes.
    """
    half = faiss.ScalarQuantizer.QT_fp16
    empty = faiss.IndexScalarQuantizer(dim, half, faiss.METRIC_INNER_PRODUCT)
    header = faiss.serialize_index(empty).tobytes()
    with path.open("wb") as file:
        file.write(header[:8] + struct.pack("<q", rows) + header[16:-8])
        file.write(struct.pack("<Q", rows * empty.sa_code_size()))
        for start in range(0, rows, _CHUNK):
            chunk = np.arange(start, min(start + _CHUNK, rows))
            file.write(empty.sa_encode(source(chunk)).tobytes())


def _nearest(factory: str, dim: int, source: Source, leads: Rows, previous: Index | None) -> Any:
    """An empty index of passages and titles, whose lists are found."""
    if previous and previous.manifest.search.nearest == factory:
        return previous.emptied()
    empty: Any = faiss.index_factory(dim, factory, faiss.METRIC_INNER_PRODUCT)
    empty.train(source(_evenly(leads, max(_TRAINING, _PER_LIST * empty.nlist))))
    return empty


def _probes(
    nearest: faiss.IndexIVF, source: Source, leads: Rows, questions: Vectors
) -> tuple[int, float]:
    """In how many lists to look, and how many of the ten best passages or titles are found then."""
    exact = faiss.ResultHeap(len(questions), _BEST, keep_max=True)
    for start in range(0, len(leads), _CHUNK):
        chunk = leads[start : start + _CHUNK]
        scores, found = faiss.knn(questions, source(chunk), _BEST, faiss.METRIC_INNER_PRODUCT)
        exact.add_result(scores, chunk[found])
    exact.finalize()
    probes = 1
    while True:
        parameters = faiss.SearchParametersIVF(nprobe=probes)  # type: ignore[call-arg]
        _, found = nearest.search(questions, NEAR_AT_LEAST, params=parameters)
        shares = [np.isin(right, rows).mean() for right, rows in zip(exact.I, found, strict=True)]
        recall = float(np.mean(shares))
        if recall >= _RECALL or probes == nearest.nlist:
            return probes, round(recall, 4)
        probes = min(nearest.nlist, 1 + probes * 9 // 8)


def _evenly(rows: Rows, most: int) -> Rows:
    """As many of the rows, spread over all."""
    return rows[:: max(1, len(rows) // most)]
