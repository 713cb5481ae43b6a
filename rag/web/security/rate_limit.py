"""How often someone may do something: so many at once, and then as many as time gives back."""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from collections.abc import Callable

from rag.errors import TooManyQuestions

_REMEMBERED = 10_000


class Rate:
    """Lets each address do something `most` times at once, and `most` times in each `seconds` after.

    Safe to share between threads. What is kept of an address is one number, the time at which it may
    have its full number again (the generic cell rate algorithm, ITU-T I.371), until that time; of more
    than 10,000 addresses those are forgotten that have done the least. With `most` 0 there is no limit.
    """

    def __init__(self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        if most < 0 or seconds <= 0:
            raise ValueError(f"no one can do something {most} times in {seconds} seconds")
        self.most = most
        self.seconds = seconds
        self._clock = clock
        self._full: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait(self, who: str) -> float:
        """Return in how many seconds an address may do it again, 0.0 if it may now."""
        if not self.most:
            return 0.0
        with self._lock:
            return self._wait(network(who), self._clock())

    def take(self, who: str) -> float:
        """Count one for an address if it may, else return how many seconds it has to wait."""
        if not self.most:
            return 0.0
        name = network(who)
        with self._lock:
            now = self._clock()
            if wait := self._wait(name, now):
                return wait
            self._full[name] = max(self._full.get(name, now), now) + self.seconds / self.most
            if len(self._full) > _REMEMBERED:
                self._forget(now)
        return 0.0

    def ask(self, who: str) -> None:
        """Count a question of an address; raises `TooManyQuestions` if it has asked too many."""
        if wait := self.take(who):
            period = "a minute" if self.seconds == 60 else _in_seconds(self.seconds)
            raise TooManyQuestions(
                f"You have asked more than {_many(self.most, 'question')} in {period}. "
                f"Wait {_in_seconds(wait)} and ask again."
            )

    def _wait(self, name: str, now: float) -> float:
        spent = self._full.get(name, now) - now
        # A little less, because a sum of many fractions is not exact.
        return wait if (wait := spent + self.seconds / self.most - self.seconds) > 1e-6 else 0.0

    def _forget(self, now: float) -> None:
        still = sorted((full, name) for name, full in self._full.items() if full > now)
        self._full = {name: full for full, name in still[-_REMEMBERED // 2 :]}


def network(address: str) -> str:
    """Return the address, or the /64 of one of IPv6, which is what one household is given."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(parsed) >> 64 << 64, 64)))


def _in_seconds(seconds: float) -> str:
    return _many(math.ceil(seconds), "second")


def _many(number: int, name: str) -> str:
    return f"{number:,} {name}{'s' * (number != 1)}"
