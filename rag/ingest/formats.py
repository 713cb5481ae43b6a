"""The bytes of one file -> an article. Two dump formats are recognised by content:

1. a feed dump: `<!--epoch ms-->`, `[title](url)`, a rule, HTML;
2. a GNews dump: a link back, `## title`, a line with date and link, Markdown with `[[zh:…]]` marks.

Other files are read by their extension: HTML, Markdown, plain text.
"""

from __future__ import annotations

import html
import re
from datetime import datetime
from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from rag.errors import SeedUnreadable
from rag.ingest import boilerplate, dates
from rag.text import language
from rag.text.scripts import clean
from rag.types import Article

if TYPE_CHECKING:
    from rag.ingest.html import HtmlArticle

VERSION = 1
"""Raised with every change that makes a different article of the same file."""
PAGES = (".html", ".htm", ".xhtml")
TEXTS = (".md", ".markdown", ".txt")

_DECLARED_CHARSET = re.compile(rb"""charset\s*=\s*["']?([\w-]{1,40})""", re.IGNORECASE)
_DECLARATION_BYTES = 2048
_HEADER_CHARACTERS = 20_000
_RULE = re.compile(r"^-{3,}[ \t]*$", re.MULTILINE)
_EPOCH = re.compile(r"<!--\s*(\d+)\s*-->\s*")
_DATE_LINE = re.compile(r"\s*(?:<p>)?\s*(日期[:：][^\n<]{6,60})(?:</p>)?\s*\n")
_GNEWS = re.compile(
    r"\s*#{1,6}\s*\[[^\]\n]*\]\(README\.md\)\s*\n(?:-{3,}\s*\n)?\s*"
    r"##\s+(?P<title>[^\n]+)\n+"
    r"(?P<meta>`[^`\n]*`[^\n]*|\[[^\n]*\]\([^\n]*\)[ \t]*)(?:\n(?P<body>.*)|$)",
    re.DOTALL,
)
_META_DATE = re.compile(r"`\s*(\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2} [AP]M) UTC")
_GNEWS_SITE = "https://gnews.org/"
_WIKI_MARK = re.compile(r"\[\[zh:([^\[\]]{0,200})\]\]")
_NESTED_MARKS = 3
_HEADING = re.compile(
    r"\s*(?:#{1,6}[ \t]+(?P<atx>[^\n]+?)[ \t#]*\n|(?P<setext>[^\n]+)\n(?:=+|-+)[ \t]*\n)"
)
_MARKUP = re.compile(r"<(?:!doctype|html|head|body|p|div|article|h1)\b", re.IGNORECASE)
_TITLE_CHARACTERS = 100


def read(content: bytes, name: str) -> Article:
    """Read the bytes of a file as the article `name`. Raises `SeedUnreadable`."""
    return parse(_decode(content, name), name)


def parse(content: str, name: str) -> Article:
    """Read the text of a file as the article `name`. Raises `SeedUnreadable`."""
    content = content.replace("\r\n", "\n").replace("\r", "\n")
    if not content.strip():
        raise SeedUnreadable("file-empty")
    suffix = PurePath(name).suffix.lower()
    if header := _feed_header(content):
        return _feed(name, *header)
    if match := _GNEWS.match(content):
        return _gnews(name, match)
    if suffix in PAGES or (suffix in TEXTS and _MARKUP.match(content.lstrip())):
        return _page(name, content)
    if suffix in TEXTS:
        return _text(name, content, markdown=suffix != ".txt")
    if suffix:
        raise SeedUnreadable("file-type-unknown", suffix=suffix)
    raise SeedUnreadable("file-type-missing")


def _decode(content: bytes, name: str) -> str:
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise SeedUnreadable("name-not-utf8") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        declared = _DECLARED_CHARSET.search(content[:_DECLARATION_BYTES])
        if not (declared and name.lower().endswith(PAGES)):
            raise SeedUnreadable("file-not-utf8", position=error.start) from error
        charset = declared[1].decode("ascii", "replace").lower()
    try:
        # Pages that declare the older standards use characters of their superset.
        return content.decode("gb18030" if charset in ("gb2312", "gbk") else charset)
    except (LookupError, ValueError) as error:
        raise SeedUnreadable("file-charset-wrong", charset=charset) from error


