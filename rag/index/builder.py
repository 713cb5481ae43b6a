"""Articles -> index folder, encoding only what is new."""

from __future__ import annotations

import hashlib
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import astuple, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from rag.embedding.encoder import SentenceEncoder
from rag.errors import IndexDamaged, IndexMissing, SeedsError
from rag.index import checkpoint, faiss_writer, generations
from rag.index.checkpoint import Spool
from rag.index.corpus import Corpus
from rag.index.corpus_writer import CorpusWriter
from rag.index.faiss_index import Index
from rag.index.vector_plan import VectorRows
from rag.ingest import formats
from rag.ingest.seeds import Seeds
from rag.text import near_duplicates, passages, terms
from rag.types import Article, BuildReport, Encoder, Failure, Progress, Stored

_QUESTIONS, _QUESTION_CHARACTERS = 200, 30
"""Beginnings of texts that stand in for questions, to find out how a large archive is best searched."""


def build(
    articles: Iterable[Article],
    index: str | os.PathLike[str] = "index",
    encoder: Encoder | None = None,
    progress: Progress | None = None,
    *,
    allow_empty: bool = False,
) -> BuildReport:
    """Make the folder `index` the index of exactly these articles; what is in it already costs little.

    Files with the same bytes as before are not read again, texts that the live generation holds keep
    their vectors, and so do those that a build had encoded when it was cut short; an index of another
    model or format, or a damaged one, is replaced. While this runs, and if it is interrupted, the old
    index stays in use.

    Raises `SeedsError` when there is no article at all, unless `allow_empty`, `IndexBusy` when another
    build is running, `ModelError` when the model cannot be loaded, `OSError` when the disk is full or
    not ours to write to, and `ValueError` for an article that cannot be stored (an id that occurs
    twice, text that is not valid Unicode, a time without a zone).
    """
    started = time.monotonic()
    folder = Path(index)
    encoder = encoder or SentenceEncoder(progress=progress)
    with generations.locked(folder), _live(folder) as previous, ExitStack() as stack:
        draft = _Draft(folder, previous, encoder, stack)
        for number, item in enumerate(_offered(articles), start=1):
            draft.take(item)
            if progress:
                progress("Reading articles", number, 0)
        failed = tuple(articles.failed) if isinstance(articles, Seeds) else ()
        if not draft.seen and not allow_empty:
            raise SeedsError(_nothing_to_index(articles, failed))
        report = draft.finish(progress)
    now = datetime.now(UTC).replace(microsecond=0)
    return replace(report, failed=failed, seconds=time.monotonic() - started, finished=now)


def _settings() -> dict[str, int]:
    """What decides, with the encoder, what the index of an article is."""
    return {
        "passage_characters": passages.PASSAGE_CHARACTERS,
        "window_characters": passages.WINDOW_CHARACTERS,
        "scrap_characters": passages.SCRAP_CHARACTERS,
        "window_scrap_characters": passages.WINDOW_SCRAP_CHARACTERS,
        "reading": formats.VERSION,
        "terms": terms.VERSION,
        "signatures": near_duplicates.VERSION,
    }


class _Item(NamedTuple):
    """An article on offer: its id, a digest that changes when it does, and how to read it."""

    name: str
    digest: bytes
    read: Callable[[], Article | None]


def _offered(articles: Iterable[Article]) -> Iterator[_Item]:
    if isinstance(articles, Seeds):
        for source in articles.sources():
            yield _Item(source.name, source.digest, partial(articles.read, source))
        return
    seen = set[str]()
    for article in articles:
        _check(article, seen)
        seen.add(article.id)
        digest = hashlib.blake2b(repr(astuple(article)).encode(), digest_size=16).digest()
        yield _Item(article.id, digest, partial(_given, article))


def _given(article: Article) -> Article:
    return article


