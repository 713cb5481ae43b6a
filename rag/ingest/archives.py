"""Reads the members of .zip archives in memory, within limits that no archive can exceed."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from rag.errors import SeedUnreadable
from rag.ingest import encoding_detection, encodings, file_types, regular_files

MAX_ARCHIVE_BYTES = 1024 * regular_files.MEGABYTE
"""Size limit of all members of one archive, unpacked."""
_IS_UTF8 = 0x800
_DEFAULT_CODEC = "cp437"
_UNICODE_PATH = 0x7075
_FIELD = struct.Struct("<HH")


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
    for name, member in sorted(_named(archive.infolist()), key=lambda named: named[0]):
        if name.endswith("/") or _is_hidden(name) or file_types.is_ignored(name):
            continue
        try:
            if name == previous:
                raise SeedUnreadable("archive-member-repeated")
            previous = name
            if remaining <= 0:
                limit = MAX_ARCHIVE_BYTES // regular_files.MEGABYTE
                raise SeedUnreadable("archive-too-large", limit=limit)
            content = _read_member(archive, member, name)
        except SeedUnreadable as error:
            yield name, error
        else:
            remaining -= len(content)
            yield name, content


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> bytes:
    if stat.S_ISLNK(member.external_attr >> 16):
        raise SeedUnreadable("file-not-regular")
    if ".." in name.split("/"):
        raise SeedUnreadable("archive-path-unsafe")
    if is_archive(name):
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
    parts = [part for part in name.split("/") if part not in (".", "..")]
    return any(part.startswith((".", "__MACOSX")) for part in parts)


def _named(members: Iterable[zipfile.ZipInfo]) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    """Yield the members with their true names, their folders separated by slashes."""
    members = list(members)
    legacy = b"\n".join(_legacy_name(member) for member in members)
    codec = _codec(legacy)
    for member in members:
        yield _name(member, codec).replace("\\", "/"), member


def _name(member: zipfile.ZipInfo, codec: str) -> str:
    raw = _legacy_name(member)
    return _unicode_path(member.extra, raw) or (raw.decode(codec) if raw else member.filename)


def _legacy_name(member: zipfile.ZipInfo) -> bytes:
    """Return the bytes of a name in an unknown encoding, which zipfile takes for cp437; else b""."""
    if member.flag_bits & _IS_UTF8:
        return b""
    return member.orig_filename.partition("\0")[0].encode(_DEFAULT_CODEC)


def _codec(names: bytes) -> str:
    """Return the codec of names: mostly that of the system where the archive was made."""
    detected = encoding_detection.detect_names(names)
    for codec in ("utf-8", encodings.codec(detected) if detected else _DEFAULT_CODEC):
        with suppress(UnicodeDecodeError):
            names.decode(codec)
            return codec
    return _DEFAULT_CODEC


def _unicode_path(extra: bytes, raw: bytes) -> str:
    """Return the name in the Unicode path field of Info-ZIP, "" if there is none for this name."""
    while len(extra) >= _FIELD.size:
        kind, size = _FIELD.unpack_from(extra)
        field, extra = extra[_FIELD.size : _FIELD.size + size], extra[_FIELD.size + size :]
        if kind == _UNICODE_PATH and field[:5] == b"\1" + zlib.crc32(raw).to_bytes(4, "little"):
            with suppress(UnicodeDecodeError):
                return field[5:].decode()
    return ""
