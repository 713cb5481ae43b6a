"""A page that SingleFile saved compressed: HTML that unpacks the .zip that it carries."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

from rag.errors import SeedUnreadable
from rag.ingest.records import Record
from rag.ingest.regular_files import MAX_BYTES, check_size

NAME = "SingleFile page"
_HEAD = re.compile(rb"<html\b[^>]{0,500}\sdata-sfz\b", re.IGNORECASE)
_URL = re.compile(rb"\surl:\s{1,4}(https?://\S{1,2000})")
_HEAD_BYTES = 4096
_PAGE = "index.html"


def matches(name: str, head: bytes) -> bool:
    """Whether a file is such a page, by the attribute of its root element."""
    return _HEAD.search(head[:_HEAD_BYTES]) is not None


def read(file: BinaryIO, name: str) -> Iterator[tuple[str, Record | SeedUnreadable]]:
    """Yield the page. Raises `SeedUnreadable` if it cannot be unpacked."""
    file.seek(0)
    url = _URL.search(file.read(_HEAD_BYTES))
    try:
        with zipfile.ZipFile(file) as archive:
            member = archive.getinfo(_PAGE)
            if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise SeedUnreadable("archive-compression")
            with archive.open(member) as page:
                content = page.read(MAX_BYTES + 1)
    except (zipfile.BadZipFile, KeyError, OSError, ValueError, RuntimeError) as error:
        raise SeedUnreadable("archive-unreadable", cause=str(error)) from error
    check_size(len(content))
    yield name, Record(name, content, "page", url=url[1].decode("utf-8", "replace") if url else "")
