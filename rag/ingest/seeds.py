"""A folder of article files -> articles, and the files that are refused with their reasons.

What reads files is imported late: questions are answered without it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import Notice, SeedsError, SeedUnreadable
from rag.ingest.article_source import ArticleItem
from rag.ingest.curation.seed_names import CORRECTIONS
from rag.ingest.records import Record
from rag.reports import Failure, Remark
from rag.types import Article

if TYPE_CHECKING:
    from rag.ingest.curation.corrections import Correction

_NOT_OPENED = frozenset(
    ["file-unreadable", "file-not-regular", "file-too-large", "file-damaged", "archive-unreadable"]
)
"""Faults after which the articles of the previous build stay."""


class Seeds:
    """The articles of a folder, read one by one during iteration, in order of their paths.

    Archives (.zip) are read like folders. The corrections of the folder apply; an iteration raises
    `SeedsError` if they cannot be read. After it `failed` lists the refused files with their reasons,
    and `remarks` what should be checked of the others. Raises `SeedsError` if there is no such folder.
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
        from rag.ingest import file_records
        from rag.ingest.curation import corrections

        self.failed, self.remarks = [], []
        known = corrections.load(self.folder)
        unused = set(known)
        for path in self.paths():
            name = path.relative_to(self.folder).as_posix()
            try:
                for identifier, record in file_records.open_records(path, name):
                    unused.discard(identifier)
                    if isinstance(record, SeedUnreadable):
                        self._refuse(identifier, record)
                    elif item := self._item(record, identifier, known.get(identifier)):
                        yield item
            except SeedUnreadable as error:
                unused -= {key for key in unused if key.startswith(name)}
                self._refuse(name, error)
                if error.code in _NOT_OPENED:
                    yield ArticleItem(name, b"", _nothing)
        self.remarks += map(_unused, sorted(unused))

    def _item(
        self, record: Record, identifier: str, correction: Correction | None
    ) -> ArticleItem | None:
        """Return the item of a record; None if its correction leaves it out."""
        from rag.ingest.curation import corrections

        if correction and correction.left_out:
            return None
        digest = corrections.digest(record.digest, correction)
        return ArticleItem(identifier, digest, partial(self._read, record, correction))

    def _read(self, record: Record, correction: Correction | None) -> Article | None:
        from rag.ingest import formats
        from rag.ingest.curation import corrections

        try:
            reading = corrections.correct(formats.read(record), correction)
        except SeedUnreadable as error:
            self._refuse(record.name, error)
            return None
        self.remarks += reading.remarks
        return reading.article

    def _refuse(self, name: str, error: SeedUnreadable) -> None:
        self.failed.append(Failure(_printable(name), str(error), error.code, error.parameters))

    def paths(self) -> Iterator[Path]:
        """Yield the paths of all files below the folder that a build reads or names, in order."""
        from rag.ingest import folders

        return folders.paths(self.folder)


def _nothing() -> None:
    return None


def _unused(identifier: str) -> Remark:
    """Return the remark that no article has the id of a correction."""
    notice = Notice("remark-correction-unused", {"file": CORRECTIONS})
    return Remark(_printable(identifier), str(notice), notice.code, notice.parameters)


def _printable(name: str) -> str:
    """Return a name, which may not be UTF-8, in a form that can be stored and shown."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def read_seeds(folder: str | os.PathLike[str] = "seeds") -> Seeds:
    """Return the articles of a seeds folder. Raises `SeedsError` if there is no such folder."""
    return Seeds(folder)
