"""Uploaded files -> files in the seeds folder: a preview with refusals first, then the files.

A file is written completely or not at all, and never replaces another one.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from rag import files
from rag.errors import IntakeError, Notice, SeedUnreadable
from rag.ingest import archives, file_records, formats, regular_files
from rag.ingest.records import Record
from rag.ingest.seeds import read_seeds
from rag.text.scripts import CONTROLS
from rag.types import Article

MAX_FILES = 500
"""Files per upload; each member of an archive counts."""
MAX_BYTES = 200 * regular_files.MEGABYTE
"""Size limit of all files of one upload, unpacked."""
_PART_BYTES, _NAME_BYTES = 255, 1000
_LISTED_FILES = 10
_UNPRINTABLE = re.compile(rf"[{CONTROLS}\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_NOT_RELATIVE = re.compile(r"^/|^[A-Za-z]:|\\|(^|/)\.\.(/|$)|^\.$")
_HIDDEN = re.compile(r"(^|/)\.")
_RESERVED = re.compile(r"(^|/)(con|prn|aux|nul|com[0-9]|lpt[0-9])\s*(\.[^/]*)?(/|$)", re.IGNORECASE)
_NOT_PORTABLE = re.compile(r'[<>:"|?*]|[ .]+(?=/|$)')
"""Valid in a name on Linux, but forbidden or removed on Windows."""


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file of an upload, and whether it can be added.

    `name` is its path below the seeds folder; `article` the first article that a build would read from
    it; `refusal` the reason why it is not added, None if it is.
    """

    name: str
    content: bytes
    article: Article | None
    refusal: SeedUnreadable | None = None


def examine(uploads: Sequence[Path], seeds: Path) -> list[UploadedFile]:
    """Read the uploads as a build would, and compare them with the seeds folder. Nothing is written.

    Each member of a .zip archive is a file of its own, with its folders in its name. Reading ends at
    `MAX_FILES` or `MAX_BYTES`; the last file is then refused for that reason. Raises `SeedsError` if
    there is no seeds folder.
    """
    known = _KnownFiles(seeds)
    examined: list[UploadedFile] = []
    size = 0
    for name, content in _read_uploads(uploads):
        if isinstance(content, bytes):
            size += len(content)
        if len(examined) == MAX_FILES or size > MAX_BYTES:
            limit = MAX_BYTES // regular_files.MEGABYTE
            refusal = SeedUnreadable("upload-too-large", files=MAX_FILES, limit=limit)
            return [*examined, UploadedFile(_printable(name), b"", None, refusal)]
        examined.append(_examine_file(name, content, known))
    return examined


def accept(uploads: Sequence[UploadedFile], seeds: Path) -> list[str]:
    """Write the files that are not refused into the seeds folder, and return their names.

    A file appears under its name completely or not at all, and never replaces another one. Raises
    `IntakeError`, which lists written and failed files, if one could not be written; all are tried.
    """
    written: list[str] = []
    failed: list[Notice] = []
    for upload in uploads:
        if upload.refusal:
            continue
        try:
            *folders, name = PurePosixPath(_safe_name(upload.name)).parts
            files.create(_make_folder(seeds, folders) / name, upload.content)
        except SeedUnreadable as error:
            failed.append(_failed(upload, error))
        except FileExistsError:
            failed.append(_failed(upload, SeedUnreadable("name-taken-meanwhile")))
        except OSError as error:
            cause = error.strerror or str(error)
            failed.append(_failed(upload, SeedUnreadable("file-unwritable", cause=cause)))
        else:
            written.append(upload.name)
    if failed:
        raise IntakeError(
            "upload-incomplete", folder=str(seeds), failed=_listed(failed), written=_listed(written)
        )
    return written


def _failed(upload: UploadedFile, reason: SeedUnreadable) -> Notice:
    return Notice("upload-file-failed", {"name": upload.name, "reason": reason})


def _listed(items: Sequence[object]) -> list[object]:
    """Return the items that a message lists."""
    if not items:
        return [Notice("upload-files-none")]
    more = len(items) - _LISTED_FILES
    rest = [Notice("upload-files-more", {"count": more})] if more > 0 else []
    return [*items[:_LISTED_FILES], *rest]


def _read_uploads(uploads: Sequence[Path]) -> Iterator[tuple[str, bytes | SeedUnreadable]]:
    """Yield the name of every file and archive member, and its content or the reason of its refusal."""
    for path in uploads:
        try:
            if archives.is_archive(path.name):
                yield from archives.unpack(path)
            else:
                yield path.name, regular_files.read_bytes(path)
        except SeedUnreadable as error:
            yield path.name, error


