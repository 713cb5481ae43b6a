"""Similarities of the FAISS index."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rag.index.faiss_index import Index


def test_similarities_in_blocks_equal_those_at_once(index: Path) -> None:
    opened = Index.open(index)
    rows = list(range(opened.manifest.vectors)) * 200
    query = opened.vectors([0])[0]
    expected = np.einsum("ij,j->i", opened.vectors(rows), query)
    assert np.array_equal(opened.similarities(query, rows), expected)
    assert opened.similarities(query, []).shape == (0,)
