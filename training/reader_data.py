"""The examples that the reader is trained on: questions with hits, as the program reads them.

A passage is cut by `passages.split` and has its title and date; the highlight is a window of it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import opencc

from benchmarks.sets import OPEN_KINDS
from rag.text import passages, terms
from rag.types import Hit, Passage, Span
from training.fact import Fact

SHARES = {"news": 0.2, "written": 0.25, "parallel": 0.3, "chinese": 0.15, "other languages": 0.1}
NEWS_SHARES = {"news": 0.3, "written": 0.4, "parallel": 0.17, "chinese": 0.08, "other languages": 0.05}
"""Shares of the kinds of facts, for most of the training and for its last part."""
GENERATED_SHARE = 0.25
"""Share of generated news, beside these."""
NEWS_PART = 0.4
UNANSWERABLE_SHARE = 0.36
TWIN_SHARE, NEAR_SHARE = 0.6, 0.5
"""Of the examples without an answer: a question that the passage does not answer, where there is one;
of the others, a similar passage instead of the right one without its answer."""
SWITCHED_SHARE, TRADITIONAL_SHARE, LOST_HIGHLIGHT_SHARE = 0.3, 0.15, 0.2
EXCERPT_SHARE, EXCERPT_SENTENCES = 0.15, 2
"""Examples that have a few sentences of a passage, and most sentences on each side of the answer.

Without them the network takes a short text for one that lost the sentence of its answer.
"""
OPEN = re.compile(
    "[为為]什[么麼]|[为為][何啥]|怎[么麼样樣]|如何|[吗嗎]|是否|是不是|有[没沒]有|[会會]不[会會]|能不能|[还還]是"
    "|哪些|哪[几幾]|分[别別]|(?<![沉淹埋隐隱覆出])[没沒]|并未|除了"
)
"""Chinese questions that a few words cannot answer."""


class Example(NamedTuple):
    """A question, a hit and the characters of its answer; `end` is 0 if it has none.

    `wants_sentence` is whether a few words cannot answer the question, None if that is not known.
    """

    question: str
    hit: Hit
    start: int = 0
    end: int = 0
    wants_sentence: bool | None = None


class Examples:
    """Examples by step, from facts by kind.

    `near` has similar passages by the text of a passage. `switch` translates a share of the words of a
    simplified Chinese question.
    """

    def __init__(
        self,
        facts: Mapping[str, Sequence[Fact]],
        near: Mapping[str, Sequence[Passage]],
        switch: Callable[[str, random.Random, float], str],
        seed: int,
    ) -> None:
        self._facts, self._near, self._switch, self._seed = facts, near, switch, seed
        self._simplify = opencc.OpenCC("t2s").convert
        self._complicate = opencc.OpenCC("s2t").convert

    def batch(self, step: int, size: int, shares: Mapping[str, float]) -> list[Example]:
        rng = random.Random(f"{self._seed} {step}")
        kinds = rng.choices(list(shares), list(shares.values()), k=size)
        return [self._example(rng, rng.choice(self._facts[kind])) for kind in kinds]

    def _example(self, rng: random.Random, fact: Fact) -> Example:
        asked, passage = fact.questions, fact.passage
        start, end = fact.start, fact.end
        if end and rng.random() < UNANSWERABLE_SHARE:
            answer = terms.normal(passage.text[start:end])
            near = [p for p in self._near.get(passage.text, ()) if answer not in terms.normal(p.text)]
            if fact.twins and rng.random() < TWIN_SHARE:
                asked = fact.twins
            elif near and rng.random() < NEAR_SHARE:
                passage = rng.choice(near)
            elif not (passage := without_answer(passage, answer)).text:
                return self._example(rng, fact)
            start = end = 0
        if passage is fact.passage and fact.end and rng.random() < EXCERPT_SHARE:
            passage, before = excerpt(rng, passage, (fact.start, fact.end))
            start, end = (start - before, end - before) if end else (0, 0)
        if passage.language.startswith("zh") and rng.random() < TRADITIONAL_SHARE:
            convert = rng.choice([self._simplify, self._complicate])
            before, answer = convert(passage.text[:start]), convert(passage.text[start:end])
            text = convert(passage.text)
            if text.startswith(answer, len(before)):
                passage = replace(passage, text=text, title=convert(passage.title))
                start, end = (len(before), len(before) + len(answer)) if end else (0, 0)
        hit = Hit(passage, 1.0, highlight(rng, passage.text, (start, end)))
        return Example(self._question(rng, asked), hit, start, end, wants_sentence(fact, asked))

    def _question(self, rng: random.Random, texts: Mapping[str, str]) -> str:
        tags = list(texts)
        tag = rng.choices(tags, [1 if tag in ("zh", "en") else 2 for tag in tags])[0]
        if tags == ["zh"] and rng.random() < SWITCHED_SHARE:
            return self._switch(self._simplify(texts[tag]), rng, rng.uniform(0.5, 1))
        return texts[tag]


def with_generated(shares: Mapping[str, float], share: float = GENERATED_SHARE) -> dict[str, float]:
    """Return shares that leave one for generated news; their sum stays 1."""
    return {kind: of * (1 - share) for kind, of in shares.items()} | {"generated": share}


def wants_sentence(fact: Fact, asked: Mapping[str, str]) -> bool | None:
    """Whether one asks why or how, whether, for a list, a comparison or what is not so.

    The Chinese text of a question tells that for all its languages; twins may be of another kind.
    """
    if OPEN.search(asked.get("zh", "")):
        return True
    if fact.kind in OPEN_KINDS:
        return True if asked is fact.questions else None
    return False if "zh" in asked else None


def highlight(rng: random.Random, text: str, answer: Span) -> Span:
    """Return the window that the search would mark: mostly the one with the answer."""
    spans = passages.windows(text)
    start, end = answer
    right = [span for span in spans if span[0] < end and start < span[1]]
    return rng.choice(right if right and rng.random() >= LOST_HIGHLIGHT_SHARE else spans)


def excerpt(rng: random.Random, passage: Passage, kept: Span) -> tuple[Passage, int]:
    """Return a few sentences around a range of a passage, and the characters left out before them."""
    spans = passages.sentences(passage.text, (0, len(passage.text)))
    inside = [at for at, span in enumerate(spans) if span[0] < kept[1] and kept[0] < span[1]]
    first = max(0, inside[0] - rng.randint(0, EXCERPT_SENTENCES))
    last = min(len(spans) - 1, inside[-1] + rng.randint(0, EXCERPT_SENTENCES))
    start, end = min(spans[first][0], kept[0]), max(spans[last][1], kept[1])
    return replace(passage, text=passage.text[start:end]), start


def without_answer(passage: Passage, answer: str) -> Passage:
    """Leave out the sentences of a passage that hold an answer; the text may become empty."""
    text = passage.text
    kept = [
        text[slice(*span)]
        for span in passages.sentences(text, (0, len(text)))
        if answer not in terms.normal(text[slice(*span)])
    ]
    return replace(passage, text="".join(kept).strip())
