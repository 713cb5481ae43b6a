"""Stores: the places for an index, a folder or Milvus."""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from rag.errors import Notice
from rag.index import builder, generations, maintenance
from rag.index.base import SearchIndex
from rag.index.faiss_index import Index
from rag.index.manifest import CORPUS, Manifest, read_manifest
from rag.index.milvus.location import parse
from rag.index.milvus.store import MilvusStore
from rag.index.sqlite.corpus import SqliteCorpus
from rag.ingest.article_source import ArticleSource
from rag.protocols import Encoder
from rag.reports import BuildReport, Failure, Progress
from rag.types import Article


class Store(Protocol):
    """A place for one index. Its `str` is the location without secrets."""

    @property
    def follow_seconds(self) -> float:
        """Interval at which an assistant looks for a new generation."""
        ...

    @property
    def intact_key(self) -> str:
        """Key of the message in the catalogues that reports an index without faults."""
        ...

    @property
    def build_folder(self) -> Path:
        """The folder in which a build works."""
        ...

    def stamp(self) -> Hashable:
        """Return a value that changes with the live generation; None without one."""
        ...

    def open(self) -> SearchIndex:
        """Open the live generation. Raises `IndexMissing` or `IndexDamaged`."""
        ...

    def build(
        self,
        articles: Iterable[Article] | ArticleSource,
        encoder: Encoder | None = None,
        progress: Progress | None = None,
        *,
        allow_empty: bool = False,
        checkpoint_texts: int | None = None,
    ) -> BuildReport:
        """Make it the index of exactly these articles, as `build` describes."""
        ...

    def report(self) -> BuildReport | None:
        """Return the report of the last completed build, None if it is unknown."""
        ...

    def contents(self) -> tuple[Manifest, Mapping[str, Mapping[str, int]]]:
        """Return the manifest of the live generation, and `Corpus.counts`."""
        ...

    def check(self) -> list[Failure]:
        """Verify the index; return its faults."""
        ...

    def repair(self, encoder: Encoder, progress: Progress | None) -> list[Notice]:
        """Repair the index from its undamaged parts; return a notice for each repair."""
        ...

    def earlier(self) -> Manifest | None:
        """Return the manifest of the generation that `roll_back` would make live, None without one."""
        ...

    def roll_back(self) -> Manifest:
        """Make the previous generation live and return its manifest. Raises `IndexMissing`."""
        ...


def open_store(location: str | os.PathLike[str]) -> Store:
    """Return the store at a location: a folder or a collection in Milvus. Raises `LocationInvalid`."""
    address = parse(location) if isinstance(location, str) else None
    return MilvusStore(address) if address else FolderStore(Path(location))


def absolute(location: str | os.PathLike[str]) -> str:
    """Return a location that does not depend on the working directory."""
    store = open_store(location)
    return str(store.folder.resolve()) if isinstance(store, FolderStore) else os.fspath(location)


def build(
    articles: Iterable[Article] | ArticleSource,
    index: str | os.PathLike[str] = "index",
    encoder: Encoder | None = None,
    progress: Progress | None = None,
    *,
    allow_empty: bool = False,
    checkpoint_texts: int | None = None,
) -> BuildReport:
    """Make `index` the index of exactly these articles; unchanged articles are reused.

    `index` is a folder, milvus+http://HOST:19530/COLLECTION or milvus+file:PATH. A file with the same
    bytes as before is not parsed again. A text keeps its vector from the live generation, or from an
    interrupted build: every `checkpoint_texts` texts (1,024 by default) are stored durably. An index of
    another model or format version, or a damaged one, is replaced. During the build, and if it is
    interrupted, the old index stays in use.

    Raises `SeedsError` if there is no article, unless `allow_empty`; `IndexBusy` if another build is
    running; `ModelError` if the model cannot be loaded; `OSError` if the disk is full or cannot be
    written; `ServerUnavailable` if Milvus does not answer; `ArticleTooLong` for an article that Milvus
    cannot store; and `ValueError` for an article whose id occurs twice, whose text is not valid
    Unicode, or whose time has no zone.
    """
    return open_store(index).build(
        articles, encoder, progress, allow_empty=allow_empty, checkpoint_texts=checkpoint_texts
    )


@dataclass(frozen=True)
class FolderStore:
    """An index in a folder."""

    folder: Path
    follow_seconds: ClassVar[float] = 1.0
    intact_key: ClassVar[str] = "cli.no-damage"

    def __str__(self) -> str:
        return str(self.folder)

    @property
    def build_folder(self) -> Path:
        """The folder itself."""
        return self.folder

    def stamp(self) -> Hashable:
        """Return inode and time of CURRENT."""
        return generations.stamp(self.folder)

    def open(self) -> SearchIndex:
        """Open the live generation."""
        return Index.open(self.folder)

    def build(
        self,
        articles: Iterable[Article] | ArticleSource,
        encoder: Encoder | None = None,
        progress: Progress | None = None,
        *,
        allow_empty: bool = False,
        checkpoint_texts: int | None = None,
    ) -> BuildReport:
        """Build a generation and store the report beside it."""
        report = builder.build(
            articles,
            self.folder,
            encoder,
            progress,
            allow_empty=allow_empty,
            checkpoint_texts=checkpoint_texts,
        )
        generations.write_report(self.folder, report)
        return report

    def report(self) -> BuildReport | None:
        """Return the report of the last build."""
        return generations.read_report(self.folder)

    def contents(self) -> tuple[Manifest, Mapping[str, Mapping[str, int]]]:
        """Return manifest and counts of the live generation."""
        generation = generations.current(self.folder)
        manifest = read_manifest(generation)
        with closing(SqliteCorpus(generation / CORPUS)) as corpus:
            return manifest, corpus.counts()

    def check(self) -> list[Failure]:
        """Verify every file of every generation."""
        return maintenance.check(self.folder)

    def repair(self, encoder: Encoder, progress: Progress | None) -> list[Notice]:
        """Repair CURRENT, the vectors, or roll back."""
        return maintenance.repair(self.folder, encoder, progress)

    def earlier(self) -> Manifest | None:
        """Return the manifest of the previous generation."""
        before = generations.earlier(self.folder)
        return read_manifest(before, ()) if before else None

    def roll_back(self) -> Manifest:
        """Make the previous generation live."""
        return read_manifest(generations.roll_back(self.folder))
