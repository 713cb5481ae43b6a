"""Where an index is kept, in a folder or in Milvus: the one place that knows there are two."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Hashable, Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Protocol

import platformdirs

from rag.errors import IndexDamaged, IndexMissing
from rag.index import build_report, builder, generations, maintenance
from rag.index.corpus import Corpus
from rag.index.faiss_index import Index
from rag.index.generations import Manifest
from rag.index.milvus import client, writer
from rag.index.milvus.index import MilvusIndex
from rag.index.milvus.location import Address
from rag.index.milvus.location import address as milvus_address
from rag.index.milvus.manifest import Contents, damaged
from rag.retrieval.ranking import Ranking
from rag.types import Article, BuildReport, Encoder, Failure, Progress


class Store(Protocol):
    """A place for one index; `str` of it is what may be shown to anyone."""

    @property
    def follow_seconds(self) -> float:
        """How often to look whether another generation has become the live one."""
        ...

    @property
    def checked(self) -> str:
        """What is true of the index where `check` finds nothing."""
        ...

    def stamp(self) -> Hashable:
        """What changes whenever another generation becomes the live one; None where none is."""
        ...

    def open(self) -> Ranking:
        """Open the live generation. Raises `IndexMissing` or `IndexDamaged`."""
        ...

    def build(
        self,
        articles: Iterable[Article],
        encoder: Encoder | None,
        progress: Progress | None,
        allow_empty: bool,
    ) -> BuildReport:
        """Make it the index of exactly these articles."""
        ...

    def report(self) -> BuildReport | None:
        """What the last build did that was not cut short; None where it is not known."""
        ...

    def contents(self) -> tuple[Manifest, Mapping[str, Mapping[str, int]]]:
        """What made the live generation, and the counts that `Corpus.counts` describes."""
        ...

    def check(self) -> list[Failure]:
        """What is not as it was written."""
        ...

    def repair(self, encoder: Encoder, progress: Progress | None) -> list[str]:
        """Make it whole from what is whole of it, and say what was done, if anything."""
        ...

    def roll_back(self) -> Manifest:
        """Make the generation before the live one the live one. Raises `IndexMissing` without one."""
        ...


def at(location: str | os.PathLike[str]) -> Store:
    """The store at a location: a folder, or one in Milvus. Raises `LocationInvalid`."""
    address = milvus_address(location) if isinstance(location, str) else None
    return MilvusStore(address) if address else FolderStore(Path(location))


def absolute(location: str | os.PathLike[str]) -> str:
    """The same location, whatever becomes of the working directory."""
    kept = at(location)
    return str(kept.folder.resolve()) if isinstance(kept, FolderStore) else os.fspath(location)


def build(
    articles: Iterable[Article],
    index: str | os.PathLike[str] = "index",
    encoder: Encoder | None = None,
    progress: Progress | None = None,
    *,
    allow_empty: bool = False,
) -> BuildReport:
    """Make `index` the index of exactly these articles; what is in it already costs little.

    It is a folder, or milvus+http://HOST:19530/COLLECTION, or milvus+file:PATH. Files with the same
    bytes as before are not read again, texts that the live generation holds keep their vectors, and so
    do those that a build had encoded when it was cut short; an index of another model or format, or a
    damaged one, is replaced. While this runs, and if it is interrupted, the old index stays in use.

    Raises `SeedsError` when there is no article at all, unless `allow_empty`, `IndexBusy` when another
    build is running, `ModelError` when the model cannot be loaded, `OSError` when the disk is full or
    not ours to write to, `ServerUnavailable` when Milvus does not answer, and `ValueError` for an
    article that cannot be stored (an id that occurs twice, text that is not valid Unicode, a time
    without a zone).
    """
    return at(index).build(articles, encoder, progress, allow_empty)


@dataclass(frozen=True)
class FolderStore:
    """An index folder."""

    folder: Path
    follow_seconds: ClassVar[float] = 1.0
    checked: ClassVar[str] = "is as it was written"

    def __str__(self) -> str:
        return str(self.folder)

    def stamp(self) -> Hashable:
        return generations.stamp(self.folder)

    def open(self) -> Ranking:
        return Index.open(self.folder)

    def build(
        self,
        articles: Iterable[Article],
        encoder: Encoder | None,
        progress: Progress | None,
        allow_empty: bool,
    ) -> BuildReport:
        report = builder.build(articles, self.folder, encoder, progress, allow_empty=allow_empty)
        build_report.write(self.folder, report)
        return report

    def report(self) -> BuildReport | None:
        return build_report.read(self.folder)

    def contents(self) -> tuple[Manifest, Mapping[str, Mapping[str, int]]]:
        generation = generations.current(self.folder)
        manifest = generations.read_manifest(generation)
        with closing(Corpus(generation / generations.CORPUS)) as corpus:
            return manifest, corpus.counts()

    def check(self) -> list[Failure]:
        return maintenance.check(self.folder)

    def repair(self, encoder: Encoder, progress: Progress | None) -> list[str]:
        return maintenance.repair(self.folder, encoder, progress)

    def roll_back(self) -> Manifest:
        return generations.read_manifest(generations.roll_back(self.folder))


@dataclass(frozen=True)
class MilvusStore:
    """Collections in Milvus, filled from an index folder in `staging` on the machine that builds.

    That keeps what a build need not do again. Where it is missing, as on another machine, everything
    is read and encoded anew. It is beside the file of an embedded engine, else in the user's cache.
    """

    address: Address
    follow_seconds: ClassVar[float] = 5.0  # it goes over the network
    checked: ClassVar[str] = "has all its rows; Milvus itself looks after its bytes"

    def __str__(self) -> str:
        return str(self.address)

    @cached_property
    def server(self) -> client.Server:
        return client.Server(self.address)

    @property
    def staging(self) -> Path:
        if self.address.path:
            return Path(f"{self.address.path}.{self.address.collection}-staging")
        digest = hashlib.blake2b(str(self.address).encode(), digest_size=8).hexdigest()
        return platformdirs.user_cache_path("rag") / f"milvus-{digest}"

    def stamp(self) -> Hashable:
        with suppress(IndexMissing):
            return self.server.live()
        return None

    def open(self) -> Ranking:
        return MilvusIndex.open(self.server)

    def build(
        self,
        articles: Iterable[Article],
        encoder: Encoder | None,
        progress: Progress | None,
        allow_empty: bool,
    ) -> BuildReport:
        started = time.monotonic()
        self.stamp()  # that nothing listens there is better known before everything is encoded
        folder = self.staging / "index"
        with generations.locked(self.staging):
            report = builder.build(articles, folder, encoder, progress, allow_empty=allow_empty)
            self._bring(folder, progress)
            report = replace(report, seconds=time.monotonic() - started)
            build_report.write(self.staging, report)
        return report

    def report(self) -> BuildReport | None:
        """What the last build on this machine did."""
        return build_report.read(self.staging)

    def _bring(self, folder: Path, progress: Progress | None) -> None:
        """Upload the live generation of a folder, unless it is the live one in Milvus, and whole."""
        with closing(Index.open(folder)) as index:
            with suppress(IndexMissing, IndexDamaged):
                if not self.check() and self.contents()[0] == index.manifest:
                    return
            writer.upload(self.server, index, progress)

    def contents(self) -> tuple[Manifest, Mapping[str, Mapping[str, int]]]:
        contents = Contents.read(self.server, self.server.live())
        return contents.manifest, contents.counts

    def check(self) -> list[Failure]:
        """Which collections have not as many rows as were sent; Milvus looks after its own bytes."""
        generation = self.server.live()
        faults = []
        for part, size in Contents.read(self.server, generation).sizes.items():
            collection = f"{generation}_{part}"
            found = self.server.count(collection)
            if found != size:
                reason = damaged(self.address, f"{collection} has {found} rows of {size}")
                faults.append(Failure(collection, str(reason)))
        return faults

    def repair(self, encoder: Encoder, progress: Progress | None) -> list[str]:
        """Fill the collections anew if they are not whole.

        Raises `IndexDamaged` where the staging folder has another generation, or none.
        """
        faults = self.check()
        if not faults:
            return []
        with generations.locked(self.staging):
            try:
                index = Index.open(self.staging / "index")
            except (IndexMissing, IndexDamaged) as error:
                raise IndexDamaged(faults[0].reason) from error
            with closing(index):
                if index.manifest != self.contents()[0]:
                    raise IndexDamaged(faults[0].reason)
                writer.upload(self.server, index, progress)
        return [f"the collections are filled anew from {self.staging}"]

    def roll_back(self) -> Manifest:
        server = self.server
        with generations.locked(self.staging):
            live = server.live()
            earlier = Contents.read(server, live).previous
            if earlier is None or earlier not in server.parts():
                raise IndexMissing(
                    f"There is no generation before {live} in {self} to go back to. Change the "
                    "articles and run `rag build`."
                )
            manifest = Contents.read(server, earlier).manifest
            server.point_to(earlier)
            writer.drop_others(server, earlier)
        return manifest
