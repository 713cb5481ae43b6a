"""Milvus, as far as an index needs it: collections, and an alias that names the live ones."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from rag.errors import IndexMissing, ServerUnavailable
from rag.index.milvus.location import Address

TEXT_BYTES = 65_535
"""What Milvus keeps of a text at most, in UTF-8."""
MOST = 16_384
"""What Milvus finds at most in one search (https://milvus.io/docs/limitations.md)."""
MANIFEST = "manifest"
"""The part of a generation that the alias names."""

_GENERATION = r"_\d{20}_[a-z]+"
_CONNECT_SECONDS, _ASK_SECONDS, _WRITE_SECONDS, _READY_SECONDS = 5.0, 30.0, 120.0, 7200.0
_VALUES = 4096
"""Values asked for in one query: what comes back stays far below the 64 MiB of a message."""
_NOT_FOUND = {100, 1600}
"""What Milvus says where there is no such collection or alias; Milvus Lite says 100 for both."""
_HNSW = {"M": 24, "efConstruction": 200}
_EF_AT_LEAST = 400


class Kind(NamedTuple):
    """What is in a collection: its fields, of which the first is the key.

    A field is an `int`, a `bool`, a `str`, a `list` for a vector, or a `dict` for a vector that has few
    of very many numbers. Those named by `sought` are searched by.
    """

    fields: Mapping[str, type]
    sought: Sequence[str] = ()


class Server:
    """The collections of one index; connects on first use, safe to share between threads.

    Every method raises `ServerUnavailable` when Milvus does not answer in time or refuses, and
    `IndexMissing` when what it needs is not there.
    """

    def __init__(self, address: Address) -> None:
        self.address = address
        self._ready = set[str]()

    @cached_property
    def _client(self) -> Any:
        pymilvus = _package()
        uri = _embedded(self.address) if self.address.path else self.address.uri
        return pymilvus.MilvusClient(
            uri=uri,
            token=self.address.token,
            timeout=_CONNECT_SECONDS,
            # Pings without a call to ping for, as pymilvus sends them, make a server hang up.
            grpc_options={"grpc.keepalive_permit_without_calls": False},
        )

    @contextmanager
    def _calling(self) -> Iterator[Any]:
        """Yield the client; what it raises becomes one of our errors."""
        pymilvus = _package()
        import grpc

        try:
            yield self._client
        except pymilvus.MilvusException as error:
            if error.code in _NOT_FOUND:
                raise self._missing() from error
            raise self._unavailable(error.message) from error
        except grpc.RpcError as error:
            raise self._unavailable(str(error.code())) from error

    @contextmanager
    def _asking(self, collection: str) -> Iterator[Any]:
        """Yield the client with a collection in memory; an embedded engine begins with none there."""
        with self._calling() as client:
            if collection not in self._ready:
                state = client.get_load_state(collection, timeout=_ASK_SECONDS)["state"]
                if state.name != "Loaded":
                    client.load_collection(collection, timeout=_READY_SECONDS)
                self._ready.add(collection)
            yield client

    def _missing(self) -> IndexMissing:
        return IndexMissing(
            f"There is no index in {self.address}. Run `rag build --index {self.address}` to make one."
        )

    def _unavailable(self, reason: str) -> ServerUnavailable:
        told = " ".join(reason.split())[:200].rstrip(".")
        return ServerUnavailable(
            f"Milvus at {self.address} cannot be used ({told}). See that it runs, and that the address "
            "and RAG_MILVUS_TOKEN are right."
        )

    def live(self) -> str:
        """The generation that the alias names."""
        with self._calling() as client:
            found = client.describe_alias(self.address.collection, timeout=_ASK_SECONDS)
        generation: str = found["collection_name"].removesuffix(f"_{MANIFEST}")
        return generation

    def point_to(self, generation: str) -> None:
        """Make a generation the live one."""
        move = {"collection_name": f"{generation}_{MANIFEST}", "alias": self.address.collection}
        with self._calling() as client:
            try:
                client.describe_alias(self.address.collection, timeout=_ASK_SECONDS)
            except _package().MilvusException as error:
                if error.code not in _NOT_FOUND:
                    raise
                client.create_alias(**move, timeout=_ASK_SECONDS)
            else:
                client.alter_alias(**move, timeout=_ASK_SECONDS)

    def new_generation(self) -> str:
        """A name for a generation to come: by the time, so that names are in the order of making."""
        return f"{self.address.collection}_{datetime.now(UTC):%Y%m%d%H%M%S%f}"

    def parts(self) -> dict[str, list[str]]:
        """The collections of each generation, live or not."""
        ours = re.compile(f"{self.address.collection}{_GENERATION}")
        with self._calling() as client:
            names = client.list_collections(timeout=_ASK_SECONDS)
        found: dict[str, list[str]] = {}
        for name in filter(ours.fullmatch, sorted(names)):
            found.setdefault(name.rpartition("_")[0], []).append(name)
        return found

    def drop(self, collections: Sequence[str]) -> None:
        with self._calling() as client:
            for name in collections:
                client.drop_collection(name, timeout=_ASK_SECONDS)

    def create(self, collection: str, kind: Kind, dim: int) -> None:
        """Make a collection whose vectors have `dim` numbers."""
        types = _package().DataType
        known = {int: types.INT64, bool: types.BOOL, str: types.VARCHAR, list: types.FLOAT_VECTOR}
        limits: dict[type, dict[str, int]] = {str: {"max_length": TEXT_BYTES}, list: {"dim": dim}}
        with self._calling() as client:
            schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
            for number, (name, of) in enumerate(kind.fields.items()):
                data = known.get(of, types.SPARSE_FLOAT_VECTOR)
                schema.add_field(name, data, is_primary=number == 0, **limits.get(of, {}))
            client.create_collection(collection, schema=schema, timeout=_ASK_SECONDS)

    def insert(self, collection: str, rows: Sequence[Mapping[str, Any]]) -> None:
        with self._calling() as client:
            client.insert(collection, list(rows), timeout=_WRITE_SECONDS)

    def finish(self, collection: str, kind: Kind) -> int:
        """Have what was inserted written and indexed, and return how many rows it is."""
        with self._calling() as client:
            indexes = client.prepare_index_params()
            for name, of in kind.fields.items():
                if of is list:
                    indexes.add_index(name, metric_type="IP", **self._index())
                elif of is dict:
                    indexes.add_index(name, index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
                elif name in kind.sought:
                    indexes.add_index(name, index_type="INVERTED")
            client.flush(collection, timeout=_READY_SECONDS)
            # Embedded, it is done when the call returns; waiting would take half a second for each.
            client.create_index(collection, indexes, timeout=_READY_SECONDS, sync=not self.address.path)
        return self.count(collection)

    def _index(self) -> dict[str, Any]:
        """How vectors are indexed; embedded, where everything is small, they are all looked at."""
        if self.address.path:
            return {"index_type": "FLAT"}
        return {"index_type": "HNSW", "params": _HNSW}

    def count(self, collection: str) -> int:
        """How many rows there are, with all that has been inserted."""
        with self._asking(collection) as client:
            (found,) = client.query(
                collection,
                filter="",
                output_fields=["count(*)"],
                consistency_level="Strong",
                timeout=_ASK_SECONDS,
            )
        return int(found["count(*)"])

    def rows(
        self, collection: str, field: str, values: Sequence[int] | Sequence[str], *fields: str
    ) -> list[dict[str, Any]]:
        """These fields of all rows whose `field` is one of the values, in no order."""
        found: list[dict[str, Any]] = []
        with self._asking(collection) as client:
            asked = list(dict.fromkeys(values))
            for start in range(0, len(asked), _VALUES):
                some = json.dumps(asked[start : start + _VALUES], ensure_ascii=False)
                found += client.query(
                    collection,
                    filter=f"{field} in {some}",
                    output_fields=[*fields],
                    timeout=_ASK_SECONDS,
                )
        return found

    def nearest(
        self, collection: str, key: str, field: str, query: Any, count: int, condition: str
    ) -> list[tuple[int, float]]:
        """The keys of the rows with the largest inner product, best first, and that product.

        No more than `MOST` are found, however many are asked for.
        """
        limit = min(count, MOST)
        # A sparse index knows no such setting.
        params = (
            {} if self.address.path or isinstance(query, dict) else {"ef": max(limit, _EF_AT_LEAST)}
        )
        with self._asking(collection) as client:
            (found,) = client.search(
                collection,
                data=[query],
                anns_field=field,
                limit=limit,
                filter=condition,
                search_params={"metric_type": "IP", "params": params},
                output_fields=[key],  # the embedded engine returns all of them where none is named
                timeout=_ASK_SECONDS,
            )
        return [(hit.id, hit.distance) for hit in found]


def _package() -> Any:
    # No process that is forked from this one asks Milvus; gRPC would warn of it on the terminal.
    os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")
    try:
        import pymilvus
    except ImportError as error:
        raise _not_installed("pymilvus") from error
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # what it logs it also raises
    return pymilvus


def _not_installed(package: str) -> ServerUnavailable:
    return ServerUnavailable(
        f"The package {package} is not installed. Run `pip install 'news-archive-rag[milvus]'`."
    )


def _embedded(address: Address) -> str:
    """Start the engine of a file, or find it running in this process, and return where it listens."""
    try:
        from milvus_lite.server_manager import server_manager_instance
    except ImportError as error:
        raise _not_installed("milvus-lite") from error
    logging.getLogger("milvus_lite").setLevel(logging.CRITICAL)
    Path(address.path).parent.mkdir(parents=True, exist_ok=True)
    uri: str | None = server_manager_instance.start_and_get_uri(address.path)
    if not uri:
        raise ServerUnavailable(
            f"{address.path} cannot be opened as a Milvus file. See that no other process has it open."
        )
    return uri
