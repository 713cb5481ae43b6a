"""The web pages of a WACZ file: a .zip with WARC files in its folder `archive`."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from typing import BinaryIO, cast

from rag.errors import SeedUnreadable
from rag.ingest.containers.web_archives import warc
from rag.ingest.records import Record

NAME = "WACZ"
_PARTS = re.compile(rb"PK\x03\x04.{26}(?:archive|indexes|pages|fuzzy\.json)", re.DOTALL)
_WARC = re.compile(r"archive/.{1,1000}\.warc(?:\.gz)?", re.IGNORECASE)


def matches(name: str, head: bytes) -> bool:
    """Whether a file is a WACZ file: by its extension, or by the names of its first members."""
    if not head.startswith(b"PK\x03\x04"):
        return False
    return name.lower().endswith(".wacz") or (b"datapackage.json" in head and bool(_PARTS.search(head)))


def read(file: BinaryIO, name: str) -> Iterator[tuple[str, Record | SeedUnreadable]]:
    """Yield the web pages of a WACZ file, numbered over all its WARC files.

    Raises `SeedUnreadable` if it is not a readable .zip, or has no page.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = sorted(filter(_is_warc, archive.infolist()), key=lambda member: member.filename)
            if not members:
                raise SeedUnreadable("wacz-no-archive")
            yield from warc.read_files(lambda: _opened(archive, members), name)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise SeedUnreadable("archive-unreadable", cause=str(error)) from error


def _is_warc(member: zipfile.ZipInfo) -> bool:
    return _WARC.fullmatch(member.filename) is not None


def _opened(
    archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo]
) -> Iterator[BinaryIO | SeedUnreadable]:
    for member in members:
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # zipfile decompresses the other methods in one piece: a few kilobytes may become gigabytes.
            yield SeedUnreadable("archive-compression")
            continue
        try:
            file = archive.open(member)
        except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
            yield SeedUnreadable("archive-member-damaged", cause=str(error))
        else:
            with file:
                yield cast(BinaryIO, file)
