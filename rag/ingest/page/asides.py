"""Finds the elements of a page that are beside the article: navigation, captions, share bars, ads.

An element is judged by its kind, by the words in its `class` and `id`, and by its share of the prose of
the page: a container of the article may have any label, and markup that is left open may have swallowed
the article.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PreformattedString, Tag

from rag.ingest.page.aside_labels import hidden_rule, labels_of, words_of

_NEVER_TEXT = frozenset(
    "script style template title select option datalist svg math noframes rt rp rtc".split()
)
_ASIDE_ELEMENTS = frozenset(
    "nav aside footer figure figcaption picture iframe object video audio canvas button dialog small "
    "address".split()
)
_CAPTIONS = frozenset(["figure", "figcaption"])
_SENTENCE_ENDS = ("。", "！", "？", ". ", "! ", "? ")
_SENTENCE_CHARACTERS = 6
_CAPTION_SENTENCES = 3
_SHARE_OF_LABELLED = 0.4
_SHARE_OF_ASIDE = 0.75
_SHARE_OF_COMMENTS = 0.9
_SHARE_OF_HIDDEN = 0.8
_LARGE_CHARACTERS = 500


@dataclass(slots=True)
class _Measure:
    """How much text is below an element. `core` is the prose that is in no aside."""

    characters: int = 0
    linked: int = 0
    prose: int = 0
    core: int = 0
    hidden: int = 0
    sentences: int = 0
    has_paragraphs: bool = False
    ends_sentence: bool = False
    hidden_by: str = ""
    labels: str = ""

    def add(self, other: _Measure) -> None:
        """Add the text of a child or of another element with the same labels."""
        self.characters += other.characters
        self.linked += other.linked
        self.prose += other.prose
        self.core += other.core
        self.sentences += other.sentences

    def add_text(self, text: str) -> None:
        """Add a string of the page."""
        self.characters += len(text)
        self.ends_sentence = text[-1] in "。！？" if text else self.ends_sentence
        if len(text) >= _SENTENCE_CHARACTERS and (ends := _count_sentences(text)):
            self.sentences += ends
            self.prose += len(text)
            self.core += len(text)

    def count_paragraph(self) -> None:
        """Count all text of a paragraph as prose if it ends with a sentence."""
        missing = self.characters - self.linked - self.prose
        if self.ends_sentence and missing > 0:
            self.prose += missing
            self.core += missing


class Asides:
    """The elements of a page that are beside the article, and how much text each element has.

    Hidden text counts as the article if it is nearly all prose that the page has.
    """

    def __init__(self, soup: BeautifulSoup) -> None:
        self._tags = _descendants(soup)
        self._reads_hidden = False
        self._measure_all(soup)
        if self._is_hidden_article():
            self._reads_hidden = True
            self._measure_all(soup)

    @property
    def page_characters(self) -> int:
        """The number of visible characters of the page outside navigation."""
        return self._page.characters

    def characters(self, tag: Tag) -> int:
        """Return the number of characters below an element."""
        return self._measures[id(tag)].characters

    def linked(self, tag: Tag) -> int:
        """Return the number of characters below an element that are in links."""
        return self._measures[id(tag)].linked

    def rule(self, tag: Tag) -> str:
        """Return why an element is no part of the article, such as "class share"; "" if it is a part.

        The rule of an element that never has text, such as a script, is "no text".
        """
        if tag.name in _NEVER_TEXT:
            return "no text"
        measure = self._measures[id(tag)]
        if measure.hidden_by:
            return measure.hidden_by
        if tag.name in _ASIDE_ELEMENTS:
            is_aside = self._is_aside_element(tag, measure)
            return f"element {tag.name}" if is_aside else ""
        if measure.labels and (words := words_of(measure.labels)).first:
            is_aside = self._is_labelled_aside(measure, self._groups[measure.labels])
            return f"class {words.first}" if is_aside else ""
        return ""

    def _measure_all(self, soup: BeautifulSoup) -> None:
        """Visit all elements once, from the leaves up, without recursion: markup may be very deep."""
        self._measures: dict[int, _Measure] = {}
        self._groups: defaultdict[str, _Measure] = defaultdict(_Measure)
        for tag in reversed(self._tags):
            self._measures[id(tag)] = self._measure(tag)
        self._page = self._measures[id(soup)]

    def _measure(self, tag: Tag) -> _Measure:
        measure = _Measure()
        if tag.name in _NEVER_TEXT:
            return measure
        for child in tag.contents:
            if isinstance(child, Tag):
                self._add_child(measure, child)
            elif isinstance(child, NavigableString) and not isinstance(child, PreformattedString):
                measure.add_text(child.strip())
        if tag.name == "p":
            measure.count_paragraph()
        elif tag.name == "a":
            measure.linked = measure.characters
        self._classify(tag, measure)
        return measure

    def _add_child(self, measure: _Measure, child: Tag) -> None:
        below = self._measures[id(child)]
        measure.hidden += below.hidden
        if below.hidden_by:
            return
        if below.characters:
            measure.ends_sentence = below.ends_sentence
        is_paragraph = child.name == "p" and below.ends_sentence and not words_of(below.labels).first
        if is_paragraph or (below.has_paragraphs and child.name != "figcaption"):
            measure.has_paragraphs = True
        characters = measure.characters
        measure.add(below)
        if child.name == "nav":
            measure.characters = characters

    def _classify(self, tag: Tag, measure: _Measure) -> None:
        if not self._reads_hidden:
            measure.hidden_by = hidden_rule(tag, has_prose=measure.prose > 0)
        if tag.attrs or "-" in tag.name:
            measure.labels = labels_of(tag)
        words = words_of(measure.labels)
        if words.is_aside or tag.name in _ASIDE_ELEMENTS:
            measure.core = 0
        if measure.hidden_by:
            measure.hidden += measure.core
        elif words.first:
            self._groups[measure.labels].add(measure)

    def _is_hidden_article(self) -> bool:
        page = self._page
        is_most_prose = page.hidden > _SHARE_OF_HIDDEN * (page.hidden + page.core)
        return is_most_prose and 2 * page.hidden > page.characters - page.linked

    def _is_aside_element(self, tag: Tag, measure: _Measure) -> bool:
        if tag.name == "small":  # small print within a line of the article belongs to it
            return not tag.parent or self.characters(tag.parent) == measure.characters
        if tag.name in _CAPTIONS:
            return self._is_caption(measure, measure)
        return not self._is_large(measure) and self._is_small_share(measure, _SHARE_OF_ASIDE)

    def _is_labelled_aside(self, measure: _Measure, group: _Measure) -> bool:
        words = words_of(measure.labels)
        if words.is_caption:
            return self._is_caption(measure, group)
        if words.is_comments and self._page.core:
            return self._is_small_share(group, _SHARE_OF_COMMENTS)
        if self._is_large(group):
            return False
        if words.is_aside:
            return self._is_small_share(group, _SHARE_OF_ASIDE)
        if not self._page.prose:
            return group.characters - group.linked <= self._page.characters / 2
        return not self._page.core or group.core <= _SHARE_OF_LABELLED * self._page.core

    def _is_caption(self, measure: _Measure, group: _Measure) -> bool:
        if measure.has_paragraphs:
            return False  # left open, it has swallowed the text after it
        is_short = measure.sentences < _CAPTION_SENTENCES
        return not self._is_large(group) and (
            is_short or self._is_small_share(group, _SHARE_OF_LABELLED)
        )

    def _is_large(self, measure: _Measure) -> bool:
        characters = measure.characters - measure.linked
        return characters > max(_LARGE_CHARACTERS, _SHARE_OF_LABELLED * self._page.characters)

    def _is_small_share(self, measure: _Measure, share: float) -> bool:
        """Whether an aside has less than a share of the prose outside the other asides."""
        if self._page.core:
            return measure.prose <= share * (measure.prose + self._page.core)
        return measure.prose <= _SHARE_OF_LABELLED * self._page.prose


def _count_sentences(text: str) -> int:
    return sum(map(text.count, _SENTENCE_ENDS)) + text.endswith((".", "!", "?"))


def _descendants(soup: BeautifulSoup) -> list[Tag]:
    tags: list[Tag] = [soup]
    for tag in tags:
        tags += [child for child in tag.contents if isinstance(child, Tag)]
    return tags
