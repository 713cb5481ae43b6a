"""Uploads -> files in the seeds folder: first what may go in and why not, then the files."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from rag import files
from rag.errors import IntakeError, SeedUnreadable
from rag.ingest import seeds as reading
from rag.types import Article

MAX_FILES = 500
"""Of one upload, those in archives counted one by one."""
MAX_BYTES = 200 * 1024 * 1024
"""Of all files of one upload, unpacked."""
_PART_BYTES, _NAME_BYTES = 255, 1000
_LISTED = 10
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_REFUSED = (
    (_UNSEEN, "its name has characters that cannot be shown"),
    (
        re.compile(r"^/|^[A-Za-z]:|\\|(^|/)\.\.(/|$)|^\.$"),
        "its name is not a path below a folder",
    ),
    (re.compile(r"(^|/)\."), "its name begins with a dot: such files are hidden and not read"),
    (
        re.compile(r"(^|/)(con|prn|aux|nul|com[0-9]|lpt[0-9])\s*(\.[^/]*)?(/|$)", re.IGNORECASE),
        "Windows keeps its name for a device",
    ),
)
_NOT_EVERYWHERE = re.compile(r'[<>:"|?*]|[ .]+(?=/|$)')
"""What a name may hold on Linux and may not, or loses, on Windows."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file of an upload, and what would become of it.

    `name` is the path below the seeds folder it would get; `article` what a build would read in it;
    `reason` why it is not accepted, "" if it would be.
    """

    name: str
    content: bytes
    article: Article | None
    reason: str


def examine(uploads: Sequence[Path], seeds: Path) -> list[Candidate]:
    """Read what was uploaded as a build would, and compare it with what is in the seeds folder.

    Of an archive (.zip) each member is a candidate, with the folders it is in. Nothing is written.
    What is beyond `MAX_FILES` or `MAX_BYTES` is not read: a last, refused candidate says so. Raises
    `SeedsError` when there is no seeds folder.
    """
    known = _Known(seeds)
    candidates: list[Candidate] = []
    size = 0
    for name, found in _files(uploads):
        if isinstance(found, bytes):
            size += len(found)
        if len(candidates) == MAX_FILES or size > MAX_BYTES:
            reason = (
                f"beyond the {MAX_FILES} files and {reading.mb(MAX_BYTES)} of one upload: neither it "
                "nor what follows was read; upload that by itself"
            )
            return [*candidates, Candidate(_shown(name), b"", None, reason)]
        candidates.append(_candidate(name, found, known))
    return candidates


def accept(candidates: Sequence[Candidate], seeds: Path) -> list[str]:
    """Write those without a reason against them into the seeds folder, and return their names.

    Each appears under its name whole or not at all, and never in the place of another file. Raises
    `IntakeError`, with what was written and what was not, when some could not be; all were tried.
    """
    written: list[str] = []
    failed: list[str] = []
    for candidate in candidates:
        if candidate.reason:
            continue
        try:
            *folders, name = PurePosixPath(_safe(candidate.name)).parts
            files.create(_make_folder(seeds, folders) / name, candidate.content)
        except SeedUnreadable as error:
            failed.append(f"{candidate.name} ({error})")
        except FileExistsError:
            failed.append(f"{candidate.name} (a file of that name has come into the folder meanwhile)")
        except OSError as error:
            failed.append(f"{candidate.name} ({error.strerror or error})")
        else:
            written.append(candidate.name)
    if failed:
        raise IntakeError(
            f"Not put into {seeds}: {_listed(failed)}. Put there: {_listed(written)}. Mend the cause, "
            "then upload again what is missing."
        )
    return written


def _files(uploads: Sequence[Path]) -> Iterator[tuple[str, bytes | SeedUnreadable]]:
    """The name of every file and of every member of an archive, and its content or why it has none."""
    for path in uploads:
        try:
            if reading.is_archive(path.name):
                yield from reading.unpack(path)
            else:
                yield path.name, reading.content_of(path)
        except SeedUnreadable as error:
            yield path.name, error


def _candidate(given: str, found: bytes | SeedUnreadable, known: _Known) -> Candidate:
    name, content, article = _shown(given), b"", None
    try:
        if isinstance(found, SeedUnreadable):
            raise found
        content = found
        name = _safe(given)
        article = reading.read_content(content, name)
        known.check(name, content)
    except SeedUnreadable as error:
        return Candidate(name, content, article, str(error))
    known.add(name, content)
    return Candidate(name, content, article, "")


class _Known:
    """The files of the seeds folder, and those of the upload that go there.

    Of the folder it reads only files of the same size as one that is looked for. Members of archives
    are not among them.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths: dict[int, list[Path]] = defaultdict(list)
        for path in reading.read_seeds(folder).paths():
            with suppress(OSError):
                self._paths[path.lstat().st_size].append(path)
        self._contents: dict[int, dict[bytes, str]] = {}
        self._names: set[str] = set()
        self._folders: set[str] = set()

    def check(self, name: str, content: bytes) -> None:
        """Raises `SeedUnreadable` where the name is taken, or the same bytes are there already."""
        if same := self._of_size(len(content)).get(_digest(content)):
            raise SeedUnreadable(same)
        if name in self._names | self._folders or _folders(name) & self._names:
            raise SeedUnreadable("another file of the upload has its name")
        for folder in _folders(name):
            _check_folder(self._folder / folder, folder)
        if os.path.lexists(self._folder / name):
            raise SeedUnreadable("its name is taken by a different file")

    def add(self, name: str, content: bytes) -> None:
        reason = f"the same bytes are in the upload already, as {name}"
        self._of_size(len(content))[_digest(content)] = reason
        self._names.add(name)
        self._folders |= _folders(name)

    def _of_size(self, size: int) -> dict[bytes, str]:
        """What to say of content with one of these digests."""
        if size not in self._contents:
            found = self._contents[size] = {}
            for path in self._paths[size]:
                with suppress(SeedUnreadable):
                    name = path.relative_to(self._folder).as_posix()
                    reason = f"the same bytes are in the folder already, as {_shown(name)}"
                    found[_digest(reading.content_of(path))] = reason
        return self._contents[size]


