"""The language model at work: answers, translations and whole questions, checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property, partial

from rag.errors import WritingUnavailable
from rag.names.known import KnownNames
from rag.protocols import Encoder
from rag.types import Answer, Hit
from rag.writing import follow_ups, writer
from rag.writing.checks.check import check
from rag.writing.follow_ups import Rewriting
from rag.writing.languages import language_of
from rag.writing.prompts import Turn
from rag.writing.records import Written
from rag.writing.settings import WritingSettings
from rag.writing.translation import Translations, as_hit
from rag.writing.writer import Check, Model


class Desk:
    """Writes with the model of some settings, or says how to set one up."""

    def __init__(self, settings: WritingSettings | None, encoder: Encoder) -> None:
        self._settings = settings
        self._encoder = encoder

    @cached_property
    def model(self) -> Model:
        """The client of the language model. Raises `WritingUnavailable` if there can be none."""
        if self._settings is None:
            raise WritingUnavailable("llm-missing")
        self._settings.check()
        from rag.writing.client import ChatClient

        return ChatClient(self._settings)

    def answer(
        self,
        question: str,
        hits: Sequence[Hit],
        answer: Answer,
        reader_language: str | None,
        names: KnownNames,
    ) -> Iterator[Written]:
        """Return a written answer as it grows."""
        language = reader_language or language_of(question)
        check_sentence = self._check(hits, language, answer, names)
        return writer.write(self.model, question, hits, language, check_sentence)

    def translate(self, text: Hit | str, language: str, names: KnownNames) -> Written:
        """Return a translation, which later calls reuse."""
        hit = as_hit(text) if isinstance(text, str) else text
        check_of = partial(self._check, [hit], language, None, names)
        return self._translations.translate(hit, language, check_of)

    def rewrite(self, question: str, turns: Sequence[Turn]) -> Rewriting:
        """Return a question that continues a conversation as a whole one."""
        return follow_ups.rewrite(self.model if self._settings else None, question, turns)

    @cached_property
    def _translations(self) -> Translations:
        return Translations(self.model)

    def _check(
        self, hits: Sequence[Hit], language: str, answer: Answer | None, names: KnownNames
    ) -> Check:
        return partial(
            check, hits=hits, language=language, answer=answer, encoder=self._encoder, names=names
        )
