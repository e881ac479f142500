"""Making projects."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from projects import audit
from projects.models import Membership, Project


@transaction.atomic
def project_create(
    *, name: str, destination: str, actor: AbstractBaseUser, practice: bool = False
) -> Project:
    """Make a project; its maker becomes its consultant."""
    project = Project.objects.create(
        name=name, destination=destination, created_by=actor, practice=practice
    )
    Membership.objects.create(project=project, user=actor, role=Membership.Role.CONSULTANT)
    audit.record(project, actor, "project:created", destination=destination, practice=practice)
    return project
