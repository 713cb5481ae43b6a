"""Which part of a Chinese text sounds like a foreign name: pinyin aligned with letters.

The table, made by `training/name_sounds.py`, has the probability that a syllable writes some letters. A
name in another alphabet than Latin is romanised first.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

PATH = Path(str(files("rag"))) / "models" / "name_sounds.json"
MAX_LETTERS = 5
"""Letters of a name that one syllable writes at most."""
_UNKNOWN = 5.0
"""Cost of letters that a syllable is not known to write, besides that of the letters themselves."""
_RARE = 8.0
"""Cost of a letter that no name has."""
_SPECIAL = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "đ": "d", "ð": "d", "ı": "i", "þ": "th"}
)
_CYRILLIC = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюяієїґўјљњћђџ",
        "a b v g d e yo zh z i y k l m n o p r s t u f kh ts ch sh shch _ y _ e yu ya "
        "i ye yi g w y l n ch dj dz".split(),
        strict=True,
    )
)


_KANA = [("siy", "sh"), ("tiy", "ch"), ("ziy", "j"), ("iy", "y"), ("si", "shi"), ("hu", "fu")]
"""Spellings of kana, which Unicode names by their place in the table, by their sounds."""
_KANA_LETTERS = (["KATAKANA", "LETTER"], ["HIRAGANA", "LETTER"])
_IS_KANA = re.compile("[\u3041-\u30ff]")


class Match(NamedTuple):
    """The syllables from `start` on, as a transcription of the words from `first_word` to `end_word`.

    `gain` is the logarithm of how much likelier the letters are, given these syllables, than by
    themselves.
    """

    start: int
    first_word: int
    end_word: int
    gain: float


class SoundTable:
    """Costs, as negative logarithms: of the letters of each syllable, and of letters by themselves."""

    def __init__(
        self, syllables: Mapping[str, Mapping[str, float]], letters: Mapping[str, float]
    ) -> None:
        self._syllables = syllables
        self._letters = letters

    @classmethod
    def read(cls, path: Path = PATH) -> SoundTable:
        """Read the table from its file."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def to_json(self) -> str:
        """Return the content of the file."""
        content = {"syllables": self._syllables, "letters": self._letters}
        return json.dumps(content, ensure_ascii=False, separators=(",", ":"))

    def align(self, syllables: Sequence[str], name: str) -> tuple[float, list[str]]:
        """Return the log-probability of the best alignment, and the letters of each syllable in it."""
        best, steps = _nothing(name), list[list[int]]()
        for syllable in reversed(syllables):
            best, lengths = self._before(syllable, name, best)
            steps.append(lengths)
        parts, start = list[str](), 0
        for lengths in reversed(steps):
            parts.append(name[start : start + lengths[start]])
            start += lengths[start]
        return best[0], parts

    def matches(self, syllables: Sequence[str], words: Sequence[str]) -> list[Match]:
        """Return how well the last syllables, as many as there may be, match consecutive words."""
        found: list[Match] = []
        for end_word in range(1, len(words) + 1):
            name = "".join(words[:end_word])
            starts = [len("".join(words[:first])) for first in range(end_word)]
            apart = self._apart(name)
            best = _nothing(name)
            for start in reversed(range(len(syllables))):
                best, _ = self._before(syllables[start], name, best)
                found += [
                    Match(start, first, end_word, best[at] + apart[at])
                    for first, at in enumerate(starts)
                    if best[at] > -math.inf
                ]
        return found

    def _before(
        self, syllable: str, name: str, after: Sequence[float]
    ) -> tuple[list[float], list[int]]:
        """Put a syllable before others.

        `after` has for each place in the name the best log-probability that they write the rest of it.
        Returns the same with the syllable, and the number of letters that it then writes.
        """
        known, apart = self._syllables.get(syllable, {}), self._apart(name)
        best, lengths = [-math.inf] * len(after), [0] * len(after)
        for start in range(len(after)):
            for length in range(min(MAX_LETTERS, len(name) - start) + 1):
                cost = known.get(name[start : start + length])
                if cost is None:
                    cost = _UNKNOWN + apart[start] - apart[start + length]
                if (value := after[start + length] - cost) > best[start]:
                    best[start], lengths[start] = value, length
        return best, lengths

    def _apart(self, name: str) -> list[float]:
        """Return the cost of the letters of the rest of a name by themselves, by its start."""
        costs = [0.0]
        for letter in reversed(name):
            costs.append(costs[-1] + self._letters.get(letter, _RARE))
        return costs[::-1]


def _nothing(name: str) -> list[float]:
    """The log-probabilities that no syllables write the rest of a name, by its start."""
    return [-math.inf] * len(name) + [0.0]


def letters(name: str) -> str:
    """Return a name as small letters from a to z; empty if its alphabet cannot be romanised."""
    plain = unicodedata.normalize("NFKC", name.casefold())
    text = "".join(map(_romanized, plain))
    for sound, spelling in _KANA if _IS_KANA.search(plain) else ():
        text = text.replace(sound, spelling)
    return text


@lru_cache(maxsize=1 << 12)
def _romanized(character: str) -> str:
    if character in _CYRILLIC:
        return _CYRILLIC[character].strip("_")
    kind = unicodedata.name(character, "").split()
    if kind[:2] == ["HANGUL", "SYLLABLE"] or kind[:2] in _KANA_LETTERS:
        return kind[-1].lower() if kind[-2:] != ["SMALL", "TU"] else ""
    plain = unicodedata.normalize("NFKD", character.translate(_SPECIAL))
    return "".join(c for c in plain if "a" <= c <= "z")


@cache
def load() -> SoundTable:
    """Return the table of the package, read once."""
    return SoundTable.read()


def syllables(chinese: str) -> list[str]:
    """Return the pinyin of Chinese characters, without tones."""
    from pypinyin import lazy_pinyin

    found: list[str] = lazy_pinyin(chinese)
    return found
