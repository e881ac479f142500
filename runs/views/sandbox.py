"""The sandbox hub: schema, owners, the start button, and the runs so far."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from projects.access import project_view, user_of
from projects.models import Project
from runs import selectors, services
from runs.models import Run
from runs.standing import Standing
from runs.views.common import REFUSALS, band, frame_context, refuse
from runs.views.schema import deployments_context

ENVIRONMENT = "sandbox"


@require_GET
@project_view("look")
def sandbox(request: HttpRequest, project: Project) -> HttpResponse:
    facts = Standing(project)
    context = frame_context(request, project) | deployments_context(project, facts)
    context |= {
        "run_band": band(project, ENVIRONMENT),
        "version": facts.confirmed,
        "records": facts.records_read,
        "active": facts.run if facts.run and facts.run.is_active else None,
        "runs": selectors.run_lines(project, ENVIRONMENT),
        "owners_open": selectors.owners_undecided(project, ENVIRONMENT),
        "owners": services.owner_queue(project, ENVIRONMENT)[:5],
    }
    return render(request, "runs/sandbox.html", context)


@require_POST
@project_view("run")
def run_start(request: HttpRequest, project: Project) -> HttpResponse:
    """Plan a run of the confirmed map and queue it. A second click lands on the first one's run."""
    facts = Standing(project)
    if facts.run is not None and facts.run.is_active:
        return redirect("runs:run", project.pk, facts.run.pk)
    if facts.confirmed is None:
        refuse(request, services.RunRefused(_("Confirm the map first; nothing moves before.")))
        return redirect("runs:sandbox", project.pk)
    run: Run | None = None
    try:
        run = services.run_create(
            project=project,
            environment=ENVIRONMENT,
            map_version=facts.confirmed,
            actor=user_of(request),
        )
        services.run_start(run=run, actor=user_of(request))
    except REFUSALS as exc:
        if run is not None and run.state == Run.State.DRAFT:
            Run.objects.filter(pk=run.pk, state=Run.State.DRAFT).delete()
        refuse(request, exc)
        return redirect("runs:sandbox", project.pk)
    return redirect("runs:run", project.pk, run.pk)
