"""Places in Milvus."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.doubles import clear

from rag.index.milvus import engine
from rag.index.milvus.store import MilvusStore
from rag.index.stores import open_store


@pytest.fixture
def place(new_location: Callable[[str], str]) -> Iterator[str]:
    """A place in Milvus for one test."""
    location = new_location("milvus")
    yield location
    clear(location)


@pytest.fixture
def store_at() -> Callable[[str], MilvusStore]:
    """Return the store of a place in Milvus."""

    def store_at(location: str) -> MilvusStore:
        store = open_store(location)
        assert isinstance(store, MilvusStore)
        return store

    return store_at


@pytest.fixture
def served(
    place: str,
    store_at: Callable[[str], MilvusStore],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    """A place at a server, for which the engine of a file stands in."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    address = store_at(place).address
    location = f"milvus+{engine.start(address)}/{address.collection}_served"
    yield location
    clear(location)
