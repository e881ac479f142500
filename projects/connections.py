"""The one place that turns a stored connection into an open connector."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from projects import audit, secrets
from projects.models import Connection, Project
from projects.systems import SYSTEMS
from qontakmig.connectors.base import Identity, SourceConnector, TargetConnector
from qontakmig.connectors.errors import ConnectorError, WrongOrganization


class NotConnected(Exception):
    """A connection that the next step needs is missing; the message says which."""


@transaction.atomic
def connection_save(
    *,
    project: Project,
    side: str,
    system: str,
    config: dict[str, Any],
    credentials: dict[str, str],
    actor: AbstractBaseUser,
) -> Connection:
    """Store one side of a project. Credentials left empty keep what was stored before."""
    found = Connection.objects.select_for_update().filter(project=project, side=side).first()
    connection = found or Connection(project=project, side=side)
    kept = secrets.unseal(connection) if found and found.system == system else {}
    connection.system = system
    connection.config = config
    connection.state = Connection.State.UNTESTED
    connection.identity, connection.problem, connection.advice = {}, "", ""
    secrets.seal(connection, kept | {name: text for name, text in credentials.items() if text})
    connection.save()
    audit.record(project, actor, "connection:saved", side=side, system=system)
    return connection


def connection_test(*, connection: Connection, actor: AbstractBaseUser | None) -> Connection:
    """Ask the other side who we are there; store its answer, or in words why it gave none.

    An organisation of the wrong kind (production where a sandbox was promised, or the reverse) is
    a failure, because everything after trusts this answer.
    """
    try:
        with opened(connection) as connector:
            identity = connector.identify()
        _refuse_wrong_kind(connection, identity)
    except (ConnectorError, secrets.Unreadable) as exc:
        connection.state = Connection.State.FAILED
        connection.problem = str(exc)
        connection.advice = getattr(exc, "advice", "") or _("Enter the credentials again.")
    else:
        connection.state = Connection.State.WORKING
        connection.identity = asdict(identity)
        connection.problem = connection.advice = ""
    connection.tested_at = timezone.now()
    with transaction.atomic():
        connection.save(update_fields=["state", "identity", "problem", "advice", "tested_at"])
        audit.record(
            connection.project,
            actor,
            "connection:tested",
            side=connection.side,
            state=connection.state,
        )
    return connection


def _refuse_wrong_kind(connection: Connection, identity: Identity) -> None:
    if connection.side == Connection.Side.SOURCE or identity.sandbox is None:
        return
    promised_sandbox = connection.side == Connection.Side.SANDBOX
    if identity.sandbox == promised_sandbox:
        return
    found = _("a sandbox") if identity.sandbox else _("a production organisation")
    promised = _("a sandbox") if promised_sandbox else _("a production organisation")
    raise WrongOrganization(
        _("%(name)s (%(id)s) is %(found)s, but this connection was promised to be %(promised)s.")
        % {
            "name": identity.organization_name,
            "id": identity.organization_id,
            "found": found,
            "promised": promised,
        },
        system=connection.system,
        advice=_("Nothing was written. Check the address, or move it to the other side."),
    )


@contextmanager
def opened(connection: Connection, **hooks: Any) -> Iterator[Any]:
    """Open the connector of ``connection`` and close it afterwards."""
    connector = open_connection(connection, **hooks)
    try:
        yield connector
    finally:
        connector.close()


def open_connection(connection: Connection, **hooks: Any) -> Any:
    """Return the connector; renewed tokens are stored before they are used.

    ``hooks`` go to the connector: ``on_call`` receives one log entry for each request.
    """
    system = SYSTEMS[connection.system]
    config = connection.config | {"practice": connection.project.practice}

    def keep_tokens(tokens: dict[str, str]) -> None:
        with transaction.atomic():
            row = Connection.objects.select_for_update().get(pk=connection.pk)
            secrets.seal(row, secrets.unseal(row) | tokens)
            row.save(update_fields=["sealed"])

    return system.opens(config, secrets.unseal(connection), on_tokens=keep_tokens, **hooks)


def source(project: Project, **hooks: Any) -> SourceConnector:
    """Return the open connector to the project's Qontak account. Raises NotConnected."""
    connector: SourceConnector = open_connection(_get(project, Connection.Side.SOURCE), **hooks)
    return connector


def target(project: Project, environment: str, **hooks: Any) -> TargetConnector:
    """Return the open connector to ``environment`` (sandbox or production). Raises NotConnected."""
    connector: TargetConnector = open_connection(_get(project, environment), **hooks)
    return connector


def _get(project: Project, side: str) -> Connection:
    try:
        return project.connections.get(side=side)
    except Connection.DoesNotExist as exc:
        label = Connection.Side(side).label
        raise NotConnected(
            _("The project has no %(side)s connection yet. Add it under Connect.")
            % {"side": label.lower()}
        ) from exc
