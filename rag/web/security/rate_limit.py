"""Limits how often an IP address may do something."""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from collections.abc import Callable

from rag.errors import TooManyQuestions

MAX_ADDRESSES = 10_000


class RateLimiter:
    """Allows each address a burst of `limit` actions, then `limit` actions in every `seconds`.

    Safe to share between threads. Implements the generic cell rate algorithm (ITU-T I.371): it stores
    one time per address, at which the whole burst is available again. Beyond `max_addresses` it forgets
    the addresses that have used least of their allowance. A `limit` of 0 allows everything.
    """

    def __init__(
        self,
        limit: int,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        max_addresses: int = MAX_ADDRESSES,
    ) -> None:
        if limit < 0 or seconds <= 0:
            raise ValueError(f"a limit of {limit} in {seconds} seconds is not possible")
        self.limit = limit
        self.seconds = seconds
        self._clock = clock
        self._max_addresses = max_addresses
        self._restored_at: dict[str, float] = {}
        self._lock = threading.Lock()

    @property
    def addresses(self) -> int:
        """Number of addresses in memory."""
        return len(self._restored_at)

    def wait(self, address: str) -> float:
        """Return the seconds until an address may act again, 0.0 if it may now."""
        if not self.limit:
            return 0.0
        with self._lock:
            return self._wait(client_network(address), self._clock())

    def take(self, address: str) -> float:
        """Count an action and return 0.0, or count nothing and return the seconds to wait."""
        if not self.limit:
            return 0.0
        network = client_network(address)
        with self._lock:
            now = self._clock()
            if wait := self._wait(network, now):
                return wait
            restored_at = max(self._restored_at.get(network, now), now)
            self._restored_at[network] = restored_at + self.seconds / self.limit
            if len(self._restored_at) > self._max_addresses:
                self._forget(now)
        return 0.0

    def ask(self, address: str) -> None:
        """Count a question of an address. Raises `TooManyQuestions` beyond the limit."""
        if wait := self.take(address):
            raise TooManyQuestions(
                "too-many-questions",
                limit=self.limit,
                seconds=math.ceil(self.seconds),
                count=math.ceil(wait),
            )

    def _wait(self, network: str, now: float) -> float:
        used = self._restored_at.get(network, now) - now
        wait = used + self.seconds / self.limit - self.seconds
        # A sum of many fractions is not exact.
        return wait if wait > 1e-6 else 0.0

    def _forget(self, now: float) -> None:
        pending = sorted((time, network) for network, time in self._restored_at.items() if time > now)
        self._restored_at = {network: time for time, network in pending[-self._max_addresses // 2 :]}


def client_network(address: str) -> str:
    """Return an IPv4 address, or the /64 network of an IPv6 address: one household has a /64."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(parsed) >> 64 << 64, 64)))