def _digest(content: bytes) -> bytes:
    return reading.Source("", content).digest


def _folders(name: str) -> set[str]:
    """The folders that a name is in, from the seeds folder on."""
    return {parent.as_posix() for parent in PurePosixPath(name).parents} - {"."}


def _check_folder(folder: Path, name: str) -> None:
    """Raises `SeedUnreadable` where something else has its name, such as a link to a folder."""
    if os.path.lexists(folder) and (folder.is_symlink() or not folder.is_dir()):
        raise SeedUnreadable(f"{name} is there already and is not a folder")


def _safe(name: str) -> str:
    """The name as a path that means the same on every system. Raises `SeedUnreadable`."""
    name = PurePosixPath(name).as_posix()
    for pattern, reason in _REFUSED:
        if pattern.search(name):
            raise SeedUnreadable(reason)
    name = _NOT_EVERYWHERE.sub("_", name)
    parts = name.encode().split(b"/")
    if max(map(len, parts)) > _PART_BYTES or sum(map(len, parts)) > _NAME_BYTES:
        raise SeedUnreadable("its name is too long")
    return name


def _shown(name: str) -> str:
    """The name of what may not have it, so that it can be shown."""
    return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", name)


def _make_folder(folder: Path, parts: Sequence[str]) -> Path:
    for part in parts:
        inside = folder / part
        _check_folder(inside, part)
        if not inside.is_dir():
            inside.mkdir()
            files.sync(folder)
        folder = inside
    return folder


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return (", ".join(names[:_LISTED]) + more) or "nothing"
