"""The data that a page carries for machines: JSON-LD, and the state of Next.js applications."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cached_property
from typing import TypeAlias

from bs4 import BeautifulSoup
from bs4.element import Tag

_Node: TypeAlias = dict[str, object]
_LIMIT = 20_000
"""Values of one page that are looked at."""
_ARTICLE = re.compile(r"(?:Article|Report|BlogPosting|LiveBlogPosting|SocialMediaPosting|Posting)$")
_PAGE = re.compile(r"(?:WebPage|ItemPage)$")
_OTHERS = frozenset(
    "itemlistelement relatedlink relatedarticles isrelatedto mentions citation haspart comment "
    "comments review liveblogupdate ispartof breadcrumb hasitem about recommendations related".split()
)
"""Properties whose values are not the article of the page."""
_TAG = re.compile(r"<[^<>]{1,2000}>")
_BREAK = re.compile(r"</(?:p|div|h[1-6]|li|blockquote)>|<br\s{0,3}/?>|\n\s*\n|\r?\n", re.IGNORECASE)
_BODY_KEYS = ("articleBody", "body", "bodyText", "bodyHtml", "articleContent", "contentHtml")
_TEXT_KEYS = ("content", "html", "text")
"""Keys that applications use for other texts, too."""
_SENTENCE_END = re.compile(r"[。！？]|[.!?](?:\s|$)")
_TRAILING_COMMA = re.compile(r",\s{0,40}(?=[}\]])")
_CONTROL = re.compile(r"[\x00-\x1f]")


class LinkedData:
    """The data of the article of a page; every property is empty if the page has none.

    Of several articles the one whose headline is `title` is that of the page, else the first.
    """

    def __init__(self, soup: BeautifulSoup, title: str = "") -> None:
        self._soup = soup
        self._title = title

    @cached_property
    def headline(self) -> str:
        """The title of the article."""
        return self._first("headline") or self._first("name")

    @cached_property
    def publisher(self) -> str:
        """The name of the site."""
        publisher = next((node["publisher"] for node in self._articles if "publisher" in node), None)
        name = publisher.get("name") if isinstance(publisher, dict) else publisher
        return name if isinstance(name, str) else ""

    @cached_property
    def url(self) -> str:
        """The address of the article."""
        page = next((node.get("mainEntityOfPage") for node in self._articles), None)
        stated = page.get("@id") if isinstance(page, dict) else page
        text = stated if isinstance(stated, str) else self._first("url")
        return text if text.startswith("http") else ""

    @cached_property
    def published(self) -> list[str]:
        """The times of publication, that of the article first."""
        return self._all("datePublished") or self._all("dateCreated") or self._all("uploadDate")

    @cached_property
    def modified(self) -> list[str]:
        """The times of the last change."""
        return self._all("dateModified")

    @cached_property
    def body(self) -> str:
        """The text of the article, with a blank line between paragraphs."""
        for node in self._articles:
            if (text := node.get("articleBody")) and (body := _paragraphs(text)):
                return body
        return self._next_body

    @cached_property
    def _articles(self) -> list[_Node]:
        """The article of the page, and the page itself, as far as the data have them."""
        nodes = list(self._nodes())
        articles = [node for node in nodes if _is_a(node, _ARTICLE)]
        articles.sort(key=lambda node: not self._is_titled(node))
        return articles[:1] + [node for node in nodes if _is_a(node, _PAGE)][:1]

    def _is_titled(self, node: _Node) -> bool:
        headline = node.get("headline") or node.get("name")
        return isinstance(headline, str) and bool(headline.strip()) and headline.strip() in self._title

    def _nodes(self) -> Iterator[_Node]:
        for tag in self._soup.find_all("script", type=re.compile(r"ld\+json", re.IGNORECASE)):
            yield from _walk(_parse(tag))

    def _first(self, name: str) -> str:
        return next(iter(self._all(name)), "")

    def _all(self, name: str) -> list[str]:
        """Return the values of a property of the article."""
        values = [node.get(name) for node in self._articles]
        single = [value[0] if isinstance(value, list) and value else value for value in values]
        return [str(value) for value in single if value and isinstance(value, str | int)]

    @cached_property
    def _next_body(self) -> str:
        """The longest article body in the state of a Next.js application."""
        tag = self._soup.find("script", id="__NEXT_DATA__")
        nodes = list(_walk(_parse(tag))) if isinstance(tag, Tag) else []
        for keys in (_BODY_KEYS, _TEXT_KEYS):
            texts = [_paragraphs(node[key]) for node in nodes for key in keys if node.get(key)]
            bodies = [text for text in texts if _SENTENCE_END.search(text)]
            if bodies:
                return max(bodies, key=len)
        return ""


def _parse(tag: Tag) -> object:
    """Return the JSON in a script; None if it is damaged or too deep."""
    text = _CONTROL.sub(" ", tag.get_text()).strip().removeprefix("<!--").removesuffix("-->")
    text = text.replace("<![CDATA[", "").replace("]]>", "").strip().rstrip(";")
    for attempt in (text, _TRAILING_COMMA.sub("", text)):
        try:
            return json.loads(attempt)
        except (ValueError, RecursionError):
            continue
    return None


def _walk(value: object) -> Iterator[_Node]:
    """Visit the objects in JSON in their order, without recursion and without related articles."""
    stack = [value]
    for _ in range(_LIMIT):
        if not stack:
            return
        value = stack.pop()
        if isinstance(value, dict):
            yield value
            inner = [child for key, child in value.items() if str(key).lower() not in _OTHERS]
            stack += reversed(inner)
        elif isinstance(value, list):
            stack += reversed(value)


def _is_a(node: _Node, kind: re.Pattern[str]) -> bool:
    types = node.get("@type")
    names = types if isinstance(types, list) else [types]
    return any(isinstance(name, str) and kind.search(name) for name in names)


def _paragraphs(value: object) -> str:
    """Return text, HTML, or a list of blocks with texts as paragraphs with blank lines between them."""
    texts = value if isinstance(value, list) else [value]
    parts = [part for text in texts for part in _BREAK.split(_block_text(text))]
    return "\n\n".join(stripped for part in parts if (stripped := _plain(part)))


def _block_text(block: object) -> str:
    if isinstance(block, dict):
        block = next((block[key] for key in ("text", "content", "value", "html") if key in block), "")
    return block if isinstance(block, str) else ""


def _plain(markup: str) -> str:
    from html import unescape

    return " ".join(unescape(_TAG.sub("", markup)).split())
