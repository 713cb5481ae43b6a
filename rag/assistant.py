"""The object that users hold: an index, a model and a reader, ready for questions."""

from __future__ import annotations

import logging
import os
import threading
import time
import weakref
from collections.abc import Sequence
from datetime import UTC, date, datetime
from datetime import time as clock
from functools import lru_cache
from pathlib import Path
from typing import Self

from rag import generations
from rag.encoder import SentenceEncoder
from rag.generations import Manifest
from rag.index import Index
from rag.reader import SpanReader
from rag.retriever import Retriever
from rag.types import Answer, Encoder, Filter, Hit, Reader

_ASK_HITS = 5
_FOLLOW_SECONDS = 1.0
_log = logging.getLogger(__name__)


class Assistant:
    """Answers questions from one index; the model is loaded once, on first use.

    Safe to share between threads. When a build has made a new generation it is opened beside the old
    one, within seconds, and asked from then on; a question that is being answered stays with the
    generation that it began with, which closes after the last one.
    """

    def __init__(self, index: Index, encoder: Encoder, reader: Reader) -> None:
        self._encoder = encoder
        self._reader = reader
        self._retriever = Retriever(index, encoder)
        self._folder = index.path.parent
        self._seen = index.stamp
        self._refreshing = threading.Lock()

    @classmethod
    def load(
        cls,
        index: str | os.PathLike[str] = "index",
        encoder: Encoder | None = None,
        reader: Reader | None = None,
    ) -> Self:
        """Open an index folder; without an encoder it is the one that `SentenceEncoder()` is.

        Raises `IndexMissing`, `IndexDamaged`, or `ModelMismatch` when the index was built with
        another model than the one in use.
        """
        assistant = cls(Index.open(index), encoder or SentenceEncoder(), reader or SpanReader())
        follower = threading.Thread(target=_follow, args=[weakref.ref(assistant)], daemon=True)
        follower.start()
        return assistant

    @property
    def manifest(self) -> Manifest:
        """What the index holds and what made it."""
        return self._retriever.index.manifest

    @property
    def folder(self) -> Path:
        """The index folder."""
        return self._folder

    def refresh(self) -> None:
        """Open the live generation now, if it is another than the one that is open.

        Raises what `load` raises, and keeps the old one open then.
        """
        with self._refreshing:
            folder = self.folder
            stamp = generations.stamp(folder)
            if stamp != self._seen:
                self._retriever = Retriever(Index.open(folder), self._encoder)
                self._seen = stamp

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
        only = Filter(source, _moment(since, clock.min), _moment(until, clock.max), language)
        return self._retriever.search(questions, k, None if only == Filter() else only)

    def ask(self, question: str) -> Answer:
        """Answer a question from the five best passages, word for word, or with an empty text.

        Raises what `search` raises.
        """
        return self._reader.read(question, self.search(question, _ASK_HITS))


def _follow(reference: weakref.ref[Assistant]) -> None:
    """Keep an assistant with the live generation for as long as anyone holds it."""
    failed = None
    while assistant := reference():
        stamp = generations.stamp(assistant.folder)
        try:
            if stamp != failed:
                assistant.refresh()
        except Exception as error:
            failed = stamp  # not hashed again each second
            _log.warning("The index that was open stays in use: %s", error)
        del assistant
        time.sleep(_FOLLOW_SECONDS)


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
    folder = Path(index).resolve()
    generations.current(folder)
    assistant = _assistant(folder, SentenceEncoder().name)
    assistant.refresh()
    return assistant.search(question, k, source=source, since=since, until=until, language=language)


def _moment(day: date | None, default: clock) -> datetime | None:
    """The moment meant by a day: its first or last one."""
    if day is None:
        return None
    moment = day if isinstance(day, datetime) else datetime.combine(day, default)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@lru_cache(maxsize=1)
def _assistant(folder: Path, model: str) -> Assistant:
    return Assistant.load(folder, _encoder(model))


@lru_cache(maxsize=1)
def _encoder(model: str) -> SentenceEncoder:
    return SentenceEncoder(model)
