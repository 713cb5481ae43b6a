"""Names in two scripts: those that the articles of an archive print, and those of the table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

import regex

from rag.names.keys import chinese_key, fits, foreign_key
from rag.names.name_starts import DOTS
from rag.types import Span

_CHINESE = regex.compile(r"[\p{Han}〇]+(?:[·・•‧．‐-]?[\p{Han}〇]+|[·・•‧．][A-Z]\.?(?=[·・•‧．]))*")
_JOINED_BEFORE = regex.compile(rf"\p{{L}}[{DOTS}]$")
_JOINED_AFTER = regex.compile(rf"[{DOTS}]\p{{L}}")
_LONGEST = 24
"""Characters of the longest Chinese name that is looked for."""


class CountedPair(NamedTuple):
    """A name in Chinese and in another script, and the number of articles that print both."""

    chinese: str
    foreign: str
    articles: int


@dataclass(frozen=True, slots=True)
class KnownName:
    """A name in another language.

    `count` is the number of articles of the archive that print it beside the Chinese one, 0 for a name
    of the table.
    """

    text: str
    count: int
    origin: Literal["archive", "table"]


class PairSource(Protocol):
    """The pairs of names that the articles of an archive print; names are compared by their keys."""

    def pairs_of_chinese(self, names: Sequence[str]) -> list[CountedPair]:
        """Return the pairs with one of these Chinese names, most frequent first."""
        ...

    def pairs_of_foreign(self, names: Sequence[str]) -> list[CountedPair]:
        """Return the pairs with one of these foreign names, most frequent first."""
        ...


class Names(Protocol):
    """A table of names, as `NameTable` describes."""

    def names(self, chinese: str, language: str) -> tuple[str, ...]:
        """Return the names of a Chinese name in a language, the usual one first."""
        ...

    def chinese(self, name: str, language: str | None = None) -> tuple[str, ...]:
        """Return the Chinese forms of a name."""
        ...

    def find(self, text: str) -> list[Span]:
        """Return the longest Chinese names of the table in a text."""
        ...

    def is_word(self, chinese: str) -> bool:
        """Whether a Chinese text is a common word and no name of the table."""
        ...

    def is_foreign(self, chinese: str) -> bool:
        """Whether all characters of a Chinese text mostly transliterate foreign names."""
        ...


class KnownNames:
    """The names of an archive and of a table; safe to share between threads."""

    def __init__(self, table: Names, archive: PairSource) -> None:
        self._table = table
        self._archive = archive

    def foreign(self, chinese: str, language: str) -> list[KnownName]:
        """Return the names of a Chinese name in a language, a BCP 47 tag; none if it is unknown.

        Those that the archive prints come first, most frequent first; each spelling is a name of its
        own. Articles print English names, or those of the language of the person: for a reader of
        another language the table comes first.
        """
        printed = [
            KnownName(pair.foreign, pair.articles, "archive")
            for pair in self._archive.pairs_of_chinese([chinese])
            if fits(pair.foreign, language)
        ]
        known = [KnownName(name, 0, "table") for name in self._table.names(chinese, language)]
        is_english = language.partition("-")[0] == "en"
        return _distinct([*printed, *known] if is_english else [*known, *printed])

    def chinese(self, foreign: str) -> list[str]:
        """Return the Chinese forms of a name in any language, those of the archive first."""
        return self.chinese_of([foreign])[foreign]

    def chinese_of(self, names: Sequence[str], language: str | None = None) -> dict[str, list[str]]:
        """Map each of these names, of any language or of this one, to its Chinese forms."""
        printed: dict[str, list[str]] = {}
        for pair in self._archive.pairs_of_foreign(names):
            printed.setdefault(foreign_key(pair.foreign), []).append(pair.chinese)
        return {
            name: _distinct_texts(
                [*printed.get(foreign_key(name), ()), *self._table.chinese(name, language)]
            )
            for name in names
        }

    def find(self, text: str) -> list[Span]:
        """Return the longest known Chinese names in a text, in order, without overlaps."""
        places: dict[str, list[Span]] = {}
        for run in _CHINESE.finditer(text):
            for start in range(run.start(), run.end() - 1):
                for end in range(start + 2, min(run.end(), start + _LONGEST) + 1):
                    if text[start].isalnum() and text[end - 1].isalnum():
                        places.setdefault(chinese_key(text[start:end]), []).append((start, end))
        found = [
            span
            for pair in self._archive.pairs_of_chinese([*places])
            if not self._table.is_word(pair.chinese)
            for span in places[chinese_key(pair.chinese)]
            if not self._is_part(text, *span)
        ]
        return longest([*found, *self._table.find(text)])

    def _is_part(self, text: str, start: int, end: int) -> bool:
        """Whether a name is only a part of a longer foreign name, which a dot or its sound joins."""
        if _JOINED_BEFORE.search(text, 0, start) or _JOINED_AFTER.match(text, end):
            return True
        neighbours = text[max(start - 1, 0) : start] + text[end : end + 1]
        is_foreign = self._table.is_foreign
        return is_foreign(text[start:end]) and any(map(is_foreign, neighbours))


def longest(spans: Iterable[Span]) -> list[Span]:
    """Return the longest of overlapping spans, in order; of equal ones the first."""
    chosen: list[Span] = []
    for start, end in sorted(set(spans), key=lambda span: (span[0] - span[1], span)):
        if all(end <= other[0] or start >= other[1] for other in chosen):
            chosen.append((start, end))
    return sorted(chosen)


def _distinct(names: Iterable[KnownName]) -> list[KnownName]:
    """Return names without those that differ from an earlier one in case or accents only."""
    kept: dict[str, KnownName] = {}
    for name in names:
        kept.setdefault(foreign_key(name.text), name)
    return [*kept.values()]


def _distinct_texts(names: Iterable[str]) -> list[str]:
    kept: dict[str, str] = {}
    for name in names:
        kept.setdefault(chinese_key(name), name)
    return [*kept.values()]
