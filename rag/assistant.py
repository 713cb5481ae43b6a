"""The object that users hold: an index, a model and a reader, ready for questions."""

from __future__ import annotations

import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import UTC, date, datetime
from datetime import time as clock
from functools import lru_cache
from typing import Self, TypeVar

from rag.answering.reader import SpanReader
from rag.embedding.encoder import SentenceEncoder
from rag.errors import ArticleMissing, IndexMissing
from rag.index import stores
from rag.index.generations import Manifest
from rag.index.stores import Store
from rag.retrieval.ranking import Ranking
from rag.retrieval.retriever import Retriever
from rag.types import Answer, Article, Encoder, Filter, Hit, Passage, Reader, Reprint

T = TypeVar("T")

_ASK_HITS = 5
_SHOWN = 200
"""Characters of an id that no article has."""
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
        kept = stores.at(index)
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
        return self._live(lambda retriever: retriever.search(questions, k, chosen))

    def ask(
        self,
        question: str,
        *,
        source: str | None = None,
        since: date | None = None,
        until: date | None = None,
        language: str | None = None,
    ) -> Answer:
        """Answer a question from the five best passages, word for word, or with an empty text.

        Takes the filters of `search` and raises what it raises.
        """
        hits = self.search(
            question, _ASK_HITS, source=source, since=since, until=until, language=language
        )
        return self.read(question, hits)

    def read(self, question: str, hits: Sequence[Hit]) -> Answer:
        """Answer a question from what a search has found for it.

        Raises `ModelError` when the reader cannot be loaded.
        """
        return self._reader.read(question, hits)

    def article(self, identifier: str) -> Article:
        """Return the article with this id. Raises `ArticleMissing` where there is none.

        From Milvus white space between its passages may come back as other white space.
        """
        found = self._live(lambda retriever: retriever.index.corpus.article(identifier))
        if found is None:
            raise ArticleMissing(
                f"There is no article {identifier[:_SHOWN]!r} in the archive. Take the article_id of a "
                "passage that a search has found."
            )
        return found

    def neighbours(self, passages: Sequence[Passage]) -> list[tuple[Passage | None, Passage | None]]:
        """Return for each passage the one before it and the one after it in its article.

        There is none at the ends of an article, nor where a build has changed it since.
        """
        return self._live(lambda retriever: _neighbours(retriever.index, passages))

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """How many articles there are of each of the "sources", "languages" and "months".

        Of "" are those of which it is unknown.
        """
        return self._live(lambda retriever: retriever.index.corpus.counts())

    def newest(self, count: int) -> list[Passage]:
        """Return the first passages of the newest articles, newest first and those without a time last.

        Of articles with nearly the same text there is the newest.
        """

        def first(retriever: Retriever) -> list[Passage]:
            corpus = retriever.index.corpus
            return corpus.passages(corpus.newest(count))

        return self._live(first)

    def duplicates(self, most: int) -> list[list[Reprint]]:
        """Return the stories that more than one article tells in nearly the same words.

        The most told come first, at most so many; the articles of each stand in the order of the build.
        """
        return self._live(lambda retriever: retriever.index.corpus.retold(most))

    def _live(self, asked: Callable[[Retriever], T]) -> T:
        """Ask the generation that is open, or where that has gone the live one."""
        try:
            return asked(self._retriever)
        except IndexMissing:
            # In Milvus a generation goes when two more have been built.
            self.refresh()
            return asked(self._retriever)


def _neighbours(
    index: Ranking, passages: Sequence[Passage]
) -> list[tuple[Passage | None, Passage | None]]:
    numbers = index.corpus.numbers(passages)
    beside = {number + step for number in numbers.values() for step in (-1, 1)}
    wanted = sorted(beside.intersection(range(index.manifest.passages)))
    found = dict(zip(wanted, index.corpus.passages(wanted), strict=True))

    def at(passage: Passage, step: int) -> Passage | None:
        other = found.get(numbers[passage.id] + step) if passage.id in numbers else None
        return other if other and other.article_id == passage.article_id else None

    return [(at(passage, -1), at(passage, 1)) for passage in passages]


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
    assistant = _assistant(stores.absolute(index), SentenceEncoder().name)
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
