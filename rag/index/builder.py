"""Builds a new generation of an index folder from articles, encoding only new texts."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from rag.embedding.encoder import SentenceEncoder
from rag.errors import IndexDamaged, IndexMissing
from rag.index import generations, manifest
from rag.index.base import StoredArticle
from rag.index.checkpoint import Checkpoint, clear_checkpoints
from rag.index.faiss_index import Index
from rag.index.manifest import CORPUS, AnnSettings, Manifest
from rag.index.sqlite.corpus import SqliteCorpus
from rag.index.sqlite.writer import CorpusWriter
from rag.index.vectors import quantizer
from rag.index.vectors import writer as faiss_writer
from rag.index.vectors.plan import VectorPlan
from rag.ingest.article_source import ArticleItem, ArticleSource, GivenArticles, nothing_to_index
from rag.names import pairs
from rag.protocols import Encoder
from rag.reports import BuildReport, Progress, Remark, Stage
from rag.text import near_duplicates, passages, terms
from rag.types import Article

_QUESTIONS, _QUESTION_CHARACTERS = 200, 30
"""Number and length of the beginnings of texts that stand in for questions to tune an ANN index."""
_READ, _COPIED = 1, 2
"""How an article of the live generation was taken; 0 if it was not."""


def build(
    articles: Iterable[Article] | ArticleSource,
    folder: Path,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
    *,
    allow_empty: bool = False,
    checkpoint_texts: int | None = None,
) -> BuildReport:
    """Make a folder the index of exactly these articles; see `stores.build`."""
    started = time.monotonic()
    encoder = encoder or SentenceEncoder(progress=progress)
    source = articles if isinstance(articles, ArticleSource) else GivenArticles(articles)
    with generations.locked(folder), _live(folder) as previous, ExitStack() as stack:
        plan = VectorPlan(previous, encoder, Checkpoint(folder, encoder.fingerprint), checkpoint_texts)
        draft = _Draft(folder, previous, encoder, plan, stack)
        for number, item in enumerate(source.items(), start=1):
            draft.take(item)
            if progress:
                progress(Stage.READING_ARTICLES, number, 0)
        remarks = (*draft.known_remarks(), *source.remarks)
        if draft.is_empty and not allow_empty:
            raise nothing_to_index(source)
        report = draft.finish(progress)
    now = datetime.now(UTC).replace(microsecond=0)
    seconds = time.monotonic() - started
    return replace(report, failed=tuple(source.failed), remarks=remarks, seconds=seconds, finished=now)


def _settings() -> dict[str, int]:
    """The settings that, with the encoder, determine the index of an article."""
    # Imported late: questions are answered without what reads files.
    from rag.ingest import formats

    return {
        "passage_characters": passages.PASSAGE_CHARACTERS,
        "window_characters": passages.WINDOW_CHARACTERS,
        "scrap_characters": passages.SCRAP_CHARACTERS,
        "window_scrap_characters": passages.WINDOW_SCRAP_CHARACTERS,
        "reading": formats.VERSION,
        "terms": terms.VERSION,
        "signatures": near_duplicates.VERSION,
        "names": pairs.VERSION,
        "vectors": quantizer.VERSION,
    }


class _Draft:
    """The next generation; created on disk once it differs from the live one."""

    def __init__(
        self,
        folder: Path,
        previous: Index | None,
        encoder: Encoder,
        plan: VectorPlan,
        stack: ExitStack,
    ) -> None:
        self._folder, self._previous, self._encoder = folder, previous, encoder
        self._plan, self._stack = plan, stack
        self._taken = bytearray(previous.manifest.articles if previous else 0)
        self._model_changed = previous is not None and plan.previous is None
        self._is_compatible = (
            plan.previous is not None and plan.previous.manifest.settings == _settings()
        )
        self._in_place = 0
        self._writer: CorpusWriter | None = None
        self._changes: Counter[str] = Counter()

    @property
    def is_empty(self) -> bool:
        """Whether it has no articles."""
        return not (self._writer.articles if self._writer else self._in_place)

    def take(self, item: ArticleItem) -> None:
        """Copy an article from the live generation if it is unchanged, else read it.

        The articles of a file or archive that cannot be opened now are copied.
        """
        stored = self._position(item.name)
        if not item.digest and self._previous:
            for known in self._previous.corpus.positions_in(item.name):
                if not self._taken[known.number]:
                    self._copy(known)
        elif self._is_compatible and stored and stored.digest == item.digest:
            self._copy(stored)
        elif article := item.read():
            self._add(article, item.digest, stored)

    def known_remarks(self) -> list[Remark]:
        """Return the remarks of the last build on the articles that are unchanged."""
        last = generations.read_report(self._folder)
        known = [(remark, self._position(remark.path)) for remark in (last.remarks if last else ())]
        return [remark for remark, at in known if at and self._taken[at.number] == _COPIED]

    def _position(self, name: str) -> StoredArticle | None:
        return self._previous.corpus.position(name) if self._previous else None

    def _copy(self, stored: StoredArticle) -> None:
        assert self._previous
        if not self._is_compatible:
            self._add(self._previous.corpus.numbered(stored.number), stored.digest, stored)
            return
        self._plan.copy(range(stored.first_row, stored.end_row))
        self._changes["unchanged"] += 1
        self._taken[stored.number] = _COPIED
        if not self._writer and stored.number == self._in_place:
            self._in_place += 1
        else:
            self._begin().copy(stored)

    def _add(self, article: Article, digest: bytes, stored: StoredArticle | None) -> None:
        cut = [
            (passage, self._plan.add(passage, number))
            for number, passage in enumerate(passages.split(article))
        ]
        signature = near_duplicates.signature(article)
        self._begin().add(article, digest, signature, cut)
        self._changes[_change(article, self._previous)] += 1
        if stored:
            self._taken[stored.number] = _READ

    def finish(self, progress: Progress | None) -> BuildReport:
        """Publish the generation, unless it equals the live one."""
        removed = self._taken.count(0)
        if self._previous and not (self._writer or removed or self._differs(self._previous)):
            passage_count = self._previous.manifest.passages
            duplicates = self._previous.corpus.duplicate_count()
        else:
            writer = self._begin()
            groups = near_duplicates.find(writer.signatures)
            writer.finish(groups)
            passage_count, duplicates = writer.passages, len(groups)
            self._publish(writer, progress)
        return BuildReport(
            added=self._changes["added"],
            updated=self._changes["updated"],
            removed=removed,
            unchanged=self._changes["unchanged"],
            failed=(),
            passages=passage_count,
            encoded=self._plan.encoded,
            seconds=0.0,
            duplicates=duplicates,
            model_changed=self._model_changed,
        )

    def _differs(self, previous: Index) -> bool:
        """Whether the same articles have other vectors."""
        return not self._is_compatible or previous.manifest.model != self._encoder.name

    def _begin(self) -> CorpusWriter:
        if not self._writer:
            self._generation = self._stack.enter_context(generations.new(self._folder))
            live = self._previous.path / CORPUS if self._previous and self._is_compatible else None
            writer = CorpusWriter(self._generation / CORPUS, live, self._in_place)
            self._writer = self._stack.enter_context(writer)
        return self._writer

    def _publish(self, writer: CorpusWriter, progress: Progress | None) -> None:
        ann = self._write_vectors(progress)
        files, samples = manifest.checksums(self._generation)
        described = Manifest(
            format=manifest.FORMAT,
            model=self._encoder.name,
            fingerprint=self._encoder.fingerprint,
            dim=self._plan.dim,
            settings=_settings(),
            articles=writer.articles,
            passages=writer.passages,
            vectors=writer.vectors,
            search=ann,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            files=files,
            samples=samples,
        )
        generations.publish(self._generation, described)
        clear_checkpoints(self._folder)

    def _write_vectors(self, progress: Progress | None) -> AnnSettings:
        plan = self._plan
        with closing(SqliteCorpus(self._generation / CORPUS)) as corpus:
            plan.encode(corpus, progress)
            return faiss_writer.write(
                self._generation,
                (len(plan), plan.dim),
                plan.codes,
                leads=corpus.leads(),
                questions=lambda: self._encoder.encode_queries(_like_questions(corpus, len(plan))),
                previous=plan.previous,
                new=plan.new,
            )


def _like_questions(corpus: SqliteCorpus, rows: int) -> list[str]:
    """The beginnings of texts, evenly spread over the archive."""
    step = max(1, rows // _QUESTIONS)
    return [text[:_QUESTION_CHARACTERS] for text in corpus.texts(range(step - 1, rows, step))]


@contextmanager
def _live(folder: Path) -> Iterator[Index | None]:
    """Yield the live generation, None if there is none that can be opened."""
    index = None
    with suppress(IndexMissing, IndexDamaged):
        index = Index.open(folder)
    try:
        yield index
    finally:
        if index:
            index.close()


def _change(article: Article, previous: Index | None) -> str:
    known = previous.corpus.article(article.id) if previous else None
    return "added" if known is None else "unchanged" if known == article else "updated"
