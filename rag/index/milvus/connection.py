"""Connection to Milvus: its errors, our collections, and the alias that names the live generation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from rag.errors import IndexMissing, ServerUnavailable
from rag.index.milvus import engine
from rag.index.milvus.location import Address

MANIFEST = "manifest"
"""The part of a generation that the alias names."""
QUERY_SECONDS, WRITE_SECONDS, READY_SECONDS = 30.0, 120.0, 7200.0
"""Time limits of a request: one that reads, one that writes, one that waits for an index."""

_CONNECT_SECONDS = 5.0
_GENERATION = r"_\d{20}_[a-z]+"
_NOT_FOUND = {100, 1600}
"""Codes for a missing collection and a missing alias; Milvus Lite has 100 for both."""


class Connection:
    """The names of the collections of one index; connects on first use.

    Every method raises `ServerUnavailable` if Milvus does not answer in time or rejects the request,
    and `IndexMissing` if a collection or the alias does not exist.
    """

    def __init__(self, address: Address) -> None:
        self.address = address

    @cached_property
    def _client(self) -> Any:
        pymilvus = engine.package()
        uri = engine.start(self.address) if self.address.path else self.address.uri
        return pymilvus.MilvusClient(
            uri=uri,
            token=self.address.token,
            timeout=_CONNECT_SECONDS,
            # A server closes connections that send pings without a call, which pymilvus does.
            grpc_options={"grpc.keepalive_permit_without_calls": False},
        )

    @contextmanager
    def _calling(self) -> Iterator[Any]:
        """Yield the client, and turn its errors into ours."""
        pymilvus = engine.package()
        import grpc

        try:
            yield self._client
        except pymilvus.MilvusException as error:
            if error.code in _NOT_FOUND:
                raise self._missing() from error
            raise self._unavailable(error.message) from error
        except grpc.RpcError as error:
            raise self._unavailable(str(error.code())) from error

    def _missing(self) -> IndexMissing:
        return IndexMissing("index-missing", location=str(self.address))

    def _unavailable(self, message: str) -> ServerUnavailable:
        cause = " ".join(message.split())[:200].rstrip(".")
        return ServerUnavailable("milvus-unavailable", location=str(self.address), cause=cause)

    def live(self) -> str:
        """Return the generation that the alias names."""
        with self._calling() as client:
            alias = client.describe_alias(self.address.collection, timeout=QUERY_SECONDS)
        generation: str = alias["collection_name"].removesuffix(f"_{MANIFEST}")
        return generation

    def point_to(self, generation: str) -> None:
        """Let the alias name a generation."""
        move = {"collection_name": f"{generation}_{MANIFEST}", "alias": self.address.collection}
        with self._calling() as client:
            try:
                client.describe_alias(self.address.collection, timeout=QUERY_SECONDS)
            except engine.package().MilvusException as error:
                if error.code not in _NOT_FOUND:
                    raise
                client.create_alias(**move, timeout=QUERY_SECONDS)
            else:
                client.alter_alias(**move, timeout=QUERY_SECONDS)

    def new_generation(self) -> str:
        """Return a name for a new generation; names sort by time of creation."""
        return f"{self.address.collection}_{datetime.now(UTC):%Y%m%d%H%M%S%f}"

    def parts(self) -> dict[str, list[str]]:
        """Return the collections of each generation, live or not."""
        generations: dict[str, list[str]] = {}
        for name in self.collections(_GENERATION):
            generations.setdefault(name.rpartition("_")[0], []).append(name)
        return generations

    def collections(self, ending: str) -> list[str]:
        """Return the collections of the index whose names end as this regular expression, sorted."""
        ours = re.compile(f"{self.address.collection}{ending}")
        with self._calling() as client:
            names = client.list_collections(timeout=QUERY_SECONDS)
        return sorted(filter(ours.fullmatch, names))

    def fields(self, collection: str) -> list[str]:
        """Return the names of the fields of a collection."""
        with self._calling() as client:
            described = client.describe_collection(collection, timeout=QUERY_SECONDS)
        return [field["name"] for field in described["fields"]]

    def drop(self, collections: Sequence[str]) -> None:
        """Delete collections."""
        with self._calling() as client:
            for name in collections:
                client.drop_collection(name, timeout=QUERY_SECONDS)
