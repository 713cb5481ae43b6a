"""A record -> an article. Two dump formats are recognised by content:

1. a feed dump: `<!--epoch-->`, `[title](url)`, a rule, HTML;
2. a GNews dump: a link back, `## title`, a line with date and link, Markdown with `[[zh:…]]` marks.

Other records are read by what the file says, or by their extension: HTML, Markdown, plain text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta, timezone
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from rag.errors import SeedUnreadable
from rag.ingest import addresses, dates, encodings, file_types
from rag.ingest.page.titles import clean_title
from rag.ingest.records import Dated, Decoded, Form, Reading, Record
from rag.ingest.texts import dumps, front_matter, gnews, plain_text
from rag.text import language
from rag.text.scripts import clean
from rag.types import Article

if TYPE_CHECKING:
    from rag.ingest.page.html import HtmlArticle

VERSION = 2
"""Raised with every change that makes a different article of the same file."""
_MARKDOWN, _TEXTS = (".md", ".markdown"), (".md", ".markdown", ".txt")
_HEAD_CHARACTERS = 4096
_PAGE = "page"
_DATED_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})(?!\d)")
_DATE_LINE = re.compile(r"\s*(?:<p>)?\s*(日期[:：][^\n<]{6,60})(?:</p>)?\s*\n")
_FARTHEST_ZONE, _ZONE_STEP = timedelta(hours=14), timedelta(minutes=30)


class _Stated(NamedTuple):
    """A value and where it was stated."""

    value: str
    origin: str


class _Parts(NamedTuple):
    """A page and what the form around it states; the best statement of each kind first."""

    form: str
    page: HtmlArticle
    titles: tuple[_Stated, ...] = ()
    urls: tuple[_Stated, ...] = ()
    dated: tuple[Dated | None, ...] = ()
    fallback: Dated | None = None


def read(record: Record) -> Reading:
    """Read a record as an article. Raises `SeedUnreadable`."""
    check_name(record.name)
    decoded = _decode(record)
    content = decoded.text.replace("\r\n", "\n").replace("\r", "\n")
    if not content.strip():
        raise SeedUnreadable("file-empty")
    return _read(_parts(record, content), record, decoded)


def check_name(name: str) -> None:
    """Raise `SeedUnreadable` if a name cannot be an id, because it is not valid Unicode."""
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise SeedUnreadable("name-not-utf8") from error


def _decode(record: Record) -> Decoded:
    if isinstance(record.content, str):
        return Decoded(record.content, "", "given")
    head = record.content[: file_types.HEAD_BYTES]
    is_markup = record.form == "page" or file_types.is_page(record.name, head)
    return encodings.decode(record.content, charset=record.charset, is_markup=is_markup)


def _parts(record: Record, content: str) -> _Parts:
    if not record.form:
        if header := dumps.header(content):
            return _feed(header)
        if dump := gnews.read(content):
            return _gnews(dump)
    form = record.form or _form(record.name, content)
    if form == "page":
        return _page(content, record)
    return _text(content, record, is_markdown=form == "markdown")


def _form(name: str, content: str) -> Form:
    suffix = PurePath(name).suffix.lower()
    if file_types.is_page(name, content[:_HEAD_CHARACTERS].encode()):
        return "page"
    if suffix in _TEXTS:
        return "markdown" if suffix in _MARKDOWN else "text"
    if suffix:
        raise SeedUnreadable("file-type-unknown", suffix=suffix)
    raise SeedUnreadable("file-type-missing")


def _feed(header: dumps.Header) -> _Parts:
    dated = [_dated(dates.from_epoch(header.epoch), "epoch line")] if header.epoch else []
    markup = header.rest
    if line := _DATE_LINE.match(markup):
        dated.append(_dated(dates.read(line[1]), "date line"))
        markup = markup[line.end() :]
    title, url = _Stated(header.title, "first line"), _Stated(header.url, "first line")
    return _Parts("feed dump", _parse_html(markup), (title,), (url,), tuple(dated))


def _gnews(dump: gnews.Dump) -> _Parts:
    page = _parse_html(plain_text.to_html(dump.body, is_markdown=True))
    title, url = _Stated(dump.title, "heading"), _Stated(dump.url, "first line")
    return _Parts("GNews dump", page, (title,), (url,), fallback=_dated(dump.reposted, "first line"))


def _page(content: str, record: Record) -> _Parts:
    page = _parse_html(content, record.url)
    titles = (_Stated(page.metadata.title, "page"), _Stated(_stem(record.name), "file name"))
    return _Parts(_PAGE, page, titles, (_Stated(page.metadata.url, "page"),))


def _text(content: str, record: Record, *, is_markdown: bool) -> _Parts:
    fields, content = front_matter.split(content)
    title, url, published = front_matter.metadata(fields)
    whole = content
    heading, content = plain_text.split_title(content, "", is_markdown=is_markdown)
    if stated := clean(record.title or title):  # the first line may be a paragraph, not the title
        is_title = heading and not is_markdown and clean(heading) in stated
        content = f"{heading}\n\n{content}" if is_title else whole
    page = _parse_html(plain_text.to_html(content or heading, is_markdown=is_markdown))
    return _Parts(
        "Markdown" if is_markdown else "text",
        page,
        (
            _Stated(title, "front matter"),
            _Stated(gnews.without_marks(heading), "first line"),
            _Stated(page.only_heading if is_markdown else "", "heading"),
            _Stated(_stem(record.name), "file name"),
        ),
        (_Stated(url, "front matter"),),
        (_dated(dates.read(published), "front matter"),),
    )


def _read(parts: _Parts, record: Record, decoded: Decoded) -> Reading:
    """Assemble an article from the best statements; those of the file go before the others."""
    page = parts.page
    url = _best([_Stated(record.url, "file"), *parts.urls])
    address = addresses.original(url.value)
    host = addresses.host(address)
    title = _best([_Stated(record.title, "file"), *parts.titles])
    full_title = clean(html.unescape(title.value))
    is_page = parts.form == _PAGE
    if not is_page:
        full_title = page.without_site(full_title)
    lines = page.lines(full_title, host, page.metadata.body if is_page else "")
    page.check(full_title, lines, is_page=is_page)
    if not lines:
        raise SeedUnreadable("article-empty")
    dated = _first_date(parts, record, address)
    text = "\n\n".join(lines)
    article = Article(
        id=record.name,
        title=clean_title(full_title, page.metadata.site if is_page else "", host),
        url=address,
        text=text,
        published=dated.moment if dated else None,
        source=host,
        language=language.detect(f"{full_title}\n{text}"),
    )
    return Reading(
        article,
        parts.form,
        decoded,
        {
            "title": title.origin,
            "url": url.origin,
            "published": dated.origin if dated else "",
        },
        page.dropped,
        page.page_characters,
    )


def _best(stated: list[_Stated]) -> _Stated:
    return next((one for one in stated if one.value.strip()), _Stated("", ""))


def _first_date(parts: _Parts, record: Record, url: str) -> Dated | None:
    def candidates() -> Iterator[Dated | None]:
        yield _dated(dates.read(record.published), "file")
        yield from parts.dated
        yield parts.page.metadata.published
        yield _dated(_zoned(parts.page.dateline, parts.fallback), "date line")
        yield parts.fallback
        yield _dated(dates.from_url(url), "address")
        yield parts.page.metadata.modified
        name = _DATED_NAME.match(PurePath(record.name).name)
        yield _dated(dates.read(name[1]), "file name") if name else None

    return next(filter(None, candidates()), None)


def _zoned(line: datetime | None, exact: Dated | None) -> datetime | None:
    """Return the time of a date line in its own zone, which an exact time of the same moment tells."""
    if not (line and exact) or line.time() == time.min:
        return line
    offset = line - exact.moment
    is_zone = abs(offset) <= _FARTHEST_ZONE and offset % _ZONE_STEP == timedelta()
    return exact.moment.astimezone(timezone(offset)) if is_zone else line


def _dated(moment: datetime | None, origin: str) -> Dated | None:
    return Dated(moment, origin) if moment else None


def _parse_html(markup: str, address: str = "") -> HtmlArticle:
    # Imported late: questions are answered without the libraries that read HTML.
    from rag.ingest.page.html import HtmlArticle

    return HtmlArticle(markup, address)


def _stem(name: str) -> str:
    path, _, number = name.rpartition("#")
    return PurePath(path if path and number.isdigit() else name).stem
