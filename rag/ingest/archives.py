"""Reads the members of .zip archives in memory, within limits that no archive can exceed."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from rag.errors import SeedUnreadable
from rag.ingest import regular_files

MAX_ARCHIVE_BYTES = 1024 * regular_files.MEGABYTE
"""Size limit of all members of one archive, unpacked."""


def is_archive(name: str) -> bool:
    """Whether a file with this name is read as a folder."""
    return name.lower().endswith(".zip")


def unpack(path: Path) -> Iterator[tuple[str, bytes | SeedUnreadable]]:
    """Yield the name of each member and its content, or the reason why it is refused.

    Nothing is written to disk. Raises `SeedUnreadable` if the archive itself cannot be read.
    """
    regular_files.check_regular(path)
    try:
        with zipfile.ZipFile(path) as archive:
            yield from _members(archive)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise SeedUnreadable("archive-unreadable", cause=str(error)) from error


def _members(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes | SeedUnreadable]]:
    remaining, previous = MAX_ARCHIVE_BYTES, ""
    for member in sorted(archive.infolist(), key=lambda member: member.filename):
        name = member.filename
        if member.is_dir() or _is_hidden(name):
            continue
        try:
            if name == previous:
                raise SeedUnreadable("archive-member-repeated")
            previous = name
            if remaining <= 0:
                limit = MAX_ARCHIVE_BYTES // regular_files.MEGABYTE
                raise SeedUnreadable("archive-too-large", limit=limit)
            content = _read_member(archive, member)
        except SeedUnreadable as error:
            yield name, error
        else:
            remaining -= len(content)
            yield name, content


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    if stat.S_ISLNK(member.external_attr >> 16):
        raise SeedUnreadable("file-not-regular")
    if ".." in _parts(member.filename):
        raise SeedUnreadable("archive-path-unsafe")
    if is_archive(member.filename):
        raise SeedUnreadable("archive-nested")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # zipfile decompresses the other methods in one piece: a few kilobytes may become gigabytes.
        raise SeedUnreadable("archive-compression")
    regular_files.check_size(member.file_size)
    try:
        with archive.open(member) as file:
            # The declared size may be false: read no more than the limit (zip-bomb guard).
            return file.read(regular_files.MAX_BYTES)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        RuntimeError,
        NotImplementedError,
    ) as error:
        raise SeedUnreadable("archive-member-damaged", cause=str(error)) from error


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in _parts(name) if part not in (".", ".."))


def _parts(name: str) -> list[str]:
    return re.split(r"[/\\]", name)
