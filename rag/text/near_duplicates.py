"""Which articles tell one story in nearly the same words: copies, reprints, versions."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from rag.text.terms import fold
from rag.types import Article

VERSION = 1
"""Raised whenever the signature of the same article changes."""
_SAME = 0.8
"""Share of their five-character stretches that two articles have in common (Jaccard index)."""
_VERSIONS = 0.3
"""The same of two at one address: versions of it, unless the address says nothing."""
_STRETCH = 5
_PERMUTATIONS = 64
_SCHEME = "affine32"


def signature(article: Article) -> bytes:
    """Return the MinHash of what an article says: titles and texts alike in it are alike in words.

    Script, width, case and punctuation make no difference. (Broder 1997,
    doi:10.1109/SEQUEN.1997.666900.)
    """
    from datasketch import MinHash

    text = article.title + article.text
    words = fold(text) or text
    last = max(1, len(words) - _STRETCH + 1)
    minhash = MinHash(_PERMUTATIONS, scheme=_SCHEME)
    minhash.update_batch({words[at : at + _STRETCH].encode() for at in range(last)})
    values: NDArray[np.uint32] = minhash.hashvalues
    return values.tobytes()


class Stories:
    """The articles met so far, by signature."""

    def __init__(self) -> None:
        from datasketch import MinHash, MinHashLSH

        self._minhash = partial(MinHash, scheme=_SCHEME)
        # Twelve bands of five values: nearly all pairs at the threshold share one.
        self._near = MinHashLSH(num_perm=_PERMUTATIONS, params=(12, 5))
        self._known: dict[bytes, int] = {}
        self._at: dict[str, bytes] = {}
        self._count = 0

    def add(self, signature: bytes, url: str = "") -> int:
        """Return the number of the first article of the same story, counting from 0."""
        number = self._count
        self._count += 1
        if signature not in self._known:
            values = np.frombuffer(signature, np.uint32)
            minhash = self._minhash(hashvalues=values)
            near = self._near.query(minhash)
            alike = [self._known[other] for other in near if _similarity(other, values) >= _SAME]
            earlier = self._at.get(url)
            if earlier and _similarity(earlier, values) >= _VERSIONS:
                alike.append(self._known[earlier])
            self._known[signature] = min(alike, default=number)
            self._near.insert(signature, minhash)
        if url:
            self._at.setdefault(url, signature)
        return self._known[signature]


def _similarity(signature: bytes, values: NDArray[np.uint32]) -> float:
    """What two signatures say of the Jaccard index of their texts."""
    return float(np.mean(np.frombuffer(signature, np.uint32) == values))
