"""Calls from many threads -> computed together, without a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class _Call(Generic[T, R]):
    """Has its `turn` when its outcome is there, or when it is to compute those of all that wait."""

    def __init__(self, item: T) -> None:
        self.item = item
        self.outcome: Future[R] = Future()
        self.turn = threading.Event()


class Batched(Generic[T, R]):
    """Calls a function of many items for one; what is asked meanwhile is computed together next.

    The function is called by one thread at a time, with the items that have waited longest, at most so
    many. If it fails, each of them is computed alone, so that only those at fault raise.
    """

    def __init__(self, function: Callable[[Sequence[T]], Sequence[R]], most: int) -> None:
        if most < 1:
            raise ValueError(f"most must be at least 1, not {most}")
        self._function = function
        self._most = most
        self._lock = threading.Lock()
        self._pending: list[_Call[T, R]] = []
        self._leader: _Call[T, R] | None = None

    def __call__(self, item: T) -> R:
        """Return what the function makes of an item, or raise what it raises for it."""
        call: _Call[T, R] = _Call(item)
        try:
            with self._lock:
                self._pending.append(call)
                self._choose()
            call.turn.wait()
            if not call.outcome.done():
                self._compute()
        finally:  # also when this thread is interrupted: the others must not wait for it
            with self._lock:
                if call in self._pending:
                    self._pending.remove(call)
                if self._leader is call:
                    self._leader = None
                self._choose()
        return call.outcome.result()

    def _choose(self) -> None:
        """Let the call that has waited longest compute, if none does; the caller has the lock."""
        if self._leader is None and self._pending:
            self._leader = self._pending[0]
            self._leader.turn.set()

    def _compute(self) -> None:
        with self._lock:
            together = self._pending[: self._most]
            del self._pending[: self._most]
        try:
            self._resolve(together)
        finally:  # if this thread was interrupted, another computes what is left
            left = [call for call in together if not call.outcome.done()]
            with self._lock:
                self._pending[:0] = left
            for call in together:
                if call not in left:
                    call.turn.set()

    def _resolve(self, together: Sequence[_Call[T, R]]) -> None:
        try:
            found = self._function([call.item for call in together])
            outcomes = list(zip(together, found, strict=True))
        except Exception as error:
            if len(together) == 1:
                together[0].outcome.set_exception(error)
                return
            for call in together:
                self._resolve([call])
        else:
            for call, result in outcomes:
                call.outcome.set_result(result)
