"""What the cited passages say, prepared for the checks of a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, cached_property

import regex

from rag.names import sound
from rag.names.keys import chinese_key, foreign_key
from rag.protocols import Encoder
from rag.text import passages as split
from rag.text.terms import fold
from rag.types import Hit, Vectors
from rag.writing.checks import numbers
from rag.writing.checks.dates import Calendar
from rag.writing.checks.quotations import find_quotations

_HAN = regex.compile(r"\p{Han}+")
_WORD = regex.compile(r"(?V1)[[\p{L}\p{M}]--[\p{Han}\p{Hiragana}\p{Katakana}]]+")
_CLAUSE = regex.compile(r"(?:[^，,；;。！？!?\n]|(?<=\d)[,，](?=\d))+[，,；;。！？!?]*")
_CHINESE_WORDS = 2
LEAST_GAIN, _LEAST_GAIN = 0.75, 4.5
"""From which a transcription is taken for the name: log-odds a letter, and in all."""


class Evidence:
    """The passages that a sentence cites, with the titles and the days of their articles."""

    def __init__(self, cited: Sequence[Hit], encoder: Encoder) -> None:
        self._passages = [hit.passage for hit in cited]
        self._encoder = encoder

    @cached_property
    def text(self) -> str:
        """Titles and texts."""
        return "\n".join(f"{passage.title}\n{passage.text}" for passage in self._passages)

    @cached_property
    def key(self) -> str:
        """The letters of the text, as names are compared."""
        return chinese_key(self.text)

    @cached_property
    def figures(self) -> list[numbers.Figure]:
        """The numbers of the text."""
        return [
            figure
            for passage in self._passages
            for text in (passage.title, passage.text)
            for figure in numbers.evidence(text, passage.language)
        ]

    @cached_property
    def calendar(self) -> Calendar:
        """The dates of the text."""
        calendar = Calendar()
        for passage in self._passages:
            day = passage.published.date() if passage.published else None
            calendar.add(f"{passage.title}\n{passage.text}", passage.language, day)
        return calendar

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of the text that are not Chinese, folded."""
        return frozenset(map(foreign_key, _WORD.findall(self.text)))

    @cached_property
    def sentences(self) -> list[str]:
        """The sentences of the passages."""
        return [
            passage.text[start:end]
            for passage in self._passages
            for start, end in split.sentences(passage.text, (0, len(passage.text)))
        ]

    @cached_property
    def windows(self) -> list[str]:
        """The windows of the passages, and their titles."""
        return [passage.title for passage in self._passages] + [
            passage.text[start:end]
            for passage in self._passages
            for start, end in split.windows(passage.text)
        ]

    @cached_property
    def clauses(self) -> list[str]:
        """The clauses of the passages."""
        return [
            match[0].strip()
            for passage in self._passages
            for match in _CLAUSE.finditer(passage.text)
            if len(match[0].strip()) > 1
        ]

    @cached_property
    def quotations(self) -> list[str]:
        """What the passages quote, or put between quotation marks."""
        return [quotation.text for quotation in find_quotations(self.text)]

    @cached_property
    def window_vectors(self) -> Vectors:
        """Unit vectors of the windows, shape (n, dim)."""
        return self._encoder.encode_passages(self.windows)

    @cached_property
    def clause_vectors(self) -> Vectors:
        """Unit vectors of the clauses, shape (n, dim)."""
        return self._encoder.encode_passages(self.clauses)

    def encode(self, text: str) -> Vectors:
        """Return the unit vector of a sentence, shape (dim,)."""
        vector: Vectors = self._encoder.encode_passages([text])[0]
        return vector

    def similarity(self, text: str) -> float:
        """Return the similarity of a text to the most similar clause, quotation or title."""
        titles = [passage.title for passage in self._passages]
        others = self._encoder.encode_passages([*self.quotations, *titles])
        vector = self._encoder.encode_queries([text])[0]
        return float(
            max((self.clause_vectors @ vector).max(initial=0.0), (others @ vector).max(initial=0.0))
        )

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors to compare with those of longer texts, shape (len(texts), dim)."""
        return self._encoder.encode_queries(texts)

    def nearness(self, sentence: str) -> float:
        """Return the similarity of a sentence to the most similar window or clause."""
        vector = self.encode(sentence)
        parts = (self.window_vectors, self.clause_vectors)
        return max(float((vectors @ vector).max(initial=0.0)) for vectors in parts)

    def is_nearest(self, text: str, sentence: str) -> bool:
        """Whether the window that is most similar to a text shares a sentence of the passages."""
        scores = self.window_vectors @ self.encode(text)
        window = self.windows[int(scores.argmax())]
        return sentence in window or window in sentence

    def says(self, text: str) -> bool:
        """Whether the text has these words, whatever its case, width and punctuation."""
        return fold(text) in self.folded

    @cached_property
    def folded(self) -> str:
        """The letters and digits of the text."""
        return fold(self.text)

    def prints(self, word: str) -> bool:
        """Whether the text has a word of another script than Chinese."""
        return foreign_key(word) in self.words

    def reads(self, words: Sequence[str]) -> bool:
        """Whether the words of a name are the pinyin of Chinese characters, in either order."""
        parts = [letters for word in words if (letters := sound.letters(word))]
        orders = {"".join([*parts[at:], *parts[:at]]) for at in range(len(parts))}
        return any(
            _is_read(run[start:], name)
            for run in self._readings
            for start in range(len(run))
            for name in orders
        )

    def holds(self, chinese: str) -> bool:
        """Whether the text has a Chinese name, or most of it: 最高法院 of 美国最高法院."""
        name = chinese_key(chinese)
        least = max(2, -(-len(name) // 2))
        parts = (name[at : at + least] for at in range(len(name) - least + 1))
        return name in self.key or any(part in self.key for part in parts)

    def sounds_like(self, word: str, least: float = LEAST_GAIN) -> bool:
        """Whether some Chinese characters are likely to transcribe a word, by log-odds a letter."""
        return any(sounds_like(word, run, least) for run in self._syllables)

    @cached_property
    def _syllables(self) -> list[list[str]]:
        return [sound.syllables(run) for run in _HAN.findall(self.text)]

    @cached_property
    def _readings(self) -> list[list[set[str]]]:
        """The syllables that each character of each run of Chinese may be read as."""
        from pypinyin import Style, pinyin

        runs = _HAN.findall(self.text)
        return [[set(each) for each in pinyin(run, style=Style.NORMAL, heteronym=True)] for run in runs]


def sounds_like(word: str, syllables: Sequence[str], least: float = LEAST_GAIN) -> bool:
    """Whether some of these syllables are likely to transcribe a word, by log-odds a letter."""
    letters = sound.letters(word)
    table, reach = sound.load(), len(letters) // 2 + 2
    return len(letters) > 2 and any(
        match.gain >= max(_LEAST_GAIN, least * len(letters))
        for end in range(1, len(syllables) + 1)
        for match in table.matches(syllables[max(0, end - reach) : end], [letters])
    )


def _is_read(readings: Sequence[set[str]], name: str) -> bool:
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
