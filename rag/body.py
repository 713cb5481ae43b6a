"""HTML -> the paragraphs that a person would read, in order.

General rules first: what an element is (a script, a figure, a list of links). Then the habits of the
sites, as one table of patterns that a whole paragraph must match: `_FURNITURE`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate, islice

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, PreformattedString, Tag

_SKIPPED = "script style noscript template nav aside footer select textarea head title".split()
_MEDIA = "figure figcaption picture svg iframe object video audio canvas button".split()
_BLOCKS = frozenset(
    "address article blockquote body br center dd details div dl dt fieldset h1 h2 h3 h4 h5 h6 "
    "header hr html li main ol p pre section summary table tbody td tfoot th thead tr ul".split()
)
_CREDIT = r"(?:图像来源|图片来源|图片版权|圖像來源|圖片來源|圖片版權)(?:[，,:：].{0,60}|\s*)"
_CAPTION_CHARACTERS = 150
_CAPTION_DEPTH = 12
_UNCLOSED_CHARACTERS = 500
_TEXT_ROOTS = ("main", "article", "body")
_MOST_MEASURED = 500
"""Measuring every one of many nested elements would take quadratic time."""
_FEED_TAIL = re.compile(r"获取更多RSS")
_FURNITURE = re.compile(
    r"(?:分享|share)\s*[:：]?"
    r"|\d+\s*(?:秒|分|小时|小時|天)[钟鐘]?之?前"
    r"|\d{1,2}/\d{1,2}/\d{4}(?:\s*-\s*\d{1,2}:\d{2})?"
    r"|(?:作者|撰文|记者)\s*[:：][^。？！，；?!,]{0,40}"
    rf"|{_CREDIT}"
    r"|.{0,6}(?:欢迎|歡迎|点击|點擊|请|請).{0,20}(?:订阅|訂閱).{0,60}",
    re.IGNORECASE,
)
_CREDIT_LINE = re.compile(rf"^\s*{_CREDIT}\s*$")
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
    for element in soup(_MEDIA, limit=_MOST_MEASURED):
        if not _is_short(element, _UNCLOSED_CHARACTERS):
            element.unwrap()  # left open, it has swallowed the rest of the article
    for element in soup([*_SKIPPED, *_MEDIA]):
        element.decompose()
    for element in soup(["ul", "ol"], limit=_MOST_MEASURED):
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
    """Drop each picture that has a credit, together with the caption in the same wrapper.

    A credit with no picture around it goes later, as a paragraph.
    """
    for credit in soup.find_all(string=_CREDIT_LINE):
        if credit.decomposed:
            continue
        wrapper = None
        for parent in islice(credit.parents, _CAPTION_DEPTH):
            if parent.name in _TEXT_ROOTS or parent.parent is None or not _is_short(parent):
                break
            if wrapper is None and parent.find(["img", "picture"]):
                if parent.name == "p":  # its other lines are the article's
                    break
                wrapper = parent
            elif (
                wrapper
                and parent.parent is not soup
                and next(parent.stripped_strings) == credit.strip()
            ):
                wrapper = parent
        if wrapper:
            wrapper.decompose()


def _is_short(element: Tag, limit: int = _CAPTION_CHARACTERS) -> bool:
    lengths = accumulate(len(text) for text in element.stripped_strings)
    return not any(length > limit for length in lengths)


def _length(element: Tag) -> int:
    return sum(len(text) for text in element.stripped_strings)


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
