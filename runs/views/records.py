"""The records of a run as lists, and one record's whole way."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from projects.access import project_view
from projects.models import Project
from runs import selectors, tracing
from runs.causes import meaning, record_name
from runs.models import Record, RunStep
from runs.views.common import band, frame_context, run_of

ON_A_PAGE = 50


@require_GET
@project_view("look")
def records(request: HttpRequest, project: Project, run_id: int) -> HttpResponse:
    """A filtered list. A search that finds one record goes straight to it."""
    run = run_of(project, run_id)
    asked = {
        name: request.GET.get(name, "").strip()[:255] for name in ("state", "phase", "code", "q")
    }
    found = selectors.records(
        run,
        state=asked["state"] if asked["state"] in Record.State.values else "",
        phase=asked["phase"],
        code=asked["code"],
        search=asked["q"],
    )
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    if asked["q"] and page.paginator.count == 1:
        return redirect("runs:record", project.pk, run.pk, page.object_list[0].pk)
    context = frame_context(request, project) | {
        "run": run,
        "run_band": band(project, run.environment, run),
        "page": page,
        "lines": [
            {
                "record": record,
                "name": record_name(selectors.record_values(record)),
                "meaning": meaning(record.reason_code, record.reason)
                if record.reason_code
                else None,
            }
            for record in page.object_list
        ],
        "asked": asked,
        "states": [
            (name, Record.State(name).label, count)
            for name, count in selectors.outcome_counts(run).items()
        ],
        "phases": run.steps.filter(kind__in=RunStep.PHASES),
        "query": urlencode({name: text for name, text in asked.items() if text}),
    }
    return render(request, "runs/records.html", context)


@require_GET
@project_view("look")
def record(request: HttpRequest, project: Project, run_id: int, record_id: int) -> HttpResponse:
    run = run_of(project, run_id)
    found = Record.objects.filter(pk=record_id, run=run).select_related("step").first()
    if found is None:
        raise Http404
    found.run = run
    context = frame_context(request, project) | {
        "run": run,
        "run_band": band(project, run.environment, run),
        "trace": tracing.trace(found),
        "source_label": selectors.source_labels(run).get(found.source_object, found.source_object),
    }
    return render(request, "runs/record.html", context)
