"""Tests of `rag.writing.timed`."""

from __future__ import annotations

import threading
from collections.abc import Generator

import pytest

from rag.writing.timed import timed

LONG = {"first": 10.0, "gap": 10.0, "total": 10.0}


class Slow:
    """Gives numbers, each after a wait; says whether it was closed."""

    def __init__(self, *seconds: float) -> None:
        self.seconds = seconds
        self.is_closed = threading.Event()

    def items(self) -> Generator[int, None, None]:
        try:
            for number, seconds in enumerate(self.seconds):
                threading.Event().wait(seconds)
                yield number
        finally:
            self.is_closed.set()


def failing() -> Generator[int, None, None]:
    yield 1
    raise LookupError


def test_timed_gives_all_items_and_closes() -> None:
    slow = Slow(0, 0, 0)
    assert list(timed(slow.items(), **LONG)) == [0, 1, 2]
    assert slow.is_closed.wait(10)


@pytest.mark.parametrize(
    ("seconds", "limits", "given"),
    [
        ((0.5, 0), {"first": 0.05}, []),
        ((0, 0.5, 0), {"gap": 0.05}, [0]),
        ((0.04,) * 20, {"total": 0.1}, []),
    ],
)
def test_timed_that_is_late_raises_and_closes_the_generator(
    seconds: tuple[float, ...], limits: dict[str, float], given: list[int]
) -> None:
    slow, got = Slow(*seconds), []
    with pytest.raises(TimeoutError):
        for item in timed(slow.items(), **{**LONG, **limits}):
            got.append(item)
    assert got[: len(given)] == given
    assert len(got) < len(seconds)
    assert slow.is_closed.wait(10)


def test_timed_raises_what_the_generator_raises() -> None:
    items = timed(failing(), **LONG)
    assert next(items) == 1
    with pytest.raises(LookupError):
        next(items)


def test_timed_that_nobody_reads_any_more_is_closed() -> None:
    slow = Slow(0, 0.05, 0.05)
    items = timed(slow.items(), **LONG)
    next(items)
    del items
    assert slow.is_closed.wait(10)
