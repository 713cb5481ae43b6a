"""Reads the entries of feeds: RSS 0.9x, 1.0 and 2.0, Atom, and WordPress exports, which are RSS."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from itertools import islice
from pathlib import PurePath
from typing import Any, BinaryIO

from rag.errors import SeedUnreadable
from rag.ingest.containers.whole_files import MAX_RECORDS, read_whole
from rag.ingest.records import Form, Record
from rag.ingest.regular_files import check_size

NAME = "RSS or Atom feed"

_SUFFIXES = (".rss", ".atom")
_MAX_TAGS = 1_000_000
"""The library takes up to half a millisecond for one."""
_PROLOG = rb"\s*+(?>(?><\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*+(?:\[.*?\]\s*+)?>)\s*+)*+"
_ROOT = re.compile(
    rb"\A" + _PROLOG + rb"<(?:[\w-]{1,20}:)?(?:rss[\s>]|feed\s[^>]{0,1000}xmlns|RDF\s.{0,2000}?/rss/)",
    re.DOTALL,
)
_PAGE = re.compile(rb"\A\s*+(?:<!doctype\s+html|<html)", re.IGNORECASE)
_UNICODE_MARKS = re.compile(rb"\A(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)")
_DECLARATION = re.compile(r"\A\s{0,100}<\?xml\b[^>]{0,500}\?>")
_ENTITY = re.compile(r"<!ENTITY\b[^>]*+>", re.IGNORECASE)
_MARKUP = re.compile(r"</?[A-Za-z][^<>]{0,1000}>")
_FORMS: Mapping[str, Form] = {
    "text/html": "page",
    "application/xhtml+xml": "page",
    "text/plain": "text",
    "text/markdown": "markdown",
}


def matches(name: str, head: bytes) -> bool:
    """Whether a file is a feed, by its root element."""
    head = _UNICODE_MARKS.sub(b"", head).replace(b"\0", b"")
    if PurePath(name).suffix.lower() in _SUFFIXES:
        return not _PAGE.match(head)
    return bool(_ROOT.match(head))


def read(file: BinaryIO, name: str) -> Iterator[tuple[str, Record | SeedUnreadable]]:
    """Yield the entries in their order. Raises `SeedUnreadable` if the feed cannot be read."""
    entries = _entries(read_whole(file))
    for number, entry in enumerate(islice(entries, MAX_RECORDS), start=1):
        try:
            yield f"{name}#{number}", _record(entry, f"{name}#{number}")
        except SeedUnreadable as error:
            yield f"{name}#{number}", error
    if len(entries) > MAX_RECORDS:
        yield name, SeedUnreadable("archive-too-many", limit=MAX_RECORDS)


def _entries(content: bytes) -> list[Any]:
    try:
        feed = _parse(_prepared(content))
    except SeedUnreadable:
        raise
    except Exception as error:  # the parsers below it raise many kinds for hostile feeds
        raise SeedUnreadable("feed-damaged", cause=str(error) or type(error).__name__) from error
    if not feed.entries and feed.bozo:
        raise SeedUnreadable("feed-damaged", cause=str(feed.bozo_exception))
    if not feed.entries:
        raise SeedUnreadable("feed-empty")
    return list(feed.entries)


def _prepared(content: bytes) -> bytes:
    """Return a feed as UTF-8, without entities of its own: entities in entities expand without end.

    The library reads an encoding that is not declared, or wrongly, as windows-1252.
    """
    from rag.ingest.encodings import decode

    text = _DECLARATION.sub("", decode(content, is_markup=True).text.lstrip("\ufeff"))
    if text.count("<") > _MAX_TAGS:
        raise SeedUnreadable("feed-too-large", limit=_MAX_TAGS)
    return _ENTITY.sub(" ", text).encode("utf-8", "replace")


def _parse(content: bytes) -> Any:
    import feedparser

    # A stream: the library would fetch bytes that look like an address.
    return feedparser.parse(BytesIO(content), sanitize_html=False, resolve_relative_uris=False)


def _record(entry: Any, name: str) -> Record:
    content, form = _content(entry)
    check_size(len(content))
    return Record(
        name,
        content,
        form,
        title=_title(entry.get("title_detail") or {}),
        url=entry.get("feedburner_origlink") or entry.get("link") or "",
        published=_published(entry),
    )


def _published(entry: Any) -> str:
    """Return the time as the feed writes it; that of the last change if there is no other."""
    # The library's own look-up answers "updated" with "published", and warns.
    times = (dict.get(entry, field) for field in ("published", "updated", "created"))
    return next((str(time) for time in times if time), "")


def _content(entry: Any) -> tuple[str, Form]:
    """Return the first content that is text, else the summary."""
    for detail in (*entry.get("content", ()), entry.get("summary_detail") or {}):
        value, form = detail.get("value") or "", _form(detail.get("type", ""))
        if value.strip() and form:
            return value, form
    raise SeedUnreadable("feed-entry-empty")


def _form(kind: str) -> Form | None:
    """Return the form of a content; that of a type that is no media type, such as CDATA, is HTML."""
    return _FORMS.get(kind.lower()) or (None if "/" in kind else "page")


def _title(detail: Mapping[str, str]) -> str:
    title = detail.get("value") or ""
    if _FORMS.get(detail.get("type", "")) == "page":
        title = html.unescape(_MARKUP.sub("", title))
    return title.strip()
