"""Reads the captures of web pages in a WARC file, within limits that no file can exceed."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO

from warcio.exceptions import ArchiveLoadFailed
from warcio.limitreader import LimitReader
from warcio.recordloader import ArcWarcRecord, ArcWarcRecordLoader
from warcio.statusandheaders import (
    StatusAndHeaders,
    StatusAndHeadersParser,
    StatusAndHeadersParserException,
)

from rag.errors import SeedUnreadable
from rag.ingest import archives, regular_files
from rag.ingest.containers.web_archives import http_bodies
from rag.ingest.containers.web_archives.streams import MAX_HEADER_BYTES, Limits, Stream

_BLOCK = 2**16
_MAGIC = b"WARC/"
_HTML = re.compile(r"\s*(?:text/html|application/xhtml\+xml)\s*(?:;|$)", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s{0,9}=\s{0,9}[\"']?([\w.:-]{1,40})", re.IGNORECASE | re.ASCII)
_HTML_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s{0,256}<(?:!doctype\s{1,9}html|html|head|body)\b", re.IGNORECASE
)
_DAMAGE = (
    ArchiveLoadFailed,
    StatusAndHeadersParserException,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
)


class _Records:
    """The records of one file in order.

    A record whose length is wrong is not intact. Reading goes on at the next line that begins a record.
    """

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self._stream = Stream(file, limits)
        self._limits = limits
        self._loader = ArcWarcRecordLoader(verify_http=False, arc2warc=False)
        self._record: ArcWarcRecord | None = None
        self._line = b""
        self._fault = ""
        self.is_damage_told = False

    @property
    def damage(self) -> str:
        """What is wrong with the part of the file that was read."""
        return self._stream.damage or self._fault

    def __iter__(self) -> Iterator[ArcWarcRecord]:
        self._line = self._stream.readline()
        while first_line := self._find_record():
            self._limits.take_record()
            self._stream.line_bytes = MAX_HEADER_BYTES
            self._record = self._loader.parse_record_stream(
                self._stream, first_line, known_format="warc", no_record_parse=True
            )
            yield self._record
            self.finish()

    def finish(self) -> bool:
        """Read the rest of the current record and the line after it. False if its length is wrong."""
        if self._record is None:
            return True
        rest, self._record = self._record.raw_stream, None
        is_whole = isinstance(rest, LimitReader) and _skip(rest)
        self._stream.line_bytes = archives.MAX_ARCHIVE_BYTES
        self._line = self._stream.readline()
        if is_whole and (not self._line.strip() or self._line.startswith(_MAGIC)):
            return True
        self._fault = "the length of a record is wrong"
        return False

    def _find_record(self) -> bytes:
        """Return the line that begins the next record, none at the end of the file."""
        self._stream.line_bytes = archives.MAX_ARCHIVE_BYTES
        while self._line and not self._line.startswith(_MAGIC):
            if self._line.strip():
                self._fault = self._fault or "there is something else between the records"
            self._line = self._stream.readline()
        return self._line


@dataclass(frozen=True, slots=True)
class Capture:
    """A web page as it was captured. Its content can be read until the next capture is asked for.

    `key` is the same for all captures of one address. It is a digest, so that long addresses take no
    memory. `date` is the time of capture.
    """

    url: str
    key: bytes
    date: str
    charset: str
    _headers: StatusAndHeaders | None
    _beginning: bytes
    _record: ArcWarcRecord
    _records: _Records

    def content(self) -> bytes:
        """Return the bytes of the page. Raises `SeedUnreadable` if they are damaged or too many."""
        try:
            raw = self._beginning + _read_limited(self._record.raw_stream)
            is_intact = self._records.finish()
        except _DAMAGE as error:
            self._records.is_damage_told = True
            raise _damaged(str(error)) from error
        regular_files.check_size(len(raw))
        if not is_intact:
            self._records.is_damage_told = True
            raise _damaged(self._records.damage)
        if self._headers is None:
            return raw
        return http_bodies.decode(
            raw,
            transfer_encoding=self._headers.get_header("Transfer-Encoding", ""),
            content_encoding=self._headers.get_header("Content-Encoding", ""),
        )


def captures(file: BinaryIO, limits: Limits) -> Iterator[Capture | SeedUnreadable]:
    """Yield the captures of web pages in a file, and last what is wrong with the file, if anything."""
    records = _Records(file, limits)
    try:
        for record in records:
            if capture := _capture(record, records):
                yield capture
        if records.damage and not records.is_damage_told:
            yield _damaged(records.damage)
    except SeedUnreadable as error:
        yield error
    except _DAMAGE as error:
        if not records.is_damage_told:
            yield _damaged(str(error))


def _capture(record: ArcWarcRecord, records: _Records) -> Capture | None:
    """Return the capture in a record, None if the record is something else than a web page."""
    if not record.length:
        return None
    fields: StatusAndHeaders = record.rec_headers
    headers, media_type, beginning = None, fields.get_header("Content-Type", ""), b""
    if record.rec_type == "response":
        headers = StatusAndHeadersParser(["HTTP/"], verify=False).parse(record.raw_stream)
        if headers.get_statuscode() != "200":
            return None
        media_type = headers.get_header("Content-Type", "")
        beginning = b"" if media_type else record.raw_stream.read(1024)
    elif record.rec_type != "resource":
        return None
    if not (_HTML.match(media_type) or _HTML_START.match(beginning)):
        return None
    charset = _CHARSET.search(media_type)
    url, identifier = fields.get_header("WARC-Target-URI", ""), fields.get_header("WARC-Record-ID", "")
    return Capture(
        url=url,
        key=sha256((url.partition("#")[0] or identifier).encode("utf-8", "surrogatepass")).digest(),
        date=fields.get_header("WARC-Date", "").rstrip("Z"),
        charset=charset[1] if charset else "",
        _headers=headers,
        _beginning=beginning,
        _record=record,
        _records=records,
    )


def _read_limited(stream: LimitReader) -> bytes:
    """Return the rest of a record, but no more than a block beyond the size limit."""
    content = bytearray()
    while len(content) <= regular_files.MAX_BYTES and (block := stream.read(_BLOCK)):
        content += block
    return bytes(content)


def _skip(stream: LimitReader) -> bool:
    """Read to the end of a record. False if the file ends before it."""
    while stream.read(_BLOCK):
        pass
    return bool(stream.limit == 0)


def _damaged(cause: str) -> SeedUnreadable:
    return SeedUnreadable("file-damaged", cause=cause)
