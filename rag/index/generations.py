"""The index folder: immutable generations, and the file CURRENT that names the live one.

A build writes a new generation beside the live one and replaces CURRENT last, so a reader sees the old
index or the new one and nothing else. One generation before the live one is kept, to go back to.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, Self, TypeAlias

from filelock import FileLock, Timeout

from rag import files
from rag.errors import IndexBusy, IndexDamaged, IndexMissing

FORMAT = 4
CORPUS = "corpus.sqlite"
VECTORS = "vectors.faiss"
NEAREST = "nearest.faiss"
MANIFEST = "manifest.json"
CURRENT = "CURRENT"
_FILES = (CORPUS, VECTORS, NEAREST)
_LARGE = 1 << 28
_BLOCK, _SAMPLED_EVERY = 1 << 12, 1 << 22
Stamp: TypeAlias = tuple[int, int]
_LATER_NS = 10**18
_NAME = re.compile(r"\d{6,}")


@dataclass(frozen=True, slots=True)
class Search:
    """How a generation is searched: `nearest` is the FAISS kind of what finds the nearest passages.

    Where that is empty a question is compared with every passage and title. `probes` is the number of
    lists to look into, `recall` the share of the ten nearest that was then among those found, when the
    generation was built.
    """

    nearest: str
    probes: int
    recall: float


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation holds and what made it.

    `settings` are the lengths that the passages and windows were cut to, and the versions of the
    rules for reading, terms and signatures; `vectors` counts rows of the FAISS index; `created` is
    ISO 8601 in UTC; `files` maps file names to their SHA-256, `samples` those of large files to that of
    their size and a thousandth of their blocks, which is all that opening an index looks at.
    """

    format: int
    model: str
    fingerprint: str
    dim: int
    settings: dict[str, int]
    articles: int
    passages: int
    vectors: int
    search: Search
    created: str
    files: dict[str, str]
    samples: dict[str, str]

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> Self:
        """The manifest that these fields are, as JSON has them. Raises `TypeError` or `KeyError`."""
        return cls(**{**fields, "search": Search(**fields["search"])})

    def to_bytes(self) -> bytes:
        """The file: the fields as JSON, and the SHA-256 of what they say as the field "checksum"."""
        said = json.dumps(asdict(self), sort_keys=True).encode()
        fields = {**asdict(self), "checksum": hashlib.sha256(said).hexdigest()}
        return json.dumps(fields, indent=1, ensure_ascii=False).encode() + b"\n"


