"""Articles -> index folder, encoding only what is new."""

from __future__ import annotations

import hashlib
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import astuple
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from rag import generations, lexical, passages, stories
from rag.corpus_writer import CorpusWriter
from rag.encoder import SentenceEncoder
from rag.errors import IndexDamaged, IndexMissing, SeedsError
from rag.index import Index, write_vectors
from rag.seeds import Seeds
from rag.types import Article, BuildReport, Encoder, Failure, Passage, Progress, Span, Vectors

_SETTINGS = {
    "passage_characters": passages.PASSAGE_CHARACTERS,
    "window_characters": passages.WINDOW_CHARACTERS,
    "scrap_characters": passages.SCRAP_CHARACTERS,
    "window_scrap_characters": passages.WINDOW_SCRAP_CHARACTERS,
    "terms": lexical.VERSION,
    "signatures": stories.VERSION,
}


def build(
    articles: Iterable[Article],
    index: str | os.PathLike[str] = "index",
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> BuildReport:
    """Make the folder `index` the index of exactly these articles, encoding only what is new in it.

    Texts that the live generation holds keep their vectors; an index of another model or format, or
    a damaged one, is replaced. While this runs, and if it is interrupted, the old index stays in use.
    Raises `SeedsError` when there is no article at all, `IndexBusy` when another build is running,
    `ModelError` when the model cannot be loaded, and `ValueError` for an article that cannot be
    stored (an id that occurs twice, text that is not valid Unicode, a time without a zone).
    """
    started = time.monotonic()
    folder = Path(index)
    encoder = encoder or SentenceEncoder(progress=progress)
    with (
        generations.locked(folder),
        _live(folder) as previous,
        generations.new(folder) as generation,
    ):
        rows = _Rows(previous, encoder)
        known = stories.Stories()
        changes: Counter[str] = Counter()
        seen: set[str] = set()
        with CorpusWriter(generation / generations.CORPUS) as writer:
            for article in articles:
                _check(article, seen)
                seen.add(article.id)
                change = _change(article, previous)
                if previous and change == "unchanged" and previous.manifest.settings == _SETTINGS:
                    signature = previous.corpus.signature(article.id)
                else:
                    signature = stories.signature(article)
                cut = [
                    (passage, lexical.terms(f"{article.title}\n{passage.text}"), rows.add(passage, n))
                    for n, passage in enumerate(passages.split(article))
                ]
                story = known.add(signature, article.url)
                changes["duplicates"] += story != writer.articles
                writer.add(article, story, signature, cut)
                changes[change] += 1
                if progress:
                    progress("Reading articles", writer.articles, 0)
        failed = tuple(articles.failed) if isinstance(articles, Seeds) else ()
        if not seen:
            raise SeedsError(_nothing_to_index(articles, failed))
        removed = len(previous.corpus.ids() - seen) if previous else 0
        if removed or changes["added"] or changes["updated"] or not _same_rows(previous, encoder, rows):
            vectors = rows.vectors(progress)
            write_vectors(generation / generations.VECTORS, vectors)
            manifest = generations.Manifest(
                format=generations.FORMAT,
                model=encoder.name,
                fingerprint=encoder.fingerprint,
                dim=vectors.shape[1],
                settings=_SETTINGS,
                articles=writer.articles,
                passages=writer.passages,
                vectors=writer.vectors,
                created=datetime.now(UTC).isoformat(timespec="seconds"),
                files=generations.checksums(generation),
            )
            generations.publish(generation, manifest)
    return BuildReport(
        added=changes["added"],
        updated=changes["updated"],
        removed=removed,
        unchanged=changes["unchanged"],
        failed=failed,
        passages=writer.passages,
        encoded=len(rows.texts),
        seconds=time.monotonic() - started,
        duplicates=changes["duplicates"],
    )


class _Rows:
    """The rows of the new generation, in order, and where the vector of each comes from."""

    def __init__(self, previous: Index | None, encoder: Encoder) -> None:
        reusable = previous and previous.manifest.fingerprint == encoder.fingerprint
        self._previous = previous if reusable else None
        known = self._previous.corpus.digests() if self._previous else []
        self._known = {digest: row for row, digest in enumerate(known)}
        self._encoder = encoder
        self.digests: list[bytes] = []
        self.texts: dict[bytes, str] = {}

    def add(self, passage: Passage, number: int) -> list[tuple[Span, bytes]]:
        """Add the rows of a passage: first itself, then its windows.

        That with number 0 in its article has the title too, as a row of no range.
        """
        texts = [((0, len(passage.text)), passage.text)]
        texts += [(span, passage.text[slice(*span)]) for span in passages.windows(passage.text)]
        if number == 0 and passage.title.strip():
            texts.append(((0, 0), passage.title))
        added = []
        for span, text in texts:
            digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
            if digest not in self._known:
                self.texts[digest] = text
            self.digests.append(digest)
            added.append((span, digest))
        return added

    def vectors(self, progress: Progress | None) -> Vectors:
        """Return the vector of every row, shape (rows, dim); the model is loaded only for new texts."""
        sources = []
        kept = [digest for digest in dict.fromkeys(self.digests) if digest in self._known]
        if self._previous and kept:
            sources.append(self._previous.vectors([self._known[digest] for digest in kept]))
        if self.texts or not kept:
            sources.append(self._encoder.encode_passages(list(self.texts.values()), progress))
        rows = {digest: row for row, digest in enumerate([*kept, *self.texts])}
        vectors: Vectors = np.concatenate(sources)
        return vectors[[rows[digest] for digest in self.digests]]


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


def _same_rows(previous: Index | None, encoder: Encoder, rows: _Rows) -> bool:
    """Whether the same articles still make the same vectors: the same model, cut the same way."""
    return previous is not None and (
        previous.manifest.settings == _SETTINGS
        and previous.manifest.model == encoder.name
        and previous.manifest.fingerprint == encoder.fingerprint
        and previous.corpus.digests() == rows.digests
    )


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
    return f"There is nothing to index {where}{cause}. Put article files there and build again."
