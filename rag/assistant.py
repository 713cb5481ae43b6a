"""The object that users hold: an index, a model and a reader, ready for questions."""

from __future__ import annotations

import logging
import os
import threading
import time
import weakref
from collections.abc import Hashable, Sequence
from datetime import UTC, date, datetime
from datetime import time as clock
from functools import lru_cache
from typing import Self

from rag import store
from rag.encoder import SentenceEncoder
from rag.errors import IndexMissing
from rag.generations import Manifest
from rag.ranking import Ranking
from rag.reader import SpanReader
from rag.retriever import Retriever
from rag.store import Store
from rag.types import Answer, Encoder, Filter, Hit, Reader

_ASK_HITS = 5
_log = logging.getLogger(__name__)


class Assistant:
    """Answers questions from one index; the model is loaded once, on first use.

    Safe to share between threads. When a build has made a new generation it is opened beside the old
    one, within seconds, and asked from then on; a question that is being answered stays with the
    generation that it began with, which closes after the last one.
    """

    def __init__(self, kept: Store, index: Ranking, encoder: Encoder, reader: Reader) -> None:
        self._encoder = encoder
        self._reader = reader
        self._retriever = Retriever(index, encoder)
        self._store = kept
        self._seen = index.stamp
        self._refreshing = threading.Lock()

    @classmethod
    def load(
        cls,
        index: str | os.PathLike[str] = "index",
        encoder: Encoder | None = None,
        reader: Reader | None = None,
    ) -> Self:
        """Open an index, in a folder or in Milvus; without an encoder one is `SentenceEncoder()`.

        Raises `IndexMissing`, `IndexDamaged`, `ServerUnavailable` when Milvus does not answer, or
        `ModelMismatch` when the index was built with another model than the one in use.
        """
        kept = store.at(index)
        assistant = cls(kept, kept.open(), encoder or SentenceEncoder(), reader or SpanReader())
        follower = threading.Thread(target=_follow, args=[weakref.ref(assistant)], daemon=True)
        follower.start()
        return assistant

    @property
    def manifest(self) -> Manifest:
        """What the index holds and what made it."""
        return self._retriever.index.manifest

    @property
    def store(self) -> Store:
        """Where the index is kept."""
        return self._store

    def refresh(self) -> None:
        """Open the live generation now, if it is another than the one that is open.

        Raises what `load` raises, and keeps the old one open then.
        """
        with self._refreshing:
            stamp = self._store.stamp()
            if stamp != self._seen:
                self._retriever = Retriever(self._store.open(), self._encoder)
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
        chosen = None if only == Filter() else only
        try:
            return self._retriever.search(questions, k, chosen)
        except IndexMissing:
            # In Milvus a generation goes when two more have been built.
            self.refresh()
            return self._retriever.search(questions, k, chosen)

    def ask(self, question: str) -> Answer:
        """Answer a question from the five best passages, word for word, or with an empty text.

        Raises what `search` raises.
        """
        return self._reader.read(question, self.search(question, _ASK_HITS))


def _follow(reference: weakref.ref[Assistant]) -> None:
    """Keep an assistant with the live generation for as long as anyone holds it."""
    failed: Hashable = None
    told = ""
    while assistant := reference():
        stamp, seconds = failed, assistant.store.follow_seconds
        try:
            stamp = assistant.store.stamp()
            if stamp != failed:
                assistant.refresh()
        except Exception as error:
            failed = stamp  # not hashed again each second
            if str(error) != told:
                _log.warning("The index that was open stays in use: %s", error)
            told = str(error)
        else:
            told = ""
        del assistant
        time.sleep(seconds)


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
    """Search an index in one call; the assistant stays loaded for the next one.

    Takes the filters of `Assistant.search`; raises what that and `Assistant.load` raise.
    """
    assistant = _assistant(store.absolute(index), SentenceEncoder().name)
    assistant.refresh()
    return assistant.search(question, k, source=source, since=since, until=until, language=language)


def _moment(day: date | None, default: clock) -> datetime | None:
    """The moment meant by a day: its first or last one."""
    if day is None:
        return None
    moment = day if isinstance(day, datetime) else datetime.combine(day, default)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@lru_cache(maxsize=1)
def _assistant(index: str, model: str) -> Assistant:
    return Assistant.load(index, _encoder(model))


@lru_cache(maxsize=1)
def _encoder(model: str) -> SentenceEncoder:
    return SentenceEncoder(model)