def _parse_html(markup: str) -> HtmlArticle:
    # Imported late: questions are answered without the libraries that read HTML.
    from rag.ingest.html import HtmlArticle

    return HtmlArticle(markup)


def _feed(name: str, epoch: str, title: str, url: str, markup: str) -> Article:
    stated = dates.from_epoch(epoch) if epoch else None
    if line := _DATE_LINE.match(markup):
        stated = stated or dates.read(line[1])
        markup = markup[line.end() :]
    return _article(name, title, url, _parse_html(markup), stated=stated)


def _gnews(name: str, match: re.Match[str]) -> Article:
    meta = _without_marks(match["meta"])
    _, url = _split_link(meta)
    page = _parse_html(_to_html(_without_marks(match["body"] or "")))
    title = _without_marks(match["title"])
    return _article(name, title, urljoin(_GNEWS_SITE, url), page, fallback=_from_meta(meta))


def _page(name: str, content: str) -> Article:
    page = _parse_html(content)
    return _article(name, page.title or PurePath(name).stem, page.url, page)


def _text(name: str, content: str, *, markdown: bool) -> Article:
    title = PurePath(name).stem
    if heading := _HEADING.match(content):
        title = heading["atx"] or heading["setext"]
        content = content[heading.end() :] or title
    elif not markdown:
        first, _, rest = content.lstrip().partition("\n")
        if len(first) <= _TITLE_CHARACTERS and rest.startswith("\n") and rest.strip():
            title, content = first, rest
    markup = _to_html(content) if markdown else "<br>".join(map(html.escape, content.split("\n")))
    return _article(name, _without_marks(title), "", _parse_html(markup))


def _article(
    name: str,
    title: str,
    url: str,
    page: HtmlArticle,
    *,
    stated: datetime | None = None,
    fallback: datetime | None = None,
) -> Article:
    """Assemble an article. Its time is the first that exists of, in order of trust: `stated`, those of
    the page, `fallback`, that of the address.
    """
    host = _host(url)
    title = clean(html.unescape(title))
    lines = page.lines(title, host)
    if not lines:
        raise SeedUnreadable("article-empty")
    text = "\n\n".join(lines)
    return Article(
        id=name,
        title=boilerplate.without_suffix(title, host=host),
        url=url,
        text=text,
        published=(stated or page.published or page.dateline or fallback or dates.from_url(url)),
        source=host,
        language=language.detect(f"{title}\n{text}"),
    )


def _feed_header(content: str) -> tuple[str, str, str, str] | None:
    """Return epoch, title, address and HTML of a feed dump; None if the text is not a feed dump."""
    rule = _RULE.search(content, 0, _HEADER_CHARACTERS)
    if not rule:
        return None
    header = content[: rule.start()].strip()
    epoch = _EPOCH.match(header)
    if epoch:
        header = header[epoch.end() :]
    title, url = _split_link(header)
    if not (header.startswith("[") and url):
        return None
    return epoch[1] if epoch else "", title[1:], url, content[rule.end() :]


def _split_link(text: str) -> tuple[str, str]:
    """Split a text that ends with `](address)` before it; the address is "" if there is none."""
    before, separator, after = text.rstrip().rpartition("](")
    return (before, after[:-1]) if separator and after.endswith(")") else (text, "")


def _from_meta(line: str) -> datetime | None:
    match = _META_DATE.match(line)
    return dates.read_american(match[1]) if match else None


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _without_marks(text: str) -> str:
    for _ in range(_NESTED_MARKS):
        text = _WIKI_MARK.sub(r"\1", text)
    return text.replace("[[zh:", "")


def _to_html(markdown: str) -> str:
    from markdown_it import MarkdownIt

    return str(
        MarkdownIt("commonmark", {"breaks": True, "html": True}).enable("table").render(markdown)
    )
