"""Every request an org received, for tests and benchmarks to read afterwards."""

from __future__ import annotations

import hashlib
import itertools
from collections import deque
from typing import Any

from qontakmig.simulators.kit.messages import Request

CAPACITY = 200_000
"""Requests kept; older ones fall out."""


class Journal:
    """A bounded list of entries, numbered from 1 in order of arrival.

    Entry: {n, at, method, path, query, body_sha256, body_bytes, status, fault, committed}.
    ``status`` is null until the request is answered and stays null when it never is.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=capacity)
        self._count = 0

    def open(self, request: Request, at: float) -> dict[str, Any]:
        """Add the entry of a request that has just arrived and return it to be completed."""
        self._count += 1
        entry = {
            "n": self._count,
            "at": at,
            "method": request.method,
            "path": request.path,
            "query": request.raw_target.partition("?")[2],
            "body_sha256": hashlib.sha256(request.body).hexdigest() if request.body else "",
            "body_bytes": len(request.body),
            "status": None,
            "fault": None,
            "committed": False,
        }
        self._entries.append(entry)
        return entry

    def after(self, n: int, limit: int) -> list[dict[str, Any]]:
        """Return up to ``limit`` entries numbered above ``n``, oldest first."""
        first = self._count - len(self._entries)
        start = max(0, n - first)
        stop = min(len(self._entries), start + limit)
        return list(itertools.islice(self._entries, start, stop))

    def clear(self) -> None:
        """Forget the entries; numbering goes on."""
        self._entries.clear()
