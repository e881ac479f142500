"""API versions and their release names."""

from __future__ import annotations

import re

OLDEST, NEWEST = 31, 68
"""Versions an org answers in autumn 2026: Summer '14 to the Winter '27 preview."""

_SEASONS = ("Summer", "Winter", "Spring")
_VERSION = re.compile(r"v(\d{2})\.0", re.IGNORECASE)


def listing() -> list[dict[str, str]]:
    """Return the answer of ``GET /services/data``, oldest first."""
    return [
        {"label": _label(number), "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
        for number in range(OLDEST, NEWEST + 1)
    ]


def parse(segment: str) -> str | None:
    """Return "62.0" for a path segment "v62.0"; None when the org has no such version."""
    match = _VERSION.fullmatch(segment)
    if match is None or not OLDEST <= int(match[1]) <= NEWEST:
        return None
    return f"{match[1]}.0"


def _label(number: int) -> str:
    """v31 is Summer '14 and three releases follow each other every year."""
    season = (number - OLDEST) % 3
    year = 14 + (number - OLDEST + 2) // 3
    return f"{_SEASONS[season]} '{year}"
