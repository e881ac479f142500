"""The engine: runs are steps, steps are batches, a batch has one driver at a time.

``runs.engine.loop.drive(run_id)`` works on a run; ``runs.services`` start and stop it.
"""

from __future__ import annotations


def drive(run_id: int, budget_seconds: float | None = None, *, patient: bool = True) -> str:
    """See ``runs.engine.loop.drive``; imported late because models must be ready first."""
    from runs.engine.loop import drive as work

    return work(run_id, budget_seconds, patient=patient)
