"""Calls that are computed together: which, in what order, and whom an error is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from rag.embedding.microbatch import Batched

SECONDS = 20.0


class Doubling:
    """Doubles numbers; the first call waits until the test opens the gate."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate, self.begun = threading.Event(), threading.Event()
        self.inside = self.most_inside = 0

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        self.batches.append(list(items))
        self.begun.set()
        assert self.gate.wait(SECONDS)
        self.inside -= 1
        if 13 in items:
            raise ArithmeticError(f"13 among {len(items)}")
        return [2 * item for item in items]


def until_pending(batched: Batched[int, int], count: int) -> None:
    while len(batched._pending) < count:
        time.sleep(0.001)


def queue(
    function: Doubling, batched: Batched[int, int], pool: ThreadPoolExecutor, items: Sequence[int]
) -> list[Future[int]]:
    """Ask for the first item, and once it is being computed for the others, one after the other."""
    asked = [pool.submit(batched, items[0])]
    assert function.begun.wait(SECONDS)
    for number, item in enumerate(items[1:], start=1):
        asked.append(pool.submit(batched, item))
        until_pending(batched, number)
    return asked


def test_what_is_asked_meanwhile_is_computed_together_in_turn() -> None:
    function = Doubling()
    batched = Batched(function, 4)
    with ThreadPoolExecutor(11) as pool:
        asked = queue(function, batched, pool, range(11))
        function.gate.set()
        assert [future.result(SECONDS) for future in asked] == [2 * n for n in range(11)]
    assert function.batches == [[0], [1, 2, 3, 4], [5, 6, 7, 8], [9, 10]]
    assert function.most_inside == 1


def test_alone_a_call_is_computed_at_once() -> None:
    function = Doubling()
    function.gate.set()
    batched = Batched(function, 4)
    assert [batched(1), batched(2)] == [2, 4]
    assert function.batches == [[1], [2]]


def test_an_error_is_told_only_to_the_one_at_fault() -> None:
    function = Doubling()
    batched = Batched(function, 8)
    with ThreadPoolExecutor(4) as pool:
        asked = queue(function, batched, pool, [1, 2, 13, 3])
        function.gate.set()
        for future, expected in zip(asked, [2, 4, None, 6], strict=True):
            if expected:
                assert future.result(SECONDS) == expected
        with pytest.raises(ArithmeticError, match="13 among 1"):
            asked[2].result(SECONDS)
    assert function.batches == [[1], [2, 13, 3], [2], [13], [3]]
    assert batched(5) == 10


def test_a_function_that_loses_an_item_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="zip"):
        Batched[int, int](lambda items: [], 4)(1)
    with pytest.raises(ValueError, match="most must be at least 1, not 0"):
        Batched[int, int](lambda items: items, 0)


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
def test_an_interrupted_thread_leaves_its_work_to_the_others(interruption: type[BaseException]) -> None:
    function = Doubling()
    interrupted: list[int] = []

    def interrupts(items: Sequence[int]) -> list[int]:
        if len(items) > 1 and not interrupted:
            interrupted.append(items[0])
            raise interruption
        return function(items)

    batched = Batched(interrupts, 8)
    with ThreadPoolExecutor(4) as pool:
        asked = queue(function, batched, pool, [1, 2, 3, 4])
        function.gate.set()
        assert [asked[n].result(SECONDS) for n in (0, 2, 3)] == [2, 6, 8]
        with pytest.raises(interruption):
            asked[1].result(SECONDS)
    assert function.batches == [[1], [3, 4]]
    assert batched(5) == 10


def test_whoever_is_interrupted_while_waiting_keeps_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    function = Doubling()
    batched = Batched(function, 8)
    wait = threading.Event.wait

    def interrupt(event: threading.Event, timeout: float | None = None) -> bool:
        done = wait(event, timeout)
        if threading.current_thread().name == "unlucky" and event is not function.gate:
            raise KeyboardInterrupt
        return done

    def unlucky() -> None:
        with pytest.raises(KeyboardInterrupt):
            batched(2)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(batched, 1)
        assert function.begun.wait(SECONDS)
        monkeypatch.setattr(threading.Event, "wait", interrupt)
        thread = threading.Thread(target=unlucky, name="unlucky")
        thread.start()
        until_pending(batched, 1)
        last = pool.submit(batched, 3)
        until_pending(batched, 2)
        function.gate.set()
        assert [first.result(SECONDS), last.result(SECONDS)] == [2, 6]
        thread.join(SECONDS)
    assert function.batches == [[1], [3]]


def test_many_threads_get_their_own_results_and_none_starves() -> None:
    function = Doubling()
    function.gate.set()
    batched = Batched(function, 3)

    def work(thread: int) -> list[int]:
        return [batched(1000 + 1000 * thread + turn) for turn in range(100)]

    with ThreadPoolExecutor(16) as pool:
        for thread, found in enumerate(pool.map(work, range(16), timeout=SECONDS)):
            assert found == [2 * (1000 + 1000 * thread + turn) for turn in range(100)]
    assert function.most_inside == 1
    assert sum(map(len, function.batches)) == 1600
    assert max(map(len, function.batches)) <= 3
