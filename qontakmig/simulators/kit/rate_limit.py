"""Requests per minute, over a sliding window."""

from __future__ import annotations

import math
import time
from collections import deque


class RateLimit:
    """Lets ``per_minute`` requests through in any 60 seconds; 0 means no limit."""

    def __init__(self, per_minute: int = 0) -> None:
        self.per_minute = per_minute
        self._taken: deque[float] = deque()

    def take(self) -> int:
        """Return 0 when a request may pass, else the whole seconds until one may."""
        if not self.per_minute:
            return 0
        now = time.monotonic()
        while self._taken and self._taken[0] <= now - 60:
            self._taken.popleft()
        if len(self._taken) >= self.per_minute:
            return max(1, math.ceil(self._taken[-self.per_minute] + 60 - now))
        self._taken.append(now)
        return 0
