"""HTML -> the paragraphs that a person would read, in order.

General rules first: what an element is (a script, a figure, a list of links). Then the habits of the
sites, as one table of patterns that a whole paragraph must match: `_FURNITURE`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, PreformattedString, Tag

_SKIPPED = (
    "script style noscript template figure figcaption picture svg nav aside footer form button "
    "iframe object video audio canvas select textarea head title"
).split()
_BLOCKS = frozenset(
    "address article blockquote body br center dd details div dl dt fieldset h1 h2 h3 h4 h5 h6 "
    "header hr html li main ol p pre section summary table tbody td tfoot th thead tr ul".split()
)
_CREDIT = re.compile(r"^\s*(?:图像来源|图片来源|图片版权|圖像來源|圖片來源|圖片版權)")
_CAPTION_CHARACTERS = 150
_FEED_TAIL = re.compile(r"获取更多RSS")
_FURNITURE = re.compile(
    r"(?:分享|share)\s*[:：]?"
    r"|\d+\s*(?:秒|分钟|分鐘|小时|小時|天|周|週|个月|個月|年)钟?之?前"
    r"|\d{1,2}/\d{1,2}/\d{4}(?:\s*-\s*\d{1,2}:\d{2})?"
    r"|(?:作者|撰文|记者)\s*[:：].{0,40}"
    r"|(?:图像来源|图片来源|图片版权|圖像來源|圖片來源|圖片版權).{0,60}"
    r"|.{0,30}(?:订阅|訂閱).{0,30}(?:通讯|通訊|简报|簡報|电子报|電子報|newsletter).{0,60}",
    re.IGNORECASE,
)
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_SPACE = re.compile(r"\s+")


def clean(text: str) -> str:
    """Drop characters that no one sees (controls, zero-width, bidi overrides) and fold white space."""
    return _SPACE.sub(" ", _INVISIBLE.sub("", text)).strip()


def paragraphs(html: str, title: str = "") -> list[str]:
    """Return the paragraphs, headings and list items of an article's HTML as plain text.

    Left out: captions and image credits, share bars, relative dates, bylines, newsletter and feed
    tails, lists that are nothing but links, a repeated `title`, and whatever is not text.
    """
    soup = BeautifulSoup(html, "html.parser")
    _drop_captions(soup)
    for element in soup(_SKIPPED):
        element.decompose()
    for element in soup(["ul", "ol"]):
        if not element.decomposed and _is_link_list(element):
            element.decompose()
    kept: list[str] = []
    for paragraph in _blocks(soup):
        if _FEED_TAIL.match(paragraph):
            break
        if _FURNITURE.fullmatch(paragraph) or (paragraph == title and not kept):
            continue
        kept.append(paragraph)
    return kept


def _drop_captions(soup: BeautifulSoup) -> None:
    """Drop each image credit with the smallest wrapper that also holds its picture's caption."""
    for credit in soup.find_all(string=_CREDIT):
        node: PageElement | None = None if credit.decomposed else credit.parent
        while node and (parent := node.parent) and parent.name not in ("main", "article", "body"):
            if parent.parent is None or _length(parent) > _CAPTION_CHARACTERS:
                break
            node = parent
        if isinstance(node, Tag) and node.parent and _length(node) <= _CAPTION_CHARACTERS:
            node.decompose()


def _length(element: Tag) -> int:
    return len(element.get_text(strip=True))


def _is_link_list(element: Tag) -> bool:
    linked = sum(_length(link) for link in element("a"))
    return linked > 0 and linked >= 0.9 * _length(element)


def _blocks(soup: BeautifulSoup) -> Iterator[str]:
    """Walk the tree without recursion, however deep it is; a block element ends a paragraph."""
    text: list[str] = []
    stack: list[PageElement | None] = [soup]
    while stack:
        node = stack.pop()
        if isinstance(node, NavigableString):
            if not isinstance(node, PreformattedString):
                text.append(node)
            continue
        if node is None or (isinstance(node, Tag) and node.name in _BLOCKS):
            if paragraph := clean("".join(text)):
                yield paragraph
            text = []
        if isinstance(node, Tag):
            if node.name in _BLOCKS:
                stack.append(None)
            stack.extend(reversed(node.contents))
    if paragraph := clean("".join(text)):
        yield paragraph
