"""The vectors of a new generation: from the live one, from a build cut short, or from the encoder."""

from __future__ import annotations

import hashlib

import numpy as np

from rag import passages
from rag.index import Index
from rag.spool import Spool
from rag.types import Encoder, Passage, Progress, Span, Vectors

_BATCH = 1024
"""Texts encoded between two times that it is made sure they need not be encoded again."""


class VectorRows:
    """The rows of the new generation, in order, and where the vector of each comes from."""

    def __init__(self, previous: Index | None, encoder: Encoder, spooled: Spool) -> None:
        reusable = previous and previous.manifest.fingerprint == encoder.fingerprint
        self._previous = previous if reusable else None
        self._live = self._previous.corpus.digests() if self._previous else []
        self._known = {digest: row for row, digest in enumerate(self._live)}
        self._encoder, self._spool = encoder, spooled
        self.digests: list[bytes] = []
        self.texts: dict[bytes, str] = {}
        self.encoded = 0

    def keep(self, rows: range) -> None:
        """Add rows of the live generation."""
        self.digests += self._live[rows.start : rows.stop]

    def add(self, passage: Passage, number: int) -> list[tuple[Span, bytes]]:
        """Add the rows of a passage: first itself, then its windows.

        That with number 0 in its article has the title too, as a row of no range.
        """
        texts = [((0, len(passage.text)), passage.text)]
        texts += [(span, passage.text[slice(*span)]) for span in passages.windows(passage.text)]
        if number == 0 and passage.title.strip():
            texts.append(((0, 0), passage.title))
        added = []
        for span, text in texts:
            digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
            if digest not in self._known:
                self.texts[digest] = text
            self.digests.append(digest)
            added.append((span, digest))
        return added

    def vectors(self, progress: Progress | None) -> Vectors:
        """Return the vector of every row, shape (rows, dim); the model is loaded only for new texts."""
        kept = [digest for digest in dict.fromkeys(self.digests) if digest in self._known]
        spooled = self._spool.read()
        resumed = [digest for digest in self.texts if digest in spooled]
        # Long ones first, and like lengths together; what does not fit in memory shows at once.
        new = sorted(self.texts.keys() - spooled.keys(), key=self._length)
        sources = []
        if self._previous and kept:
            sources.append(self._previous.vectors([self._known[digest] for digest in kept]))
        if resumed:
            sources.append(np.stack([spooled[digest] for digest in resumed]))
        for start in range(0, len(new), _BATCH):
            batch = new[start : start + _BATCH]
            report = progress and _shifted(progress, start, len(new))
            sources.append(self._encoder.encode_passages([self.texts[d] for d in batch], report))
            self._spool.append(batch, sources[-1])
        if not sources:
            sources.append(self._encoder.encode_passages([]))
        self.encoded = len(new)
        rows = {digest: row for row, digest in enumerate([*kept, *resumed, *new])}
        vectors: Vectors = np.concatenate(sources)
        return vectors[[rows[digest] for digest in self.digests]]

    def _length(self, digest: bytes) -> tuple[int, bytes]:
        return -len(self.texts[digest]), digest


def _shifted(progress: Progress, before: int, total: int) -> Progress:
    """Report the progress of one batch as that of all."""
    return lambda stage, done, _: progress(stage, before + done, total)
