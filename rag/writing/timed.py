"""Limits on the time that an iterator may take."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator
from queue import Empty, SimpleQueue
from typing import TypeVar

T = TypeVar("T")


class _End:
    """Marks the end of an iterator, and the exception that ended it, if one did."""

    def __init__(self, error: Exception | None) -> None:
        self.error = error


def timed(items: Generator[T, None, None], *, first: float, gap: float, total: float) -> Iterator[T]:
    """Yield the items of a generator, which runs in a thread of its own.

    Raises `TimeoutError` if the first item takes longer than `first` seconds, another one longer than
    `gap`, or all of them longer than `total`. The generator is closed at its next item if nobody waits
    for it any more.
    """
    ready: SimpleQueue[T | _End] = SimpleQueue()
    is_over = threading.Event()
    threading.Thread(target=_run, args=(items, ready, is_over), daemon=True).start()
    deadline, patience = time.monotonic() + total, first
    try:
        while True:
            item = _next(ready, min(patience, deadline - time.monotonic()))
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item
            patience = gap
    finally:
        is_over.set()


def _run(
    items: Generator[T, None, None], ready: SimpleQueue[T | _End], is_over: threading.Event
) -> None:
    error: Exception | None = None
    try:
        for item in items:
            if is_over.is_set():
                break
            ready.put(item)
    except Exception as caught:
        error = caught
    finally:
        items.close()
        ready.put(_End(error))


def _next(ready: SimpleQueue[T | _End], seconds: float) -> T | _End:
    try:
        return ready.get(timeout=max(seconds, 0))
    except Empty:
        raise TimeoutError from None
