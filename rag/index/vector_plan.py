"""The vectors of a new generation: from the live one, from a build cut short, or from the encoder."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from rag.index.checkpoint import Spool
from rag.index.corpus import Corpus
from rag.index.faiss_index import Index
from rag.text import passages
from rag.types import Encoder, Passage, Progress, Span, Vectors

_BATCH = 1024
"""Texts encoded between two times that it is made sure they need not be encoded again."""
_BLOCK = 32 * _BATCH
"""Texts in memory at a time, to put like lengths together."""
_DIGEST_BYTES = 16


class VectorRows:
    """The rows of the new generation, in order, and where the vector of each comes from.

    Of a row 24 bytes are kept in memory; texts and vectors stay on disk.
    """

    def __init__(self, previous: Index | None, encoder: Encoder, spooled: Spool) -> None:
        reusable = previous and previous.manifest.fingerprint == encoder.fingerprint
        self.previous = previous if reusable else None
        self._live = self.previous.corpus.digests() if self.previous else b""
        self._encoder, self._spool = encoder, spooled
        self._digests = bytearray()
        self._sources: NDArray[np.int64] = np.empty(0, np.int64)
        self.encoded = 0
        self.dim = 0

    def __len__(self) -> int:
        return len(self._digests) // _DIGEST_BYTES

    def keep(self, rows: range) -> None:
        """Add rows of the live generation."""
        self._digests += self._live[rows.start * _DIGEST_BYTES : rows.stop * _DIGEST_BYTES]

    def add(self, passage: Passage, number: int) -> list[tuple[Span, bytes]]:
        """Add the rows of a passage, the one with this number in its article."""
        added = [(span, digest(text)) for span, text in to_encode(passage, number)]
        self._digests += b"".join(known_by for _, known_by in added)
        return added

    def encode(self, corpus: Corpus, progress: Progress | None) -> None:
        """Encode what is nowhere yet; `corpus` has the texts of all rows.

        The model is loaded only for new texts.
        """
        digests = _as_array(self._digests)
        self._sources = _find(_as_array(self._live), digests)
        missing = np.flatnonzero(self._sources < 0)
        records = _find(self._spool.digests(), digests[missing])
        _, first = np.unique(digests[missing[records < 0]], return_index=True)
        new = missing[records < 0][np.sort(first)]
        for start in range(0, len(new), _BLOCK):
            block = new[start : start + _BLOCK]
            texts = corpus.texts(block.tolist())
            # Long ones first, and like lengths together.
            order = sorted(range(len(block)), key=lambda at: (-len(texts[at]), digests[block[at]]))
            for at in range(0, len(block), _BATCH):
                batch = order[at : at + _BATCH]
                report = progress and _shifted(progress, start + at, len(new))
                vectors = self._encoder.encode_passages([texts[i] for i in batch], report)
                self._spool.append(
                    [digests[block[i]].ljust(_DIGEST_BYTES, b"\0") for i in batch], vectors
                )
        records = _find(self._spool.digests(), digests[missing])
        self._sources[missing] = -1 - records
        self.encoded = len(new)
        if len(new) or not self.previous:
            self.dim = self._encoder.encode_passages([]).shape[1]
        else:
            self.dim = self.previous.manifest.dim

    def vectors(self, rows: NDArray[np.int64]) -> Vectors:
        """The vectors of rows, shape (len(rows), dim), once they are encoded."""
        sources = self._sources[rows]
        vectors = np.empty((len(rows), self.dim), np.float32)
        if (kept := sources >= 0).any():
            assert self.previous
            vectors[kept] = self.previous.vectors(sources[kept])
        if not kept.all():
            vectors[~kept] = self._spool.vectors(-1 - sources[~kept], self.dim)
        return vectors


def to_encode(passage: Passage, number: int) -> list[tuple[Span, str]]:
    """What of a passage has a vector, and where it is: first itself, then its windows.

    That with number 0 in its article has the title too, which has no range.
    """
    found = [((0, len(passage.text)), passage.text)]
    found += [(span, passage.text[slice(*span)]) for span in passages.windows(passage.text)]
    if number == 0 and passage.title.strip():
        found.append(((0, 0), passage.title))
    return found


def digest(text: str) -> bytes:
    """What a vector is found again by when its text is."""
    return hashlib.blake2b(text.encode(), digest_size=_DIGEST_BYTES).digest()


def _as_array(digests: bytes | bytearray) -> NDArray[np.bytes_]:
    return np.frombuffer(bytes(digests), f"S{_DIGEST_BYTES}")


def _find(known: NDArray[np.bytes_], wanted: NDArray[np.bytes_]) -> NDArray[np.int64]:
    """Where each wanted one is among the known ones, -1 where it is not."""
    if not len(known):
        return np.full(len(wanted), -1)
    order = np.argsort(known, kind="stable")
    at = np.minimum(np.searchsorted(known, wanted, sorter=order), len(known) - 1)
    return np.where(known[order[at]] == wanted, order[at], -1)


def _shifted(progress: Progress, before: int, total: int) -> Progress:
    """Report the progress of one batch as that of all."""
    return lambda stage, done, _: progress(stage, before + done, total)
