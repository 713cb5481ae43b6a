"""Plans the vectors of a new generation: which are reused, which resumed, which encoded."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from rag.index.base import DIGEST_BYTES
from rag.index.checkpoint import Checkpoint
from rag.index.faiss_index import Index
from rag.index.sqlite.corpus import SqliteCorpus
from rag.index.vectors import quantizer
from rag.index.vectors.quantizer import Codes
from rag.protocols import Encoder, WindowEncoder
from rag.reports import Progress
from rag.text import passages
from rag.types import Passage, Span

CHECKPOINT_TEXTS = 1024
"""Texts per checkpoint, unless a build chooses another number."""
_BLOCK = 32
"""Checkpoints whose texts are in memory at a time, sorted by length."""
_CHUNK = 1 << 12
"""Rows that are looked up or read at a time."""


class VectorPlan:
    """The rows of a new generation, in order, and the origin of each vector.

    Takes 24 bytes of memory per row, and up to three times as many while it looks up where the vectors
    are; texts and vectors stay on disk. `new` counts the rows whose text the live generation lacks,
    `encoded` the texts that were encoded now.
    """

    def __init__(
        self,
        previous: Index | None,
        encoder: Encoder,
        checkpoint: Checkpoint,
        checkpoint_texts: int | None = None,
    ) -> None:
        reusable = previous and previous.manifest.fingerprint == encoder.fingerprint
        self.previous = previous if reusable else None
        self._live = self.previous.corpus.digests() if self.previous else bytearray()
        self._encoder, self._checkpoint = encoder, checkpoint
        self._batch = checkpoint_texts or CHECKPOINT_TEXTS
        self._digests = bytearray()
        self._rows = 0
        self._origins: NDArray[np.int64] = np.empty(0, np.int64)
        self.encoded = self.new = 0
        self.dim = 0

    def __len__(self) -> int:
        return self._rows

    def copy(self, rows: range) -> None:
        """Add rows of the live generation."""
        self._digests += self._live[rows.start * DIGEST_BYTES : rows.stop * DIGEST_BYTES]
        self._rows += len(rows)

    def add(self, passage: Passage, number: int) -> list[tuple[Span, bytes]]:
        """Add the rows of the passage with this number in its article; return spans and digests."""
        added = [(span, text_digest(text)) for span, text in texts_to_encode(passage, number)]
        self._digests += b"".join(digest for _, digest in added)
        self._rows += len(added)
        return added

    def encode(self, corpus: SqliteCorpus, progress: Progress | None) -> None:
        """Encode the texts without a vector, once; `corpus` has the texts of all rows.

        Loads the model only if a text is new.
        """
        digests = _as_array(self._digests)
        self._origins = _find(_as_array(self._live), digests, np.arange(len(digests)))
        missing = np.flatnonzero(self._origins < 0)
        new = _distinct(digests, missing[_find(self._checkpoint.digests(), digests, missing) < 0])
        for start in range(0, len(new), _BLOCK * self._batch):
            block = new[start : start + _BLOCK * self._batch]
            report = progress and _shifted(progress, start, len(new))
            self._encode_block(corpus.texts(block.tolist()), digests[block], report)
        self._origins[missing] = -1 - _find(self._checkpoint.digests(), digests, missing)
        self._digests, self._live = bytearray(), bytearray()
        self._checkpoint.close()
        self.encoded, self.new = len(new), len(missing)
        if len(new) or not self.previous:
            self.dim = self._encoder.encode_passages([]).shape[1]
        else:
            self.dim = self.previous.manifest.dim

    def _encode_block(
        self, texts: list[str], digests: NDArray[np.bytes_], progress: Progress | None
    ) -> None:
        # numpy strips trailing zero bytes of a digest.
        left = {
            text: digest.ljust(DIGEST_BYTES, b"\0")
            for text, digest in zip(texts, digests.tolist(), strict=True)
        }
        # Longest first, so that a batch has texts of similar lengths and memory peaks at the start.
        order = iter(sorted(left, key=lambda text: (-len(text), left[text])))
        while batch := list(islice((text for text in order if text in left), self._batch)):
            report = progress and _shifted(progress, len(texts) - len(left), 0)
            vectors = {
                text: vector
                for text, vector in self._encode_texts(batch, report).items()
                if text in left
            }
            known = [left.pop(text) for text in vectors]
            self._checkpoint.append(known, np.stack(list(vectors.values())))

    def _encode_texts(
        self, texts: list[str], progress: Progress | None
    ) -> Mapping[str, NDArray[np.float32]]:
        if isinstance(self._encoder, WindowEncoder):
            return self._encoder.encode_with_windows(texts, progress)
        return dict(zip(texts, self._encoder.encode_passages(texts, progress), strict=True))

    def codes(self, rows: NDArray[np.int64]) -> Codes:
        """Return the codes of the vectors of encoded rows."""
        codes = np.empty((len(rows), quantizer.empty(self.dim).sa_code_size()), np.uint8)
        for start in range(0, len(rows), _CHUNK):
            origins = self._origins[rows[start : start + _CHUNK]]
            chunk = codes[start : start + _CHUNK]
            if (reused := origins >= 0).any():
                assert self.previous
                chunk[reused] = self.previous.codes(origins[reused])
            if not reused.all():
                vectors = self._checkpoint.vectors(-1 - origins[~reused], self.dim)
                chunk[~reused] = quantizer.encode(vectors)
        return codes


def texts_to_encode(passage: Passage, number: int) -> list[tuple[Span, str]]:
    """Return the texts of a passage that get a vector, with their spans: itself, then its windows.

    The first passage of an article (`number` 0) has the title too, with the span (0, 0).
    """
    texts = [((0, len(passage.text)), passage.text)]
    texts += [(span, passage.text[slice(*span)]) for span in passages.windows(passage.text)]
    if number == 0 and passage.title.strip():
        texts.append(((0, 0), passage.title))
    return texts


def text_digest(text: str) -> bytes:
    """Return the key under which the vector of a text is reused."""
    return hashlib.blake2b(text.encode(), digest_size=DIGEST_BYTES).digest()


def _as_array(digests: bytearray) -> NDArray[np.bytes_]:
    return np.frombuffer(digests, f"S{DIGEST_BYTES}")


def _find(
    known: NDArray[np.bytes_], digests: NDArray[np.bytes_], rows: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The position of the digest of each row among the known ones, -1 if it is unknown."""
    found = np.full(len(rows), -1)
    order = np.argsort(known, kind="stable")
    for start in range(0, len(rows) if len(known) else 0, _CHUNK):
        wanted = digests[rows[start : start + _CHUNK]]
        place = order[np.minimum(np.searchsorted(known, wanted, sorter=order), len(known) - 1)]
        found[start : start + _CHUNK] = np.where(known[place] == wanted, place, -1)
    return found


def _distinct(digests: NDArray[np.bytes_], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first of the rows with each digest, in order."""
    order = rows[np.argsort(digests[rows], kind="stable")]
    is_first = np.ones(len(order), bool)
    for start in range(1, len(order), _CHUNK):
        chunk = digests[order[start - 1 : start + _CHUNK]]
        is_first[start : start + _CHUNK] = chunk[1:] != chunk[:-1]
    return np.sort(order[is_first])


def _shifted(progress: Progress, before: int, total: int) -> Progress:
    """Report the progress of a part as that of the whole."""
    return lambda stage, done, _: progress(stage, before + done, total)
