"""The audit of the source account: what is there, how much, and what its fields hold.

It only reads. It works in slices that store how far they came; any of them may be killed.
"""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from projects import audit, connections
from projects.models import Connection, DiscoveredField, DiscoveredObject, Discovery, Project
from projects.profile import ObjectProfile
from qontakmig.connectors.base import ObjectDescribe, SourceConnector
from qontakmig.connectors.errors import (
    ConnectorError,
    PermissionMissing,
    RateLimitedError,
    TransientError,
)

LEASE_SECONDS = 90
SAVE_EVERY_SECONDS = 2.0
WAIT_SECONDS = 30


class DiscoveryRefused(Exception):
    """Discovery cannot start now; the message says why."""


def discovery_start(*, project: Project, actor: AbstractBaseUser) -> Discovery:
    """Queue an audit of the project's source account.

    Raises DiscoveryRefused while another is under way or the source connection does not work.
    """
    found = project.connections.filter(side=Connection.Side.SOURCE).first()
    if found is None or found.state != Connection.State.WORKING:
        raise DiscoveryRefused(_("Connect Qontak and test the connection first."))
    try:
        with transaction.atomic():
            discovery = Discovery.objects.create(project=project, started_by=actor)
            audit.record(project, actor, "discovery:started", discovery=discovery.pk)
            return discovery
    except IntegrityError as exc:
        raise DiscoveryRefused(_("An audit of this account is already running.")) from exc


def discovery_advance(discovery_id: int, *, budget_seconds: float = 25) -> bool:
    """Work on a discovery for about ``budget_seconds``; return True when something is left to do.

    Safe to call at any time by anybody: only the holder of the lease works.
    """
    discovery = _lease(discovery_id)
    if discovery is None:
        return Discovery.objects.filter(pk=discovery_id, state__in=("queued", "running")).exists()
    deadline = time.monotonic() + budget_seconds
    try:
        source = connections.source(discovery.project)
        try:
            finished = _read_account(discovery, source, deadline)
        finally:
            source.close()
    except TransientError as exc:
        wait = exc.retry_after if isinstance(exc, RateLimitedError) else WAIT_SECONDS
        _give_back(discovery, problem=str(exc), wait_seconds=wait)
        return True
    except (ConnectorError, connections.NotConnected, connections.secrets.Unreadable) as exc:
        _stop(discovery, exc)
        return False
    if finished:
        _finish(discovery)
        return False
    _give_back(discovery)
    return True


def discovery_drive(discovery: Discovery) -> Discovery:
    """Work until the discovery is done or stopped; for commands and tests."""
    while discovery_advance(discovery.pk):
        discovery.refresh_from_db()
        if discovery.not_before and discovery.not_before > timezone.now():
            time.sleep(min(5, (discovery.not_before - timezone.now()).total_seconds()))
    discovery.refresh_from_db()
    return discovery


def _lease(discovery_id: int) -> Discovery | None:
    now = timezone.now()
    mine = (
        Discovery.objects.filter(pk=discovery_id, state__in=("queued", "running"))
        .filter(Q(lease_until=None) | Q(lease_until__lt=now))
        .filter(Q(not_before=None) | Q(not_before__lte=now))
        .update(state=Discovery.State.RUNNING, lease_until=now + timedelta(seconds=LEASE_SECONDS))
    )
    return Discovery.objects.select_related("project").get(pk=discovery_id) if mine else None


def _give_back(discovery: Discovery, *, problem: str = "", wait_seconds: float = 0) -> None:
    not_before = timezone.now() + timedelta(seconds=wait_seconds) if wait_seconds else None
    Discovery.objects.filter(pk=discovery.pk).update(
        lease_until=None, not_before=not_before, problem=problem
    )


def _stop(discovery: Discovery, exc: Exception) -> None:
    with transaction.atomic():
        Discovery.objects.filter(pk=discovery.pk).update(
            state=Discovery.State.FAILED,
            problem=str(exc),
            advice=getattr(exc, "advice", ""),
            lease_until=None,
            finished_at=timezone.now(),
        )
        audit.record(
            discovery.project,
            None,
            "discovery:stopped",
            discovery=discovery.pk,
            code=getattr(exc, "code", type(exc).__name__),
        )


