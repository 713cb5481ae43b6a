"""The index folder: its generations, the file CURRENT that names the live one, the lock and the report.

A build writes a new generation beside the live one and replaces CURRENT last, so a reader sees the old
index or the new one. The generation before the live one remains for a rollback.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

from filelock import FileLock, Timeout

from rag import files
from rag.errors import IndexBusy, IndexDamaged, IndexMissing
from rag.index.manifest import FILES, MANIFEST, Manifest, damaged, read_manifest
from rag.reports import BuildReport, Failure, Remark
from rag.serialization import to_json

CURRENT = "CURRENT"
REPORT = "report.json"
"""The report of the last build."""
Stamp: TypeAlias = tuple[int, int]
"""Inode and modification time of CURRENT."""

_LOCK, _BUILDER = ".lock", ".builder"
_NAME = re.compile(r"\d{6,}")
_LATER_NS = 10**18


def current(folder: Path) -> Path:
    """Return the folder of the live generation. Raises `IndexMissing` or `IndexDamaged`."""
    try:
        content = (folder / CURRENT).read_bytes().decode()
        written = (folder / CURRENT).stat().st_mtime_ns
    except FileNotFoundError as error:
        raise IndexMissing("index-missing", location=str(folder)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise damaged(folder, "damage-current-unreadable", cause=str(error)) from error
    name = content.removesuffix("\n")
    if name == content or not _NAME.fullmatch(name) or not (folder / name).is_dir():
        raise damaged(folder, "damage-current-unknown", generation=name[:40])
    for other in _all(folder):
        with suppress(OSError):
            if int(other.name) > int(name) and (other / MANIFEST).stat().st_mtime_ns <= written:
                raise damaged(folder, "damage-current-old", generation=name, newer=other.name)
    return folder / name


def stamp(folder: Path) -> Stamp | None:
    """Return a value that changes with the live generation; None without one."""
    try:
        status = (folder / CURRENT).stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold an exclusive lock on the index folder; the OS releases it if the process dies.

    Raises `IndexBusy`, naming the process that holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / _LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise _busy(folder) from error
    try:
        since = datetime.now().astimezone().isoformat(timespec="seconds")
        builder = {"process": os.getpid(), "host": socket.gethostname(), "since": since}
        (folder / _BUILDER).write_text(json.dumps(builder) + "\n", encoding="utf-8")
        yield
    finally:
        (folder / _BUILDER).unlink(missing_ok=True)
        lock.release()


def _busy(folder: Path) -> IndexBusy:
    try:
        builder = json.loads((folder / _BUILDER).read_bytes())
        return IndexBusy(
            "index-busy",
            location=str(folder),
            process=builder["process"],
            host=builder["host"],
            since=builder["since"],
        )
    except (OSError, ValueError, TypeError, KeyError):
        return IndexBusy("index-busy-unknown", location=str(folder))


@contextmanager
def new(folder: Path) -> Iterator[Path]:
    """Yield an empty folder for the next generation, and remove it unless it was published.

    The caller holds the lock. First removes the leftovers of builds that were killed.
    """
    try:
        live = int(current(folder).name)
    except (IndexMissing, IndexDamaged):
        live = 0
    for path in _all(folder):
        if int(path.name) > live:
            shutil.rmtree(path)
    names = (f"{number:06}" for number in count(live + 1))
    generation = next(path for name in names if not (path := folder / name).exists())
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


def publish(generation: Path, manifest: Manifest) -> None:
    """Make a written generation the live one, durably, and remove all but the one before it."""
    folder = generation.parent
    (generation / MANIFEST).write_bytes(manifest.to_bytes())
    files.date_after(generation / MANIFEST, folder / CURRENT)
    for path in [*generation.iterdir(), generation]:
        files.sync(path)
    point_to(generation)
    for path in in_order(folder)[:-2]:
        shutil.rmtree(path, ignore_errors=True)


def point_to(generation: Path) -> None:
    """Make a complete generation the live one, durably."""
    content = f"{generation.name}\n".encode()
    files.replace(generation.parent / CURRENT, content, newer_than=generation / MANIFEST)


def roll_back(folder: Path) -> Path:
    """Make the generation before the live one live, remove the live one, and return the new live one.

    Raises `IndexMissing` if there is no earlier generation, and `IndexDamaged` if it is damaged.
    """
    with locked(folder):
        live, before = current(folder), earlier(folder)
        if before is None:
            raise IndexMissing("generation-missing", generation=live.name, location=str(folder))
        read_manifest(before)
        # For a moment a generation exists that is newer than the one CURRENT names: date it later.
        later = (folder / CURRENT).stat().st_mtime_ns + _LATER_NS
        with suppress(FileNotFoundError):
            os.utime(live / MANIFEST, ns=(later, later))
        point_to(before)
        shutil.rmtree(live, ignore_errors=True)
        return before


def earlier(folder: Path) -> Path | None:
    """Return the generation before the live one, None if there is none; raises what `current` does."""
    live = int(current(folder).name)
    before = [path for path in in_order(folder) if int(path.name) < live]
    return before[-1] if before else None


def in_order(folder: Path) -> list[Path]:
    """Return the generations of a folder, complete or not, oldest first."""
    return sorted(_all(folder), key=lambda path: int(path.name))


def _all(folder: Path) -> list[Path]:
    """All generations; a folder with any other file in it is not one of ours."""
    return [
        path
        for path in (folder.iterdir() if folder.is_dir() else ())
        if _NAME.fullmatch(path.name)
        and path.is_dir()
        and {file.name for file in path.iterdir()} <= {MANIFEST, *FILES}
    ]


def write_report(folder: Path, report: BuildReport) -> None:
    """Replace the report of a folder, durably and atomically."""
    content = json.dumps(to_json(report), indent=1, ensure_ascii=False) + "\n"
    files.replace(folder / REPORT, content.encode())


def read_report(folder: Path) -> BuildReport | None:
    """Return the report of the last build, None if it is missing or damaged."""
    try:
        return report_from_json(json.loads((folder / REPORT).read_bytes()))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def report_from_json(fields: Mapping[str, Any]) -> BuildReport:
    """Create a report from its parsed JSON. Raises `TypeError`, `KeyError` or `ValueError`."""
    failed = tuple(Failure(**failure) for failure in fields["failed"])
    remarks = tuple(Remark(**remark) for remark in fields.get("remarks", ()))
    finished = datetime.fromisoformat(fields["finished"])
    return BuildReport(**{**fields, "failed": failed, "remarks": remarks, "finished": finished})
