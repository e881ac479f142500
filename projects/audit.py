"""The audit trail: one line for each thing a person or a run did."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser

from projects.models import AuditEntry, Project


def record(
    project: Project | None, actor: AbstractBaseUser | None, action: str, **facts: Any
) -> None:
    """Append one entry. ``facts`` are ids, counts and codes, never names, values or secrets.

    Called inside the transaction of the thing it tells, so both happen or neither.
    """
    AuditEntry.objects.create(project=project, actor=actor, action=action, facts=facts)
