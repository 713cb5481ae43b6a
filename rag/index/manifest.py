"""The manifest of a generation: what it contains, and the checksums of its files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from rag.errors import IndexDamaged, Notice

FORMAT = 5
"""Version of the files of an index."""
_READ = (4, FORMAT)
"""Versions that can be searched. In version 4 vectors have half precision."""
CORPUS = "corpus.sqlite"
VECTORS = "vectors.faiss"
NEAREST = "nearest.faiss"
MANIFEST = "manifest.json"
FILES = (CORPUS, VECTORS, NEAREST)

_LARGE = 1 << 28
"""Bytes above which opening an index verifies a sample of a file."""
_BLOCK, _SAMPLED_EVERY = 1 << 12, 1 << 22


@dataclass(frozen=True, slots=True)
class AnnSettings:
    """Settings of the ANN index of a generation.

    `nearest` is the FAISS factory string; if it is empty, a question is compared with every passage and
    title. `probes` is the number of lists to search. `recall` is the measured share of the ten nearest
    that a search finds.
    """

    nearest: str
    probes: int
    recall: float


@dataclass(frozen=True, slots=True)
class Manifest:
    """Description of a generation.

    `settings` are the lengths of passages and windows and the versions of the rules for reading, terms,
    signatures and names. `vectors` counts the rows of the vectors. `search` are the settings of the ANN
    index. `created` is ISO 8601 in UTC. `files` maps file names to SHA-256; `samples` maps the names
    of large files to the SHA-256 of their size and a thousandth of their blocks, which opening an
    index verifies.
    """

    format: int
    model: str
    fingerprint: str
    dim: int
    settings: dict[str, int]
    articles: int
    passages: int
    vectors: int
    search: AnnSettings
    created: str
    files: dict[str, str]
    samples: dict[str, str]

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Self:
        """Create a manifest from its parsed JSON. Raises `TypeError` or `KeyError` for wrong fields."""
        return cls(**{**fields, "search": AnnSettings(**fields["search"])})

    def to_bytes(self) -> bytes:
        """Return the content of the file: the fields as JSON, and their SHA-256 as "checksum"."""
        fields = asdict(self)
        checksum = hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()
        content = json.dumps({**fields, "checksum": checksum}, indent=1, ensure_ascii=False)
        return content.encode() + b"\n"


def read_manifest(
    generation: Path, names: Sequence[str] | None = None, *, whole: bool = False
) -> Manifest:
    """Read the manifest of a generation and verify its files, or only those with these names.

    Of a file above 256 MiB a sample is verified, unless `whole`. Raises `IndexDamaged`.
    """
    folder = generation.parent
    try:
        content = (generation / MANIFEST).read_bytes()
        fields = json.loads(content)
        version = fields["format"]
        if version not in _READ:
            raise damaged(folder, "damage-format", found=version, supported=FORMAT)
        del fields["checksum"]
        manifest = Manifest.from_json(fields)
        if manifest.to_bytes() != content:
            raise damaged(folder, "damage-file-changed", file=f"{generation.name}/{MANIFEST}")
        for name in manifest.files if names is None else names:
            if not _matches(manifest, generation / name, whole):
                raise damaged(folder, "damage-file-changed", file=f"{generation.name}/{name}")
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        cause = f"{error.__class__.__name__}: {error}"
        raise damaged(
            folder, "damage-generation-unreadable", generation=generation.name, cause=cause
        ) from error
    return manifest


def _matches(manifest: Manifest, path: Path, whole: bool) -> bool:
    sample = manifest.samples.get(path.name)
    if sample is not None and not whole:
        return _sample(path) == sample
    return _sha256(path) == manifest.files[path.name]


def checksums(generation: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Return the SHA-256 of each file of a generation, and of a sample of each large file."""
    paths = [path for name in FILES if (path := generation / name).exists()]
    large = [path for path in paths if path.stat().st_size > _LARGE]
    return {p.name: _sha256(p) for p in paths}, {p.name: _sample(p) for p in large}


def damaged(location: object, reason: str, **parameters: object) -> IndexDamaged:
    """Return the error for a damaged index; `reason` is the code of the damage."""
    return IndexDamaged("index-damaged", location=str(location), reason=Notice(reason, parameters))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sample(path: Path) -> str:
    """SHA-256 of the size of a file and of evenly spread blocks."""
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        for offset in [*range(0, size, _SAMPLED_EVERY), max(0, size - _BLOCK)]:
            file.seek(offset)
            digest.update(file.read(_BLOCK))
    return digest.hexdigest()
