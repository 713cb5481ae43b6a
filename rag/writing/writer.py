"""A question and its hits -> a written answer, sentence by sentence, each checked when it is whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol, TypeAlias

import regex

from rag.errors import Notice, WritingUnavailable
from rag.types import Hit
from rag.writing import prompts
from rag.writing.prompts import Message
from rag.writing.records import Written, WrittenSentence
from rag.writing.sentences import Sentence, split
from rag.writing.settings import WritingSettings

_LEAST_TOKENS = 450
_REFUSAL = regex.compile(r"\W*" + prompts.NO_ANSWER.replace("_", r"\\?[_ ]") + r"\b")

Check: TypeAlias = Callable[[str, Sequence[int]], Sequence[Notice]]
"""Called as `check(sentence, citations)`; returns what is wrong with the sentence."""


class Model(Protocol):
    """A language model: `ChatClient`."""

    @property
    def settings(self) -> WritingSettings:
        """Its settings."""

    def stream(self, messages: Sequence[Message], max_tokens: int | None = None) -> Iterator[str]:
        """Yield its text in pieces. Raises `WritingUnavailable`."""

    def complete(self, messages: Sequence[Message], max_tokens: int | None = None) -> str:
        """Return its whole text. Raises `WritingUnavailable`."""


def write(
    model: Model, question: str, hits: Sequence[Hit], language: str, check: Check
) -> Iterator[Written]:
    """Yield a written answer as it grows: empty at first, then with each whole sentence.

    The last one is complete. A fault of the server is its `error`;
    faults of the check are raised.
    """
    written = Written(question, language, hits=tuple(hits))
    yield written
    if not written.hits:
        yield replace(written, is_complete=True, is_unanswered=True)
        return
    try:
        for sentence in split(_answer(model, written), language):
            if _REFUSAL.match(sentence.text):
                break
            written = _with(written, sentence, check)
            yield written
    except WritingUnavailable as error:
        yield replace(written, is_complete=True, error=error.notice)
        return
    yield replace(written, is_complete=True, is_unanswered=not written.sentences)


def judged(text: str, language: str, check: Check) -> list[WrittenSentence]:
    """Return the sentences of a whole text, each checked as if it cited the first hit."""
    return [_judged(replace(each, citations=(1,)), check) for each in split([text], language)]


def _answer(model: Model, written: Written) -> Iterator[str]:
    """Yield the text of the model; if the prompt is too long for it, of a prompt half as long."""
    settings = model.settings
    tokens = max(settings.context - settings.max_tokens, _LEAST_TOKENS)
    while True:
        prompt = prompts.answer_prompt(written.question, written.hits, written.language, tokens)
        try:
            yield from model.stream(prompt)
        except WritingUnavailable as error:
            if error.code != "llm-too-long" or tokens <= _LEAST_TOKENS:
                raise
            tokens = max(tokens // 2, _LEAST_TOKENS)
        else:
            return


def _with(written: Written, sentence: Sentence, check: Check) -> Written:
    return replace(written, sentences=(*written.sentences, _judged(sentence, check)))


def _judged(sentence: Sentence, check: Check) -> WrittenSentence:
    faults = tuple(check(sentence.text, sentence.citations))
    return WrittenSentence(sentence.text, sentence.citations, faults, sentence.begins)
