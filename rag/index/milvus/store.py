"""Milvus as a store: built in a folder on this machine, then uploaded."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Hashable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import platformdirs

from rag.errors import IndexDamaged, IndexMissing, Notice
from rag.index import builder, generations
from rag.index.base import failure
from rag.index.faiss_index import Index
from rag.index.manifest import Manifest
from rag.index.milvus import lease
from rag.index.milvus.client import Server
from rag.index.milvus.index import MilvusIndex
from rag.index.milvus.location import Address
from rag.index.milvus.manifest import Contents
from rag.index.milvus.upload import tidying, writer
from rag.ingest.article_source import ArticleSource
from rag.protocols import Encoder
from rag.reports import BuildReport, Failure, Progress
from rag.types import Article


@dataclass(frozen=True)
class MilvusStore:
    """An index in Milvus; implements `Store`.

    Builds work in the folder `staging` on this machine, which remembers articles and vectors; without
    it, as on another machine, everything is read and encoded again. It is beside the file of an
    embedded engine, otherwise in the user's cache.
    """

    address: Address
    follow_seconds: ClassVar[float] = 5.0  # goes over the network
    intact_key: ClassVar[str] = "cli.no-damage-milvus"

    def __str__(self) -> str:
        return str(self.address)

    @cached_property
    def server(self) -> Server:
        """The client."""
        return Server(self.address)

    @property
    def staging(self) -> Path:
        """The folder with the report of the last build, and the folder in which builds work."""
        if self.address.path:
            return Path(f"{self.address.path}.{self.address.collection}-staging")
        digest = hashlib.blake2b(str(self.address).encode(), digest_size=8).hexdigest()
        return platformdirs.user_cache_path("rag") / f"milvus-{digest}"

    @property
    def build_folder(self) -> Path:
        """The index folder that is uploaded."""
        return self.staging / "index"

    def stamp(self) -> Hashable:
        """Return the name of the live generation."""
        with suppress(IndexMissing):
            return self.server.live()
        return None

    def open(self) -> MilvusIndex:
        """Open the live generation."""
        return MilvusIndex.open(self.server)

    def build(
        self,
        articles: Iterable[Article] | ArticleSource,
        encoder: Encoder | None = None,
        progress: Progress | None = None,
        *,
        allow_empty: bool = False,
        checkpoint_texts: int | None = None,
    ) -> BuildReport:
        """Build a generation in the staging folder and upload it."""
        started = time.monotonic()
        self.stamp()  # fails now rather than after hours of encoding if Milvus does not answer
        with generations.locked(self.staging), lease.held(self.server) as confirm:
            report = builder.build(
                articles,
                self.build_folder,
                encoder,
                progress,
                allow_empty=allow_empty,
                checkpoint_texts=checkpoint_texts,
            )
            self._upload(confirm, progress)
            report = replace(report, seconds=time.monotonic() - started)
            generations.write_report(self.staging, report)
        return report

    def report(self) -> BuildReport | None:
        """Return the report of the last build on this machine."""
        return generations.read_report(self.staging)

    def _upload(self, confirm: lease.Confirm, progress: Progress | None) -> None:
        """Upload the generation of the staging folder, unless Milvus has it complete."""
        with closing(Index.open(self.build_folder)) as index:
            with suppress(IndexMissing, IndexDamaged):
                if self.contents()[0] == index.manifest and not self.check():
                    return
            writer.upload(self.server, index, confirm, progress)

    def contents(self) -> tuple[Manifest, Mapping[str, Mapping[str, int]]]:
        """Return manifest and counts of the live generation."""
        contents = Contents.read(self.server, self.server.live())
        return contents.manifest, contents.counts

    def check(self) -> list[Failure]:
        """Compare the number of rows of each collection; Milvus verifies its files itself."""
        return [failure(collection, error) for collection, error in self._faults()]

    def _faults(self) -> Iterator[tuple[str, IndexDamaged]]:
        return Contents.read(self.server, self.server.live()).faults(self.server)

    def repair(self, encoder: Encoder, progress: Progress | None) -> list[Notice]:
        """Upload the generation of the staging folder again if a collection is incomplete.

        Raises `IndexDamaged` if the staging folder is missing or has another generation.
        """
        faults = list(self._faults())
        if not faults:
            return []
        _, fault = faults[0]
        with generations.locked(self.staging), lease.held(self.server) as confirm:
            try:
                index = Index.open(self.build_folder)
            except (IndexMissing, IndexDamaged) as error:
                raise fault from error
            with closing(index):
                if index.manifest != self.contents()[0]:
                    raise fault
                writer.upload(self.server, index, confirm, progress)
        return [Notice("repaired-collections", {"folder": str(self.staging)})]

    def earlier(self) -> Manifest | None:
        """Return the manifest of the previous generation."""
        before = self._before(self.server.live())
        return Contents.read(self.server, before).manifest if before else None

    def roll_back(self) -> Manifest:
        """Make the previous generation live, and drop the live one."""
        server = self.server
        with generations.locked(self.staging), lease.held(server):
            live = server.live()
            before = self._before(live)
            if before is None:
                raise IndexMissing("generation-missing", generation=live, location=str(self))
            contents = Contents.read(server, before)
            for _, fault in contents.faults(server):
                raise fault
            server.point_to(before)
            tidying.tidy(server, before)
        return contents.manifest

    def _before(self, live: str) -> str | None:
        """Return the name of the generation before the live one, if the server still has it."""
        previous = Contents.read(self.server, live).previous
        return previous if previous in self.server.parts() else None
