"""A table of names: Chinese <-> other languages, made by `training/name_table.py`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, cached_property, partial
from pathlib import Path

import regex

from rag.names import cldr
from rag.names.columns import CHINESE, CLDR, ENGLISH, SAME, Rows, folded_names
from rag.names.name_index import LAYOUT, NameIndex, chinese_names, foreign_names
from rag.text.terms import normal
from rag.types import Span

_MODELS = Path(__file__).parent.parent / "models"
PATHS = tuple(_MODELS / f"names{kind}.zip" for kind in ("", "-cedict"))
"""The files of the table; licences differ, see the card."""
DOTS = "·•‧・．"
"""Between the parts of a foreign name; the first one is used in the table."""
_JOINED = regex.compile(rf"\p{{L}}{DOTS[0]}")
_KEEP_SPELLING = frozenset("af ca da de es fi fr gl hu id it ms nb nl no pt ro sv sw tl tr vi".split())
"""Languages that keep the spelling of a foreign name in Latin letters."""
_WITNESSES = ("fr", "es", "nl")
"""Columns that show whether a name is spelt alike in several languages."""
_LONGEST = 64
"""Characters of the longest Chinese name that is looked for."""
_WORD_LENGTHS = (2, 3)
"""Characters of the words that may cross a name."""
_SCRIPTS = {
    r"[\p{Han}\p{Hiragana}\p{Katakana}]": ["ja"],
    r"\p{Cyrillic}": ["ru", "uk"],
    r"\p{Hangul}": ["ko"],
    r"\p{Arabic}": ["ar", "fa"],
    r"\p{Hebrew}": ["he"],
    r"\p{Greek}": ["el"],
    r"\p{Thai}": ["th"],
    r"\p{Devanagari}": ["hi"],
    r"\p{Latin}": "en fr es de it pt nl tr vi id pl cs sv hu".split(),
}
"""Columns by the script of their names."""


class NameTable:
    """Names of countries, places, organisations and persons."""

    def __init__(self, *paths: Path, is_cached: bool = False) -> None:
        self._table = Rows(paths)
        self._is_cached = is_cached
        self._indexes: dict[str, NameIndex] = {}

    @staticmethod
    @cache
    def load() -> NameTable:
        """Return the table that ships with the package. Nothing is read before it is needed."""
        return NameTable(*PATHS, is_cached=True)

    def names(self, chinese: str, language: str) -> tuple[str, ...]:
        """Return the names of a Chinese name in a language, the usual one first; empty if unknown."""
        rows = self._index(CHINESE).rows(key(chinese))
        if not rows:
            return ()
        row = rows[0]  # of two the more prominent one
        tag = _primary(language)
        found = self._names(tag, row)
        if not found and tag in _KEEP_SPELLING and self._is_spelt_alike(row):
            found = self._names(ENGLISH, row)[:1]
        return found or cldr.names(self._table.column(CLDR)[row], language)

    def chinese(self, name: str, language: str | None = None) -> tuple[str, ...]:
        """Return the simplified Chinese names of a name in any language, the usual ones first.

        Case, accents, spaces and punctuation do not matter, except that a name of two or three capitals
        is not found by small letters: "who" is not the WHO. Of the full name of a person, with as many
        parts in Chinese, also the last one alone is returned, as articles repeat it. With a language
        only names in it count, if the table has it.
        """
        folded = folded_names(name).removeprefix(SAME)
        if not folded:
            return ()
        columns = [tag for tag in _in_script(name) if tag in self._table.languages]
        if language and (tag := _primary(language)) in columns:
            columns = [tag, ENGLISH] if ENGLISH in columns else [tag]
        wanted = [folded, SAME + folded] if name.isupper() else [folded]
        rows = {row for tag in columns for each in wanted for row in self._index(tag).rows(each)}
        forms = [form for row in sorted(rows) for form in self._table.column(CHINESE)[row].split("\t")]
        words = len(re.split(r"[\s・]", name))
        whole = [form for form in forms if form.count(DOTS[0]) + 1 == words]
        known = self._index(CHINESE)
        last = [part for form in whole if (part := form.rpartition(DOTS[0])[2]) in known]
        return tuple(dict.fromkeys(forms + last))

    def find(self, text: str) -> list[Span]:
        """Return the ranges of the longest known Chinese names in a text, without overlaps.

        A part of a longer foreign name is not found: a dot joins it, or a character that mostly
        transliterates follows a name of such characters.
        """
        folded = key(text)
        found: list[Span] = []
        start = 0
        while start < len(folded):
            length = self._index(CHINESE).longest(folded[start : start + _LONGEST])
            end = start + length if length else 0
            if end and self._is_crossed(folded, start, end):
                end = 0
            if end and not self._is_part(folded, start, end):
                found.append((start, end))
            start = end or start + 1
        return found

    def is_word(self, chinese: str) -> bool:
        """Whether a Chinese text is a common word and no name of the table."""
        word = key(chinese)
        return word in self._table.ranks and word not in self._index(CHINESE)

    def is_foreign(self, chinese: str) -> bool:
        """Whether all characters of a Chinese text mostly transliterate foreign names."""
        return self._transliterating.issuperset(key(chinese))

    def _is_crossed(self, text: str, start: int, end: int) -> bool:
        """Whether a more common word shares only a part of a range, or exceeds it: 有关 for 关中."""
        ranks = self._table.ranks
        own = ranks.get(text[start:end], len(ranks))
        words = (
            text[at : at + length]
            for length in _WORD_LENGTHS
            for at in range(max(start - length + 1, 0), min(end, len(text) - length + 1))
            if not start <= at < at + length <= end
        )
        return any(ranks.get(word, own) < own for word in words)

    def _is_part(self, text: str, start: int, end: int) -> bool:
        before, name, after = text[max(start - 2, 0) : start], text[start:end], text[end : end + 2]
        if _JOINED.fullmatch(before) or _JOINED.fullmatch(after[::-1]):
            return True
        neighbours = {*before[-1:], *after[:1]} & self._transliterating
        return bool(neighbours) and self._transliterating.issuperset(name)

    @cached_property
    def _transliterating(self) -> frozenset[str]:
        return frozenset(self._table.characters)

    def _names(self, tag: str, row: int) -> tuple[str, ...]:
        if tag not in self._table.languages:
            return ()
        names = self._table.column(tag)[row].split("\t")
        if names[0] == SAME:
            names[0] = self._table.column(ENGLISH)[row].partition("\t")[0]
        return tuple(names) if names[0] else ()

    def _is_spelt_alike(self, row: int) -> bool:
        usual = [self._table.column(name)[row].partition("\t")[0] for name in _WITNESSES]
        return len(set(filter(None, usual)) | {SAME}) == 1 and usual.count(SAME) > 1

    def _index(self, tag: str) -> NameIndex:
        """The index of a column, made when it is first asked for."""
        if tag not in self._indexes:
            make = partial(self._keys, tag)
            name = f"names-{LAYOUT}-{self._table.digest}-{tag}"
            self._indexes[tag] = (
                NameIndex.cached(name, make) if self._is_cached else NameIndex.of(make())
            )
        return self._indexes[tag]

    def _keys(self, tag: str) -> Iterator[tuple[str, int]]:
        column = self._table.column(tag).text
        return chinese_names(key(column)) if tag == CHINESE else foreign_names(column)


def key(chinese: str) -> str:
    """Return a Chinese text of the same length, simplified, with one form of dot and half width."""
    return chinese.translate({ord(character): _simplified(character) for character in set(chinese)})


@cache
def _simplified(character: str) -> str:
    if character in DOTS:
        return DOTS[0]
    plain = normal(character)
    return plain if len(plain) == 1 else character


def _primary(language: str) -> str:
    return re.split("[-_]", language)[0].lower()


def _in_script(name: str) -> list[str]:
    """Return the columns whose names are in the script of a name."""
    return next((columns for script, columns in _SCRIPTS.items() if regex.search(script, name)), [])
