"""Names of a Chinese text in the reader's language: those that it prints itself come first."""

from __future__ import annotations

from functools import cached_property, lru_cache

from rag.names import sound
from rag.names.chinese_words import BEFORE_NAMES, SURNAMES
from rag.names.keys import chinese_key, fits, simplified
from rag.names.known import KnownName, KnownNames
from rag.names.pairs import NamePair, find_pairs
from rag.names.table import NameTable
from rag.rendering import phrases
from rag.text.terms import terms
from rag.types import Gloss, Span

_QUOTES = frozenset('《〈“「『"')
_SHORT = 2
"""Characters of a name that may be a common word as well."""
_LONGEST = 12
"""Characters of a name that may begin within another one and end after it."""


class NameGlosses:
    """The names of one text in one language, a BCP 47 tag."""

    def __init__(self, text: str, language: str, names: KnownNames) -> None:
        self._text = text
        self._language = language
        self._names = names
        self._plain = simplified(text)

    def find(self, span: Span) -> list[Gloss]:
        """Return the longest known names in a range of the text, in order, without overlaps.

        Of two that share characters, such as 中欧 and 欧盟 in 其中欧盟, none is certain.
        """
        start, end = span
        places = [
            (start + first, start + last) for first, last in self._names.find(self._text[start:end])
        ]
        ends, starts = {end for _, end in places}, {start for start, _ in places}
        found = [
            self.at(*place)
            for place in places
            if self._is_word(*place) and not self._is_part(*place, starts, ends)
        ]
        return [gloss for gloss in found if gloss]

    def _is_word(self, start: int, end: int) -> bool:
        """Whether a name is no direction and no counted word, and crossed by no other word."""
        if phrases.DIRECTION.fullmatch(self._plain, start, end):
            return False
        if phrases.COUNTED_WORD.match(self._plain, start):
            return False
        if self._plain[start] in BEFORE_NAMES and self._ends_in_word(end):
            return False
        if not self._plain[end : end + 1].isalpha():
            return True
        later, inside = self._text[start + 1 : end + _LONGEST], end - start - 1
        return not any(first < inside < last for first, last in self._names.find(later))

    def _is_part(self, start: int, end: int, starts: set[int], ends: set[int]) -> bool:
        """Whether a name is a part of a foreign one: 迈尔 in 施泰因迈尔, 多米尼克 in 多米尼克-怀尔.

        It is none beside another name, which begins at one of `starts` or ends at one of `ends`.
        """
        if start not in ends and phrases.PART_OF_NAME.match(self._plain, start):
            return True
        if start - 1 not in ends and phrases.HYPHENS.match(self._plain, max(0, start - 1)):
            return True
        return end + 1 not in starts and phrases.HYPHENS.match(self._plain, end) is not None

    def _ends_in_word(self, end: int) -> bool:
        """Whether the last character of a name begins a common word, such as 政府 in 和政府."""
        return NameTable.load().is_word(self._plain[end - 1 : end + 1])

    def at(self, start: int, end: int) -> Gloss | None:
        """Return a range as a name; None if it is none that is known in the language.

        What the text itself prints beside a Chinese name tells which of its bearers is meant. A short
        one that a single other article prints may be the title of a work and a common word: 自然, 计划.
        So may one that is read as a person without a surname: 大桥, "Da Qiao".
        """
        chinese = self._text[start:end]
        printed = self._printed.get((chinese_key(chinese), self._is_quoted(start)))
        if printed and fits(printed, self._language):
            return Gloss(start, end, printed, "name")
        known = self._names.foreign(chinese, self._language)
        if printed and not (known and self._is_same(chinese, printed)):
            return Gloss(start, end, printed, "name", is_transliteration=True)
        is_common = end - start <= _SHORT and known and self._may_be_common(chinese, known[0])
        return Gloss(start, end, known[0].text, "name") if known and not is_common else None

    def _may_be_common(self, chinese: str, name: KnownName) -> bool:
        """Whether a name is rare in the archive, or only a reading, and not one of a person."""
        if name.count or simplified(chinese[0]) in SURNAMES:
            return name.count == 1
        reading = "".join(sound.syllables(chinese))
        english = [known.text for known in self._names.foreign(chinese, "en")[:1]]
        return any(" " in each and sound.letters(each) == reading for each in english)

    def _is_same(self, chinese: str, printed: str) -> bool:
        """Whether the known bearer of a Chinese name is the one whose name the text prints."""
        known = {word for name in self._names.foreign(chinese, "en") for word in terms(name.text)}
        return not known.isdisjoint(terms(printed))

    def _is_quoted(self, start: int) -> bool:
        return self._text[max(0, start - 1) : start] in _QUOTES

    @cached_property
    def _printed(self) -> dict[tuple[str, bool], str]:
        """The foreign names that the text prints, by Chinese ones; a title is none outside quotes."""
        pairs = _find_pairs(self._text)
        return {
            (chinese_key(each.chinese), self._is_quoted(each.start)): each.foreign for each in pairs
        }


@lru_cache(maxsize=8)  # an answer and its sentence have the same text
def _find_pairs(text: str) -> tuple[NamePair, ...]:
    return tuple(find_pairs(text))
