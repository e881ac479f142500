"""The schema plan: what the map needs against what the organisation has, tried and applied."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from mapping.core.schema import SchemaLine
from mapping.models import MapVersion
from projects.access import project_view, user_of
from projects.models import Project
from runs import services
from runs.engine.provision import SchemaPlan
from runs.models import SchemaDeployment
from runs.standing import Standing
from runs.views.common import REFUSALS, band, frame_context, refuse

ENVIRONMENT = "sandbox"


def deployments_context(project: Project, facts: Standing) -> dict[str, Any]:
    """What the deployment card shows: what is under way, and how the last ones ended."""
    past = SchemaDeployment.objects.filter(
        project=project, environment=ENVIRONMENT, state__in=("done", "failed", "removed")
    ).select_related("started_by", "map_version")
    version_hash = facts.confirmed.content_hash if facts.confirmed else ""
    mine = past.filter(map_hash=version_hash).defer("map_version__document")
    last_apply = mine.filter(check_only=False).first()
    return {
        "version": facts.confirmed,
        "needs": _needs(facts.confirmed, last_apply) if facts.confirmed else [],
        "deploying": facts.deployment_active,
        "applied": facts.deployment if facts.schema_applied else None,
        "last_trial": mine.filter(check_only=True).first(),
        "last_apply": last_apply,
    }


def _needs(version: MapVersion, last_apply: SchemaDeployment | None) -> list[dict[str, Any]]:
    """Return what the map needs beside the standard fields, by object, and how much of it the
    last application created."""
    created = Counter(item["object"] for item in last_apply.created_items) if last_apply else {}
    return [
        {
            "object": phase["target"],
            "fields": len(phase.get("create_fields", ())),
            "values": len(phase.get("create_values", ())),
            "created": created.get(phase["target"], 0) if last_apply else None,
        }
        for phase in version.document["phases"]
        if phase["mode"] == "load"
    ]


@require_GET
@project_view("look")
def schema(request: HttpRequest, project: Project) -> HttpResponse:
    """The plan, asked of the organisation now. htmx gets the table alone."""
    facts = Standing(project)
    context = frame_context(request, project) | deployments_context(project, facts)
    if facts.confirmed is None:
        return redirect("runs:sandbox", project.pk)
    context |= {"run_band": band(project, ENVIRONMENT), "objects": None, "trouble": None}
    try:
        plan = services.schema_plan(
            project=project, environment=ENVIRONMENT, map_version=facts.confirmed
        )
    except REFUSALS as exc:
        context["trouble"] = exc
        context["trouble_advice"] = getattr(exc, "advice", "")
    else:
        context |= _plan_context(plan)
    template = "runs/_schema_plan.html" if request.htmx else "runs/schema.html"  # type: ignore[attr-defined]
    return render(request, template, context)


def _plan_context(plan: SchemaPlan) -> dict[str, Any]:
    objects: dict[str, dict[str, Any]] = {}
    for line in plan.lines:
        entry = objects.setdefault(
            line.item.object,
            {"name": line.item.object, "create": [], "exists": [], "conflict": []},
        )
        entry[line.state].append(_line(line))
    totals = {
        state: sum(len(entry[state]) for entry in objects.values())
        for state in ("create", "exists", "conflict")
    }
    return {"objects": list(objects.values()), "totals": totals, "problems": plan.problems}


def _line(line: SchemaLine) -> dict[str, Any]:
    definition = line.item.definition
    size = definition.get("length") or definition.get("precision")
    return {
        "name": line.item.name,
        "kind": line.item.kind,
        "label": definition.get("label", ""),
        "type": definition.get("type", "") or definition.get("field", ""),
        "size": size,
        "options": len(definition.get("options") or ()),
        "external_id": definition.get("external_id", False),
        "message": line.message,
    }


@require_GET
@project_view("look")
def schema_progress(request: HttpRequest, project: Project) -> HttpResponse:
    """The deployment card; asks again while something is under way, reloads the page after."""
    facts = Standing(project)
    context = frame_context(request, project) | deployments_context(project, facts)
    response = render(request, "runs/_schema.html", context)
    if facts.deployment_active is None:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@project_view("provision")
def schema_check(request: HttpRequest, project: Project) -> HttpResponse:
    return _start(request, project, services.schema_check)


@require_POST
@project_view("provision")
def schema_apply(request: HttpRequest, project: Project) -> HttpResponse:
    return _start(request, project, services.schema_apply)


def _start(request: HttpRequest, project: Project, begin: Any) -> HttpResponse:
    facts = Standing(project)
    try:
        if facts.confirmed is None:
            raise services.RunRefused(_("Confirm the map first; nothing is made before."))
        begin(
            project=project,
            environment=ENVIRONMENT,
            map_version=facts.confirmed,
            actor=user_of(request),
        )
    except REFUSALS as exc:
        refuse(request, exc)
    return redirect("runs:sandbox", project.pk)
