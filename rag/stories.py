"""Which articles tell one story in nearly the same words: copies, reprints, versions."""

from __future__ import annotations

import numpy as np
from datasketch import MinHash, MinHashLSH
from numpy.typing import NDArray

from rag.lexical import fold
from rag.types import Article

_SAME = 0.85
"""Share of their five-character stretches that two articles have in common (Jaccard index)."""
_STRETCH = 5
_PERMUTATIONS = 64
_SCHEME = "affine32"


def signature(article: Article) -> bytes:
    """Return the MinHash of what an article says: titles and texts alike in it are alike in words.

    Script, width, case and punctuation make no difference. (Broder 1997,
    doi:10.1109/SEQUEN.1997.666900.)
    """
    words = fold(article.title + article.text)
    last = max(1, len(words) - _STRETCH + 1)
    minhash = MinHash(_PERMUTATIONS, scheme=_SCHEME)
    minhash.update_batch({words[at : at + _STRETCH].encode() for at in range(last)})
    values: NDArray[np.uint32] = minhash.hashvalues
    return values.tobytes()


class Stories:
    """The articles met so far, by signature."""

    def __init__(self) -> None:
        self._near = MinHashLSH(threshold=_SAME, num_perm=_PERMUTATIONS)
        self._known: list[tuple[MinHash, int]] = []

    def add(self, signature: bytes) -> int:
        """Return the number of the first article of the same story, counting from 0."""
        minhash = MinHash(hashvalues=np.frombuffer(signature, np.uint32), scheme=_SCHEME)
        number = len(self._known)
        alike = [at for at in self._near.query(minhash) if minhash.jaccard(self._known[at][0]) >= _SAME]
        story = self._known[min(alike)][1] if alike else number
        self._near.insert(number, minhash)
        self._known.append((minhash, story))
        return story