def _examine_file(given: str, content: bytes | SeedUnreadable, known: _KnownFiles) -> UploadedFile:
    name, article = _printable(given), None
    if isinstance(content, SeedUnreadable):
        return UploadedFile(name, b"", None, content)
    try:
        name = _safe_name(given)
        article = _first_article(name, content)
        known.check(name, content)
    except SeedUnreadable as error:
        return UploadedFile(name, content, article, error)
    known.add(name, content)
    return UploadedFile(name, content, article)


def _first_article(name: str, content: bytes) -> Article:
    """Return the first article of a file. Raises `SeedUnreadable`, with the first reason, if none."""
    refusals = []
    for _, record in file_records.records(content, name):
        try:
            if isinstance(record, SeedUnreadable):
                raise record
            return formats.read(record).article
        except SeedUnreadable as error:
            refusals.append(error)
    raise refusals[0] if refusals else SeedUnreadable("article-empty")


class _KnownFiles:
    """The files of the seeds folder and the accepted files of the upload.

    Members of archives in the folder are not included. Files of the folder are read only if an
    uploaded file has the same size.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths: dict[int, list[Path]] = defaultdict(list)
        for path in read_seeds(folder).paths():
            with suppress(OSError):
                self._paths[path.lstat().st_size].append(path)
        self._stored: dict[int, dict[bytes, str]] = {}
        self._uploaded: dict[bytes, str] = {}
        self._names: set[str] = set()
        self._folders: set[str] = set()

    def check(self, name: str, content: bytes) -> None:
        """Raise `SeedUnreadable` if the name is taken or the same content exists."""
        digest = _digest(content)
        if same := self._of_size(len(content)).get(digest):
            raise SeedUnreadable("content-known", name=same)
        if same := self._uploaded.get(digest):
            raise SeedUnreadable("upload-content-repeated", name=same)
        if name in self._names | self._folders or _folders(name) & self._names:
            raise SeedUnreadable("upload-name-repeated")
        for folder in _folders(name):
            _check_folder(self._folder / folder, folder)
        if os.path.lexists(self._folder / name):
            raise SeedUnreadable("name-taken")

    def add(self, name: str, content: bytes) -> None:
        self._uploaded[_digest(content)] = name
        self._names.add(name)
        self._folders |= _folders(name)

    def _of_size(self, size: int) -> dict[bytes, str]:
        """Return the names of the files of this size in the folder, by digest."""
        if size not in self._stored:
            names = self._stored[size] = {}
            for path in self._paths[size]:
                with suppress(SeedUnreadable):
                    name = _printable(path.relative_to(self._folder).as_posix())
                    names[_digest(regular_files.read_bytes(path))] = name
        return self._stored[size]


def _digest(content: bytes) -> bytes:
    return Record("", content).digest


def _folders(name: str) -> set[str]:
    """Return the folders that a name is in, below the seeds folder."""
    return {parent.as_posix() for parent in PurePosixPath(name).parents} - {"."}


def _check_folder(folder: Path, name: str) -> None:
    """Raise `SeedUnreadable` if the path is not a folder, such as a link to one."""
    if os.path.lexists(folder) and (folder.is_symlink() or not folder.is_dir()):
        raise SeedUnreadable("folder-not-folder", name=name)


def _safe_name(name: str) -> str:
    """Return the name as a path that is valid on every system. Raises `SeedUnreadable`."""
    name = PurePosixPath(name).as_posix()
    if _UNPRINTABLE.search(name):
        raise SeedUnreadable("name-unprintable")
    if _NOT_RELATIVE.search(name):
        raise SeedUnreadable("name-not-relative")
    if _HIDDEN.search(name):
        raise SeedUnreadable("name-hidden")
    if _RESERVED.search(name):
        raise SeedUnreadable("name-reserved")
    name = _NOT_PORTABLE.sub("_", name)
    parts = name.encode().split(b"/")
    if max(map(len, parts)) > _PART_BYTES or sum(map(len, parts)) > _NAME_BYTES:
        raise SeedUnreadable("name-too-long")
    return name


def _printable(name: str) -> str:
    """Return a refused name in a form that can be shown."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", name)


def _make_folder(folder: Path, parts: Sequence[str]) -> Path:
    for part in parts:
        inside = folder / part
        _check_folder(inside, part)
        if not inside.is_dir():
            inside.mkdir()
            files.sync(folder)
        folder = inside
    return folder
