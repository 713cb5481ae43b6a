"""How words of other languages are compared with Chinese syllables, and with words in Latin letters."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import regex

from rag.names import sound

_CHINESE_WORDS = 2
_SILENT = regex.compile(r"[aeiouywh]|(?<=(.))\1")
_ALIKE = str.maketrans({"c": "k", "q": "k", "z": "s", "j": "s", "x": "s", "v": "f"})
LEAST_GAIN, _LEAST_GAIN = 0.75, 4.5
"""From which a transcription is taken for the name: log-odds a letter, and in all."""


def sounds_like(word: str, syllables: Sequence[str], least: float = LEAST_GAIN) -> bool:
    """Whether some of these syllables are likely to transcribe a word, by log-odds a letter."""
    letters = sound.letters(word)
    table, reach = sound.load(), len(letters) // 2 + 2
    return len(letters) > 2 and any(
        match.gain >= max(_LEAST_GAIN, least * len(letters))
        for end in range(1, len(syllables) + 1)
        for match in table.matches(syllables[max(0, end - reach) : end], [letters])
    )


def is_read(readings: Sequence[set[str]], name: str) -> bool:
    """Whether the first two to four characters may be read as a name."""
    rests = {name}
    for number, syllables in enumerate(readings[:4], start=1):
        rests = {rest[len(each) :] for rest in rests for each in syllables if rest.startswith(each)}
        if "" in rests:
            return number > 1
    return False


def is_pinyin(words: Sequence[str]) -> bool:
    """Whether the words of a name may be pinyin: family and given name of one or two syllables."""
    return len(words) == _CHINESE_WORDS and all(_is_spelt(sound.letters(word)) for word in words)


def _is_spelt(letters: str) -> bool:
    syllables = _all_syllables()
    return letters in syllables or any(
        letters[:at] in syllables and letters[at:] in syllables for at in range(1, len(letters))
    )


@cache
def _all_syllables() -> frozenset[str]:
    """The syllables of the characters of GB 2312."""
    rows = (bytes([high, low]) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF))
    return frozenset(sound.syllables("".join(row.decode("gb2312", "ignore") for row in rows)))


def consonants(word: str) -> str:
    """Return the consonants of a word in Latin letters; those that alphabets mix up are one."""
    spelt = sound.letters(word).replace("dzh", "j").replace("kh", "h").replace("ks", "x")
    audible: str = _SILENT.sub("", spelt.translate(_ALIKE))
    return audible
