"""Which calls form a batch, in which order, and which call an error reaches."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from rag.embedding.microbatch import MicroBatcher

SECONDS = 20.0


class Doubling:
    """Doubles numbers; the first call waits until the test opens `gate`."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate, self.started = threading.Event(), threading.Event()
        self.inside = self.most_inside = 0

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        self.batches.append(list(items))
        self.started.set()
        assert self.gate.wait(SECONDS)
        self.inside -= 1
        if 13 in items:
            raise ArithmeticError(f"13 among {len(items)}")
        return [2 * item for item in items]


def wait_until_waiting(batcher: MicroBatcher[int, int], count: int) -> None:
    deadline = time.monotonic() + SECONDS
    while batcher.waiting < count:
        assert time.monotonic() < deadline, f"{batcher.waiting} calls wait, not {count}"
        time.sleep(0.001)


def queue(
    function: Doubling, batcher: MicroBatcher[int, int], pool: ThreadPoolExecutor, items: Sequence[int]
) -> list[Future[int]]:
    """Call for the first item and, while it is computed, for the others in order."""
    calls = [pool.submit(batcher, items[0])]
    assert function.started.wait(SECONDS)
    for number, item in enumerate(items[1:], start=1):
        calls.append(pool.submit(batcher, item))
        wait_until_waiting(batcher, number)
    return calls


def test_calls_during_a_computation_form_the_next_batches_in_order() -> None:
    function = Doubling()
    batcher = MicroBatcher(function, 4)
    with ThreadPoolExecutor(11) as pool:
        calls = queue(function, batcher, pool, range(11))
        function.gate.set()
        assert [future.result(SECONDS) for future in calls] == [2 * n for n in range(11)]
    assert function.batches == [[0], [1, 2, 3, 4], [5, 6, 7, 8], [9, 10]]
    assert function.most_inside == 1


def test_a_single_call_is_computed_at_once() -> None:
    function = Doubling()
    function.gate.set()
    batcher = MicroBatcher(function, 4)
    assert [batcher(1), batcher(2)] == [2, 4]
    assert function.batches == [[1], [2]]


def test_an_error_reaches_only_the_call_at_fault() -> None:
    function = Doubling()
    batcher = MicroBatcher(function, 8)
    with ThreadPoolExecutor(4) as pool:
        calls = queue(function, batcher, pool, [1, 2, 13, 3])
        function.gate.set()
        for future, expected in zip(calls, [2, 4, None, 6], strict=True):
            if expected:
                assert future.result(SECONDS) == expected
        with pytest.raises(ArithmeticError, match="13 among 1"):
            calls[2].result(SECONDS)
    assert function.batches == [[1], [2, 13, 3], [2], [13], [3]]
    assert batcher(5) == 10


def test_a_function_that_loses_an_item_raises() -> None:
    with pytest.raises(ValueError, match="zip"):
        MicroBatcher[int, int](lambda items: [], 4)(1)
    with pytest.raises(ValueError, match="max_batch must be at least 1, not 0"):
        MicroBatcher[int, int](lambda items: items, 0)


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
def test_an_interrupted_leader_leaves_its_batch_to_the_others(
    interruption: type[BaseException],
) -> None:
    function = Doubling()
    interrupted: list[int] = []

    def interrupts(items: Sequence[int]) -> list[int]:
        if len(items) > 1 and not interrupted:
            interrupted.append(items[0])
            raise interruption
        return function(items)

    batcher = MicroBatcher(interrupts, 8)
    with ThreadPoolExecutor(4) as pool:
        calls = queue(function, batcher, pool, [1, 2, 3, 4])
        function.gate.set()
        assert [calls[n].result(SECONDS) for n in (0, 2, 3)] == [2, 6, 8]
        with pytest.raises(interruption):
            calls[1].result(SECONDS)
    assert function.batches == [[1], [3, 4]]
    assert batcher(5) == 10


def test_a_call_that_is_interrupted_while_waiting_blocks_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    function = Doubling()
    batcher = MicroBatcher(function, 8)
    wait = threading.Event.wait

    def interrupt(event: threading.Event, timeout: float | None = None) -> bool:
        done = wait(event, timeout)
        if threading.current_thread().name == "unlucky" and event is not function.gate:
            raise KeyboardInterrupt
        return done

    def unlucky() -> None:
        with pytest.raises(KeyboardInterrupt):
            batcher(2)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(batcher, 1)
        assert function.started.wait(SECONDS)
        monkeypatch.setattr(threading.Event, "wait", interrupt)
        thread = threading.Thread(target=unlucky, name="unlucky")
        thread.start()
        wait_until_waiting(batcher, 1)
        last = pool.submit(batcher, 3)
        wait_until_waiting(batcher, 2)
        function.gate.set()
        assert [first.result(SECONDS), last.result(SECONDS)] == [2, 6]
        thread.join(SECONDS)
    assert function.batches == [[1], [3]]


def test_many_threads_get_their_own_results() -> None:
    function = Doubling()
    function.gate.set()
    batcher = MicroBatcher(function, 3)

    def work(thread: int) -> list[int]:
        return [batcher(1000 + 1000 * thread + turn) for turn in range(100)]

    with ThreadPoolExecutor(16) as pool:
        for thread, found in enumerate(pool.map(work, range(16), timeout=SECONDS)):
            assert found == [2 * (1000 + 1000 * thread + turn) for turn in range(100)]
    assert function.most_inside == 1
    assert sum(map(len, function.batches)) == 1600
    assert max(map(len, function.batches)) <= 3
