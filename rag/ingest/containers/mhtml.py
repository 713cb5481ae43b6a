"""Reads pages that a browser saved in one file: MHTML (.mhtml, .mht).

The file is split at its boundaries here and only the page itself is decoded: `email` would hold every
line of every picture, and a hostile file has many.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import EmailMessage
from email.parser import HeaderParser
from email.policy import default
from pathlib import PurePath
from typing import BinaryIO, NamedTuple

from rag.errors import SeedUnreadable
from rag.ingest.containers.whole_files import read_whole
from rag.ingest.records import Record
from rag.ingest.regular_files import MAX_BYTES, check_size

NAME = "MHTML"

_SUFFIXES = (".mhtml", ".mht")
_PAGES = ("text/html", "application/xhtml+xml")
_MAX_HEADER_BYTES = 4 * 1024
_MAX_PARTS = 500
"""Parts beyond are pictures: the page is at the beginning."""
_MAX_DEPTH = 3
_MAX_ENCODED_BYTES = 4 * MAX_BYTES
"""Quoted-printable writes three characters and breaks of lines for a byte."""
_LEADING = b"\xef\xbb\xbf\r\n"
_FIRST_HEADER = re.compile(rb"[A-Za-z][A-Za-z0-9-]{1,60}:")
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_LOCATION = re.compile(rb"^(?:Snapshot-)?Content-Location:", re.IGNORECASE | re.MULTILINE)
_WHITE = re.compile(r"\s{1,100}")
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_TITLED = re.compile(
    rb"<title\b[^<>]{0,500}>\s{0,500}[^<\s]|<h1\b|<meta\b[^<>]{0,500}\btitle\b", re.IGNORECASE
)


class _Part(NamedTuple):
    """The header of a message or of a part of it, and its body as it is in the file."""

    header: EmailMessage
    body: bytes


def matches(name: str, head: bytes) -> bool:
    """Whether a file is MHTML, by its header; an e-mail with pictures in it is not."""
    head = head.lstrip(_LEADING)
    if not _FIRST_HEADER.match(head):
        return _has_suffix(name) and not head.lstrip().startswith(b"<")
    try:
        header = _split(head).header
        kind = header.get_content_type()
    except Exception:  # hostile headers raise anything, see `read`
        return _has_suffix(name)
    if kind not in ("multipart/related", "multipart/alternative", *_PAGES):
        return _has_suffix(name)
    return _has_suffix(name) or _is_saved(header, head)


def read(file: BinaryIO, name: str) -> Iterator[tuple[str, Record | SeedUnreadable]]:
    """Yield the page that was saved, without its pictures and frames. Raises `SeedUnreadable`."""
    content = read_whole(file)
    try:
        record = _record(content, name)
    except SeedUnreadable:
        raise
    except Exception as error:  # the parser of headers raises many kinds for hostile ones
        raise SeedUnreadable("mhtml-damaged", cause=str(error) or type(error).__name__) from error
    yield name, record


def _has_suffix(name: str) -> bool:
    return PurePath(name).suffix.lower() in _SUFFIXES


def _is_saved(header: EmailMessage, head: bytes) -> bool:
    """Whether a browser wrote a message: it knows the address of the page, and has no addressee."""
    is_sent = any(field in header for field in ("To", "Received", "Delivered-To", "Return-Path"))
    return (
        not is_sent
        and ("MIME-Version" in header or "Snapshot-Content-Location" in header)
        and bool(_LOCATION.search(head) or str(header.get("From", "")).startswith("<"))
    )


def _record(content: bytes, name: str) -> Record:
    message = _split(content.lstrip(_LEADING))
    pages = [part for part in _leaves(message) if part.header.get_content_type() in _PAGES]
    if not pages:
        raise SeedUnreadable("mhtml-no-page")
    root = _root(message.header, pages)
    page = _decode(root)
    charset = root.header.get_content_charset("")
    title = "" if _TITLED.search(page) else str(message.header.get("Subject", "")).strip()
    return Record(name, page, "page", charset, title, _address(message.header, root.header))


def _split(content: bytes) -> _Part:
    """Split a message, or a part of one, into header and body."""
    if content.startswith((b"\r\n", b"\n")):
        return _Part(_parse(b""), content)
    end = _BLANK_LINE.search(content, 0, _MAX_HEADER_BYTES)
    if not end:
        return _Part(_parse(content[:_MAX_HEADER_BYTES]), b"")
    return _Part(_parse(content[: end.start()]), content[end.end() :])


def _parse(header: bytes) -> EmailMessage:
    return HeaderParser(_class=EmailMessage, policy=default).parsestr(header.decode("utf-8", "replace"))


def _leaves(message: _Part) -> list[_Part]:
    """Return the parts that hold content, those of a multipart part at its place."""
    parts = [message]
    for _ in range(_MAX_DEPTH):
        parts = [leaf for part in parts for leaf in _children(part)][:_MAX_PARTS]
    return parts


def _children(part: _Part) -> list[_Part]:
    boundary = part.header.get_boundary()
    if part.header.get_content_maintype() != "multipart" or not boundary:
        return [part]
    delimiter = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary.encode()))
    blocks: list[bytes] = []
    start = None
    for found in delimiter.finditer(part.body):
        if start is not None:
            blocks.append(part.body[start : found.start()])
        if part.body.startswith(b"--", found.end()) or len(blocks) >= _MAX_PARTS:
            break
        start = found.end()
    else:  # the file was cut off: its last part is what there is of it
        blocks += [] if start is None else [part.body[start:]]
    return [_split(block.lstrip(b" \t").removeprefix(b"\r").removeprefix(b"\n")) for block in blocks]


def _root(header: EmailMessage, pages: list[_Part]) -> _Part:
    """Return the part that is the page: the one that the header names, else the first."""
    start = header.get_param("start")
    location = header.get("Snapshot-Content-Location") or header.get("Content-Location")
    for field, value in (("Content-ID", start), ("Content-Location", location)):
        for page in pages:
            if value and _bare(page.header.get(field, "")) == _bare(value):
                return page
    return pages[0]


def _bare(value: object) -> str:
    return _WHITE.sub("", str(value)).strip("<>")


def _decode(part: _Part) -> bytes:
    if len(part.body) > _MAX_ENCODED_BYTES:
        check_size(len(part.body))
    part.header.set_payload(part.body.decode("ascii", "surrogateescape"))
    page = part.header.get_payload(decode=True)
    assert isinstance(page, bytes)
    check_size(len(page))
    return page


def _address(*headers: EmailMessage) -> str:
    """Return the first address of a web page in the headers; pages of a disk have none."""
    fields = ("Snapshot-Content-Location", "Content-Location")
    addresses = (_bare(header.get(field, "")) for header in headers for field in fields)
    return next((address for address in addresses if _ADDRESS.match(address)), "")
