"""What a build has encoded so far, on disk: if it is cut short, the next one goes on from there."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.types import Vectors

_PREFIX = ".encoded-"
_SIZE_BYTES, _DIGEST_BYTES, _CHECK_BYTES = 4, 16, 4


class Spool:
    """Vectors by the digests of their texts, for one encoder, in a file that grows."""

    def __init__(self, folder: Path, fingerprint: str) -> None:
        name = hashlib.sha256(fingerprint.encode()).hexdigest()[:16]
        self._path = folder / f"{_PREFIX}{name}"

    def read(self) -> dict[bytes, Vectors]:
        """Return what is there, vectors of shape (dim,); what follows a record cut short is dropped."""
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return {}
        found: dict[bytes, Vectors] = {}
        at = 0
        while record := self._record(content, at):
            found[record[:_DIGEST_BYTES]] = np.frombuffer(record, "<f4", offset=_DIGEST_BYTES)
            at += _SIZE_BYTES + len(record) + _CHECK_BYTES
        if at < len(content):
            with self._path.open("r+b") as file:
                file.truncate(at)
        return found

    def append(self, digests: Sequence[bytes], vectors: Vectors) -> None:
        """Add the vectors, shape (len(digests), dim), of texts with these digests, of 16 bytes each."""
        with self._path.open("ab") as file:
            for digest, vector in zip(digests, vectors, strict=True):
                record = digest + vector.astype("<f4").tobytes()
                size, check = len(record), zlib.crc32(record)
                file.write(size.to_bytes(_SIZE_BYTES, "little") + record)
                file.write(check.to_bytes(_CHECK_BYTES, "little"))

    @staticmethod
    def _record(content: bytes, at: int) -> bytes | None:
        start = at + _SIZE_BYTES
        end = start + int.from_bytes(content[at:start], "little")
        record, check = content[start:end], content[end : end + _CHECK_BYTES]
        whole = check == zlib.crc32(record).to_bytes(_CHECK_BYTES, "little")
        return record if whole and len(record) > _DIGEST_BYTES else None


def clear(folder: Path) -> None:
    """Remove what builds have left, of any encoder: it is in the index now."""
    for path in folder.glob(f"{_PREFIX}*"):
        path.unlink()
