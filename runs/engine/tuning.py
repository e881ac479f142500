"""Times and sizes of the engine. Each may be set in Django's settings as RUNS_<NAME>."""

from __future__ import annotations

from django.conf import settings

DEFAULTS = {
    "LEASE_SECONDS": 120.0,
    "REQUEST_SECONDS": 75.0,
    "UPLOAD_SECONDS": 200.0,
    "SLICE_SECONDS": 25.0,
    "BACKOFF_SECONDS": 2.0,
    "BACKOFF_MAX_SECONDS": 600.0,
    "POLL_SECONDS": 0.25,
    "POLL_MAX_SECONDS": 20.0,
    "EXTRACT_ROWS": 1000,
    "SMALL_BATCH": 2000,
    "BIG_BATCH": 5_000,
    "BIG_PHASE": 20_000,
    "VERIFY_BY_PAGES": 4000,
}
"""LEASE: longest silence of a worker before others take over. REQUEST and UPLOAD: what the lease
must still hold before such a request is sent, longer than the connector's own deadlines (60 s and
180 s). BACKOFF: first wait after trouble, doubled each time. BIG_PHASE: records from which a
phase is cut into BIG_BATCH instead of SMALL_BATCH. VERIFY_BY_PAGES: records from which
verification reads the whole object in pages instead of asking by key."""

RETRY_ATTEMPTS = 12
"""Sends after which a row that the destination keeps calling busy becomes an error."""
STARTS_BEFORE_SPLIT = 3
STARTS_BEFORE_POISON = 5
REJECTIONS_BEFORE_STOP = 6
FAILURES_BEFORE_CIRCUIT = 5
EXAMPLES = 20


def tuned(name: str) -> float:
    """Return the setting RUNS_<name>, else the default above."""
    return getattr(settings, f"RUNS_{name}", DEFAULTS[name])


def rows(name: str) -> int:
    return int(tuned(name))


def request_seconds(records: int) -> float:
    """Return how long the lease must last for a connector call about so many records.

    Such a call may be many requests: 200 records each, 10 seconds at the slowest we bear.
    """
    return tuned("REQUEST_SECONDS") + records * 0.05
