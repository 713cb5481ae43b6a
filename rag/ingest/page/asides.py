"""Finds the elements of a page that are beside the article: navigation, captions, share bars, ads.

An element is judged by its kind, then by the words in its `class` and `id`, then by its share of the
text: markup that is left open may have swallowed the article.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PreformattedString, Tag

HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_NEVER_TEXT = frozenset(
    "script style noscript template title textarea select option datalist svg math".split()
)
_ASIDE_ELEMENTS = frozenset(
    "nav aside footer figure figcaption picture iframe object video audio canvas button dialog small "
    "address".split()
)
_ASIDE_WORDS = frozenset(
    "ad ads advert advertisement attribution author badge banner breadcrumb breadcrumbs byline "
    "caption captioned comments copyright credit credits dfp disclaimer footer infobox "
    "interstitial nav navbar navigation newsletter offscreen pager pagination picinfo promo "
    "promotion recommend recommended related selfpromo share sharing sponsor subs subscri "
    "subscribe subscription tags toolbar".split()
)
"""Words in `class` or `id` of elements beside the article."""
_NAME = re.compile(r"(?<![^\s_-])[A-Za-z]+(?![^\s_-])")
_WORD = re.compile(r"[a-z]+|[A-Z][a-z]*")
_SMALL_CHARACTERS = 500
_SMALL_SHARE = 0.4


class Asides:
    """The elements of a page that are beside the article, and how much text each element has."""

    def __init__(self, soup: BeautifulSoup) -> None:
        self._characters: dict[int, int] = {}
        self._linked: dict[int, int] = {}
        self._by_labels: Counter[str] = Counter()
        self._with_paragraphs: set[int] = set()
        self._measure(soup)
        self._total = self._characters[id(soup)]

    def characters(self, tag: Tag) -> int:
        """Return the number of characters below an element."""
        return self._characters[id(tag)]

    def linked(self, tag: Tag) -> int:
        """Return the number of characters below an element that are in links."""
        return self._linked[id(tag)]

    def __contains__(self, tag: Tag) -> bool:
        if tag.name in _NEVER_TEXT or _is_hidden(tag):
            return True
        characters, labels = self._characters[id(tag)], _labels(tag)
        if id(tag) in self._with_paragraphs and (tag.name == "figure" or "caption" in labels):
            return False  # left open, it has swallowed the text after it
        if tag.name in _ASIDE_ELEMENTS:
            return self._is_little(characters) and not self._is_within_line(tag)
        return _has_aside_word(labels) and self._is_little(self._by_labels[labels])

    def _measure(self, soup: BeautifulSoup) -> None:
        """Visit all elements once, from the leaves up, without recursion: markup may be very deep."""
        tags: list[Tag] = [soup]
        for tag in tags:
            tags += [child for child in tag.contents if isinstance(child, Tag)]
        ends_sentence: dict[int, bool] = {}
        for tag in reversed(tags):
            total, linked, ended = 0, 0, False
            for child in tag.contents:
                characters = 0
                if isinstance(child, Tag):
                    if characters := self._characters[id(child)]:
                        ended = ends_sentence[id(child)]
                        linked += self._linked[id(child)]
                    is_paragraph = child.name == "p" and ends_sentence[id(child)]
                    if (is_paragraph and not _has_aside_word(_labels(child))) or (
                        id(child) in self._with_paragraphs and child.name != "figcaption"
                    ):
                        self._with_paragraphs.add(id(tag))
                elif isinstance(child, NavigableString) and not isinstance(child, PreformattedString):
                    text = child.strip()
                    characters = len(text)
                    ended = text.endswith("。") if text else ended
                total += characters
            self._characters[id(tag)] = 0 if tag.name in _NEVER_TEXT else total
            self._linked[id(tag)] = total if tag.name == "a" else linked
            ends_sentence[id(tag)] = ended
            if total and _has_aside_word(labels := _labels(tag)):
                self._by_labels[labels] += total

    def _is_within_line(self, tag: Tag) -> bool:
        """Whether an element is small print within a line of the article."""
        parent = tag.parent
        return tag.name == "small" and bool(parent and self.characters(parent) > self.characters(tag))

    def _is_little(self, characters: int) -> bool:
        return characters <= _SMALL_CHARACTERS or characters <= _SMALL_SHARE * self._total


def _is_hidden(tag: Tag) -> bool:
    style = str(tag.get("style", "")).replace(" ", "").lower()
    return "display:none" in style or tag.has_attr("hidden")


def _labels(tag: Tag) -> str:
    names = [*tag.get_attribute_list("class")]
    if tag.name not in HEADINGS:  # the id of a heading is made of its text
        names += tag.get_attribute_list("id")
    return " ".join(str(name) for name in names if name)


@lru_cache(maxsize=4096)
def _has_aside_word(labels: str) -> bool:
    words = (word.lower() for name in _NAME.findall(labels) for word in _WORD.findall(name))
    return not _ASIDE_WORDS.isdisjoint(words)
