"""Removes pictures that have a credit, together with their captions, from the parsed HTML of a page."""

from __future__ import annotations

from itertools import accumulate, islice

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag

from rag.ingest.page.boilerplate_rules import CREDIT_LINE
from rag.ingest.records import Dropped

_CAPTION_CHARACTERS = 150
_WRAPPER_DEPTH = 12
_TEXT_ROOTS = ("main", "article", "body")


def remove_captions(soup: BeautifulSoup) -> list[Dropped]:
    """Remove each picture that has a credit line, with the caption in the same wrapper.

    A credit without a picture around it stays: the boilerplate rules remove it as a line. The result is
    what was removed.
    """
    dropped: list[Dropped] = []
    for credit in soup.find_all(string=CREDIT_LINE):
        if not credit.decomposed and (wrapper := _wrapper(soup, credit)):
            dropped.append(Dropped(" ".join(wrapper.stripped_strings), "caption"))
            wrapper.decompose()
    return dropped


def _wrapper(soup: BeautifulSoup, credit: NavigableString) -> Tag | None:
    """Return the element that holds a picture, its credit and its caption, and nothing else."""
    wrapper = None
    for parent in islice(credit.parents, _WRAPPER_DEPTH):
        if parent.name in _TEXT_ROOTS or parent.parent is None or not _is_short(parent):
            break
        if wrapper is None and parent.find(["img", "picture"]):
            if parent.name == "p":  # its other lines belong to the article
                break
            wrapper = parent
        elif wrapper and parent.parent is not soup and next(parent.stripped_strings) == credit.strip():
            wrapper = parent
    return wrapper


def _is_short(element: Tag) -> bool:
    lengths = accumulate(len(text) for text in element.stripped_strings)
    return not any(length > _CAPTION_CHARACTERS for length in lengths)