def _finish(discovery: Discovery) -> None:
    with transaction.atomic():
        Discovery.objects.filter(pk=discovery.pk).update(
            state=Discovery.State.DONE, lease_until=None, problem="", finished_at=timezone.now()
        )
        audit.record(discovery.project, None, "discovery:finished", discovery=discovery.pk)


def _read_account(discovery: Discovery, source: SourceConnector, deadline: float) -> bool:
    """Read what is left; return True when nothing is."""
    if not discovery.objects_found.exists():
        _list_objects(discovery, source)
    for found in discovery.objects_found.filter(state__in=("waiting", "reading")):
        try:
            if not _read_object(found, source, deadline):
                return False
        except PermissionMissing as exc:
            found.state, found.problem = DiscoveredObject.State.FAILED, f"{exc} {exc.advice}"
            found.save(update_fields=["state", "problem"])
    return True


def _list_objects(discovery: Discovery, source: SourceConnector) -> None:
    names = source.objects()
    pipelines = [asdict(pipeline) for pipeline in source.pipelines()]
    with transaction.atomic():
        Discovery.objects.filter(pk=discovery.pk).update(pipelines=pipelines)
        DiscoveredObject.objects.bulk_create(
            DiscoveredObject(
                discovery=discovery, name=name, label=name.capitalize(), position=position
            )
            for position, name in enumerate(names)
        )


def _read_object(found: DiscoveredObject, source: SourceConnector, deadline: float) -> bool:
    """Read one object's pages from where it stopped; return True when it is complete."""
    describe = source.describe(found.name)
    profile = ObjectProfile(describe.fields)
    if found.accumulators:
        profile.restore(found.accumulators)
    found.label = describe.label
    found.records_claimed = source.count(found.name)
    found.state = DiscoveredObject.State.READING
    cursor: str | None = found.cursor or None
    saved_at = time.monotonic()
    while True:
        page = source.read_page(found.name, cursor)
        profile.add(page.records)
        cursor = page.next_cursor
        if cursor is None:
            break
        now = time.monotonic()
        if now > deadline or now - saved_at > SAVE_EVERY_SECONDS:
            _save_progress(found, profile, cursor)
            saved_at = now
        if now > deadline:
            return False
    _save_profile(found, describe, profile)
    return True


def _save_progress(found: DiscoveredObject, profile: ObjectProfile, cursor: str) -> None:
    found.cursor, found.records_read = cursor, profile.read
    found.accumulators = profile.to_json()
    lease_until = timezone.now() + timedelta(seconds=LEASE_SECONDS)
    with transaction.atomic():
        found.save()
        Discovery.objects.filter(pk=found.discovery_id).update(lease_until=lease_until)


@transaction.atomic
def _save_profile(
    found: DiscoveredObject, describe: ObjectDescribe, profile: ObjectProfile
) -> None:
    found.state, found.cursor, found.accumulators = DiscoveredObject.State.DONE, "", {}
    found.records_read = profile.read
    found.created_by_month = dict(sorted(profile.months.items()))
    found.owners = profile.owners
    found.last_change_at = parse_datetime(profile.last_change) if profile.last_change else None
    found.save()
    found.fields.all().delete()
    DiscoveredField.objects.bulk_create(
        DiscoveredField(object=found, position=position, **_field_facts(field, profile))
        for position, field in enumerate(describe.fields)
    )


def _field_facts(field: Any, profile: ObjectProfile) -> dict[str, Any]:
    seen = profile.fields[field.name]
    least, median, greatest = seen.length_range() or (None, None, None)
    return {
        "name": field.name,
        "label": field.label or "",
        "type": field.type.value,
        "native_type": field.native_type,
        "custom": field.custom,
        "required": field.required,
        "multiple": field.multiple,
        "reference_to": field.reference_to[0] if field.reference_to else "",
        "filled": seen.filled,
        "fill_rate": seen.filled / profile.read if profile.read else 0,
        "distinct": seen.distinct,
        "distinct_exact": seen.distinct_exact,
        "length_min": least,
        "length_median": median,
        "length_max": greatest,
        "samples": seen.samples(),
        "options": seen.options(field),
        "meaning": seen.meaning,
    }
