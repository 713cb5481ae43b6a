"""What an assistant does with a language model, if one is set up."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Unpack

from rag.names.known import KnownNames
from rag.protocols import Encoder
from rag.retrieval.retriever import check_question
from rag.types import Answer, Filters, Hit
from rag.writing.records import Written
from rag.writing.settings import WritingSettings

if TYPE_CHECKING:
    from rag.writing.desk import Desk
    from rag.writing.follow_ups import Rewriting
    from rag.writing.prompts import Turn

MOST_HITS = 8
"""Passages that a language model is given."""


class WritingAssistant(ABC):
    """Writes answers, translates passages and rewrites questions, over a search and a reader.

    Nothing leaves the machine until one of these methods is called, and nothing at all without
    settings. `language_model` are the settings, by default those of the environment.
    """

    def __init__(self, encoder: Encoder, language_model: WritingSettings | None) -> None:
        self._encoder = encoder
        self._given_language_model = language_model

    @property
    @abstractmethod
    def names(self) -> KnownNames:
        """Names in Chinese and in other languages."""

    @abstractmethod
    def search(self, question: str, k: int = 5, **filters: Unpack[Filters]) -> list[Hit]:
        """Return the `k` passages that match a question best, best first."""

    @abstractmethod
    def read(self, question: str, hits: Sequence[Hit]) -> Answer:
        """Answer a question from the hits of a search."""

    @abstractmethod
    def ask(self, question: str, **filters: Unpack[Filters]) -> Answer:
        """Answer a question with a quote from the best passages."""

    @cached_property
    def language_model(self) -> WritingSettings | None:
        """The settings of the language model, None if none is set up.

        Raises `WritingUnavailable` if the address in the environment is none.
        """
        return self._given_language_model or WritingSettings.of_environment()

    def write(
        self,
        question: str,
        *,
        hits: Sequence[Hit] | None = None,
        answer: Answer | None = None,
        reader_language: str | None = None,
        **filters: Unpack[Filters],
    ) -> Written:
        """Return an answer that the language model has written from the best passages.

        Takes and raises what `stream` does.
        """
        snapshots = self.stream(
            question, hits=hits, answer=answer, reader_language=reader_language, **filters
        )
        *_, last = snapshots
        return last

    def stream(
        self,
        question: str,
        *,
        hits: Sequence[Hit] | None = None,
        answer: Answer | None = None,
        reader_language: str | None = None,
        **filters: Unpack[Filters],
    ) -> Iterator[Written]:
        """Return a written answer as it grows, with each sentence once it is whole and checked.

        `hits` are the passages to write from, found with the filters of `search` by default; `answer`
        is the verbatim answer from them, which no sentence may contradict; `reader_language` is the
        BCP 47 tag of the language to write in, that of the question by default (`language` is a
        filter). A fault of the server while it writes is the `error` of the last one.

        Raises what `search` raises, and `WritingUnavailable` if no language model is set up.
        """
        check_question(question)
        desk = self._desk
        desk.model  # noqa: B018 - without one, nothing is searched
        if hits is None:
            hits = self.search(question, MOST_HITS, **filters)
            answer = answer or self.ask(question, **filters)
        hits = hits[:MOST_HITS]
        answer = answer or self.read(question, hits)
        return desk.answer(question, hits, answer, reader_language, self.names)

    def translate(self, text: Hit | str, language: str) -> Written:
        """Return the translation of a passage, or of another text, into the language of a BCP 47 tag.

        Later calls reuse the translation. Its sentences are checked against the text. Raises
        `WritingUnavailable` if no language model is set up; a later fault of the server is the `error`.
        """
        return self._desk.translate(text, language, self.names)

    def rewrite(self, question: str, turns: Sequence[Turn]) -> Rewriting:
        """Return a question that continues a conversation as a whole one.

        A question that does not seem to need the turns before it stays as it is. Without a language
        model, or after a fault of its server, it stays as it is too, and `notice` gives the reason.
        """
        return self._desk.rewrite(question, turns)

    @cached_property
    def _desk(self) -> Desk:
        """What writes and checks; loaded only now, because most archives have no language model."""
        from rag.writing.desk import Desk

        return Desk(self.language_model, self._encoder)
