"""Undoes the encodings of the bodies of HTTP responses, within the size limit of one article."""

from __future__ import annotations

import re
import zlib
from io import BytesIO

import brotli
from warcio.bufferedreaders import ChunkedDataReader

from rag.errors import SeedUnreadable
from rag.ingest import regular_files

_MARKUP_START = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,256}<")


def decode(raw: bytes, *, transfer_encoding: str, content_encoding: str) -> bytes:
    """Undo the encodings that the header of a response names.

    Raises `SeedUnreadable` if the body is damaged or larger than `regular_files.MAX_BYTES`.
    """
    if "chunked" in transfer_encoding.lower():
        raw = ChunkedDataReader(BytesIO(raw)).read()
    for encoding in reversed(content_encoding.lower().split(",")[:4]):
        raw = _decoded(raw, encoding.strip())
    return raw


def _decoded(raw: bytes, encoding: str) -> bytes:
    if encoding in ("", "identity", "none"):
        return raw
    try:
        content = _decompressed(raw, encoding)
    except (zlib.error, brotli.error, EOFError, ValueError) as error:
        if _MARKUP_START.match(raw):
            # The writer of the file has undone the encoding, but kept the header.
            return raw
        raise SeedUnreadable("file-damaged", cause=str(error)) from error
    regular_files.check_size(len(content))
    return content


def _decompressed(raw: bytes, encoding: str) -> bytes:
    """Decompress, but no more than a byte beyond the size limit (zip-bomb guard)."""
    limit = regular_files.MAX_BYTES + 1
    if encoding == "br":
        return bytes(brotli.Decompressor().process(raw, output_buffer_limit=limit))
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise ValueError(f"the content encoding {encoding[:20]} is not supported")
    is_raw_deflate = encoding == "deflate" and not raw.startswith(b"\x78")
    inflater = zlib.decompressobj(-zlib.MAX_WBITS if is_raw_deflate else zlib.MAX_WBITS | 32)
    content = inflater.decompress(raw, limit)
    if not inflater.eof and len(content) < limit:
        raise EOFError("the compressed page ends too early")
    return content
