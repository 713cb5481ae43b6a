"""Client of Milvus: collections, and the alias that names the live generation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, NamedTuple

from rag.errors import IndexDamaged, IndexMissing, ServerUnavailable
from rag.index.manifest import damaged
from rag.index.milvus import engine
from rag.index.milvus.location import Address

TEXT_BYTES = 65_535
"""Limit of Milvus for a text, in UTF-8."""
MAX_HITS = 16_384
"""Limit of Milvus for the hits of one search (https://milvus.io/docs/limitations.md)."""
MANIFEST = "manifest"
"""The part of a generation that the alias names."""

_GENERATION = r"_\d{20}_[a-z]+"
_CONNECT_SECONDS, _QUERY_SECONDS, _WRITE_SECONDS, _READY_SECONDS = 5.0, 30.0, 120.0, 7200.0
_VALUES = 4096
"""Values per query, so that its result stays far below the 64 MiB of a message."""
_NOT_FOUND = {100, 1600}
"""Codes for a missing collection and a missing alias; Milvus Lite has 100 for both."""
_HNSW = {"M": 24, "efConstruction": 200}
_MIN_EF = 400


class Schema(NamedTuple):
    """The fields of a collection, the first of which is its key.

    The type of a field is `int`, `bool`, `str`, `list` for a vector or `dict` for a sparse vector. The
    `indexed` fields can be filtered by.
    """

    fields: Mapping[str, type]
    indexed: Sequence[str] = ()


class Server:
    """The collections of one index; connects on first use, safe to share between threads.

    Every method raises `ServerUnavailable` if Milvus does not answer in time or rejects the request,
    and `IndexMissing` if a collection or the alias does not exist.
    """

    def __init__(self, address: Address) -> None:
        self.address = address
        self._ready = set[str]()

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

    @contextmanager
    def _querying(self, collection: str) -> Iterator[Any]:
        """Yield the client once a collection is in memory; an embedded engine starts with none."""
        with self._calling() as client:
            if collection not in self._ready:
                state = client.get_load_state(collection, timeout=_QUERY_SECONDS)["state"]
                if state.name != "Loaded":
                    client.load_collection(collection, timeout=_READY_SECONDS)
                self._ready.add(collection)
            yield client

    def _missing(self) -> IndexMissing:
        return IndexMissing("index-missing", location=str(self.address))

    def _unavailable(self, message: str) -> ServerUnavailable:
        cause = " ".join(message.split())[:200].rstrip(".")
        return ServerUnavailable("milvus-unavailable", location=str(self.address), cause=cause)

    def live(self) -> str:
        """Return the generation that the alias names."""
        with self._calling() as client:
            alias = client.describe_alias(self.address.collection, timeout=_QUERY_SECONDS)
        generation: str = alias["collection_name"].removesuffix(f"_{MANIFEST}")
        return generation

    def point_to(self, generation: str) -> None:
        """Let the alias name a generation."""
        move = {"collection_name": f"{generation}_{MANIFEST}", "alias": self.address.collection}
        with self._calling() as client:
            try:
                client.describe_alias(self.address.collection, timeout=_QUERY_SECONDS)
            except engine.package().MilvusException as error:
                if error.code not in _NOT_FOUND:
                    raise
                client.create_alias(**move, timeout=_QUERY_SECONDS)
            else:
                client.alter_alias(**move, timeout=_QUERY_SECONDS)

    def new_generation(self) -> str:
        """Return a name for a new generation; names sort by time of creation."""
        return f"{self.address.collection}_{datetime.now(UTC):%Y%m%d%H%M%S%f}"

    def parts(self) -> dict[str, list[str]]:
        """Return the collections of each generation, live or not."""
        ours = re.compile(f"{self.address.collection}{_GENERATION}")
        with self._calling() as client:
            names = client.list_collections(timeout=_QUERY_SECONDS)
        generations: dict[str, list[str]] = {}
        for name in filter(ours.fullmatch, sorted(names)):
            generations.setdefault(name.rpartition("_")[0], []).append(name)
        return generations

    def drop(self, collections: Sequence[str]) -> None:
        """Delete collections."""
        with self._calling() as client:
            for name in collections:
                client.drop_collection(name, timeout=_QUERY_SECONDS)

    def create(self, collection: str, schema: Schema, dim: int) -> None:
        """Create a collection whose vectors have `dim` numbers."""
        types = engine.package().DataType
        known = {int: types.INT64, bool: types.BOOL, str: types.VARCHAR, list: types.FLOAT_VECTOR}
        limits: dict[type, dict[str, int]] = {str: {"max_length": TEXT_BYTES}, list: {"dim": dim}}
        with self._calling() as client:
            fields = client.create_schema(auto_id=False, enable_dynamic_field=False)
            for number, (name, kind) in enumerate(schema.fields.items()):
                data = known.get(kind, types.SPARSE_FLOAT_VECTOR)
                fields.add_field(name, data, is_primary=number == 0, **limits.get(kind, {}))
            client.create_collection(collection, schema=fields, timeout=_QUERY_SECONDS)

    def insert(self, collection: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows into a collection."""
        with self._calling() as client:
            client.insert(collection, list(rows), timeout=_WRITE_SECONDS)

    def finish(self, collection: str, schema: Schema) -> int:
        """Write and index the inserted rows, and return their number."""
        with self._calling() as client:
            indexes = client.prepare_index_params()
            for name, kind in schema.fields.items():
                if kind is list:
                    indexes.add_index(name, metric_type="IP", **self._index())
                elif kind is dict:
                    indexes.add_index(name, index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
                elif name in schema.indexed:
                    indexes.add_index(name, index_type="INVERTED")
            client.flush(collection, timeout=_READY_SECONDS)
            # The embedded engine is done when the call returns; waiting would take another 0.5 s.
            client.create_index(collection, indexes, timeout=_READY_SECONDS, sync=not self.address.path)
        return self.count(collection)

    def _index(self) -> dict[str, Any]:
        """ANN index of the vectors; the embedded engine, whose indexes are small, compares each."""
        if self.address.path:
            return {"index_type": "FLAT"}
        return {"index_type": "HNSW", "params": _HNSW}

    def count(self, collection: str) -> int:
        """Count the rows, including the latest inserts."""
        with self._querying(collection) as client:
            (counted,) = client.query(
                collection,
                filter="",
                output_fields=["count(*)"],
                consistency_level="Strong",
                timeout=_QUERY_SECONDS,
            )
        return int(counted["count(*)"])

    def rows(
        self, collection: str, field: str, values: Sequence[int] | Sequence[str], *fields: str
    ) -> list[dict[str, Any]]:
        """Return these fields of all rows whose `field` is one of the values, in any order."""
        found: list[dict[str, Any]] = []
        with self._querying(collection) as client:
            distinct = list(dict.fromkeys(values))
            for start in range(0, len(distinct), _VALUES):
                some = json.dumps(distinct[start : start + _VALUES], ensure_ascii=False)
                found += client.query(
                    collection,
                    filter=f"{field} in {some}",
                    output_fields=[*fields],
                    timeout=_QUERY_SECONDS,
                )
        return found

    def nearest(
        self, collection: str, key: str, field: str, query: Any, count: int, condition: str
    ) -> list[tuple[int, float]]:
        """Return the keys of the rows with the largest inner product, best first, with the product.

        Returns at most `MAX_HITS` rows.
        """
        limit = min(count, MAX_HITS)
        is_hnsw = not self.address.path and not isinstance(query, dict)
        params = {"ef": max(limit, _MIN_EF)} if is_hnsw else {}
        with self._querying(collection) as client:
            (hits,) = client.search(
                collection,
                data=[query],
                anns_field=field,
                limit=limit,
                filter=condition,
                search_params={"metric_type": "IP", "params": params},
                output_fields=[key],  # without a name the embedded engine returns all fields
                timeout=_QUERY_SECONDS,
            )
        return [(hit.id, hit.distance) for hit in hits]


def rows_by_key(
    server: Server, collection: str, key: str, values: Sequence[int], *fields: str
) -> dict[int, dict[str, Any]]:
    """Return these fields of the rows with these keys. Raises `IndexDamaged` if a row is missing."""
    found = {item[key]: item for item in server.rows(collection, key, values, key, *fields)}
    if lost := set(values) - found.keys():
        raise damaged(server.address, "damage-rows-missing", collection=collection, count=len(lost))
    return found


def incomplete(address: Address, collection: str, count: int, size: int) -> IndexDamaged:
    """Return the error for a collection that has `count` rows instead of `size`."""
    return damaged(address, "damage-row-count", collection=collection, found=count, expected=size)
