"""HTML -> the title, address, time and content lines of an article.

Captions go first, then elements beside the article by their kind and labels, then lines of links, then
the lines that the boilerplate rules match.
"""

from __future__ import annotations

import re
import warnings
from datetime import datetime
from functools import cached_property
from itertools import zip_longest

from bs4 import BeautifulSoup, UnusualUsageWarning

from rag.ingest import dates
from rag.ingest.page import boilerplate, error_pages
from rag.ingest.page.asides import Asides
from rag.ingest.page.boilerplate import Line
from rag.ingest.page.boilerplate_rules import CREDIT_HINT
from rag.ingest.page.captions import remove_captions
from rag.ingest.page.html_lines import LineReader, plain
from rag.ingest.page.metadata import PageMetadata
from rag.ingest.records import Dropped

_NO_LINE = Line("", is_link=True)
_SHARE_OF_BODY = 0.5
_PREVIEW_CHARACTERS = 200
_HEADING_CHARACTERS = 6
_SITE_NAME = re.compile(r"\s*[-–—|｜_·]\s*[^。！？]{1,30}")


class HtmlArticle:
    """An article in a page of HTML; `address` is where the page was found, if that is known."""

    def __init__(self, html: str, address: str = "") -> None:
        self._address = address
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UnusualUsageWarning)  # XHTML is read as HTML
            self.soup = BeautifulSoup(html, "html.parser")
        captions = remove_captions(self.soup) if CREDIT_HINT.search(html) else []
        asides = Asides(self.soup)
        reader = LineReader(asides)
        self._lines = reader.read(self.soup)
        self._dropped_elements = captions + reader.dropped
        self._dropped_lines: list[Dropped] = []
        self._asides = asides

    @cached_property
    def page_characters(self) -> int:
        """The number of visible characters of the page, without navigation."""
        removed = sum(len(text) for text, rule in self._dropped_elements if rule == "caption")
        return self._asides.page_characters + removed

    @property
    def dropped(self) -> list[Dropped]:
        """What was left out of the article by the last call of `lines`, each text cut short."""
        dropped = (*self._dropped_elements, *self._dropped_lines)
        return [Dropped(text[:_PREVIEW_CHARACTERS], rule) for text, rule in dropped if text]

    @cached_property
    def metadata(self) -> PageMetadata:
        """What the markup of the page says about the article."""
        return PageMetadata(self.soup, self._address)

    def without_site(self, title: str) -> str:
        """Return a title without the name of a site that the same line of the text lacks."""
        for line in self._lines[: boilerplate.HEAD_LINES]:
            tail = title.removeprefix(line.text)
            if len(line.text) >= _HEADING_CHARACTERS and _SITE_NAME.fullmatch(tail):
                return line.text
        return title

    @property
    def only_heading(self) -> str:
        """The heading of the first level, if there is one and no sentence is above it; else ""."""
        headings = self.soup.find_all("h1", limit=2)
        if len(headings) != 1:
            return ""
        above = "".join(str(node) for node in headings[0].find_all_previous(string=True))
        return "" if "。" in above else plain(headings[0].get_text())

    @property
    def dateline(self) -> datetime | None:
        """The time in one of the first lines: a line of its own, or the bracket that opens a report.

        None if no line has one.
        """
        first = [line.text for line in self._lines[: boilerplate.HEAD_LINES]]
        return next((t for line in first if (t := dates.read(line) or dates.read_opening(line))), None)

    def lines(self, title: str, host: str, body: str = "") -> list[str]:
        """Return the paragraphs, headings, list items and table rows of the article as plain text.

        Captions and credits, share bars, bylines, newsletters, related stories, copyright notices, the
        repeated `title`, and the lines that the boilerplate rules of the site `host` match are left
        out. `body`, the text in the metadata of the page, replaces a text that is much shorter. If
        nothing else is left, the result is the title.
        """
        lines, links = self._without_links()
        content, dropped = boilerplate.content_lines(lines, title, host)
        self._dropped_lines = [Dropped(line.text, "links") for line in links] + dropped
        if sum(map(len, content)) < _SHARE_OF_BODY * len(body):
            stated = [Line(text) for line in body.split("\n") if (text := plain(line))]
            content, self._dropped_lines = boilerplate.content_lines(stated, title, host)
        return content or [line.text for line in self._lines if line.text == title][:1]

    def check(self, title: str, lines: list[str], *, is_page: bool) -> None:
        """Raise `SeedUnreadable` if the content is an error, a login, a paywall or a list of articles.

        `is_page` tells that it is a page of a site, not an article in a dump.
        """
        notices = [text for text, _ in self.dropped]
        error_pages.check(title, "\n".join(lines), notices, self.soup if is_page else None)

    def _without_links(self) -> tuple[list[Line], list[Line]]:
        """Return the lines of the page without its lines of links, and those."""
        linked = sum(len(line.text) for line in self._lines if line.is_link)
        is_mostly_text = 2 * linked < sum(len(line.text) for line in self._lines)
        lines: list[Line] = []
        links: list[Line] = []
        for line, following in zip_longest(self._lines, self._lines[1:], fillvalue=_NO_LINE):
            is_furniture = line.is_link and not (line.is_heading and not following.is_link)
            (links if is_furniture and is_mostly_text else lines).append(line)
        return lines, links
