"""The assistant: an index, an encoder and a reader, ready for questions."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Self, TypeVar, Unpack

from rag.answering.reader import SpanReader
from rag.embedding.encoder import SentenceEncoder
from rag.errors import ArticleMissing, IndexMissing, Notice
from rag.index import stores
from rag.index.base import SearchIndex
from rag.index.catalogue import Catalogue
from rag.index.following import start_following
from rag.index.manifest import Manifest
from rag.index.stores import Store
from rag.names.known import KnownNames
from rag.protocols import Encoder, LoadingReader, Reader
from rag.rendering.answers import with_renderings
from rag.retrieval.filters import explain, explain_phrases, make_filter, understand
from rag.retrieval.neighbours import neighbours
from rag.retrieval.retriever import Retriever
from rag.types import Answer, Article, Filters, Hit, Passage, Reprint
from rag.writing.settings import WritingSettings
from rag.writing.writing_assistant import WritingAssistant

T = TypeVar("T")

READ_HITS = 5
"""Hits that are read for an answer."""
_ID_CHARACTERS = 200
"""Characters of an unknown id to quote in the error."""


class Assistant(WritingAssistant):
    """Answers questions from one index; loads the models once, at the first question.

    Safe to share between threads. A new generation is opened within seconds and used from then on. A
    question in progress stays with its generation, which closes after the last one.
    """

    def __init__(
        self,
        store: Store,
        index: SearchIndex,
        encoder: Encoder,
        reader: Reader,
        language_model: WritingSettings | None = None,
    ) -> None:
        super().__init__(encoder, language_model)
        self._reader = reader
        self._retriever = Retriever(index, encoder)
        self._store = store
        self._seen = index.stamp
        self._refreshing = threading.Lock()

    @classmethod
    def load(
        cls,
        index: str | os.PathLike[str] = "index",
        encoder: Encoder | None = None,
        reader: Reader | None = None,
        language_model: WritingSettings | None = None,
    ) -> Self:
        """Open an index, in a folder or in Milvus, and follow its new generations.

        By default `encoder` is `SentenceEncoder()`, `reader` is `SpanReader()`, and `language_model`
        what the environment sets up. Raises `IndexMissing`, `IndexDamaged`, `ServerUnavailable` if
        Milvus does not answer, or `ModelMismatch` if the index was built with another model.
        """
        store = stores.open_store(index)
        models = encoder or SentenceEncoder(), reader or SpanReader()
        assistant = cls(store, store.open(), *models, language_model)
        start_following(assistant)
        return assistant

    @property
    def manifest(self) -> Manifest:
        """Description of the index."""
        return self._retriever.index.manifest

    @property
    def store(self) -> Store:
        """The place of the index."""
        return self._store

    def refresh(self) -> None:
        """Open the live generation now, if it is not open yet.

        Raises what `load` raises; the open generation then stays in use.
        """
        with self._refreshing:
            stamp = self._store.stamp()
            if stamp != self._seen:
                self._retriever = Retriever(self._store.open(), self._encoder)
                self._seen = stamp

    def warm_up(self) -> None:
        """Load the models now, so that the first question is as fast as the others."""
        self.ask("warm up")

    def search(self, question: str, k: int = 5, **filters: Unpack[Filters]) -> list[Hit]:
        """Return the `k` passages that match a question best, best first.

        Filters restrict the search to some articles: `source` is the host of the site, or several;
        `since` and `until` are the first and the last day, in the zone of the article, or time of
        publication; `language` is a BCP 47 tag, "zh" for both scripts of Chinese; `phrases` must all
        be in the title or the text word for word, `without` must not. "rfi.fr" is understood as
        "www.rfi.fr", "zh-CN" and "Chinese" as tags. Near-duplicates share one hit, which lists the
        others as `reprints`. The address of an article finds that article, whatever the filters. The
        question is plain text: `rag.text.search_syntax.parse` reads operators such as "site:rfi.fr".

        Raises `QuestionError` for a question that is blank or too long, `ValueError` for a `k` below 1,
        and `ModelError` if the model cannot be loaded.
        """
        return self.search_batch([question], k, **filters)[0]

    def search_batch(
        self, questions: Sequence[str], k: int = 5, **filters: Unpack[Filters]
    ) -> list[list[Hit]]:
        """Search for many questions at once; return one list of hits per question, in order.

        Takes the filters of `search` and raises what it raises.
        """
        only = make_filter(**filters)

        def search(retriever: Retriever) -> list[list[Hit]]:
            understood = only and understand(only, retriever.index.corpus.counts())
            return retriever.search(questions, k, understood)

        return self._live(search)

    def hints(self, question: str, **filters: Unpack[Filters]) -> list[Notice]:
        """Return what to change in a question or its filters that found nothing; often nothing."""
        only = make_filter(**filters)

        def hints(retriever: Retriever) -> list[Notice]:
            index = retriever.index
            counts = index.corpus.counts()
            reasons = explain_phrases(index, understand(only, counts)) if only else []
            return [*explain(question, only, counts), *reasons]

        return self._live(hints)

    def ask(self, question: str, **filters: Unpack[Filters]) -> Answer:
        """Answer a question with a quote from the five best passages, or refuse it with an empty text.

        Takes the filters of `search` and raises what it raises.
        """
        if isinstance(self._reader, LoadingReader):
            self._reader.load_ahead()
        return self.read(question, self.search(question, READ_HITS, **filters))

    def read(self, question: str, hits: Sequence[Hit]) -> Answer:
        """Answer a question from the hits of a search. Raises `ModelError` if the reader is broken.

        The answer has renderings in the language of the question, unless that is Chinese.
        """
        return with_renderings(self._reader.read(question, hits), self.names)

    def article(self, identifier: str) -> Article:
        """Return the article with this id. Raises `ArticleMissing` if there is none.

        In an article from Milvus the white space between passages may differ from the original.
        """
        article = self._live(lambda retriever: retriever.index.corpus.article(identifier))
        if article is None:
            raise ArticleMissing("article-missing", id=identifier[:_ID_CHARACTERS])
        return article

    @property
    def catalogue(self) -> Catalogue:
        """The articles as a list: selected, sorted, beside each other in time, as reprints."""
        return self._live(lambda retriever: retriever.index.corpus.catalogue)

    @property
    def names(self) -> KnownNames:
        """Names in Chinese and in other languages: those that the articles print, and a table."""
        return self._live(lambda retriever: retriever.names)

    def neighbours(self, passages: Sequence[Passage]) -> list[tuple[Passage | None, Passage | None]]:
        """Return the previous and the next passage in the article of each passage.

        None at the ends of an article, and if a build has changed the passage meanwhile.
        """
        return self._live(lambda retriever: neighbours(retriever.index, passages))

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Count the articles by "sources", "languages" and "months"; the key "" is for unknown ones."""
        return self._live(lambda retriever: retriever.index.corpus.counts())

    def newest(self, count: int) -> list[Passage]:
        """Return the first passages of the newest articles, newest first, those without a time last.

        Near-duplicates are represented by the newest of them.
        """

        def first_passages(retriever: Retriever) -> list[Passage]:
            corpus = retriever.index.corpus
            return corpus.passages(corpus.newest(count))

        return self._live(first_passages)

    def duplicates(self, most: int) -> list[list[Reprint]]:
        """Return up to `most` near-duplicate groups, largest first, each in the order of the build."""
        return self._live(lambda retriever: retriever.index.corpus.catalogue.near_duplicates(most))

    def _live(self, use: Callable[[Retriever], T]) -> T:
        """Use the open generation, or the live one if the open one has been dropped."""
        try:
            return use(self._retriever)
        except IndexMissing:
            # Milvus drops a generation after two more builds.
            self.refresh()
            return use(self._retriever)


def search(
    question: str, k: int = 5, index: str | os.PathLike[str] = "index", **filters: Unpack[Filters]
) -> list[Hit]:
    """Search an index in one call; the assistant stays loaded for the next call.

    Takes the filters of `Assistant.search`; raises what that and `Assistant.load` raise.
    """
    assistant = _assistant(stores.absolute(index), SentenceEncoder().name)
    assistant.refresh()
    return assistant.search(question, k, **filters)


@lru_cache(maxsize=1)
def _assistant(index: str, model: str) -> Assistant:
    return Assistant.load(index, _encoder(model))


@lru_cache(maxsize=1)
def _encoder(model: str) -> SentenceEncoder:
    return SentenceEncoder(model)
