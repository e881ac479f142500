"""The doorbell: a queue task says only "somebody look at this run". Losing, doubling or delaying
it does no harm, because the database says what is to be done; ``manage.py watch`` rings again."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django_q.models import Schedule
from django_q.tasks import async_task

log = logging.getLogger(__name__)


def bell_ring(run_id: int, delay: float = 0, times: int = 1) -> None:
    """Ask workers to look at a run after the current transaction, or in ``delay`` seconds.

    A delayed bell replaces the one that was waiting, so they never pile up.
    """
    if delay > 0:
        Schedule.objects.update_or_create(
            name=f"run {run_id}",
            defaults={
                "func": "runs.tasks.advance_run",
                "args": f"({run_id},)",
                "schedule_type": Schedule.ONCE,
                "repeats": -1,
                "next_run": timezone.now() + timedelta(seconds=delay),
            },
        )
        return
    for _ in range(times):
        transaction.on_commit(lambda: async_task("runs.tasks.advance_run", run_id))


def schema_bell_ring(deployment_id: int) -> None:
    """Ask a worker to go on with a schema deployment."""
    transaction.on_commit(lambda: async_task("runs.tasks.advance_schema", deployment_id))
