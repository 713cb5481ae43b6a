"""Cuts Chinese text into the words of a dictionary.

At first as few as possible, of even lengths, the longer ones last: the rules of MMSEG
(https://technology.chtsai.org/mmseg/). Then as likely as possible, by how often each word occurred in
the text so cut: where 美国 often occurs, 和美国都 is 和|美国|都 and not 和美|国都.
"""

from __future__ import annotations

import math
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, Self, TypeAlias

import regex

from rag.types import Span

_CHARACTER = r"\p{Han}[\p{M}\u200c\u200d]*"
_POINTS = "·・‧•．‐-"
"""Points and hyphens between the parts of a name, as different sites write them."""
_RUN = regex.compile(rf"(?:{_CHARACTER})+(?:[{_POINTS}](?:{_CHARACTER})+)*")
_UNIT = regex.compile(rf"{_CHARACTER}|[{_POINTS}]")
_MARKS = regex.compile(r"[\p{M}\u200c\u200d]")
POINT = "·"
"""The point that `plain` writes for all of them."""
_SAME_POINT = str.maketrans(dict.fromkeys(_POINTS, POINT))
_LONGEST = 24
"""Characters of the longest word that is looked for."""
_EVENNESS = 1000
"""So small a part of a word is the square of its length: it decides between as many words."""
_UNSEEN = math.e
"""So many times less often than a word that occurs once, a word is expected that does not occur."""

Lengths: TypeAlias = Callable[[str], Iterable[int]]
"""Returns the lengths of the words that a text of plain characters begins with."""


class Word(NamedTuple):
    """A part of a text: `text[word.start:word.end] == word.text`."""

    text: str
    start: int
    end: int


def runs(text: str) -> Iterator[Word]:
    """Yield the stretches of Chinese characters of a text, with points that join them, in order."""
    for match in _RUN.finditer(text):
        yield Word(match[0], *match.span())


def plain(text: str) -> str:
    """Return a part of a run as a dictionary writes it: one code point a character, without marks."""
    return unicodedata.normalize("NFC", _MARKS.sub("", text)).translate(_SAME_POINT)


def words(text: str, lengths: Lengths, names: Sequence[Span] = ()) -> list[Word]:
    """Return the words of the runs of a text; a character that is in no word is a word of its own.

    Each of `names`, ranges of the text in order, can be a word too, if it cuts no character in two.
    """
    lattices = [
        _Lattice.of(run, lengths, names[bisect_left(names, run[1:2]) : bisect_left(names, run[2:])])
        for run in runs(text)
    ]
    counts = Counter(word for lattice in lattices for word in lattice.cut(_one_word))
    size = sum(counts.values())

    def surprise(word: str) -> float:
        return math.log(size / counts[word] if word in counts else size * _UNSEEN)

    return [word for lattice in lattices for word in lattice.words(surprise, text)]


def _one_word(word: str) -> float:
    return 1 + len(word) ** 2 / _EVENNESS


@dataclass(frozen=True, slots=True)
class _Lattice:
    """All words that a run can be cut into.

    `places` are the positions of its `characters` in the text, and of its end; `lengths` those of the
    words that begin with each character.
    """

    characters: str
    places: Sequence[int]
    lengths: Sequence[Collection[int]]

    @classmethod
    def of(cls, run: Word, lengths: Lengths, names: Iterable[Span]) -> Self:
        """Look up the words of a run; `names` are those in it."""
        places = [run.start + unit.start() for unit in _UNIT.finditer(run.text)] + [run.end]
        inside = [run.text[start - run.start : end - run.start] for start, end in pairwise(places)]
        characters = "".join(map(plain, inside))
        found = [
            {1} if character == POINT else {1, *lengths(characters[at : at + _LONGEST])}
            for at, character in enumerate(characters)
        ]
        numbers = {place: number for number, place in enumerate(places)}
        for start, end in names:
            if start in numbers and end in numbers:
                found[numbers[start]].add(numbers[end] - numbers[start])
        return cls(characters, places, found)

    def cut(self, cost: Callable[[str], float]) -> list[str]:
        """Return the words and points that cost least in sum; points cost nothing."""
        size = len(self.characters)
        costs, best = [0.0] * (size + 1), [1] * size
        for start in reversed(range(size)):
            ranked = []
            for length in self.lengths[start]:
                word = self.characters[start : start + length]
                rest = costs[start + length]
                ranked.append((rest if word == POINT else rest + cost(word), length))
            costs[start], best[start] = min(ranked)
        found, start = [], 0
        while start < size:
            found.append(self.characters[start : start + best[start]])
            start += best[start]
        return found

    def words(self, cost: Callable[[str], float], text: str) -> Iterator[Word]:
        """Yield the words that cost least in sum, as they are in the text."""
        at = 0
        for word in self.cut(cost):
            start, end = self.places[at], self.places[at + len(word)]
            at += len(word)
            if word != POINT:
                yield Word(text[start:end], start, end)
