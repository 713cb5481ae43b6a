"""The object that users hold: an index, a model and a reader, ready for questions."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Self

from rag import generations
from rag.encoder import SentenceEncoder
from rag.generations import Manifest
from rag.index import Index
from rag.reader import BestSentenceReader
from rag.retriever import Retriever
from rag.types import Answer, Encoder, Filter, Hit, Reader

_ASK_HITS = 5


class Assistant:
    """Answers questions from one index; the model is loaded once, on first use.

    Safe to share between threads. It keeps the index that it opened: `load` again after a build.
    """

    def __init__(self, index: Index, encoder: Encoder, reader: Reader) -> None:
        self._index = index
        self._retriever = Retriever(index, encoder)
        self._reader = reader

    @classmethod
    def load(cls, index: str | os.PathLike[str] = "index", encoder: Encoder | None = None) -> Self:
        """Open an index folder.

        Raises `IndexMissing`, `IndexDamaged`, or `ModelMismatch` when the index was built with
        another model than the one in use.
        """
        return cls(Index.open(index), encoder or SentenceEncoder(), BestSentenceReader())

    @property
    def manifest(self) -> Manifest:
        """What the index holds and what made it."""
        return self._index.manifest

    def search(
        self,
        question: str,
        k: int = 5,
        *,
        source: str | None = None,
        since: date | None = None,
        until: date | None = None,
        language: str | None = None,
    ) -> list[Hit]:
        """Return the `k` passages that answer the question best, best first.

        Only articles that pass every filter given are searched: `source` is the host of their site,
        `since` and `until` the first and the last day, or moment, on which they were published (UTC
        where no zone is said), `language` their language, "zh" for both scripts of Chinese. Of
        articles with nearly the same text one is found, and lists the others as its `reprints`.

        Raises `QuestionError` for a blank or overlong question, `ValueError` for a `k` below 1, and
        `ModelError` when the model cannot be loaded.
        """
        return self.search_batch(
            [question], k, source=source, since=since, until=until, language=language
        )[0]

    def search_batch(
        self,
        questions: Sequence[str],
        k: int = 5,
        *,
        source: str | None = None,
        since: date | None = None,
        until: date | None = None,
        language: str | None = None,
    ) -> list[list[Hit]]:
        """Search for many questions at once; the result has one list per question, in order.

        Takes the filters of `search` and raises what it raises.
        """
        only = Filter(source, _moment(since, time.min), _moment(until, time.max), language)
        return self._retriever.search(questions, k, None if only == Filter() else only)

    def ask(self, question: str) -> Answer:
        """Answer a question from the passages found for it. Raises what `search` raises.

        For now the answer is the best-matching sentence: see `BestSentenceReader`.
        """
        return self._reader.read(question, self.search(question, _ASK_HITS))


def search(
    question: str,
    k: int = 5,
    index: str | os.PathLike[str] = "index",
    *,
    source: str | None = None,
    since: date | None = None,
    until: date | None = None,
    language: str | None = None,
) -> list[Hit]:
    """Search an index folder in one call; the assistant stays loaded for the next one.

    Takes the filters of `Assistant.search`; raises what that and `Assistant.load` raise.
    """
    generation = generations.current(Path(index).resolve())
    written = (generation / generations.MANIFEST).stat().st_mtime_ns
    return _assistant(generation, written, SentenceEncoder().name).search(
        question, k, source=source, since=since, until=until, language=language
    )


def _moment(day: date | None, default: time) -> datetime | None:
    """The moment meant by a day: its first or last one."""
    if day is None:
        return None
    moment = day if isinstance(day, datetime) else datetime.combine(day, default)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@lru_cache(maxsize=1)
def _assistant(generation: Path, _written: int, model: str) -> Assistant:
    return Assistant.load(generation.parent, _encoder(model))


@lru_cache(maxsize=1)
def _encoder(model: str) -> SentenceEncoder:
    return SentenceEncoder(model)
