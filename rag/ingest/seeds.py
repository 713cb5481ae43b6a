"""A folder of article files -> articles, and the files that are refused with their reasons."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path, PurePath

from rag.errors import SeedsError, SeedUnreadable
from rag.ingest import archives, file_records, file_types, formats
from rag.ingest.article_source import ArticleItem
from rag.ingest.records import Record
from rag.types import Article, Failure, Remark

_NOT_OPENED = frozenset(
    ["file-unreadable", "file-not-regular", "file-too-large", "file-damaged", "archive-unreadable"]
)
"""Faults after which the articles of the previous build stay."""
_PARTS_OF_PAGE = re.compile(
    r"(?P<stem>.+)[._-](?:files?|fichiers|dateien|archivos|ficheiros)", re.IGNORECASE
)
"""The folder beside a page that a browser saved "complete"."""
_PART = re.compile(r"^saved_resource|\.(?:css|js)(?:\.[^.]+)?$")


class Seeds:
    """The articles of a folder, read one by one during iteration, in order of their paths.

    Archives (.zip) are read like folders. After an iteration `failed` lists the refused files with
    their reasons, and `remarks` what should be checked of the others. Raises `SeedsError` if there is
    no such folder.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self.failed: list[Failure] = []
        self.remarks: list[Remark] = []
        if not self.folder.is_dir():
            raise SeedsError("seeds-missing", folder=str(self.folder))

    def __iter__(self) -> Iterator[Article]:
        for item in self.items():
            if article := item.read():
                yield article

    @property
    def description(self) -> str:
        """The path of the folder."""
        return str(self.folder)

    def items(self) -> Iterator[ArticleItem]:
        """Yield the articles of the folder for a build, in order of their paths."""
        self.failed, self.remarks = [], []
        for path in self.paths():
            name = path.relative_to(self.folder).as_posix()
            try:
                formats.check_name(name)
                for record in self._records(path, name):
                    yield ArticleItem(record.name, record.digest, partial(self._read, record))
            except SeedUnreadable as error:
                self._refuse(name, error)
                if error.code in _NOT_OPENED:
                    yield ArticleItem(name, b"", _nothing)

    def _records(self, path: Path, name: str) -> Iterator[Record]:
        if archives.is_archive(path.name):
            for member, content in archives.unpack(path):
                yield from self._members(f"{name}/{member}", content)
        else:
            yield from self._taken(file_records.open_records(path, name))

    def _members(self, name: str, content: bytes | SeedUnreadable) -> Iterator[Record]:
        try:
            if isinstance(content, SeedUnreadable):
                raise content
            yield from self._taken(file_records.records(content, name))
        except SeedUnreadable as error:
            self._refuse(name, error)

    def _taken(self, records: Iterable[tuple[str, Record | SeedUnreadable]]) -> Iterator[Record]:
        for name, record in records:
            if isinstance(record, SeedUnreadable):
                self._refuse(name, record)
            else:
                yield record

    def _read(self, record: Record) -> Article | None:
        try:
            reading = formats.read(record)
        except SeedUnreadable as error:
            self._refuse(record.name, error)
            return None
        self.remarks += reading.remarks
        return reading.article

    def _refuse(self, name: str, error: SeedUnreadable) -> None:
        self.failed.append(Failure(_printable(name), str(error), error.code, error.parameters))

    def paths(self) -> list[Path]:
        """Return the paths of all files below the folder except hidden ones, sorted.

        Folders that cannot be listed and links to folders are included: reading them refuses them by
        name.
        """
        paths: list[Path] = []

        def add_unlisted(error: OSError) -> None:
            paths.append(Path(error.filename))

        for parent, folders, files in os.walk(self.folder, onerror=add_unlisted):
            folders[:] = [
                name
                for name in folders
                if not _is_left_out(name) and not _is_part_of_a_page(Path(parent, name), files)
            ]
            links = [name for name in folders if Path(parent, name).is_symlink()]
            paths += [Path(parent, name) for name in (*files, *links) if not _is_left_out(name)]
        return sorted(paths, key=lambda path: path.relative_to(self.folder).as_posix())


def _nothing() -> None:
    return None


def _printable(name: str) -> str:
    """Return a name, which may not be UTF-8, in a form that can be stored and shown."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _is_left_out(name: str) -> bool:
    """Whether a file or folder is hidden or litter."""
    return name.startswith(".") or file_types.is_ignored(name)


def _is_part_of_a_page(folder: Path, beside: Sequence[str]) -> bool:
    """Whether a folder has the pictures, styles and frames of a page that a browser saved."""
    match = _PARTS_OF_PAGE.fullmatch(folder.name)
    if not match:
        return False
    has_page = any(PurePath(name).stem == match["stem"] for name in beside)
    with suppress(OSError):
        return has_page or any(_PART.search(path.name) for path in folder.iterdir())
    return has_page


def read_seeds(folder: str | os.PathLike[str] = "seeds") -> Seeds:
    """Return the articles of a seeds folder. Raises `SeedsError` if there is no such folder."""
    return Seeds(folder)
