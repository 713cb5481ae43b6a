"""A span network that finds patterns, with one token per character, and hits to read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from rag.answering.confidence import ConfidenceModel
from rag.answering.reader import SpanModel, SpanReader
from rag.text.passages import split
from rag.types import Hit
from support.doubles import make_article


class Encoding(NamedTuple):
    ids: list[int]
    offsets: list[tuple[int, int]]


class CharacterTokenizer:
    """One token per character."""

    def token_to_id(self, token: str) -> int:
        return {"<s>": 1, "</s>": 2, "<pad>": 3, "<unk>": 4}[token]

    def encode_batch(self, texts: Sequence[str], add_special_tokens: bool) -> list[Encoding]:
        assert not add_special_tokens
        return [
            Encoding(list(map(ord, text)), [(n, n + 1) for n in range(len(text))]) for text in texts
        ]


class PatternNetwork:
    """Scores the first match of a pattern in the passage, or with `every` all matches.

    The end of a match scores at its last character. `longest` is the length of the longest row so far.
    With `is_open` every question wants a sentence.
    """

    def __init__(self, pattern: str, *, every: bool = False, is_open: bool = False) -> None:
        self._pattern = re.compile(pattern, re.S)
        self._every = every
        self._is_open = is_open
        self.longest = 0

    def run(self, rows: Sequence[Sequence[int]]) -> list[Any]:
        self.longest = max(self.longest, *map(len, rows))
        return [self._score("".join(map(chr, row))) for row in rows]

    def _score(self, text: str) -> Any:
        lead = text.index("\2", text.index("\2\2") + 2) + 1
        logits = np.zeros((len(text), 4), np.float32)
        matches = list(self._pattern.finditer(text, lead, len(text) - 1))
        for match in matches if self._every else matches[:1]:
            logits[match.start(), 0] = logits[match.end() - 1, 1] = 3
        if not matches:
            logits[0, :2] = 3
        logits[0, 3] = 1 if self._is_open else -1
        return logits


def make_reader(network: PatternNetwork | str = "[0-9]+多?个集装箱", **confidence: float) -> SpanReader:
    """A reader with a network, or one that finds a pattern, and a plain confidence model."""
    if isinstance(network, str):
        network = PatternNetwork(network)
    model = ConfidenceModel({"margin": 0.5, "gap": -1.0}, **confidence)
    return SpanReader(model=SpanModel(network, CharacterTokenizer(), model))


def make_hit(text: str, score: float = 0.7, name: str = "a", **fields: object) -> Hit:
    """A hit on the first passage of an article; the highlight is all of it."""
    passage = split(make_article(name, text, **fields))[0]
    return Hit(passage, score, (0, len(passage.text)))
