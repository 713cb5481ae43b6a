"""The index folder: immutable generations, and the file CURRENT that names the live one.

A build writes a new generation beside the live one and replaces CURRENT last, so a reader sees the old
index or the new one and nothing else. One generation before the live one is kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path

from filelock import FileLock, Timeout

from rag.errors import IndexBusy, IndexDamaged, IndexMissing

FORMAT = 2
CORPUS = "corpus.sqlite"
VECTORS = "vectors.faiss"
MANIFEST = "manifest.json"
_CURRENT = "CURRENT"
_NAME = re.compile(r"\d{6,}")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation holds and what made it.

    `settings` are the lengths that the passages and windows were cut to, and the versions of the
    rules for terms and signatures; `vectors` counts rows of
    the FAISS index; `created` is ISO 8601 in UTC; `files` maps file names to their SHA-256.
    """

    format: int
    model: str
    fingerprint: str
    dim: int
    settings: dict[str, int]
    articles: int
    passages: int
    vectors: int
    created: str
    files: dict[str, str]

    def checksum(self) -> str:
        """SHA-256 of the other fields; the file has it as the field "checksum"."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def current(folder: Path) -> Path:
    """Return the folder of the live generation. Raises `IndexMissing` or `IndexDamaged`."""
    try:
        name = (folder / _CURRENT).read_text(encoding="utf-8").strip()
    except FileNotFoundError as error:
        raise IndexMissing(
            f"There is no index in {folder}. Run `rag build --index {folder}` to make one."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise _damaged(folder, f"{_CURRENT} cannot be read: {error}") from error
    if not _NAME.fullmatch(name) or not (folder / name).is_dir():
        raise _damaged(folder, f"{_CURRENT} names the generation {name[:40]!r}, which is not there")
    return folder / name


def read_manifest(generation: Path) -> Manifest:
    """Read a generation's manifest and check its files against it. Raises `IndexDamaged`."""
    folder = generation.parent
    try:
        content = json.loads((generation / MANIFEST).read_bytes())
        version = content["format"]
        if version != FORMAT:
            raise _damaged(folder, f"its format is {version}, this version reads {FORMAT}")
        checksum = content.pop("checksum")
        manifest = Manifest(**content)
        if manifest.checksum() != checksum:
            raise _damaged(folder, f"{generation.name}/{MANIFEST} is not what was written")
        for name in (CORPUS, VECTORS):
            if _sha256(generation / name) != manifest.files[name]:
                raise _damaged(folder, f"{generation.name}/{name} is not what was written")
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        reason = f"{generation.name} cannot be read: {error.__class__.__name__}: {error}"
        raise _damaged(folder, reason) from error
    return manifest


def _damaged(folder: Path, reason: str) -> IndexDamaged:
    return IndexDamaged(
        f"The index in {folder} is damaged ({reason}). Run `rag build --index {folder}` to rebuild it."
    )


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the only right to write to the index folder. Raises `IndexBusy` when another has it."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise IndexBusy(
            f"Another build is writing to {folder}. Wait until it has finished, then build again."
        ) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def new(folder: Path) -> Iterator[Path]:
    """Yield an empty folder for the next generation; it goes again unless it was published.

    The caller holds the lock. What builds that were killed left behind is removed first.
    """
    try:
        live = int(current(folder).name)
    except (IndexMissing, IndexDamaged):
        live = 0
    for path in _all(folder):
        if int(path.name) > live:
            shutil.rmtree(path)
    numbers = (f"{number:06}" for number in count(live + 1))
    generation = next(path for name in numbers if not (path := folder / name).exists())
    generation.mkdir()
    try:
        yield generation
    finally:
        if not _is_live(generation):
            shutil.rmtree(generation, ignore_errors=True)


def _is_live(generation: Path) -> bool:
    try:
        return current(generation.parent) == generation
    except (IndexMissing, IndexDamaged):
        return False


def checksums(generation: Path) -> dict[str, str]:
    """SHA-256 of the files that a manifest vouches for."""
    return {name: _sha256(generation / name) for name in (CORPUS, VECTORS)}


def publish(generation: Path, manifest: Manifest) -> None:
    """Make a written generation the live one, durably, and drop all but the one before it."""
    folder = generation.parent
    fields = {**asdict(manifest), "checksum": manifest.checksum()}
    content = json.dumps(fields, indent=1, ensure_ascii=False)
    (generation / MANIFEST).write_text(content + "\n", encoding="utf-8")
    for path in [*generation.iterdir(), generation]:
        _sync(path)
    draft = folder / f".{_CURRENT}"
    draft.write_text(generation.name + "\n", encoding="utf-8")
    _sync(draft)
    draft.replace(folder / _CURRENT)
    _sync(folder)
    for path in sorted(_all(folder), key=lambda path: int(path.name))[:-2]:
        shutil.rmtree(path, ignore_errors=True)


def _all(folder: Path) -> list[Path]:
    """The generations in a folder, whole or not; a folder that holds anything else is not ours."""
    return [
        path
        for path in folder.iterdir()
        if _NAME.fullmatch(path.name)
        and path.is_dir()
        and {file.name for file in path.iterdir()} <= {MANIFEST, CORPUS, VECTORS}
    ]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
