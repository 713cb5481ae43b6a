"""A phrase as it occurs in texts: which texts contain it.

Case, width, accents, punctuation and the script of Chinese do not count. A phrase lies within the title
or within a paragraph. Its words must be whole. In scripts without spaces, and in Korean, it may be part
of a word; characters that it writes together must be together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import regex

from rag.text.scripts import WORD_START
from rag.text.terms import RUN, normal, query_terms

_CONTEXT = 40
"""Characters around a match that it takes to fold it exactly."""
_EXACT_CHARACTERS = 2
"""Characters of an unspaced script up to which a phrase is a term."""
_WORD = rf"[{WORD_START}--[\p{{Hangul}}\p{{Myanmar}}ー]]"
"""A set: the characters of words that are whole terms."""
_LETTER = r"\p{L}\p{M}\p{N}"
_JOINTS = regex.compile(rf"[^{_LETTER}]+")
_GAP = rf"(?:[^{_LETTER}\n]|\n(?!\n))"
"""What may stand between two words of a phrase, but not between two paragraphs."""


class _Unit(NamedTuple):
    """A word of a phrase, or a run of characters of an unspaced script, folded."""

    text: str
    is_unspaced: bool


class Phrase:
    """Words to find in texts in this order."""

    def __init__(self, phrase: str) -> None:
        self._units = _units(phrase)
        self._pattern = _pattern(self._units) if self._units else None

    def __bool__(self) -> bool:
        """Whether the phrase has a letter or a digit, so that it can be searched for."""
        return bool(self._units)

    @property
    def terms(self) -> list[str]:
        """The terms that every text with the phrase has.

        They are those of each word: a text may have another joint between two words, or none.
        """
        return [term for unit in self._units for term in query_terms(unit.text)]

    @property
    def is_term(self) -> bool:
        """Whether exactly the texts with its only term contain the phrase."""
        units = self._units
        return len(units) == 1 and units[0].is_unspaced and len(units[0].text) <= _EXACT_CHARACTERS

    def is_in(self, text: str) -> bool:
        """Whether a text contains the phrase. Folds all of it only if a part does not tell."""
        if self._pattern is None:
            return False
        rough = text.casefold()
        if match := self._pattern.search(rough):
            near = rough[max(0, match.start() - _CONTEXT) : match.end() + _CONTEXT]
            if self._pattern.search(normal(near).casefold()):
                return True
        return self._pattern.search(normal(text).casefold()) is not None


def _units(phrase: str) -> list[_Unit]:
    return [
        _Unit(part, run["unspaced"] is not None)
        for run in RUN.finditer(normal(phrase).casefold())
        for part in _JOINTS.split(run.group())
    ]


def _pattern(units: Sequence[_Unit]) -> regex.Pattern[str]:
    """Return the pattern of a phrase in a folded text."""
    pattern = re.escape(units[0].text)
    for before, unit in pairwise(units):
        least = 0 if before.is_unspaced or unit.is_unspaced else 1
        pattern += f"{_GAP}{{{least},9}}{re.escape(unit.text)}"
    start = "" if units[0].is_unspaced else f"(?<!{_WORD})"
    end = "" if units[-1].is_unspaced else f"(?!{_WORD})"
    return regex.compile(f"(?V1){start}{pattern}{end}")
