"""Opening a draft: what discovery found, described by the accounts themselves."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser

from mapping import services
from mapping.blueprints import blueprint_get
from mapping.models import MapVersion
from mapping.sampling import samples_read
from projects import connections
from projects.models import Discovery, Project
from qontakmig.connectors.base import ObjectDescribe, SourceRecord


def draft_from_accounts(
    *, project: Project, discovery: Discovery, environment: str, actor: AbstractBaseUser
) -> MapVersion:
    """Ask the destination for its objects and the source for some records, and propose a map.

    Takes some seconds: a few requests to both accounts. Raises ConnectorError, NotConnected, and
    what ``services.draft_create`` raises.
    """
    return services.draft_create(
        project=project,
        discovery=discovery,
        target_describes=_describes(project, environment),
        actor=actor,
        samples=_samples(project, discovery),
    )


def _describes(project: Project, environment: str) -> dict[str, ObjectDescribe]:
    phases = blueprint_get(project.destination).phases
    target = connections.target(project, environment)
    try:
        names = dict.fromkeys(phase.target_object for phase in phases if phase.mode == "load")
        return {name: target.describe(name) for name in names}
    finally:
        target.close()


def _samples(project: Project, discovery: Discovery) -> dict[str, list[SourceRecord]]:
    names = discovery.objects_found.filter(records_read__gt=0).values_list("name", flat=True)
    source = connections.source(project)
    try:
        return samples_read(source, tuple(names))
    finally:
        source.close()
