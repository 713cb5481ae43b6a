"""Near-duplicates: articles with nearly the same text, such as copies, reprints and versions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from functools import reduce
from itertools import compress, islice

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
_BANDS, _BAND_VALUES = 12, 5
"""With twelve bands of five values nearly all pairs at the threshold share a band."""
_SIGNATURE, _ADDRESS = _BANDS, _BANDS + 1
"""Columns of the keys of an article, after those of its bands."""
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
"""Odd, so that bands that differ in one value have different hashes."""
_BLOCK = 1 << 12
"""Articles whose signatures are hashed at a time."""
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


def find(articles: Callable[[], Iterable[tuple[bytes, str]]]) -> dict[int, int]:
    """Map each near-duplicate of an earlier article to the first article of its group, by number.

    Articles are numbered from 0. `articles` returns the signature and the address of each, in order. It
    is called a second time for the signatures of those that share a band of values with another (LSH:
    Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, section 3.4) or an address. These take
    1 kB of memory each, the others 0.4 kB.
    """
    keys = _keys(articles())
    copied = _first_with(keys[:, _SIGNATURE])
    numbers = np.arange(len(keys))
    originals = np.flatnonzero(copied == numbers)
    versions = copied[_first_with(keys[:, _ADDRESS])[originals]]
    bands = keys[originals, :_BANDS]
    is_related = (versions != originals) | np.isin(originals, versions[versions != originals])
    for band in bands.T:
        is_related |= _is_shared(band)
    related = originals[is_related]
    signatures = (signature for signature, _ in articles()) if len(related) else ()
    values = _values(compress(signatures, np.isin(numbers, related)), len(related))
    earlier = np.searchsorted(related, versions[is_related])
    groups = numbers.copy()
    groups[related] = related[_group_related(bands[is_related], earlier, values)]
    groups = groups[copied]
    duplicates = np.flatnonzero(groups != numbers)
    return dict(zip(duplicates.tolist(), groups[duplicates].tolist(), strict=True))


def _keys(articles: Iterable[tuple[bytes, str]]) -> NDArray[np.uint64]:
    """64-bit hashes of the bands, the signature and the address of each article, shape (n, 14)."""
    blocks = [np.empty((0, _BANDS + 2), np.uint64)]
    left = enumerate(articles)
    while block := list(islice(left, _BLOCK)):
        keys = np.empty((len(block), _BANDS + 2), np.uint64)
        values = _values((signature for _, (signature, _) in block), len(block))
        bands = values[:, : _BANDS * _BAND_VALUES].reshape(-1, _BANDS, _BAND_VALUES)
        keys[:, :_BANDS] = reduce(lambda hashes, value: hashes * _FACTOR + value, bands.T).T
        keys[:, _SIGNATURE] = [_hash(signature) for _, (signature, _) in block]
        # An article without an address shares none: addresses have no spaces.
        addresses = (_usual_address(url) or f" {number}" for number, (_, url) in block)
        keys[:, _ADDRESS] = [_hash(address.encode()) for address in addresses]
        blocks.append(keys)
    return np.concatenate(blocks)


def _hash(content: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "little")


def _values(signatures: Iterable[bytes], count: int) -> NDArray[np.uint32]:
    """The values of signatures, shape (count, 64)."""
    size = _PERMUTATIONS * np.dtype(np.uint32).itemsize
    content = np.fromiter(signatures, f"S{size}", count)
    return content.view(np.uint32).reshape(count, _PERMUTATIONS)


def _first_with(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The number of the first article with the key of each article."""
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    numbers: NDArray[np.int64] = first[inverse]
    return numbers


def _is_shared(keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Whether another article has the key of each article."""
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    shared: NDArray[np.bool_] = counts[inverse] > 1
    return shared


def _group_related(
    bands: NDArray[np.uint64], versions: NDArray[np.int64], values: NDArray[np.uint32]
) -> NDArray[np.int64]:
    """The group of each article with another signature, shape (n,).

    `bands` has shape (n, 12), `values` (n, 64). `versions` are the first articles with the addresses of
    the articles.
    """
    runs = [_Runs(band) for band in bands.T]
    groups = np.arange(len(values))
    for number, version in enumerate(versions):
        near = np.unique(np.concatenate([run.before(number) for run in runs]))
        near = near[_similarity(values[near], values[number]) >= _THRESHOLD]
        if _similarity(values[version], values[number]) >= _VERSION_THRESHOLD:
            near = np.append(near, version)
        groups[number] = groups[near].min(initial=number)
    return groups


class _Runs:
    """Articles in the order of a key, so that those with the same key follow each other."""

    def __init__(self, keys: NDArray[np.uint64]) -> None:
        self._order = np.argsort(keys, kind="stable")
        ordered = keys[self._order]
        self._start = np.searchsorted(ordered, keys)
        self._place = np.empty_like(self._order)
        self._place[self._order] = np.arange(len(keys))

    def before(self, number: int) -> NDArray[np.int64]:
        """Return the articles before this one with its key, in order."""
        return self._order[self._start[number] : self._place[number]]


def _usual_address(url: str) -> str:
    """Return an address without what does not change its page: scheme, "www.", tracking, last slash."""
    address, _, query = _SCHEME_OF_URL.sub("", url.partition("#")[0]).partition("?")
    parameters = [part for part in query.split("&") if part and not _TRACKING.match(part)]
    return "?".join([address.rstrip("/"), *filter(None, ["&".join(parameters)])])


def _similarity(some: NDArray[np.uint32], one: NDArray[np.uint32]) -> NDArray[np.float64]:
    """Estimate the Jaccard index of some texts and one from the values of their signatures."""
    similarity: NDArray[np.float64] = np.mean(some == one, axis=-1)
    return similarity
