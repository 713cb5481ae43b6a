"""Concurrent calls for one item each -> calls for a batch, without a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class _Call(Generic[T, R]):
    """A pending call; `turn` is set when its result is ready or its thread becomes the leader."""

    def __init__(self, item: T) -> None:
        self.item = item
        self.result: Future[R] = Future()
        self.turn = threading.Event()


class MicroBatcher(Generic[T, R]):
    """Calls a batch function for single items; calls that arrive while it runs form the next batch.

    One of the calling threads, the leader, runs the function at a time, with the items that have waited
    longest, at most `max_batch`. If the function raises, each item of the batch is computed alone, so
    that only the calls at fault raise.
    """

    def __init__(self, function: Callable[[Sequence[T]], Sequence[R]], max_batch: int) -> None:
        if max_batch < 1:
            raise ValueError(f"max_batch must be at least 1, not {max_batch}")
        self._function = function
        self._max_batch = max_batch
        self._lock = threading.Lock()
        self._pending: list[_Call[T, R]] = []
        self._leader: _Call[T, R] | None = None

    @property
    def waiting(self) -> int:
        """The number of calls that wait for a batch."""
        return len(self._pending)

    def __call__(self, item: T) -> R:
        """Return the result of the function for an item, or raise its exception for this item."""
        call: _Call[T, R] = _Call(item)
        try:
            with self._lock:
                self._pending.append(call)
                self._choose_leader()
            call.turn.wait()
            if not call.result.done():
                self._compute()
        finally:  # also if this thread is interrupted: the others must not wait for it
            with self._lock:
                if call in self._pending:
                    self._pending.remove(call)
                if self._leader is call:
                    self._leader = None
                self._choose_leader()
        return call.result.result()

    def _choose_leader(self) -> None:
        """Make the call that has waited longest the leader, if there is none. Needs the lock."""
        if self._leader is None and self._pending:
            self._leader = self._pending[0]
            self._leader.turn.set()

    def _compute(self) -> None:
        with self._lock:
            batch = self._pending[: self._max_batch]
            del self._pending[: self._max_batch]
        try:
            self._resolve(batch)
        finally:  # if this thread was interrupted, another computes the rest
            unresolved = [call for call in batch if not call.result.done()]
            with self._lock:
                self._pending[:0] = unresolved
            for call in batch:
                if call not in unresolved:
                    call.turn.set()

    def _resolve(self, batch: Sequence[_Call[T, R]]) -> None:
        try:
            results = self._function([call.item for call in batch])
            resolved = list(zip(batch, results, strict=True))
        except Exception as error:
            if len(batch) == 1:
                batch[0].result.set_exception(error)
                return
            for call in batch:
                self._resolve([call])
        else:
            for call, result in resolved:
                call.result.set_result(result)
