"""A folder of article files -> articles, and the files that are refused with their reasons."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from rag.errors import SeedsError, SeedUnreadable
from rag.ingest import archives, formats, regular_files
from rag.ingest.article_source import DIGEST_BYTES, ArticleItem
from rag.types import Article, Failure


class Source(NamedTuple):
    """The bytes of a file, or of a member of an archive, before they are read as an article.

    `content` is None if a file, or a whole archive, exists but cannot be opened.
    """

    name: str
    content: bytes | None

    @property
    def digest(self) -> bytes:
        """Digest of the bytes; empty if there are none."""
        if self.content is None:
            return b""
        return hashlib.blake2b(self.content, digest_size=DIGEST_BYTES).digest()


class Seeds:
    """The articles of a folder, read one by one during iteration, in order of their paths.

    Archives (.zip) are read like folders. After an iteration `failed` lists the refused files with
    their reasons. Raises `SeedsError` if there is no such folder.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self.failed: list[Failure] = []
        if not self.folder.is_dir():
            raise SeedsError("seeds-missing", folder=str(self.folder))

    def __iter__(self) -> Iterator[Article]:
        for source in self.sources():
            if article := self.read(source):
                yield article

    @property
    def description(self) -> str:
        """The path of the folder."""
        return str(self.folder)

    def items(self) -> Iterator[ArticleItem]:
        """Yield the articles of the folder for a build, in order of their paths."""
        for source in self.sources():
            yield ArticleItem(source.name, source.digest, partial(self.read, source))

    def sources(self) -> Iterator[Source]:
        """Yield the content of every file in order, so that a caller can skip files by their digest."""
        self.failed = []
        for path in self.paths():
            name = path.relative_to(self.folder).as_posix()
            try:
                if archives.is_archive(path.name):
                    yield from self._members(path, name)
                else:
                    yield Source(name, regular_files.read_bytes(path))
            except SeedUnreadable as error:
                self._refuse(name, error)
                yield Source(name, None)

    def _members(self, path: Path, name: str) -> Iterator[Source]:
        for member, content in archives.unpack(path):
            if isinstance(content, SeedUnreadable):
                self._refuse(f"{name}/{member}", content)
            else:
                yield Source(f"{name}/{member}", content)

    def read(self, source: Source) -> Article | None:
        """Read a source as an article; return None and add to `failed` if it is refused."""
        if source.content is None:
            return None
        try:
            return formats.read(source.content, source.name)
        except SeedUnreadable as error:
            self._refuse(source.name, error)
            return None

    def _refuse(self, name: str, error: SeedUnreadable) -> None:
        self.failed.append(Failure(name, str(error), error.code, error.parameters))

    def paths(self) -> list[Path]:
        """Return the paths of all files below the folder except hidden ones, sorted.

        Folders that cannot be listed and links to folders are included: reading them refuses them by
        name.
        """
        paths: list[Path] = []

        def add_unlisted(error: OSError) -> None:
            paths.append(Path(error.filename))

        for parent, folders, files in os.walk(self.folder, onerror=add_unlisted):
            folders[:] = [name for name in folders if not name.startswith(".")]
            links = [name for name in folders if Path(parent, name).is_symlink()]
            paths += [Path(parent, name) for name in (*files, *links) if not name.startswith(".")]
        return sorted(paths, key=lambda path: path.relative_to(self.folder).as_posix())


def read_seeds(folder: str | os.PathLike[str] = "seeds") -> Seeds:
    """Return the articles of a seeds folder. Raises `SeedsError` if there is no such folder."""
    return Seeds(folder)
