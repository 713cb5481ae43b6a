"""What the cited passages say, prepared for the checks of a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import cached_property

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
from rag.writing.checks.spelling import LEAST_GAIN, consonants, is_read, sounds_like

_HAN = regex.compile(r"\p{Han}+")
_WORD = regex.compile(r"(?V1)[[\p{L}\p{M}]--[\p{Han}\p{Hiragana}\p{Katakana}]]+")
_CLAUSE = regex.compile(r"(?:[^，,；;。！？!?\n]|(?<=\d)[,，](?=\d))+[，,；;。！？!?]*")
_SURE, _LEAST_SURE = 1.2, 7.5
"""Log-odds by letter, and in all, of a transcription that differs from the usual one."""
_CASE = regex.compile(r"(?<=\p{Cyrillic}{4})(?:[оеы]м|ой|ого|ему|[аеиуыюя]|ами|ах)$")
"""Endings of names in the cases of Russian and Ukrainian."""
_LEAST_SPELT, _SPELT = 2, 0.8
"""Consonants of a word that is compared with those in Latin, and how alike they are."""


class Evidence:
    """The passages that a sentence cites, with the titles and the days of their articles."""

    def __init__(self, cited: Sequence[Hit], encoder: Encoder) -> None:
        self._passages = [hit.passage for hit in cited]
        self.encoder = encoder

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
        return [clause for passage in self._passages for clause in find_clauses(passage.text)]

    @cached_property
    def quotations(self) -> list[str]:
        """What the passages quote, or put between quotation marks."""
        return [quotation.text for quotation in find_quotations(self.text)]

    @cached_property
    def window_vectors(self) -> Vectors:
        """Unit vectors of the windows, shape (n, dim)."""
        return self.encoder.encode_passages(self.windows)

    @cached_property
    def clause_vectors(self) -> Vectors:
        """Unit vectors of the clauses, shape (n, dim)."""
        return self.encoder.encode_passages(self.clauses)

    def encode(self, text: str) -> Vectors:
        """Return the unit vector of a sentence, shape (dim,)."""
        vector: Vectors = self.encoder.encode_passages([text])[0]
        return vector

    def similarity(self, text: str) -> float:
        """Return the similarity of a text to the most similar clause, quotation or title."""
        titles = [passage.title for passage in self._passages]
        others = self.encoder.encode_passages([*self.quotations, *titles])
        vector = self.encoder.encode_queries([text])[0]
        return float(
            max((self.clause_vectors @ vector).max(initial=0.0), (others @ vector).max(initial=0.0))
        )

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors to compare with those of longer texts, shape (len(texts), dim)."""
        return self.encoder.encode_queries(texts)

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

    def spells(self, word: str) -> bool:
        """Whether the text has a word in Latin letters that one of another alphabet sounds like."""
        own = consonants(_CASE.sub("", word))
        return len(own) >= _LEAST_SPELT and any(
            SequenceMatcher(None, own, other).ratio() >= _SPELT for other in self._latin
        )

    @cached_property
    def _latin(self) -> frozenset[str]:
        words = map(consonants, _WORD.findall(self.text))
        return frozenset(word for word in words if len(word) >= _LEAST_SPELT)

    def reads_as(self, chinese: str) -> bool:
        """Whether the text has characters that are pronounced as those of a transcription."""
        name = sound.syllables("".join(_HAN.findall(chinese)))
        return len(name) > 1 and any(
            run[at : at + len(name)] == name for run in self._syllables for at in range(len(run))
        )

    def reads(self, words: Sequence[str]) -> bool:
        """Whether the words of a name are the pinyin of Chinese characters, in either order."""
        parts = [letters for word in words if (letters := sound.letters(word))]
        orders = {"".join([*parts[at:], *parts[:at]]) for at in range(len(parts))}
        return any(
            is_read(run[start:], name)
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
        stems = {word, _CASE.sub("", word)}
        return any(sounds_like(stem, run, least) for run in self._syllables for stem in stems)

    def is_transcribed(self, word: str) -> bool:
        """Whether some Chinese characters surely transcribe a name that others usually do."""
        return self.sounds_like(word, max(_SURE, _LEAST_SURE / max(1, len(sound.letters(word)))))

    @cached_property
    def _syllables(self) -> list[list[str]]:
        return [sound.syllables(run) for run in _HAN.findall(self.text)]

    @cached_property
    def _readings(self) -> list[list[set[str]]]:
        """The syllables that each character of each run of Chinese may be read as."""
        from pypinyin import Style, pinyin

        runs = _HAN.findall(self.text)
        return [[set(each) for each in pinyin(run, style=Style.NORMAL, heteronym=True)] for run in runs]


def find_clauses(text: str) -> list[str]:
    """Return the clauses of a text, with the punctuation after them."""
    clauses = (match[0].strip() for match in _CLAUSE.finditer(text))
    return [clause for clause in clauses if len(clause) > 1]
