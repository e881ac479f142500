"""The run monitor and what a person may ask of a run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from projects.access import project_view, user_of
from projects.models import Project
from runs import reconciliation, selectors, services
from runs.models import Run
from runs.views.common import REFUSALS, band, frame_context, refuse, run_of


@require_GET
@project_view("look")
def run(request: HttpRequest, project: Project, run_id: int) -> HttpResponse:
    found = run_of(project, run_id)
    context = frame_context(request, project) | {
        "run": found,
        "run_band": band(project, found.environment, found),
        "version": found.map_version,
    }
    if found.kind == Run.Kind.ROLLBACK:
        context |= _undo_context(found)
        return render(request, "runs/rollback_run.html", context)
    context |= _live_context(found) | _below_context(found)
    return render(request, "runs/run.html", context)


@require_GET
@project_view("look")
def run_live(request: HttpRequest, project: Project, run_id: int) -> HttpResponse:
    """The moving part of a run's page, every 2 s. When the run rests the page is drawn anew."""
    found = run_of(project, run_id)
    context = frame_context(request, project) | {"run": found, "live": True}
    if found.kind == Run.Kind.ROLLBACK:
        context |= _undo_context(found)
        template = "runs/_undo.html"
    else:
        context |= _live_context(found)
        template = "runs/_monitor.html"
        if request.GET.get("seen", "") != context["seen"]:
            context |= _below_context(found) | {"swap": True, "live": False}
    response = render(request, template, context)
    if not found.is_working:
        response["HX-Refresh"] = "true"
    return response


def _live_context(found: Run) -> dict[str, Any]:
    """The numbers, and a mark of everything below them: it is sent again only when it changed."""
    monitor = selectors.monitor(found)
    below = (found.state, found.request, found.problem, monitor.total.errored, monitor.total.held)
    seen = hashlib.sha256(repr(below).encode()).hexdigest()[:12]
    return {"monitor": monitor, "flows": selectors.flows(monitor.phases), "seen": seen}


def _below_context(found: Run) -> dict[str, Any]:
    total = selectors.total_of(found)
    return {
        "total": total,
        "causes": selectors.cause_lines(found),
        "warnings": selectors.warning_lines(found, total.extracted),
        "healed": selectors.healed(found),
        "verified": selectors.verified(found),
    }


def _undo_context(found: Run) -> dict[str, Any]:
    lines = selectors.undo_lines(found)
    return {
        "lines": lines,
        "result": reconciliation.rollback_result(found),
        "causes": selectors.cause_lines(found, "failed") + selectors.cause_lines(found, "kept"),
        "total": sum(line.counts.records for line in lines),
        "left": sum(line.counts.left for line in lines),
    }


# ---------------------------------------------------------------- what a person asks


def _asked(
    request: HttpRequest, project: Project, run_id: int, ask: Callable[..., Any], said: str
) -> HttpResponse:
    found = run_of(project, run_id)
    try:
        ask(run=found, actor=user_of(request))
    except REFUSALS as exc:
        refuse(request, exc)
    else:
        messages.success(request, said)
    return redirect("runs:run", project.pk, run_id)


@require_POST
@project_view("run")
def run_pause(request: HttpRequest, project: Project, run_id: int) -> HttpResponse:
    said = _("It pauses when the batches under way have ended.")
    return _asked(request, project, run_id, services.run_pause, said)


@require_POST
@project_view("run")
def run_resume(request: HttpRequest, project: Project, run_id: int) -> HttpResponse:
    return _asked(request, project, run_id, services.run_resume, _("It goes on where it stopped."))


@require_POST
@project_view("run")
def run_cancel(request: HttpRequest, project: Project, run_id: int) -> HttpResponse:
    said = _("It ends with the batches under way. What was written stays and can be rolled back.")
    return _asked(request, project, run_id, services.run_cancel, said)


@require_POST
@project_view("run")
def run_retry(request: HttpRequest, project: Project, run_id: int) -> HttpResponse:
    """Try the records of one cause again, with those that wait for them."""
    found = run_of(project, run_id)
    try:
        count = services.retry_errors(
            run=found, actor=user_of(request), cause=request.POST.get("cause", "")
        )
    except REFUSALS as exc:
        refuse(request, exc)
    else:
        said = ngettext("%d record is tried again.", "%d records are tried again.", count)
        messages.success(request, said % count)
    return redirect("runs:run", project.pk, run_id)
