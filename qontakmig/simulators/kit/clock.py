"""The time a practice org believes in: the machine's, plus an offset that can be moved."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """Wall clock with an offset in seconds, so that expiry can be tested without waiting."""

    def __init__(self, offset_seconds: float = 0.0) -> None:
        self.offset_seconds = offset_seconds

    def now(self) -> float:
        """Return seconds since the epoch."""
        return time.time() + self.offset_seconds

    def utcnow(self) -> datetime:
        """Return the same moment as an aware UTC datetime."""
        return datetime.fromtimestamp(self.now(), UTC)
