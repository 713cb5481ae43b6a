"""Machines that build at the same time; each is a client of its own, of the engine as a server."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from support.doubles import HashEncoder

import rag
from rag.errors import IndexBusy, ServerUnavailable
from rag.index.milvus import lease
from rag.index.milvus.client import Server
from rag.index.milvus.location import parse
from rag.index.milvus.store import MilvusStore
from rag.types import Article

Machines = Callable[[], Server]


@pytest.fixture
def machine(served: str, monkeypatch: pytest.MonkeyPatch) -> Machines:
    """Return clients of one server, where a lease holds for half a second."""
    monkeypatch.setattr(lease, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(lease, "EXPIRY_SECONDS", 0.5)
    monkeypatch.setattr(lease, "_LOOK_SECONDS", 0.1)
    address = parse(served)
    assert address
    return lambda: Server(address)


def test_lease_that_is_renewed_refuses_another_machine_and_names_the_first(machine: Machines) -> None:
    with lease.held(machine()) as confirm:
        started = time.monotonic()
        with (
            pytest.raises(IndexBusy, match=r"\(process \d+ on .+, since 20") as raised,
            lease.held(machine()),
        ):
            pass
        assert time.monotonic() - started < lease.EXPIRY_SECONDS
        assert raised.value.code == "index-busy"
        confirm()
    with lease.held(machine()) as confirm:
        confirm()
    assert machine().collections(lease._LEASE) == []


def test_lease_of_a_machine_that_crashed_runs_out_for_one_of_those_that_wait(machine: Machines) -> None:
    crashed = lease._take(machine())
    crashed.confirm()
    taken, refused, is_over = [], [], threading.Event()

    def build() -> None:
        try:
            with lease.held(machine()):
                taken.append(1)
                is_over.wait(9)
        except IndexBusy:
            refused.append(1)
        if len(refused) == 2:
            is_over.set()

    threads = [threading.Thread(target=build) for _ in range(3)]
    [thread.start() for thread in threads]
    while not taken:
        time.sleep(0.05)
    with pytest.raises(IndexBusy):
        crashed.confirm()
    crashed.release()
    [thread.join() for thread in threads]
    assert (len(taken), len(refused)) == (1, 2)
    with lease.held(machine()), pytest.raises(IndexBusy):
        crashed.confirm()  # a lease has its number again


def test_lease_holds_while_the_server_is_away(
    machine: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise ServerUnavailable("milvus-unavailable", location="x", cause="away")

    with lease.held(machine()) as confirm:
        with monkeypatch.context() as patched:
            patched.setattr(Server, "replace", away)
            time.sleep(2 * lease.EXPIRY_SECONDS)
        confirm()
        with pytest.raises(IndexBusy), lease.held(machine()):
            pass


def test_build_that_loses_its_lease_stops_before_publishing(
    machine: Machines,
    served: str,
    store_at: Callable[[str], MilvusStore],
    articles: list[Article],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rag.build(articles[:2], served, HashEncoder())
    server = machine()
    live, insert = server.live(), Server.insert
    monkeypatch.setattr(lease.Lease, "beat", lambda lease: None)  # its machine stands still

    def pause(*arguments: object) -> None:
        insert(*arguments)  # type: ignore[arg-type]
        server.create(lease._name(server, 9), lease.Schema({"number": int, "other": list}), 2)
        monkeypatch.setattr(Server, "insert", insert)

    monkeypatch.setattr(Server, "insert", pause)
    with pytest.raises(IndexBusy, match="Another build is writing"):
        rag.build(articles, served, HashEncoder())
    assert server.live() == live
    assert rag.load(served, HashEncoder()).manifest.articles == 2
    assert server.collections(lease._LEASE) == [lease._name(server, 9)]
    server.drop(server.collections(lease._LEASE))
    rag.build(articles, served, HashEncoder())
    assert list(server.parts()) == [live, server.live()]
    assert server.collections(lease._LEASE) == []
