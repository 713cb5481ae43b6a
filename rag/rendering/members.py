"""One member of a list in an answer -> the reader's language: a name, an amount, a date, a place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import regex
from babel.lists import format_list

from rag.names.keys import fits
from rag.names.transliteration import transliterate
from rag.rendering import phrases
from rag.rendering.formats import find_locale
from rag.rendering.names import NameGlosses
from rag.types import Gloss

_BRACKETS = regex.compile(r"[（(「『“‘\"](.*)[）)」』”’\"]")
_WORK = regex.compile("[《〈](.*)[》〉]")
_PRINTED = regex.compile(
    r"(?P<chinese>[^（()）]+?)\s?[（(](?P<foreign>\p{Latin}[\p{Latin}\d .,'’&-]*)[)）]"
)
_HAN = regex.compile(r"\p{Han}")
_BIG_ENDIAN = frozenset(["ja", "ko"])
"""Languages that name the larger place before the smaller one, as Chinese does."""
_NAME_LENGTHS = (3, 2, 4)
"""Characters of Chinese personal names, the usual length first."""
_READS_CHINESE = frozenset(["ja"])
"""Languages whose readers know the characters of a name."""
_NEAR, _FAR = 16, 60
"""Characters before a name that may hold a title, and around it that may tell where someone is from."""


@dataclass(frozen=True, slots=True)
class Members:
    """Renders ranges of a text whose amounts, dates and names are known.

    `plain` is the text in simplified characters.
    """

    text: str
    plain: str
    glosses: Sequence[Gloss]
    language: str
    names: NameGlosses

    def render(self, start: int, end: int) -> Gloss | None:
        """Return what a range says, whole; None where an essential part of it is unknown."""
        if whole := self._whole(start, end):
            return whole
        if brackets := _BRACKETS.fullmatch(self.text, start, end):
            return self.render(*brackets.span(1))
        if work := _WORK.fullmatch(self.text, start, end):
            return self.names.at(*work.span(1))
        if before := phrases.BEFORE.match(self.plain, start, end):
            start = before.end()
        piece = self.text[start:end].strip()
        if not piece:
            return None
        if not self._inside(start, end) and not _HAN.search(piece):
            return Gloss(start, end, piece, "name")
        ways = self._printed, self._amount, self._titled, self._place, self._original, self._spoken
        for way in (self._whole, *ways):
            if found := way(start, end):
                return replace(found, start=start, end=end)
        return None

    def _inside(self, start: int, end: int) -> list[Gloss]:
        return [gloss for gloss in self.glosses if start <= gloss.start and gloss.end <= end]

    def _whole(self, start: int, end: int) -> Gloss | None:
        """A known name, amount or date, and nothing else."""
        for gloss in self._inside(start, end):
            if (gloss.start, gloss.end) == (start, end):
                return gloss
        return self.names.at(start, end)

    def _printed(self, start: int, end: int) -> Gloss | None:
        """A name with the foreign one in brackets after it."""
        printed = _PRINTED.fullmatch(self.text, start, end)
        if not printed:
            return None
        known = self.names.at(*printed.span("chinese"))
        if not known and phrases.JOINT.search(self.plain, *printed.span("chinese")):
            return None
        return known or Gloss(start, end, printed["foreign"].strip(), "name")

    def _amount(self, start: int, end: int) -> Gloss | None:
        """An amount and what is counted."""
        match self._inside(start, end):
            case [Gloss(kind="amount") as amount, *others] if amount.start == start:
                counted = phrases.ENDS_IN_COUNTER.search(self.plain, start, amount.end)
                noun = phrases.COUNTED_NOUN if counted else phrases.NOUN_OF_UNIT
                is_noun = noun.fullmatch(self.text, amount.end, end)
                return amount if is_noun and all(each.kind == "name" for each in others) else None
        return None

    def _titled(self, start: int, end: int) -> Gloss | None:
        """The name of a person with a title before or after it; it may be one to transliterate."""
        match self._inside(start, end):
            case [*_, Gloss(kind="name") as name] if name.end == end:
                if phrases.TITLE_BEFORE.fullmatch(self.plain, start, name.start):
                    return name
            case [Gloss(kind="name") as name] if name.start == start:
                if phrases.HONORIFIC_AFTER.fullmatch(self.plain, name.end, end):
                    return name
        for length in _NAME_LENGTHS:
            cut = max(start, end - length)
            if phrases.TITLE_BEFORE.fullmatch(self.plain, start, cut):
                return self._transliterated(cut, end)
        return None

    def _place(self, start: int, end: int) -> Gloss | None:
        """A place after a larger one that it is in, or with the word "city" or "province"."""
        names = self._inside(start, end)
        if not names or any(each.kind != "name" for each in names) or names[0].start != start:
            return None
        if any(one.end != other.start for one, other in pairwise(names)):
            return None
        last = names[-1].end
        if last != end and not phrases.PLACE_SUFFIX.fullmatch(self.plain, last, end):
            return None
        parts = [each.text for each in names]
        if self.language.partition("-")[0] not in _BIG_ENDIAN:
            parts.reverse()
        text = format_list(parts, "unit-short", find_locale(self.language))
        return Gloss(start, end, text, "name")

    def _original(self, start: int, end: int) -> Gloss | None:
        """A name after which the text gives the original in brackets."""
        original = phrases.ORIGINAL_AFTER.match(self.plain, end)
        if not original or not phrases.NAME.fullmatch(self.plain, start, end):
            return None
        name = original["name"].strip()
        return Gloss(start, end, name, "name", is_transliteration=not fits(name, self.language))

    def _spoken(self, start: int, end: int) -> Gloss | None:
        """A personal name that is not known, where the sentence shows that it is one."""
        before = self.plain[max(0, start - _NEAR) : start]
        is_person = phrases.ENDS_IN_TITLE.search(before) or phrases.SPEAKS.match(self.plain, end)
        return self._transliterated(start, end) if is_person else None

    def _transliterated(self, start: int, end: int) -> Gloss | None:
        """A name as it is read in Chinese, unless the person may be from elsewhere."""
        around = max(0, start - _FAR), end + _FAR
        if (
            end - start not in _NAME_LENGTHS
            or self.language in _READS_CHINESE
            or phrases.FOREIGN_NAME_AFTER.match(self.plain, end)
            or phrases.OTHER_SINOGRAPHS.search(self.plain, *around)
        ):
            return None
        letters = transliterate(self.text[start:end])
        return Gloss(start, end, letters, "name", is_transliteration=True) if letters else None
