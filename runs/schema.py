"""Schema provisioning as people use it: see what is missing, try it, apply it."""

from __future__ import annotations

import time

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from mapping.models import MapVersion
from projects import audit, connections
from projects.models import Project
from qontakmig.connectors.errors import ConnectorError
from runs.bell import schema_bell_ring
from runs.engine import provision
from runs.engine.provision import SchemaPlan
from runs.errors import RunRefused
from runs.models import SchemaDeployment

__all__ = ["SchemaPlan", "schema_apply", "schema_check", "schema_drive", "schema_plan"]


def schema_plan(*, project: Project, environment: str, map_version: MapVersion) -> SchemaPlan:
    """Return what the destination has and lacks of what the map needs.

    Contacts the destination. Raises RunRefused for a draft map, NotConnected, ConnectorError.
    """
    _refuse_draft(map_version)
    target = connections.target(project, environment)
    try:
        return provision.schema_compare(target, map_version.document)
    finally:
        target.close()


def schema_check(
    *, project: Project, environment: str, map_version: MapVersion, actor: AbstractBaseUser
) -> SchemaDeployment:
    """Start a trial: the destination checks everything and creates nothing."""
    return _deploy(project, environment, map_version, actor, check_only=True)


def schema_apply(
    *, project: Project, environment: str, map_version: MapVersion, actor: AbstractBaseUser
) -> SchemaDeployment:
    """Start creating what the map needs; a second click gets the deployment that is on its way."""
    return _deploy(project, environment, map_version, actor, check_only=False)


def _deploy(
    project: Project,
    environment: str,
    map_version: MapVersion,
    actor: AbstractBaseUser,
    *,
    check_only: bool,
) -> SchemaDeployment:
    _refuse_draft(map_version)
    try:
        with transaction.atomic():
            deployment = SchemaDeployment.objects.create(
                project=project,
                environment=environment,
                map_version=map_version,
                map_hash=map_version.content_hash,
                check_only=check_only,
                started_by=actor,
            )
            audit.record(
                project,
                actor,
                "schema:checked" if check_only else "schema:applied",
                deployment=deployment.pk,
                environment=environment,
                map=map_version.number,
            )
            schema_bell_ring(deployment.pk)
    except IntegrityError:
        return SchemaDeployment.objects.get(
            project=project,
            environment=environment,
            state__in=(SchemaDeployment.State.QUEUED, SchemaDeployment.State.DEPLOYING),
        )
    return deployment


def _refuse_draft(map_version: MapVersion) -> None:
    if map_version.is_draft:
        raise RunRefused(_("The map is not confirmed yet. Confirm it first."))


def deployment_step(deployment_id: int) -> bool:
    """Take one step with a deployment; return whether it is over."""
    deployment = SchemaDeployment.objects.select_related("project").get(pk=deployment_id)
    if deployment.state not in (SchemaDeployment.State.QUEUED, SchemaDeployment.State.DEPLOYING):
        return True
    try:
        target = connections.target(deployment.project, deployment.environment)
    except (ConnectorError, connections.NotConnected) as exc:
        SchemaDeployment.objects.filter(pk=deployment_id).update(
            state=SchemaDeployment.State.FAILED, problem=str(exc), advice=getattr(exc, "advice", "")
        )
        return True
    try:
        return provision.deployment_advance(deployment_id, target)
    finally:
        target.close()


def schema_drive(deployment: SchemaDeployment, pause_seconds: float = 0.1) -> SchemaDeployment:
    """Work on a deployment here until it is over; return it as it ended."""
    while not deployment_step(deployment.pk):
        time.sleep(pause_seconds)
    deployment.refresh_from_db()
    return deployment


def schema_applied(project: Project, environment: str, map_hash: str) -> bool:
    """True when the destination was given what this very map needs, and it was not taken back."""
    last = (
        SchemaDeployment.objects.filter(
            project=project, environment=environment, map_hash=map_hash, check_only=False
        )
        .order_by("-pk")
        .first()
    )
    return last is not None and last.state == SchemaDeployment.State.DONE
