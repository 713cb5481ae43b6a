"""How often someone may ask, by a clock that the tests move."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from rag.errors import RagError, TooManyQuestions
from rag.web.security import rate_limit
from rag.web.security.rate_limit import Rate


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_so_many_at_once_and_then_as_time_gives_back(clock: Clock) -> None:
    rate = Rate(60, 60, clock)
    assert [rate.take("a") for _ in range(60)] == [0.0] * 60
    assert rate.take("a") == pytest.approx(1)
    assert rate.wait("a") == pytest.approx(1)
    assert rate.take("b") == 0.0
    clock.now += 1
    assert rate.take("a") == 0.0
    assert rate.take("a") == pytest.approx(1)
    clock.now += 0.25
    assert rate.take("a") == pytest.approx(0.75)
    clock.now += 60
    assert [rate.take("a") for _ in range(60)] == [0.0] * 60
    assert rate.take("a") > 0


def test_asking_how_long_and_being_refused_cost_nothing(clock: Clock) -> None:
    rate = Rate(1, 10, clock)
    assert [rate.wait("a") for _ in range(3)] == [0.0] * 3
    assert rate.take("a") == 0.0
    assert [rate.take("a") for _ in range(3)] == [pytest.approx(10)] * 3
    clock.now += 10
    assert rate.take("a") == 0.0


def test_none_is_no_limit(clock: Clock) -> None:
    rate = Rate(0, 60, clock)
    assert {rate.take("a") for _ in range(10_000)} == {rate.wait("a")} == {0.0}
    rate.ask("a")


@pytest.mark.parametrize(("most", "seconds"), [(-1, 60), (5, 0), (5, -1)])
def test_a_limit_that_means_nothing_is_refused(most: int, seconds: float) -> None:
    with pytest.raises(ValueError, match=f"{most} times in {seconds} seconds"):
        Rate(most, seconds)


def test_what_is_kept_is_bounded_and_the_worst_are_kept(clock: Clock) -> None:
    rate = Rate(2, 60, clock)
    for _ in range(2):
        assert rate.take("10.0.0.1") == 0.0
    for number in range(30_000):
        clock.now += 0.0001
        rate.take(f"someone {number}")
        assert len(rate._full) <= rate_limit._REMEMBERED
    assert rate.take("10.0.0.1") > 0
    clock.now += 60
    for number in range(rate_limit._REMEMBERED + 1):
        rate.take(f"another {number}")
    assert "10.0.0.1" not in rate._full


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("2001:DB8:1:3::", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_what_one_person_can_have_many_of_is_counted_as_one(address: str, counted: str) -> None:
    assert rate_limit.network(address) == counted


def test_threads_share_a_limit(clock: Clock) -> None:
    rate = Rate(100, 60, clock)
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: rate.take("a"), range(1000)))
    assert waits.count(0.0) == 100


def test_who_asks_too_often_is_told_when_to_come_back(clock: Clock) -> None:
    rate = Rate(60, 60, clock)
    for _ in range(60):
        rate.ask("a")
    with pytest.raises(TooManyQuestions) as caught:
        rate.ask("a")
    assert str(caught.value) == (
        "You have asked more than 60 questions in a minute. Wait 1 second and ask again."
    )
    assert isinstance(caught.value, RagError)
    hour = Rate(1, 3600, clock)
    hour.ask("a")
    with pytest.raises(TooManyQuestions, match=r"1 question in 3,600 seconds\. Wait 3,600 seconds"):
        hour.ask("a")
