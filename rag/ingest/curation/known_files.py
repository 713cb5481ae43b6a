"""The files that an upload must not repeat: those of the seeds folder, and those of the upload."""

from __future__ import annotations

import os
from collections import defaultdict
from contextlib import suppress
from pathlib import Path, PurePosixPath

from rag.errors import SeedUnreadable
from rag.ingest import regular_files
from rag.ingest.curation.seed_names import check_folder, printable
from rag.ingest.records import Record
from rag.ingest.seeds import read_seeds


class KnownFiles:
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
            check_folder(self._folder / folder, folder)
        if os.path.lexists(self._folder / name):
            raise SeedUnreadable("name-taken")

    def add(self, name: str, content: bytes) -> None:
        """Add an accepted file of the upload."""
        self._uploaded[_digest(content)] = name
        self._names.add(name)
        self._folders |= _folders(name)

    def _of_size(self, size: int) -> dict[bytes, str]:
        """Return the names of the files of this size in the folder, by digest."""
        if size not in self._stored:
            names = self._stored[size] = {}
            for path in self._paths[size]:
                with suppress(SeedUnreadable):
                    name = printable(path.relative_to(self._folder).as_posix())
                    names[_digest(regular_files.read_bytes(path))] = name
        return self._stored[size]


def _digest(content: bytes) -> bytes:
    return Record("", content).digest


def _folders(name: str) -> set[str]:
    """Return the folders that a name is in, below the seeds folder."""
    return {parent.as_posix() for parent in PurePosixPath(name).parents} - {"."}
