"""What the markup of a page says about its article: title, site, address, time, at times the body."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice

from bs4 import BeautifulSoup
from bs4.element import Comment, Tag

from rag.ingest import addresses, dates
from rag.ingest.page import linked_data
from rag.ingest.page.times import PageTimes
from rag.ingest.page.titles import clean_title
from rag.ingest.records import Dated
from rag.text.scripts import clean

_TITLE_CHARACTERS = 6
_HEADINGS = 20
_FIRST_NODES = 40
"""Nodes at the start of a page among which browsers write the address of a saved page."""
_SAVED = re.compile(r"(?:^|\s)(?:url:\s{1,4}|saved from url=\(\d{1,6}\))(https?://\S{1,2000})")
_PUBLISHED_NAMES = (
    "article:published_time", "article:published", "article:published_at", "article:published_date",
    "og:article:published_time", "og:published_time", "og:pubdate", "article:create_at",
    "date_published", "publication_date", "publish_date", "publish_time", "published_date",
    "published_time", "published_at", "published", "pub_date", "pub_time", "apub:time",
    "parsely-pub-date", "sailthru.date",
    "original_publication_date", "cXenseParse:recs:publishtime", "cXenseParse:publishtime",
    "article_date_original", "rnews:datePublished", "bt:pubDate", "prism.publicationDate",
    "citation_publication_date", "citation_online_date", "citation_date", "DC.date.issued", "DC.issued",
    "DCTERMS.issued", "DCTERMS.date", "DC.date", "DCTERMS.created", "DC.date.created", "DC.created",
    "og:release_date", "og:date", "article:date", "article_date", "display_date", "release_date",
    "date_created", "creation_date", "create_date", "create_time", "date", "created",
)  # fmt: skip
"""Names of `<meta>` elements with the time of publication, best first. Marks in them may differ."""
_MODIFIED_NAMES = (
    "article:modified_time", "article:modified", "og:modified_time", "og:updated_time",
    "article:update_at", "date_modified", "lastmod", "last_modified", "modified", "revised",
    "updated_time", "DCTERMS.modified", "DC.date.modified", "DC.modified",
)  # fmt: skip
_OFFICE = re.compile(r"(?:Libre|Open|Star)Office|Microsoft|WPS", re.IGNORECASE)
"""Programs whose `created` is when the document was made."""
_NAME_MARKS = re.compile(r"[:._-]")


class PageMetadata:
    """The metadata of a page; `address` is where it was found, if that is known."""

    def __init__(self, soup: BeautifulSoup, address: str = "") -> None:
        self._soup = soup
        self._address = address
        self._times = PageTimes(soup)

    @cached_property
    def title(self) -> str:
        """The title of the article without the names of its column and its site; "" if it has none."""
        heading = self._heading
        title = self._meta("og:title") or self._text("title") or self._meta("twitter:title")
        title = title or self._meta("title")
        if heading not in title or len(heading) < _TITLE_CHARACTERS:
            heading = self._heading_in(title) or heading
        if not title or (len(heading) >= _TITLE_CHARACTERS and heading in title):
            title = heading or self._data.headline
        return clean_title(title, self.site, addresses.host(self.url))

    def _heading_in(self, title: str) -> str:
        """Return the heading with which a title begins or ends; "" if there is none."""
        for tag in self._soup.find_all(["h1", "h2"], limit=_HEADINGS):
            text = clean(tag.get_text())
            if len(text) >= _TITLE_CHARACTERS and (title.startswith(text) or title.endswith(text)):
                return text
        return ""

    @cached_property
    def site(self) -> str:
        """The name of the site; "" if the page does not state it."""
        return self._meta("og:site_name") or self._data.publisher or self._meta("application-name")

    @cached_property
    def url(self) -> str:
        """The address of the article, absolute if the page tells enough; "" if it has none.

        A canonical address that is the home page of the site is passed over if another is an article's.
        """
        link = self._soup.find("link", rel="canonical", href=True)
        canonical = clean(str(link["href"])) if isinstance(link, Tag) else ""
        stated = [
            canonical,
            self._meta("og:url"),
            self._data.url,
            self._meta("url"),
            self._saved,
            self._address,
        ]
        found = [url for text in stated if text and (url := self._absolute(text))]
        pages = [url for url in found if not addresses.is_home(url)]
        return next(iter([*pages, *found]), "")

    @cached_property
    def published(self) -> Dated | None:
        """The time of publication and where it was stated; None if the page does not state it."""
        return _first(self._published())

    @cached_property
    def modified(self) -> Dated | None:
        """The time of the last change, which may stand in for that of publication; None if unknown."""
        return _first(self._modified())

    @cached_property
    def body(self) -> str:
        """The text of the article in the data of the page, with blank lines; "" if it has none."""
        return self._data.body

    def _published(self) -> Iterator[tuple[str, str]]:
        """Yield each stated time of publication with its origin, in order of trust."""
        yield from (("json-ld datePublished", text) for text in self._data.published)
        is_document = _OFFICE.search(self._meta("generator")) is not None
        names = [name for name in _PUBLISHED_NAMES if not (is_document and name == "created")]
        yield from self._meta_times(names)
        yield from (("itemprop", text) for text in self._times.items("published"))
        yield from (("time element", text) for text in self._times.time_elements())
        yield from (("date element", text) for text in self._times.labelled())

    def _modified(self) -> Iterator[tuple[str, str]]:
        yield from (("json-ld dateModified", text) for text in self._data.modified)
        yield from self._meta_times(_MODIFIED_NAMES)
        yield from (("itemprop", text) for text in self._times.items("modified"))

    @cached_property
    def _data(self) -> linked_data.LinkedData:
        return linked_data.LinkedData(
            self._soup, self._heading or self._meta("og:title") or self._text("title")
        )

    @cached_property
    def _metas(self) -> dict[str, tuple[str, str]]:
        """The name and content of the first `<meta>` of each name, by the name without its marks."""
        metas: dict[str, tuple[str, str]] = {}
        for tag in self._soup.find_all("meta", content=True):
            for key in ("property", "name", "http-equiv"):
                name, content = str(tag.get(key, "")), clean(str(tag["content"]))
                if name and content:
                    metas.setdefault(_folded(name), (name, content))
        return metas

    def _meta(self, name: str) -> str:
        return self._metas.get(_folded(name), ("", ""))[1]

    def _meta_times(self, names: Iterable[str]) -> Iterator[tuple[str, str]]:
        for name in names:
            if meta := self._metas.get(_folded(name)):
                yield f"meta {meta[0]}", meta[1]

    @cached_property
    def _heading(self) -> str:
        return self._text("h1")

    @cached_property
    def _saved(self) -> str:
        """The address in the comment of a browser that saved the page; "" if there is none."""
        for node in islice(self._soup.descendants, _FIRST_NODES):
            if isinstance(node, Comment) and (match := _SAVED.search(node[:5000])):
                return match[1]
        return ""

    def _text(self, name: str) -> str:
        tag = self._soup.find(name)
        return clean(tag.get_text()) if isinstance(tag, Tag) else ""

    def _absolute(self, url: str) -> str:
        """Return an address of the page, resolved against the first absolute one that is known."""
        tag = self._soup.find("base", href=True)
        base = clean(str(tag["href"])) if isinstance(tag, Tag) else ""
        for known in (base, self._meta("og:url"), self._saved, self._address, "https:"):
            if absolute := addresses.resolve(addresses.original(known), url):
                return addresses.original(absolute)
        return ""


def _first(stated: Iterator[tuple[str, str]]) -> Dated | None:
    for origin, text in stated:
        if moment := dates.read(clean(text)):
            return Dated(moment, origin)
    return None


def _folded(name: str) -> str:
    return _NAME_MARKS.sub("", name.lower())
