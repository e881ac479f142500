"""How fast a run goes: a few samples of what was settled, kept while somebody looks."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils import timezone

from runs.models import Run

WINDOW = timedelta(minutes=5)
LEAST_APART = 2.0
"""Seconds between two samples; several readers of one run share them."""


@dataclass(frozen=True, slots=True)
class Pace:
    """``rate`` in records a second over ``seconds``; ``ready_at`` None while it cannot be told."""

    rate: float
    seconds: float
    ready_at: datetime | None
    series: tuple[float, ...] = ()


def pace(run: Run, settled: int, to_go: int) -> Pace:
    """Return the pace of the last five minutes, or since the start while nobody looked."""
    now = timezone.now()
    key = f"pace-{run.pk}-{run.started_at:%s}" if run.started_at else f"pace-{run.pk}"
    samples = [(at, n) for at, n in cache.get(key, []) if now.timestamp() - at <= WINDOW.seconds]
    if not samples or now.timestamp() - samples[-1][0] >= LEAST_APART:
        samples.append((now.timestamp(), settled))
        cache.set(key, samples, WINDOW.seconds)
    first_at, first_n = samples[0]
    seconds = samples[-1][0] - first_at
    if seconds < 10 and run.started_at:
        seconds, first_n = (now - run.started_at).total_seconds(), 0
    rate = max(0.0, (settled - first_n) / seconds) if seconds > 0 else 0.0
    ready = now + timedelta(seconds=to_go / rate) if rate > 0 and to_go else None
    return Pace(rate, seconds, ready, _series(samples))


def _series(samples: list[tuple[float, int]]) -> tuple[float, ...]:
    pairs = itertools.pairwise(samples)
    return tuple((n2 - n1) / (t2 - t1) for (t1, n1), (t2, n2) in pairs if t2 > t1)[-40:]
