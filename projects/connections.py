"""The one place that turns a stored connection into an open connector."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.files.uploadedfile import UploadedFile
from django.db import connection as database
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from projects import audit, secrets
from projects.models import Connection, Project
from projects.systems import SYSTEMS
from projects.uploads import uploads_store
from qontakmig.connectors.base import SourceConnector, TargetConnector
from qontakmig.connectors.errors import ConnectorError

LOGGED_IN = ("access_token", "instance_url")


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
    files: Sequence[UploadedFile] = (),
) -> Connection:
    """Store one side of a project. Credentials left empty keep what was stored before.

    What a log-in brought does not outlive a change: it belongs to the address it came from.
    """
    found = Connection.objects.select_for_update().filter(project=project, side=side).first()
    connection = found or Connection(project=project, side=side)
    kept = secrets.unseal(connection) if found and found.system == system else {}
    if "instance_url" in kept and (connection.config != config or any(credentials.values())):
        kept = {name: text for name, text in kept.items() if name not in LOGGED_IN}
    connection.system = system
    connection.config = config
    if files:
        connection.config = config | {"folder": str(uploads_store(connection, files))}
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
        connection.identity = {}
        with opened(connection) as connector:
            identity = connector.identify()
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

    A destination is told what this side promises to be, so that it refuses a production org
    where a sandbox was promised before anything is written. ``hooks`` go to the connector:
    ``on_call`` receives one log entry for each request.
    """
    system = SYSTEMS[connection.system]
    practice = connection.project.practice and settings.PRACTICE_ALLOWED
    config = connection.config | {"practice": practice}
    if not practice:
        config.pop("ca_file", None)  # a vendor is trusted by the public authorities alone
    if connection.side != Connection.Side.SOURCE:
        config |= {"sandbox": connection.side == Connection.Side.SANDBOX}
    if known := connection.identity.get("organization_id"):
        config |= {"organization_id": known}
    keep_tokens = partial(_renew_tokens, connection)
    return system.opens(config, secrets.unseal(connection), on_tokens=keep_tokens, **hooks)


def _renew_tokens(
    connection: Connection,
    name: str,
    stale: str,
    ask: Callable[[Mapping[str, Any]], dict[str, str]],
) -> dict[str, str]:
    """Renew tokens once for all workers: whoever comes second finds them renewed."""
    with _renewal_lock(connection):
        row = Connection.objects.get(pk=connection.pk)
        stored = secrets.unseal(row)
        if stored.get(name) != stale and stored.get(name):
            return stored
        stored |= ask(stored)
        secrets.seal(row, stored)
        row.save(update_fields=["sealed"])
        return stored


@contextmanager
def _renewal_lock(connection: Connection) -> Iterator[None]:
    """One holder at a time: the row on a database server, a file where one host has them all.

    A row lock on SQLite would be a lock of the whole database during a network call.
    """
    if database.vendor == "postgresql":
        with transaction.atomic():
            Connection.objects.select_for_update().get(pk=connection.pk)
            yield
        return
    path = settings.VAR_DIR / f"connection-{connection.binding}.lock"
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


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
