"""The watch: whatever happened to the queue, runs with work get looked at."""

from __future__ import annotations

from django.db.models.functions import Now

from projects.tasks import discoveries_ring
from runs.bell import bell_ring, schema_bell_ring
from runs.engine.leases import leases_of_the_dead_release
from runs.engine.loop import claimable_in
from runs.models import Batch, Run, SchemaDeployment


def watch_once() -> list[str]:
    """End leases of dead workers, ring every run that has work and nobody on it; say what was done.

    A bell too many does no harm: its slice finds nothing to claim.
    """
    said = []
    ended = sum(
        leases_of_the_dead_release(rows)
        for rows in (Batch.objects.all(), Run.objects.all(), SchemaDeployment.objects.all())
    )
    if ended:
        said.append(f"{ended} leases of dead workers ended")
    for run in Run.objects.filter(state__in=Run.WORKING):
        if Batch.objects.filter(step__run=run, lease_until__gte=Now()).exists():
            continue
        if claimable_in(run.pk) == 0 or run.request:
            bell_ring(run.pk)
            said.append(f"run {run.pk} rung")
    waiting = SchemaDeployment.objects.filter(state__in=("queued", "deploying")).exclude(
        lease_until__gte=Now()
    )
    for deployment in waiting:
        schema_bell_ring(deployment.pk)
        said.append(f"schema deployment {deployment.pk} rung")
    said += [f"audit {pk} rung" for pk in discoveries_ring()]
    return said
