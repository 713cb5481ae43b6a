"""Checkpoints of a build: the vectors it has encoded, from which the next build resumes."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag import files
from rag.index.base import DIGEST_BYTES
from rag.types import Vectors

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
        """Return the digest of each record. Truncates the file after the last intact record.

        No record can be appended while the array exists.
        """
        if self._digests is None:
            self._digests = self._read()
        return np.frombuffer(self._digests, f"S{DIGEST_BYTES}")

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

    def close(self) -> None:
        """Release the digests; the next call that needs them reads them again."""
        self._digests = None

    def vectors(self, records: NDArray[np.int64], dim: int) -> Vectors:
        """Return the vectors of these records, shape (len(records), dim)."""
        fields = [("size", "<u4"), ("digest", f"S{DIGEST_BYTES}"), ("vector", "<f2", (dim,))]
        layout = np.dtype([*fields, ("check", "<u4")])
        with self._path.open("rb") as file:
            content = files.read_rows(file.fileno(), records, layout.itemsize)
        vectors: Vectors = content.view(layout)["vector"][:, 0].astype(np.float32)
        return vectors


def _checksum(record: bytes) -> bytes:
    return zlib.crc32(record).to_bytes(_CHECK_BYTES, "little")


def clear_checkpoints(folder: Path) -> None:
    """Remove the checkpoints of all encoders."""
    for path in folder.glob(f"{_PREFIX}*"):
        path.unlink()