class _Draft:
    """The generation to come; it is begun on disk when something in it differs from the live one."""

    def __init__(
        self, folder: Path, previous: Index | None, encoder: Encoder, stack: ExitStack
    ) -> None:
        self._folder, self._previous, self._encoder, self._stack = folder, previous, encoder, stack
        self._stored = previous.corpus.stored() if previous else {}
        self._alike = previous is not None and (
            previous.manifest.settings == _settings()
            and previous.manifest.fingerprint == encoder.fingerprint
        )
        self._rows = VectorRows(previous, encoder, Spool(folder, encoder.fingerprint))
        self._kept: list[Stored] = []
        self._writer: CorpusWriter | None = None
        self._tellings: list[tuple[bytes, str]] = []
        self._changes: Counter[str] = Counter()
        self.seen: set[str] = set()

    def take(self, item: _Item) -> None:
        """Take an article from the live generation if it is there as it is, else read it.

        What is known of a file, or of an archive, that cannot be opened now stays known.
        """
        stored = self._stored.get(item.name)
        if not item.digest:
            inside = f"{item.name}/"
            for name, known in self._stored.items():
                if name not in self.seen and (name == item.name or name.startswith(inside)):
                    self._keep(name, known)
        elif self._alike and stored and stored.digest == item.digest:
            self._keep(item.name, stored)
        elif article := item.read():
            self._add(article, item.digest)

    def _keep(self, name: str, stored: Stored) -> None:
        if not self._alike:
            assert self._previous
            if article := self._previous.corpus.article(name):
                self._add(article, stored.digest)
            return
        self._rows.keep(range(stored.first_row, stored.end_row))
        self._tellings.append((stored.signature, stored.url))
        self._changes["unchanged"] += 1
        self.seen.add(name)
        if self._writer:
            self._writer.keep(stored)
        else:
            self._kept.append(stored)

    def _add(self, article: Article, digest: bytes) -> None:
        cut = [
            (passage, self._rows.add(passage, number))
            for number, passage in enumerate(passages.split(article))
        ]
        signature = near_duplicates.signature(article)
        self._begin().add(article, digest, signature, cut)
        self._tellings.append((signature, article.url))
        self._changes[_change(article, self._previous)] += 1
        self.seen.add(article.id)

    def finish(self, progress: Progress | None) -> BuildReport:
        """Publish what was taken, unless it is what the live generation holds."""
        removed = len(self._stored.keys() - self.seen)
        if self._previous and not (self._writer or removed or self._differs(self._previous)):
            passages, duplicates = self._previous.manifest.passages, self._previous.corpus.duplicates()
        else:
            writer = self._begin()
            known = near_duplicates.NearDuplicateIndex()
            told = [known.add(signature, url) for signature, url in self._tellings]
            writer.finish(told)
            passages = writer.passages
            duplicates = sum(story != number for number, story in enumerate(told))
            self._publish(writer, progress)
        return BuildReport(
            added=self._changes["added"],
            updated=self._changes["updated"],
            removed=removed,
            unchanged=self._changes["unchanged"],
            failed=(),
            passages=passages,
            encoded=self._rows.encoded,
            seconds=0.0,
            duplicates=duplicates,
        )

    def _differs(self, previous: Index) -> bool:
        """Whether the same articles make other vectors, or stand in another order."""
        return (
            not self._alike
            or previous.manifest.model != self._encoder.name
            or list(self._stored.values()) != self._kept
        )

    def _begin(self) -> CorpusWriter:
        if not self._writer:
            self._generation = self._stack.enter_context(generations.new(self._folder))
            live = self._previous.path / generations.CORPUS if self._previous and self._alike else None
            writer = CorpusWriter(self._generation / generations.CORPUS, live)
            self._writer = self._stack.enter_context(writer)
            for stored in self._kept:
                writer.keep(stored)
        return self._writer

    def _publish(self, writer: CorpusWriter, progress: Progress | None) -> None:
        rows = self._rows
        with closing(Corpus(self._generation / generations.CORPUS)) as corpus:
            rows.encode(corpus, progress)
            search = faiss_writer.write(
                self._generation,
                (len(rows), rows.dim),
                rows.vectors,
                corpus.leads(),
                lambda: self._encoder.encode_queries(_like_questions(corpus, len(rows))),
                rows.previous,
            )
        files, samples = generations.checksums(self._generation)
        manifest = generations.Manifest(
            format=generations.FORMAT,
            model=self._encoder.name,
            fingerprint=self._encoder.fingerprint,
            dim=rows.dim,
            settings=_settings(),
            articles=writer.articles,
            passages=writer.passages,
            vectors=writer.vectors,
            search=search,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            files=files,
            samples=samples,
        )
        generations.publish(self._generation, manifest)
        checkpoint.clear(self._folder)


def _like_questions(corpus: Corpus, rows: int) -> list[str]:
    """How texts of the archive begin, spread over it."""
    every = max(1, rows // _QUESTIONS)
    return [text[:_QUESTION_CHARACTERS] for text in corpus.texts(range(every - 1, rows, every))]


@contextmanager
def _live(folder: Path) -> Iterator[Index | None]:
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
    if known is None:
        return "added"
    return "unchanged" if known == article else "updated"


def _check(article: Article, seen: set[str]) -> None:
    if article.id in seen:
        raise ValueError(f"two articles have the id {article.id!r}")
    if article.published and article.published.tzinfo is None:
        raise ValueError(f"the article {article.id!r} was published at a time without a zone")
    try:
        "".join(value for value in astuple(article) if isinstance(value, str)).encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"the article {article.id!r} is not valid Unicode: {error.reason}") from error


def _nothing_to_index(articles: Iterable[Article], failed: tuple[Failure, ...]) -> str:
    where = f"in {articles.folder}" if isinstance(articles, Seeds) else "among the articles given"
    cause = f": {failed[0].path} is {failed[0].reason}" if failed else ""
    return (
        f"There is nothing to index {where}{cause}. Put article files there and build again, or say "
        "--allow-empty for an index without articles."
    )
