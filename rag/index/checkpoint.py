"""What a build has encoded so far, on disk: if it is cut short, the next one goes on from there."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.types import Vectors

_PREFIX = ".encoded-"
_SIZE_BYTES, _DIGEST_BYTES, _CHECK_BYTES = 4, 16, 4


class Spool:
    """Half-precision vectors by the digests of their texts, for one encoder, in a file that grows.

    A record is a vector with its digest; they are numbered from 0.
    """

    def __init__(self, folder: Path, fingerprint: str) -> None:
        name = hashlib.sha256(fingerprint.encode()).hexdigest()[:16]
        self._path = folder / f"{_PREFIX}{name}"
        self._digests: bytearray | None = None

    def digests(self) -> NDArray[np.bytes_]:
        """The digest of every record; what follows one that was cut short is dropped from the file."""
        if self._digests is None:
            self._digests = self._read()
        return np.frombuffer(bytes(self._digests), f"S{_DIGEST_BYTES}")

    def _read(self) -> bytearray:
        digests = bytearray()
        try:
            file = self._path.open("r+b")
        except FileNotFoundError:
            return digests
        with file:
            whole = 0
            while size := int.from_bytes(file.read(_SIZE_BYTES), "little"):
                record, check = file.read(size), file.read(_CHECK_BYTES)
                if len(record) <= _DIGEST_BYTES or check != _check(record):
                    break
                digests += record[:_DIGEST_BYTES]
                whole = file.tell()
            file.truncate(whole)
        return digests

    def append(self, digests: Sequence[bytes], vectors: Vectors) -> None:
        """Add the vectors, shape (len(digests), dim), of texts with these digests, of 16 bytes each."""
        if self._digests is None:
            self._digests = self._read()
        with self._path.open("ab") as file:
            for digest, vector in zip(digests, vectors.astype("<f2"), strict=True):
                record = digest + vector.tobytes()
                file.write(len(record).to_bytes(_SIZE_BYTES, "little") + record + _check(record))
        self._digests += b"".join(digests)

    def vectors(self, records: NDArray[np.int64], dim: int) -> Vectors:
        """The vectors of these records, shape (len(records), dim)."""
        layout = [("size", "<u4"), ("digest", f"S{_DIGEST_BYTES}"), ("vector", "<f2", (dim,))]
        found = np.memmap(self._path, np.dtype([*layout, ("check", "<u4")]), "r")
        vectors: Vectors = found["vector"][records].astype(np.float32)
        return vectors


def _check(record: bytes) -> bytes:
    return zlib.crc32(record).to_bytes(_CHECK_BYTES, "little")


def clear(folder: Path) -> None:
    """Remove what builds have left, of any encoder: it is in the index now."""
    for path in folder.glob(f"{_PREFIX}*"):
        path.unlink()
