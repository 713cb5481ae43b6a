"""Pairs of names that a text prints itself: 申源湜（Shin Wonshik）, Shin Wonshik（申源湜）.

The brackets tell where one of the names begins and ends. Where the other one begins, `name_starts`
tells; where it cannot, there is no pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import regex

from rag.names import sound
from rag.names.chinese_words import NO_NAME, ORGANISATIONS
from rag.names.foreign_words import read
from rag.names.keys import simplified
from rag.names.name_starts import DOTS, PART, find_start, is_surnamed

VERSION = 1
"""Raised with every change of the pairs of the same text."""
_BRACKETS = regex.compile(r"[ \u3000\xa0]{0,2}[（(](?P<inside>[^（）()\n]{2,90})[）)]")
_WORK = regex.compile(r"《([^《》\n]{2,40})》$")
_QUOTED = regex.compile(r"[“「『\"](\p{Han}{2,14})[”」』\"]$")
_CHINESE = regex.compile(rf"(?=\p{{Han}}{{2}}|\p{{Han}}+[{DOTS}]){PART}(?:[{DOTS}]{PART})*")
_REMARK = regex.compile(r"\s*[，,；;].*")
_WORD = r"(?:\p{Lu}[\p{L}\p{M}.'’-]*)"
_LATIN = regex.compile(
    rf"(?V1)(?<![[\p{{L}}\p{{N}}#@'’.-]--\p{{Han}}]){_WORD}"
    rf"(?: (?:{_WORD}|de|del|da|van|von|der|al|bin|of|the|and|for)){{0,6}}$"
)
_LAST_DOT = regex.compile(f"[{DOTS}]")
_CONTEXT = 48
"""Characters before a bracket in which a name is looked for."""
_LEAST_GAIN, _LEAST_MEAN_GAIN = 5.0, 1.5


class NamePair(NamedTuple):
    """A name in Chinese and in another script, as a text prints both.

    `start` is the place of the Chinese name in the text.
    """

    chinese: str
    foreign: str
    start: int


def find_pairs(text: str) -> list[NamePair]:
    """Return the pairs of names that a text prints, in order."""
    return [pair for match in _BRACKETS.finditer(text) if (pair := _pair(text, match))]


def find_names(text: str) -> set[tuple[str, str]]:
    """Return the pairs of names that a text prints, and those of their last parts.

    布鲁斯·贝克托尔（Bruce Bechtol） gives 贝克托尔 and Bechtol, 布林肯（Antony Blinken） Blinken.
    """
    pairs = find_pairs(text)
    short = {last for pair in pairs if (last := _last_parts(pair))}
    return {(pair.chinese, pair.foreign) for pair in pairs} | short


def _last_parts(pair: NamePair) -> tuple[str, str] | None:
    """Return the last part of a Chinese name and the words that it transcribes; None if unclear."""
    chinese = _LAST_DOT.split(pair.chinese)[-1]
    name = read(pair.foreign)
    if name is None or len(chinese) < 2:
        return None
    found = _sounding_words(simplified(chinese), name.spoken)
    if not found or (chinese == pair.chinese and len(found) == len(name.spoken)):
        return None
    return chinese, " ".join(found)


def _pair(text: str, match: regex.Match[str]) -> NamePair | None:
    start = max(text.rfind("\n", 0, match.start()) + 1, match.start() - _CONTEXT)
    before, inside = text[start : match.start()], match["inside"]
    chinese = _REMARK.sub("", inside).strip()
    if _CHINESE.fullmatch(chinese):
        foreign = _before_chinese(before, chinese)
        place = match.start("inside") + inside.index(chinese)
        return NamePair(chinese, foreign, place) if foreign else None
    if titled := _WORK.search(before):
        name = read(inside, whole=True)
        return NamePair(titled[1], name.text, start + titled.start(1)) if name else None
    name = read(inside)
    if name is None:
        return None
    if quoted := _QUOTED.search(before):
        return NamePair(quoted[1], name.text, start + quoted.start(1))
    span = find_start(simplified(before), name)
    return NamePair(before[slice(*span)], name.text, start + span[0]) if span else None


def _before_chinese(before: str, chinese: str) -> str:
    """Return the foreign name before a Chinese one in brackets; empty if they differ."""
    found = _LATIN.search(before)
    if not found or not (name := read(found[0])):
        return ""
    plain = simplified(chinese)
    if name.is_acronym:
        is_name = plain.endswith(ORGANISATIONS) and NO_NAME.isdisjoint(plain)
        return name.text if is_name and len(plain) > 3 else ""
    if words := _sounding_words(plain, name.words):
        return " ".join(words)
    return name.text if is_surnamed(plain, name) else ""


def _sounding_words(chinese: str, words: Sequence[str]) -> Sequence[str]:
    """Return the last words, as many as the whole of a Chinese name transcribes; none if unclear."""
    syllables = sound.syllables("".join(c for c in chinese if c not in DOTS and not c.isascii()))
    matches = sound.load().matches(syllables, [sound.letters(word) for word in words])
    whole = [match for match in matches if match.start == 0 and match.end_word == len(words)]
    best = max(whole, key=lambda match: match.gain, default=None)
    if best is None or best.gain < max(_LEAST_GAIN, _LEAST_MEAN_GAIN * len(syllables)):
        return ()
    return words[best.first_word :]
