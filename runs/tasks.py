"""What the queue runs: a look at a run, of at most a slice. Arguments are ids only."""

from __future__ import annotations

import time

from runs import schema
from runs.bell import bell_ring, schema_bell_ring
from runs.engine.loop import claimable_in, drive
from runs.engine.tuning import tuned
from runs.models import Run

SCHEMA_SLICE_SECONDS = 25


def advance_run(run_id: int) -> str:
    """Work on a run for one slice, then ring again when something is left to do.

    Safe to run any number of times, together and late: batches have one driver each.
    """
    state = drive(run_id, tuned("SLICE_SECONDS"), patient=False)
    if state in Run.WORKING:
        wait = claimable_in(run_id)
        if wait is not None:
            bell_ring(run_id, delay=wait)
    return f"Run {run_id}: {state}"


def advance_schema(deployment_id: int) -> str:
    """Go on with a schema deployment for one slice."""
    began = time.monotonic()
    while not schema.deployment_step(deployment_id):
        if time.monotonic() - began > SCHEMA_SLICE_SECONDS:
            schema_bell_ring(deployment_id)
            return f"Deployment {deployment_id}: goes on"
        time.sleep(0.2)
    return f"Deployment {deployment_id}: over"
