"""What the queue calls. Arguments are ids only; the database says what is to be done."""

from __future__ import annotations

from django_q.tasks import async_task

from projects.discovery import discovery_advance


def advance_discovery(discovery_id: int) -> str:
    """Work on an audit for one slice, then ring again while something is left."""
    if discovery_advance(discovery_id):
        async_task("projects.tasks.advance_discovery", discovery_id)
        return f"Discovery {discovery_id}: goes on"
    return f"Discovery {discovery_id}: nothing left to do"
