"""Plans the vectors of a new generation: which are reused, which resumed, which encoded.

A build appends the vectors it encodes to a checkpoint, from which the next build resumes if this one is
interrupted.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.index.base import DIGEST_BYTES
from rag.index.corpus import SqliteCorpus
from rag.index.faiss_index import Index
from rag.protocols import Encoder, WindowEncoder
from rag.text import passages
from rag.types import Passage, Progress, Span, Vectors

CHECKPOINT_TEXTS = 1024
"""Texts per checkpoint, unless a build chooses another number."""
_BLOCK = 32
"""Checkpoints whose texts are in memory at a time, sorted by length."""
_PREFIX = ".encoded-"
_SIZE_BYTES, _CHECK_BYTES = 4, 4


class Checkpoint:
    """Vectors of one encoder in half precision, keyed by text digest, in a file that grows.

    A record is a digest and a vector with a checksum. Records are numbered from 0.
    """

    def __init__(self, folder: Path, fingerprint: str) -> None:
        name = hashlib.sha256(fingerprint.encode()).hexdigest()[:16]
        self._path = folder / f"{_PREFIX}{name}"
        self._digests: bytearray | None = None

    def digests(self) -> NDArray[np.bytes_]:
        """Return the digest of each record. Truncates the file after the last intact record."""
        if self._digests is None:
            self._digests = self._read()
        return np.frombuffer(bytes(self._digests), f"S{DIGEST_BYTES}")

    def _read(self) -> bytearray:
        digests = bytearray()
        try:
            file = self._path.open("r+b")
        except FileNotFoundError:
            return digests
        with file:
            intact = 0
            while size := int.from_bytes(file.read(_SIZE_BYTES), "little"):
                record, check = file.read(size), file.read(_CHECK_BYTES)
                if len(record) <= DIGEST_BYTES or check != _checksum(record):
                    break
                digests += record[:DIGEST_BYTES]
                intact = file.tell()
            file.truncate(intact)
        return digests

    def append(self, digests: Sequence[bytes], vectors: Vectors) -> None:
        """Append vectors, shape (len(digests), dim), with the 16-byte digests of their texts."""
        if self._digests is None:
            self._digests = self._read()
        with self._path.open("ab") as file:
            for digest, vector in zip(digests, vectors.astype("<f2"), strict=True):
                record = digest + vector.tobytes()
                file.write(len(record).to_bytes(_SIZE_BYTES, "little") + record + _checksum(record))
        self._digests += b"".join(digests)

    def vectors(self, records: NDArray[np.int64], dim: int) -> Vectors:
        """Return the vectors of these records, shape (len(records), dim)."""
        layout = [("size", "<u4"), ("digest", f"S{DIGEST_BYTES}"), ("vector", "<f2", (dim,))]
        table = np.memmap(self._path, np.dtype([*layout, ("check", "<u4")]), "r")
        vectors: Vectors = table["vector"][records].astype(np.float32)
        return vectors


def _checksum(record: bytes) -> bytes:
    return zlib.crc32(record).to_bytes(_CHECK_BYTES, "little")


def clear_checkpoints(folder: Path) -> None:
    """Remove the checkpoints of all encoders."""
    for path in folder.glob(f"{_PREFIX}*"):
        path.unlink()


class VectorPlan:
    """The rows of a new generation, in order, and the origin of each vector.

    Takes 24 bytes of memory per row; texts and vectors stay on disk.
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
        self._live = self.previous.corpus.digests() if self.previous else b""
        self._encoder, self._checkpoint = encoder, checkpoint
        self._batch = checkpoint_texts or CHECKPOINT_TEXTS
        self._digests = bytearray()
        self._origins: NDArray[np.int64] = np.empty(0, np.int64)
        self.encoded = 0
        self.dim = 0

    def __len__(self) -> int:
        return len(self._digests) // DIGEST_BYTES

    def copy(self, rows: range) -> None:
        """Add rows of the live generation."""
        self._digests += self._live[rows.start * DIGEST_BYTES : rows.stop * DIGEST_BYTES]

    def add(self, passage: Passage, number: int) -> list[tuple[Span, bytes]]:
        """Add the rows of the passage with this number in its article; return spans and digests."""
        added = [(span, text_digest(text)) for span, text in texts_to_encode(passage, number)]
        self._digests += b"".join(digest for _, digest in added)
        return added

    def encode(self, corpus: SqliteCorpus, progress: Progress | None) -> None:
        """Encode the texts without a vector; `corpus` has the texts of all rows.

        Loads the model only if a text is new.
        """
        digests = _as_array(self._digests)
        self._origins = _find(_as_array(self._live), digests)
        missing = np.flatnonzero(self._origins < 0)
        records = _find(self._checkpoint.digests(), digests[missing])
        _, first = np.unique(digests[missing[records < 0]], return_index=True)
        new = missing[records < 0][np.sort(first)]
        for start in range(0, len(new), _BLOCK * self._batch):
            block = new[start : start + _BLOCK * self._batch]
            report = progress and _shifted(progress, start, len(new))
            self._encode_block(corpus.texts(block.tolist()), digests[block], report)
        records = _find(self._checkpoint.digests(), digests[missing])
        self._origins[missing] = -1 - records
        self.encoded = len(new)
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

    def vectors(self, rows: NDArray[np.int64]) -> Vectors:
        """Return the vectors of encoded rows, shape (len(rows), dim)."""
        origins = self._origins[rows]
        vectors = np.empty((len(rows), self.dim), np.float32)
        if (reused := origins >= 0).any():
            assert self.previous
            vectors[reused] = self.previous.vectors(origins[reused])
        if not reused.all():
            vectors[~reused] = self._checkpoint.vectors(-1 - origins[~reused], self.dim)
        return vectors


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


def _as_array(digests: bytes | bytearray) -> NDArray[np.bytes_]:
    return np.frombuffer(bytes(digests), f"S{DIGEST_BYTES}")


def _find(known: NDArray[np.bytes_], wanted: NDArray[np.bytes_]) -> NDArray[np.int64]:
    """The position of each wanted digest among the known ones, -1 if it is unknown."""
    if not len(known):
        return np.full(len(wanted), -1)
    order = np.argsort(known, kind="stable")
    place = np.minimum(np.searchsorted(known, wanted, sorter=order), len(known) - 1)
    return np.where(known[order[place]] == wanted, order[place], -1)


def _shifted(progress: Progress, before: int, total: int) -> Progress:
    """Report the progress of a part as that of the whole."""
    return lambda stage, done, _: progress(stage, before + done, total)