def current(folder: Path) -> Path:
    """Return the folder of the live generation. Raises `IndexMissing` or `IndexDamaged`."""
    try:
        content = (folder / CURRENT).read_bytes().decode()
        written = (folder / CURRENT).stat().st_mtime_ns
    except FileNotFoundError as error:
        raise IndexMissing(
            f"There is no index in {folder}. Run `rag build --index {folder}` to make one."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise damaged(folder, f"{CURRENT} cannot be read: {error}") from error
    name = content.removesuffix("\n")
    if name == content or not _NAME.fullmatch(name) or not (folder / name).is_dir():
        raise damaged(folder, f"{CURRENT} names the generation {name[:40]!r}, which is not there")
    for other in _all(folder):
        with suppress(OSError):
            if int(other.name) > int(name) and (other / MANIFEST).stat().st_mtime_ns <= written:
                raise damaged(folder, f"{CURRENT} names the generation {name}, not its successor")
    return folder / name


def stamp(folder: Path) -> Stamp | None:
    """What changes whenever another generation becomes the live one; None where none is."""
    try:
        status = (folder / CURRENT).stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


def read_manifest(
    generation: Path, files: Sequence[str] | None = None, *, whole: bool = False
) -> Manifest:
    """Read a generation's manifest and check these files, or all, against it. Raises `IndexDamaged`.

    Of files above 256 MiB a sample is compared, unless `whole`.
    """
    folder = generation.parent
    try:
        written = (generation / MANIFEST).read_bytes()
        content = json.loads(written)
        version = content["format"]
        if version != FORMAT:
            raise damaged(folder, f"its format is {version}, this version reads {FORMAT}")
        del content["checksum"]
        manifest = Manifest.of(content)
        if manifest.to_bytes() != written:
            raise damaged(folder, f"{generation.name}/{MANIFEST} is not what was written")
        for name in manifest.files if files is None else files:
            path, sample = generation / name, manifest.samples.get(name)
            is_sampled = sample is not None and not whole
            if (_sample(path) if is_sampled else _sha256(path)) != (
                sample if is_sampled else manifest.files[name]
            ):
                raise damaged(folder, f"{generation.name}/{name} is not what was written")
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        reason = f"{generation.name} cannot be read: {error.__class__.__name__}: {error}"
        raise damaged(folder, reason) from error
    return manifest


def damaged(folder: Path, reason: str) -> IndexDamaged:
    """The error for an index that is not as it was written."""
    return IndexDamaged(
        f"The index in {folder} is damaged ({reason}). Run `rag build --index {folder}` to rebuild it."
    )


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the only right to write to the index folder, until the process ends at the latest.

    Raises `IndexBusy`, with who has it, when another has it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".lock")
    holder = folder / ".builder"
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        who = ""
        with suppress(OSError):
            who = f" ({holder.read_text(encoding='utf-8').strip()})"
        raise IndexBusy(
            f"Another build{who} is writing to {folder}. Wait until it has finished, then build again."
        ) from error
    try:
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        text = f"process {os.getpid()} on {socket.gethostname()}, since {now}"
        holder.write_text(text + "\n", encoding="utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
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


def checksums(generation: Path) -> tuple[dict[str, str], dict[str, str]]:
    """SHA-256 of the files that a manifest vouches for, and of samples of the large ones."""
    paths = [path for name in _FILES if (path := generation / name).exists()]
    large = [path for path in paths if path.stat().st_size > _LARGE]
    return {p.name: _sha256(p) for p in paths}, {p.name: _sample(p) for p in large}


def publish(generation: Path, manifest: Manifest) -> None:
    """Make a written generation the live one, durably, and drop all but the one before it."""
    folder = generation.parent
    (generation / MANIFEST).write_bytes(manifest.to_bytes())
    files.date_after(generation / MANIFEST, folder / CURRENT)
    for path in [*generation.iterdir(), generation]:
        files.sync(path)
    point_to(generation)
    for path in in_order(folder)[:-2]:
        shutil.rmtree(path, ignore_errors=True)


def point_to(generation: Path) -> None:
    """Make a whole generation the live one, durably."""
    folder = generation.parent
    content = f"{generation.name}\n".encode()
    files.replace(folder / CURRENT, content, newer_than=generation / MANIFEST)


def roll_back(folder: Path) -> Path:
    """Make the generation before the live one the live one, drop that, and return its folder.

    Raises `IndexMissing` when there is none, and `IndexDamaged` when it is not whole.
    """
    with locked(folder):
        live = current(folder)
        earlier = [path for path in in_order(folder) if int(path.name) < int(live.name)]
        if not earlier:
            raise IndexMissing(
                f"There is no generation before {live.name} in {folder} to go back to. Change the "
                "articles and run `rag build`."
            )
        read_manifest(earlier[-1])
        # For a moment there is a later generation than CURRENT names: date it after that.
        later = (folder / CURRENT).stat().st_mtime_ns + _LATER_NS
        with suppress(FileNotFoundError):
            os.utime(live / MANIFEST, ns=(later, later))
        point_to(earlier[-1])
        shutil.rmtree(live, ignore_errors=True)
        return earlier[-1]


def in_order(folder: Path) -> list[Path]:
    """The generations in a folder, whole or not, from the oldest to the newest."""
    return sorted(_all(folder), key=lambda path: int(path.name))


def _all(folder: Path) -> list[Path]:
    """The generations, whole or not; a folder that holds anything else is not ours."""
    return [
        path
        for path in (folder.iterdir() if folder.is_dir() else ())
        if _NAME.fullmatch(path.name)
        and path.is_dir()
        and {file.name for file in path.iterdir()} <= {MANIFEST, *_FILES}
    ]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sample(path: Path) -> str:
    """SHA-256 of the size of a file and of blocks that are spread over it."""
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        for at in [*range(0, size, _SAMPLED_EVERY), max(0, size - _BLOCK)]:
            file.seek(at)
            digest.update(file.read(_BLOCK))
    return digest.hexdigest()
