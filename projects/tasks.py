"""What the queue calls. Arguments are ids only; the database says what is to be done."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django_q.models import Schedule
from django_q.tasks import async_task

from projects.discovery import discovery_advance
from projects.models import Discovery

ADVANCE = "projects.tasks.advance_discovery"


def advance_discovery(discovery_id: int) -> str:
    """Work on an audit for one slice, then ring again while something is left."""
    if discovery_advance(discovery_id):
        discovery_ring(discovery_id)
        return f"Discovery {discovery_id}: goes on"
    return f"Discovery {discovery_id}: nothing left to do"


def discovery_ring(discovery_id: int) -> None:
    """Ask a worker to go on with an audit: at once, or when it may be worked on again.

    A later bell replaces the one that was waiting, so they never pile up.
    """
    found = Discovery.objects.filter(pk=discovery_id).values_list("not_before", "lease_until")
    moments = [moment for moment in found.first() or () if moment is not None]
    at = max(moments, default=timezone.now())
    if at <= timezone.now() + timedelta(seconds=1):
        async_task(ADVANCE, discovery_id)
        return
    Schedule.objects.update_or_create(
        name=f"discovery {discovery_id}",
        defaults={
            "func": ADVANCE,
            "args": f"({discovery_id},)",
            "schedule_type": Schedule.ONCE,
            "repeats": -1,
            "next_run": at,
        },
    )


def discoveries_ring() -> list[int]:
    """Ring every audit that is under way, due, and held by nobody; return their ids."""
    due = Discovery.objects.filter(state__in=("queued", "running"))
    now = timezone.now()
    ids = [
        pk
        for pk, *moments in due.values_list("pk", "not_before", "lease_until")
        if all(moment is None or moment <= now for moment in moments)
    ]
    for pk in ids:
        discovery_ring(pk)
    return ids
