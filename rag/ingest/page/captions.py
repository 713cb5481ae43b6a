"""Removes pictures that have a credit, together with their captions, from the parsed HTML of a page."""

from __future__ import annotations

from itertools import accumulate, islice

from bs4 import BeautifulSoup
from bs4.element import Tag

from rag.ingest.boilerplate_rules import CREDIT_LINE

_CAPTION_CHARACTERS = 150
_WRAPPER_DEPTH = 12
_TEXT_ROOTS = ("main", "article", "body")


def remove_captions(soup: BeautifulSoup) -> None:
    """Remove each picture that has a credit line, with the caption in the same wrapper.

    A credit without a picture around it stays: the boilerplate rules remove it as a line.
    """
    for credit in soup.find_all(string=CREDIT_LINE):
        if credit.decomposed:
            continue
        wrapper = None
        for parent in islice(credit.parents, _WRAPPER_DEPTH):
            if parent.name in _TEXT_ROOTS or parent.parent is None or not _is_short(parent):
                break
            if wrapper is None and parent.find(["img", "picture"]):
                if parent.name == "p":  # its other lines belong to the article
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


def _is_short(element: Tag) -> bool:
    lengths = accumulate(len(text) for text in element.stripped_strings)
    return not any(length > _CAPTION_CHARACTERS for length in lengths)
