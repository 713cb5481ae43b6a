"""The lease of an index in Milvus: one machine builds at a time, and another one after a crash.

A lease is a collection with a number; the highest number holds. Of several machines that create the
same collection only one succeeds, because its schema has a field of its creator. The holder changes a
row every few seconds. A lease is over when it is dropped, or when an observer has not seen that row
change for a while, by a clock of its own: no two clocks are ever compared.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, TypeAlias

from rag.errors import IndexBusy, IndexMissing, RagError, ServerUnavailable
from rag.index.milvus.client import Schema, Server

Confirm: TypeAlias = Callable[[], None]
"""Raises `IndexBusy` if another process may hold the lease by now."""
BEAT_SECONDS, EXPIRY_SECONDS = 5.0, 30.0
"""Interval of the changes, and how long a lease holds without one."""

_LOOK_SECONDS = 0.5
_LEASE = r"_lease_\d{1,10}"


class Lease:
    """A lease of this process, which holds unless another process has found it over."""

    def __init__(self, server: Server, number: int) -> None:
        """Create the lease with this number. Raises `ServerUnavailable` if another process has it."""
        self._server = server
        self._owner = f"owner_{secrets.token_hex(8)}"
        self._collection = _name(server, number)
        self._state: dict[str, Any] = {
            "process": os.getpid(),
            "host": socket.gethostname(),
            "since": datetime.now().astimezone().isoformat(timespec="seconds"),
            "beat": 0,
        }
        schema = Schema({"number": int, "text": str, self._owner: list})
        server.create(self._collection, schema, dim=2)
        self.beat()
        server.index(self._collection, schema)

    def beat(self) -> None:
        """Show that the process still works."""
        self._state["beat"] += 1
        row = {"number": 0, "text": json.dumps(self._state), self._owner: [1.0, 0.0]}
        self._server.replace(self._collection, [row])

    def confirm(self) -> None:
        """Raise `IndexBusy` if another process may hold the lease by now."""
        newest = _newest(self._server)
        if _name(self._server, newest) != self._collection or not self._is_ours():
            raise _busy(self._server, _state(self._server, newest))

    def release(self) -> None:
        """Give the lease back; if Milvus does not answer, it runs out."""
        with suppress(RagError):
            if self._is_ours():
                self._server.drop([self._collection])

    def _is_ours(self) -> bool:
        with suppress(IndexMissing):
            return self._owner in self._server.fields(self._collection)
        return False


@contextmanager
def held(server: Server) -> Iterator[Confirm]:
    """Hold the lease, renewed by a thread, and yield what confirms it.

    Waits until a lease that is not renewed has run out. Raises `IndexBusy`, naming the process that
    holds it. An embedded engine needs none: it lets only one process in.
    """
    if server.address.path:
        yield lambda: None
        return
    lease = _take(server)
    is_over = threading.Event()

    def renew() -> None:
        while not is_over.wait(BEAT_SECONDS):
            with suppress(RagError):  # the next one may succeed
                lease.beat()

    thread = threading.Thread(target=renew, daemon=True)
    thread.start()
    try:
        lease.confirm()
        yield lease.confirm
    finally:
        is_over.set()
        thread.join()
        lease.release()


def _take(server: Server) -> Lease:
    while True:
        newest = _newest(server)
        if newest and not _is_over(server, newest):
            continue
        try:
            lease = Lease(server, newest + 1)
        except ServerUnavailable:
            time.sleep(_LOOK_SECONDS)
            if _newest(server) == newest:
                raise
        else:
            server.drop([name for name in server.collections(_LEASE) if _number(name) <= newest])
            return lease


def _is_over(server: Server, number: int) -> bool:
    """Wait until a lease runs out; False if it has been dropped, or there is a newer one.

    Raises `IndexBusy` if it is renewed.
    """
    first, began = _state(server, number), time.monotonic()
    while time.monotonic() - began < EXPIRY_SECONDS:
        time.sleep(_LOOK_SECONDS)
        state = _state(server, number)
        if _newest(server) != number:
            return False
        if state != first:
            raise _busy(server, state)
    return True


def _newest(server: Server) -> int:
    """Return the number of the newest lease, 0 if there is none."""
    return max(map(_number, server.collections(_LEASE)), default=0)


def _name(server: Server, number: int) -> str:
    return f"{server.address.collection}_lease_{number}"


def _number(collection: str) -> int:
    return int(collection.rpartition("_")[2])


def _state(server: Server, number: int) -> dict[str, Any]:
    """Return what the holder of a lease has written; nothing if it has only begun, or is gone."""
    with suppress(IndexMissing, ServerUnavailable, ValueError):
        for row in server.rows(_name(server, number), "number", [0], "text", is_current=True):
            state: dict[str, Any] = json.loads(row["text"])
            return state
    return {}


def _busy(server: Server, state: dict[str, Any]) -> IndexBusy:
    known = {name: state[name] for name in ("process", "host", "since") if name in state}
    if known:
        return IndexBusy("index-busy", location=str(server.address), **known)
    return IndexBusy("index-busy-unknown", location=str(server.address))
