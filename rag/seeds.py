"""Files -> articles: which files below a folder are read, and which are refused and why."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from rag.errors import SeedsError, SeedUnreadable
from rag.forms import PAGES, parse
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

    def sources(self) -> Iterator[Source]:
        """The content of every file, in order, for who knows some of them already."""
        self.failed = []
        for path in self.paths():
            name = path.relative_to(self.folder).as_posix()
            try:
                if path.suffix.lower() == ".zip":
                    yield from self._unpack(path, name)
                else:
                    yield Source(name, _content(path))
            except SeedUnreadable as error:
                self.failed.append(Failure(name, str(error)))
                yield Source(name, None)

    def read(self, source: Source) -> Article | None:
        """Read a source as an article; None, and an entry in `failed`, where it is none."""
        if source.content is None:
            return None
        try:
            return parse(_decode(source.content, source.name), source.name)
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

    def _unpack(self, path: Path, name: str) -> Iterator[Source]:
        """Read the members of an archive one by one; nothing is written to disk."""
        _check_regular(path)
        try:
            with zipfile.ZipFile(path) as archive:
                members = sorted(archive.infolist(), key=lambda member: member.filename)
                left, before = MAX_ARCHIVE_BYTES, ""
                for member in members:
                    if member.is_dir() or _is_hidden(member.filename):
                        continue
                    inside = f"{name}/{member.filename}"
                    try:
                        if member.filename == before:
                            raise SeedUnreadable("twice in the archive")
                        before = member.filename
                        if left <= 0:
                            raise SeedUnreadable(
                                f"beyond the {_mb(MAX_ARCHIVE_BYTES)} read of an archive"
                            )
                        content = _read_member(archive, member)
                    except SeedUnreadable as error:
                        self.failed.append(Failure(inside, str(error)))
                    else:
                        left -= len(content)
                        yield Source(inside, content)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise SeedUnreadable(f"not an archive that can be read ({error})") from error


def read_seeds(folder: str | os.PathLike[str] = "seeds") -> Seeds:
    """Return the articles of a seeds folder. Raises `SeedsError` when there is no such folder."""
    return Seeds(folder)


def read(path: Path, name: str) -> Article:
    """Read one file as the article called `name`. Raises `SeedUnreadable` with the reason."""
    return parse(_decode(_content(path), name), name)


def _content(path: Path) -> bytes:
    try:
        if _check_regular(path) > MAX_BYTES:
            raise SeedUnreadable(f"larger than {_mb(MAX_BYTES)}")
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
    try:
        with archive.open(member) as file:
            content = file.read(MAX_BYTES + 1)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        RuntimeError,
        NotImplementedError,
    ) as error:
        raise SeedUnreadable(f"cannot be unpacked ({error})") from error
    if len(content) > MAX_BYTES:
        raise SeedUnreadable(f"larger than {_mb(MAX_BYTES)}")
    return content


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
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)


def _mb(size: int) -> str:
    return f"{size // 2**20} MB"
