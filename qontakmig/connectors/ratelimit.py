"""An adaptive rate: slower after each refusal, a little faster while all goes well."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

SLOWEST_PER_SECOND = 0.1
RAISE_AFTER = 20
"""Answers without a refusal before the rate goes up by RAISE_FACTOR."""
RAISE_FACTOR = 1.1
LONGEST_BACKOFF_SECONDS = 900.0


class AdaptiveLimiter:
    """A token bucket for one connection, shared by its threads.

    It does not hold anything back until the other side refuses once: neither Qontak nor Salesforce
    publishes a rate for reading. From then on it spreads calls at half the rate that was in use and
    feels its way up again.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._rate: float | None = None
        self._next_at = 0.0
        self._closed_until = 0.0
        self._good = 0
        self._refusals = 0
        self._recent: list[float] = []

    @property
    def per_second(self) -> float | None:
        """The rate held at present, None while nothing was ever refused."""
        return self._rate

    def reserve(self) -> float:
        """Take the next free place; return the seconds to wait before using it."""
        with self._lock:
            now = self._clock()
            start = max(now, self._next_at, self._closed_until)
            if self._rate is not None:
                self._next_at = start + 1 / self._rate
            self._recent.append(start)
            del self._recent[:-60]
            return start - now

    def give_back(self) -> None:
        """Return a place that will not be used after all."""
        with self._lock:
            if self._rate is not None:
                self._next_at -= 1 / self._rate
            if self._recent:
                self._recent.pop()

    def answered(self) -> None:
        """Note an answer that was no refusal."""
        with self._lock:
            self._refusals = 0
            self._good += 1
            if self._rate is not None and self._good >= RAISE_AFTER:
                self._rate *= RAISE_FACTOR
                self._good = 0

    def refused(self, retry_after: float | None) -> float:
        """Note a refusal; return the seconds that nothing should be sent.

        ``retry_after`` is what the other side asked for. Without it the wait doubles with each
        refusal in a row, from 1 second to 15 minutes.
        """
        with self._lock:
            now = self._clock()
            self._refusals += 1
            self._good = 0
            in_use = self._rate or self._rate_in_use(now)
            self._rate = max(SLOWEST_PER_SECOND, in_use / 2)
            wait = retry_after
            if wait is None:
                wait = min(LONGEST_BACKOFF_SECONDS, 2.0 ** (self._refusals - 1))
            self._closed_until = max(self._closed_until, now + wait)
            self._next_at = self._closed_until
            return wait

    def _rate_in_use(self, now: float) -> float:
        if len(self._recent) < 2:
            return 1.0
        return len(self._recent) / max(now - self._recent[0], 0.05)


_limiters: dict[str, AdaptiveLimiter] = {}
_limiters_lock = threading.Lock()


def limiter_for(key: str) -> AdaptiveLimiter:
    """Return this process's limiter of a connection. ``key`` tells connections apart."""
    with _limiters_lock:
        return _limiters.setdefault(key, AdaptiveLimiter())
