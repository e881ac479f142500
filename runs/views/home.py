"""The project home: where are we, what do I press, what changed, who is here."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from mapping.blueprints import blueprint_get
from mapping.blueprints.base import Blueprint
from projects import selectors as projects_selectors
from projects.access import project_view
from projects.models import Membership, Project
from projects.systems import SYSTEMS
from runs.changes import changes
from runs.journey import journey
from runs.models import Run
from runs.next_action import next_action
from runs.selectors import total_of
from runs.standing import Standing

VISIT = timedelta(minutes=30)
KINDS = {"1:1": "1", "1:many": "2", "lossy": "3", "documented": ""}


@require_GET
@project_view("look")
def home(request: HttpRequest, project: Project) -> HttpResponse:
    """Looking counts: what changed since is told next time."""
    membership = request.membership  # type: ignore[attr-defined]
    facts = Standing(project)
    blueprint = blueprint_get(project.destination)
    context = {
        "project": project,
        "current_step": "",
        "destination": blueprint.label,
        "source": SYSTEMS["qontak"].label,
        "steps": journey(project, facts),
        "next": next_action(project, membership, facts),
        "changes": changes(membership),
        "seen_at": membership.seen_at,
        "compatibility": compatibility(blueprint),
        "account": account(facts),
        "last_run": last_run(facts),
        "people": people(project, membership),
    }
    response = render(request, "runs/home.html", context)
    _look(membership)
    return response


def _look(membership: Membership) -> None:
    """Remember the look. Within one visit it stays, so that a reload shows the same changes."""
    now = timezone.now()
    if membership.seen_at is None or now - membership.seen_at > VISIT:
        Membership.objects.filter(pk=membership.pk).update(seen_at=now)


def compatibility(blueprint: Blueprint) -> dict[str, Any]:
    """Return the squares of the object matrix and what each kind of row counts."""
    groups = []
    for kind, label in (
        ("1:1", _("one to one")),
        ("1:many", _("one to many")),
        ("lossy", _("with loss")),
        ("documented", _("documented")),
    ):
        rows = [row for row in blueprint.rows if row.kind == kind]
        groups.append({"label": label, "square": KINDS[kind], "rows": rows, "kind": kind})
    ordered = [row for group in groups for row in group["rows"]]
    moved = [row for row in blueprint.rows if row.moved]
    return {
        "groups": groups,
        "squares": [KINDS[row.kind] for row in ordered],
        "arriving": sum(row.kind != "documented" for row in blueprint.rows),
        "total": len(blueprint.rows),
        "moved": moved,
        "later": [row for row in blueprint.rows if not row.moved],
    }


def account(facts: Standing) -> dict[str, Any] | None:
    """Return what the last finished audit counted; None before."""
    if facts.discovery_done is None:
        return None
    objects = list(projects_selectors.objects_with_counts(facts.discovery_done))
    return {
        "objects": objects,
        "totals": projects_selectors.totals(facts.discovery_done),
        "most": max((found.records_read for found in objects), default=0) or 1,
        "at": facts.discovery_done.finished_at,
    }


def last_run(facts: Standing) -> dict[str, Any] | None:
    """Return the newest load with its whole equation; None before the first."""
    run = (
        facts.project.runs.exclude(state=Run.State.DRAFT)
        .exclude(kind=Run.Kind.ROLLBACK)
        .select_related("map_version")
        .defer("map_version__document")
        .first()
    )
    return {"run": run, "total": total_of(run)} if run else None


def people(project: Project, reader: Membership) -> list[dict[str, Any]]:
    """Return the project's people, the reader first."""
    found = project.memberships.select_related("user").order_by("pk")
    lines = [
        {
            "name": member.user.get_full_name() or member.user.get_username(),
            "you": member.pk == reader.pk,
            "role": member.get_role_display(),
            "does": DUTIES[member.role],
            "seen_at": member.seen_at,
        }
        for member in found
    ]
    return sorted(lines, key=lambda line: not line["you"])


DUTIES = {
    Membership.Role.CONSULTANT: gettext_lazy("connects, maps, confirms, runs"),
    Membership.Role.ADMIN: gettext_lazy("connects, maps, confirms, runs"),
    Membership.Role.REVOPS: gettext_lazy("maps and takes the workbook"),
    Membership.Role.VIEWER: gettext_lazy("reads only"),
}
