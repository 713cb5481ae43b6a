"""Client of Milvus: fills, reads and searches collections."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from rag.errors import IndexDamaged
from rag.index.manifest import damaged
from rag.index.milvus import engine
from rag.index.milvus.connection import QUERY_SECONDS, READY_SECONDS, WRITE_SECONDS, Connection
from rag.index.milvus.location import Address

TEXT_BYTES = 65_535
"""Limit of Milvus for a text, in UTF-8."""
MAX_HITS = 16_384
"""Limit of Milvus for the hits of one search (https://milvus.io/docs/limitations.md)."""

_VALUES = 4096
"""Values per query, so that its result stays far below the 64 MiB of a message."""
_HNSW = {"M": 24, "efConstruction": 200}
_MIN_EF = 400


class Schema(NamedTuple):
    """The fields of a collection, the first of which is its key.

    The type of a field is `int`, `bool`, `str`, `list` for a vector or `dict` for a sparse vector. The
    `indexed` fields can be filtered by.
    """

    fields: Mapping[str, type]
    indexed: Sequence[str] = ()


class Server(Connection):
    """The collections of one index; safe to share between threads.

    Every method raises `ServerUnavailable` if Milvus does not answer in time or rejects the request,
    and `IndexMissing` if a collection or the alias does not exist.
    """

    def __init__(self, address: Address) -> None:
        super().__init__(address)
        self._ready = set[str]()

    @contextmanager
    def _querying(self, collection: str) -> Iterator[Any]:
        """Yield the client once a collection is in memory; an embedded engine starts with none."""
        with self._calling() as client:
            if collection not in self._ready:
                state = client.get_load_state(collection, timeout=QUERY_SECONDS)["state"]
                if state.name != "Loaded":
                    client.load_collection(collection, timeout=READY_SECONDS)
                self._ready.add(collection)
            yield client

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
            client.create_collection(collection, schema=fields, timeout=QUERY_SECONDS)

    def insert(self, collection: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows into a collection."""
        with self._calling() as client:
            client.insert(collection, list(rows), timeout=WRITE_SECONDS)

    def replace(self, collection: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows into a collection in place of those with the same keys."""
        with self._calling() as client:
            client.upsert(collection, list(rows), timeout=WRITE_SECONDS)

    def finish(self, collection: str, schema: Schema) -> int:
        """Write and index the inserted rows, and return their number."""
        with self._calling() as client:
            client.flush(collection, timeout=READY_SECONDS)
        self.index(collection, schema)
        return self.count(collection)

    def index(self, collection: str, schema: Schema) -> None:
        """Create the indexes of a collection, without which it cannot be read."""
        with self._calling() as client:
            indexes = client.prepare_index_params()
            for name, kind in schema.fields.items():
                if kind is list:
                    indexes.add_index(name, metric_type="IP", **self._index())
                elif kind is dict:
                    indexes.add_index(name, index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
                elif name in schema.indexed:
                    indexes.add_index(name, index_type="INVERTED")
            # The embedded engine is done when the call returns; waiting would take another 0.5 s.
            client.create_index(collection, indexes, timeout=READY_SECONDS, sync=not self.address.path)

    def _index(self) -> dict[str, Any]:
        """ANN index of the vectors; the embedded engine, whose indexes are small, compares each."""
        if self.address.path:
            return {"index_type": "FLAT"}
        return {"index_type": "HNSW", "params": _HNSW}

    def count(self, collection: str, condition: str = "") -> int:
        """Count the rows that meet a condition, including the latest inserts."""
        with self._querying(collection) as client:
            (counted,) = client.query(
                collection,
                filter=condition,
                output_fields=["count(*)"],
                consistency_level="Strong",
                timeout=QUERY_SECONDS,
            )
        return int(counted["count(*)"])

    def rows(
        self,
        collection: str,
        field: str,
        values: Sequence[int] | Sequence[str],
        *fields: str,
        is_current: bool = False,
    ) -> list[dict[str, Any]]:
        """Return these fields of all rows whose `field` is one of the values, in any order.

        With `is_current` the latest inserts are included; otherwise some seconds may be missing.
        """
        found: list[dict[str, Any]] = []
        with self._querying(collection) as client:
            distinct = list(dict.fromkeys(values))
            for start in range(0, len(distinct), _VALUES):
                some = json.dumps(distinct[start : start + _VALUES], ensure_ascii=False)
                found += client.query(
                    collection,
                    filter=f"{field} in {some}",
                    output_fields=[*fields],
                    timeout=QUERY_SECONDS,
                    **({"consistency_level": "Strong"} if is_current else {}),
                )
        return found

    def scan(self, collection: str, condition: str, *fields: str) -> Iterator[dict[str, Any]]:
        """Yield these fields of all rows that meet a condition, ordered by key."""
        with self._querying(collection) as client:
            iterator = client.query_iterator(
                collection,
                batch_size=_VALUES,
                filter=condition,
                output_fields=[*fields],
                consistency_level="Strong",
                timeout=QUERY_SECONDS,
            )
            while found := iterator.next():
                yield from found
            iterator.close()

    def delete(self, collection: str, condition: str) -> None:
        """Delete the rows that meet a condition."""
        with self._querying(collection) as client:
            client.delete(collection, filter=condition, timeout=WRITE_SECONDS)

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
                timeout=QUERY_SECONDS,
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
