"""Near-duplicates: articles with nearly the same text, such as copies, reprints and versions."""

from __future__ import annotations

import re
from functools import partial

import numpy as np
from numpy.typing import NDArray

from rag.text.terms import fold
from rag.types import Article

VERSION = 1
"""Raised with every change of the signature of the same article."""
_THRESHOLD = 0.8
"""Least similarity of near-duplicates: the Jaccard index of their shingles."""
_VERSION_THRESHOLD = 0.1
"""The same for articles with the same address, which are versions of one article."""
_SHINGLE_CHARACTERS = 5
_PERMUTATIONS = 64
_SCHEME = "affine32"
_SCHEME_OF_URL = re.compile(r"^https?://(?:www\.)?", re.IGNORECASE)
_TRACKING = re.compile(r"(?:utm_\w+|fbclid|gclid|yclid|msclkid|mc_[ce]id|spm|igshid)=", re.IGNORECASE)


def signature(article: Article) -> bytes:
    """Return the MinHash signature of the title and the text of an article.

    Script, width, case and punctuation make no difference. Method: Broder 1997,
    doi:10.1109/SEQUEN.1997.666900.
    """
    from datasketch import MinHash

    text = article.title + article.text
    words = fold(text) or text
    shingles = range(max(1, len(words) - _SHINGLE_CHARACTERS + 1))
    minhash = MinHash(_PERMUTATIONS, scheme=_SCHEME)
    minhash.update_batch({words[at : at + _SHINGLE_CHARACTERS].encode() for at in shingles})
    values: NDArray[np.uint32] = minhash.hashvalues
    return values.tobytes()


class NearDuplicateIndex:
    """Groups articles with nearly the same text as they are added, by their signatures."""

    def __init__(self) -> None:
        from datasketch import MinHash, MinHashLSH

        self._minhash = partial(MinHash, scheme=_SCHEME)
        # With twelve bands of five values nearly all pairs at the threshold share a band.
        self._lsh = MinHashLSH(num_perm=_PERMUTATIONS, params=(12, 5))
        self._groups: dict[bytes, int] = {}
        self._by_url: dict[str, bytes] = {}
        self._count = 0

    def add(self, signature: bytes, url: str = "") -> int:
        """Add an article and return its group: the number of the first article in it, from 0."""
        number = self._count
        self._count += 1
        if signature not in self._groups:
            values = np.frombuffer(signature, np.uint32)
            minhash = self._minhash(hashvalues=values)
            groups = [
                self._groups[other]
                for other in self._lsh.query(minhash)
                if _similarity(other, values) >= _THRESHOLD
            ]
            earlier = self._by_url.get(_usual_address(url))
            if earlier and _similarity(earlier, values) >= _VERSION_THRESHOLD:
                groups.append(self._groups[earlier])
            self._groups[signature] = min(groups, default=number)
            self._lsh.insert(signature, minhash)
        if url:
            self._by_url.setdefault(_usual_address(url), signature)
        return self._groups[signature]


def _usual_address(url: str) -> str:
    """Return an address without what does not change its page: scheme, "www.", tracking, last slash."""
    address, _, query = _SCHEME_OF_URL.sub("", url.partition("#")[0]).partition("?")
    parameters = [part for part in query.split("&") if part and not _TRACKING.match(part)]
    return "?".join([address.rstrip("/"), *filter(None, ["&".join(parameters)])])


def _similarity(signature: bytes, values: NDArray[np.uint32]) -> float:
    """Estimate the Jaccard index of two texts from their signatures."""
    return float(np.mean(np.frombuffer(signature, np.uint32) == values))
