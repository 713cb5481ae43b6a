"""The rate limiter, by a clock that the tests move."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from rag.errors import RagError, TooManyQuestions
from rag.i18n.translator import Translator
from rag.web.security.rate_limit import RateLimiter, client_network


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_take_allows_a_burst_then_one_per_interval(clock: Clock) -> None:
    limiter = RateLimiter(60, 60, clock)
    assert [limiter.take("a") for _ in range(60)] == [0.0] * 60
    assert limiter.take("a") == pytest.approx(1)
    assert limiter.wait("a") == pytest.approx(1)
    assert limiter.take("b") == 0.0
    clock.now += 1
    assert limiter.take("a") == 0.0
    assert limiter.take("a") == pytest.approx(1)
    clock.now += 0.25
    assert limiter.take("a") == pytest.approx(0.75)
    clock.now += 60
    assert [limiter.take("a") for _ in range(60)] == [0.0] * 60
    assert limiter.take("a") > 0


def test_wait_and_refused_take_count_nothing(clock: Clock) -> None:
    limiter = RateLimiter(1, 10, clock)
    assert [limiter.wait("a") for _ in range(3)] == [0.0] * 3
    assert limiter.take("a") == 0.0
    assert [limiter.take("a") for _ in range(3)] == [pytest.approx(10)] * 3
    clock.now += 10
    assert limiter.take("a") == 0.0


def test_limit_0_allows_everything(clock: Clock) -> None:
    limiter = RateLimiter(0, 60, clock)
    assert {limiter.take("a") for _ in range(10_000)} == {limiter.wait("a")} == {0.0}
    limiter.ask("a")


@pytest.mark.parametrize(("limit", "seconds"), [(-1, 60), (5, 0), (5, -1)])
def test_limiter_with_impossible_limit_raises(limit: int, seconds: float) -> None:
    with pytest.raises(ValueError, match=f"limit of {limit} in {seconds} seconds"):
        RateLimiter(limit, seconds)


def test_memory_is_bounded_and_busiest_addresses_stay(clock: Clock) -> None:
    limiter = RateLimiter(2, 60, clock, max_addresses=100)
    for _ in range(2):
        assert limiter.take("10.0.0.1") == 0.0
    for number in range(300):
        clock.now += 0.01
        limiter.take(f"someone {number}")
        assert limiter.addresses <= 100
    assert limiter.take("10.0.0.1") > 0
    clock.now += 60
    for number in range(101):
        limiter.take(f"another {number}")
    assert limiter.addresses == 50, "addresses that may use their whole burst again are forgotten first"
    assert limiter.take("10.0.0.1") == 0.0


@pytest.mark.parametrize(
    ("address", "network"),
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
def test_client_network_is_what_one_household_has(address: str, network: str) -> None:
    assert client_network(address) == network


def test_threads_share_a_limit(clock: Clock) -> None:
    limiter = RateLimiter(100, 60, clock)
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: limiter.take("a"), range(1000)))
    assert waits.count(0.0) == 100


def test_ask_beyond_the_limit_raises_with_the_seconds_to_wait(clock: Clock) -> None:
    limiter = RateLimiter(60, 60, clock)
    for _ in range(60):
        limiter.ask("a")
    with pytest.raises(TooManyQuestions) as caught:
        limiter.ask("a")
    error = caught.value
    assert isinstance(error, RagError)
    assert (error.code, error.parameters) == (
        "too-many-questions",
        {"limit": 60, "seconds": 60, "count": 1},
    )
    assert str(error) == "Too many questions: the limit is 60 in 60 seconds. Ask again in 1 second."
    assert "60 次" in Translator("zh-Hans").error(error)
    hour = RateLimiter(1, 3600, clock)
    hour.ask("a")
    with pytest.raises(TooManyQuestions, match=r"1 in 3,600 seconds\. Ask again in 3,600 seconds\."):
        hour.ask("a")
