"""Files -> articles: which files below a folder are read, and which are refused and why."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from rag.article_source import ArticleItem
from rag.errors import SeedsError, SeedUnreadable
from rag.ingest.formats import PAGES, parse
from rag.types import Article, Failure

MAX_BYTES = 20 * 1024 * 1024
"""Of one article."""
MAX_ARCHIVE_BYTES = 1024 * 1024 * 1024
"""Of all that one archive holds, unpacked."""
_DECLARED = re.compile(rb"""charset\s*=\s*["']?([\w-]{1,40})""", re.IGNORECASE)
_DECLARATION_BYTES = 2048


class Source(NamedTuple):
    """The bytes of a file, or of a member of an archive, that are not yet read as an article.

    They are None for a file, or a whole archive, that is there but cannot be opened.
    """

    name: str
    content: bytes | None

    @property
    def digest(self) -> bytes:
        """Changes when the bytes do; empty where there are none."""
        return b"" if self.content is None else hashlib.blake2b(self.content, digest_size=16).digest()


class Seeds:
    """The articles of a folder, read one by one while iterating, in order of their paths.

    Archives (.zip) are read as if they were folders. After an iteration `failed` lists the files that
    could not be read, each with its reason.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self.failed: list[Failure] = []
        if not self.folder.is_dir():
            raise SeedsError(
                f"There is no seeds folder at {self.folder}. "
                "Create it and put article files into it, or name another with --seeds."
            )

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
        """The content of every file, in order, for who knows some of them already."""
        self.failed = []
        for path in self.paths():
            name = path.relative_to(self.folder).as_posix()
            try:
                if is_archive(path.name):
                    yield from self._members(path, name)
                else:
                    yield Source(name, content_of(path))
            except SeedUnreadable as error:
                self.failed.append(Failure(name, str(error)))
                yield Source(name, None)

    def _members(self, path: Path, name: str) -> Iterator[Source]:
        for member, found in unpack(path):
            if isinstance(found, SeedUnreadable):
                self.failed.append(Failure(f"{name}/{member}", str(found)))
            else:
                yield Source(f"{name}/{member}", found)

    def read(self, source: Source) -> Article | None:
        """Read a source as an article; None, and an entry in `failed`, where it is none."""
        if source.content is None:
            return None
        try:
            return read_content(source.content, source.name)
        except SeedUnreadable as error:
            self.failed.append(Failure(source.name, str(error)))
            return None

    def paths(self) -> list[Path]:
        """All files below the folder except hidden ones, sorted by path.

        Folders that cannot be listed and links to folders are among them, to be refused by name.
        """
        found = []

        def refuse(error: OSError) -> None:
            found.append(Path(error.filename))

        for parent, folders, files in os.walk(self.folder, onerror=refuse):
            folders[:] = [name for name in folders if not name.startswith(".")]
            links = [name for name in folders if Path(parent, name).is_symlink()]
            found += [Path(parent, name) for name in (*files, *links) if not name.startswith(".")]
        return sorted(found, key=lambda path: path.relative_to(self.folder).as_posix())


def unpack(path: Path) -> Iterator[tuple[str, bytes | SeedUnreadable]]:
    """Read the members of an archive one by one: the name of each, and its content or why it has none.

    Nothing is written to disk. Raises `SeedUnreadable` when the archive itself cannot be read.
    """
    _check_regular(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = sorted(archive.infolist(), key=lambda member: member.filename)
            left, before = MAX_ARCHIVE_BYTES, ""
            for member in members:
                if member.is_dir() or _is_hidden(member.filename):
                    continue
                try:
                    if member.filename == before:
                        raise SeedUnreadable("twice in the archive")
                    before = member.filename
                    if left <= 0:
                        raise SeedUnreadable(f"beyond the {mb(MAX_ARCHIVE_BYTES)} read of an archive")
                    found = _read_member(archive, member)
                except SeedUnreadable as error:
                    yield member.filename, error
                else:
                    left -= len(found)
                    yield member.filename, found
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise SeedUnreadable(f"not an archive that can be read ({error})") from error


def read_seeds(folder: str | os.PathLike[str] = "seeds") -> Seeds:
    """Return the articles of a seeds folder. Raises `SeedsError` when there is no such folder."""
    return Seeds(folder)


def read(path: Path, name: str) -> Article:
    """Read one file as the article called `name`. Raises `SeedUnreadable` with the reason."""
    return read_content(content_of(path), name)


def read_content(content: bytes, name: str) -> Article:
    """Read the bytes of a file as the article called `name`. Raises `SeedUnreadable`."""
    return parse(_decode(content, name), name)


def is_archive(name: str) -> bool:
    """Whether a file with this name is read as a folder."""
    return name.lower().endswith(".zip")


def content_of(path: Path) -> bytes:
    """The bytes of an ordinary file. Raises `SeedUnreadable` for any other, and for one too large."""
    try:
        if _check_regular(path) > MAX_BYTES:
            raise SeedUnreadable(f"larger than {mb(MAX_BYTES)}")
        return path.read_bytes()
    except OSError as error:
        raise SeedUnreadable(error.strerror or str(error)) from error


def _check_regular(path: Path) -> int:
    """The size of an ordinary file. Raises `SeedUnreadable` for a link, a pipe, a device."""
    try:
        status = path.lstat()
    except OSError as error:
        raise SeedUnreadable(error.strerror or str(error)) from error
    if not stat.S_ISREG(status.st_mode):
        raise SeedUnreadable("not a regular file")
    return status.st_size


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Unpack no more than an article may have, whatever the archive says of itself."""
    if stat.S_ISLNK(member.external_attr >> 16):
        raise SeedUnreadable("not a regular file")
    if ".." in _parts(member.filename):
        raise SeedUnreadable("its name leads out of the archive")
    if is_archive(member.filename):
        raise SeedUnreadable("an archive inside an archive")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # zipfile takes these apart whole, and a few kilobytes may be gigabytes.
        raise SeedUnreadable("compressed in another way than archives mostly are (deflate)")
    if member.file_size > MAX_BYTES:
        raise SeedUnreadable(f"larger than {mb(MAX_BYTES)}")
    try:
        with archive.open(member) as file:
            return file.read(MAX_BYTES)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        RuntimeError,
        NotImplementedError,
    ) as error:
        raise SeedUnreadable(f"cannot be unpacked ({error})") from error


def _decode(content: bytes, name: str) -> str:
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise SeedUnreadable("its name is not UTF-8") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        declared = _DECLARED.search(content[:_DECLARATION_BYTES])
        if not (declared and name.lower().endswith(PAGES)):
            raise SeedUnreadable(f"not UTF-8 text (byte {error.start})") from error
        encoding = declared[1].decode("ascii", "replace").lower()
    try:
        return content.decode("gb18030" if encoding in ("gb2312", "gbk") else encoding)
    except (LookupError, ValueError) as error:
        raise SeedUnreadable(f"not text in {encoding}, which it says it is") from error


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in _parts(name) if part not in (".", ".."))


def _parts(name: str) -> list[str]:
    return re.split(r"[/\\]", name)


def mb(size: int) -> str:
    """A number of bytes as a person would say it."""
    return f"{size // 2**20} MB"
