"""The reconciliation workbook: made at once for small runs, by the queue for large ones."""

from __future__ import annotations

from django.core.cache import cache
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from django_q.tasks import async_task

from projects import audit
from projects.access import project_view, user_of
from projects.models import Project
from runs.exports import making
from runs.models import Record, Run
from runs.views.common import band, frame_context, run_of

AT_ONCE = 20_000
"""Records up to which a workbook is made while the reader waits (about three seconds)."""
ASKED_SECONDS = 60
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@project_view("export")
def workbook(request: HttpRequest, project: Project, run_id: int) -> HttpResponse:
    """Send the workbook when there is one for the run as it is now; else make it, or show how
    far it is."""
    run = _loaded(project, run_id)
    path = making.path_of(run)
    if not path.exists() and Record.objects.filter(run=run)[: AT_ONCE + 1].count() <= AT_ONCE:
        making.make(run, timezone.get_current_timezone_name())
    if path.exists():
        audit.record(project, user_of(request), "workbook:taken", run=run.pk)
        return FileResponse(
            path.open("rb"),
            as_attachment=True,
            filename=making.file_name(run),
            content_type=CONTENT_TYPE,
        )
    context = frame_context(request, project) | _progress(run)
    context["run_band"] = band(project, run.environment, run)
    return render(request, "runs/workbook.html", context)


def _loaded(project: Project, run_id: int) -> Run:
    run = run_of(project, run_id)
    if run.kind == Run.Kind.ROLLBACK:
        raise Http404
    return run


def _progress(run: Run) -> dict[str, object]:
    return {
        "run": run,
        "making": making.progress(run),
        "asked": cache.get(_asked_key(run)),
        "ready": making.path_of(run).exists(),
    }


def _asked_key(run: Run) -> str:
    return f"workbook-asked-{run.pk}"


@require_POST
@project_view("export")
def workbook_make(request: HttpRequest, project: Project, run_id: int) -> HttpResponse:
    """Have the queue make it. Asking twice makes it once."""
    run = _loaded(project, run_id)
    if cache.add(_asked_key(run), True, ASKED_SECONDS):
        zone = timezone.get_current_timezone_name()
        async_task("runs.exports.making.make_workbook", run.pk, zone)
    return redirect("runs:workbook", project.pk, run.pk)


@require_GET
@project_view("export")
def workbook_progress(request: HttpRequest, project: Project, run_id: int) -> HttpResponse:
    run = _loaded(project, run_id)
    context = frame_context(request, project) | _progress(run)
    return render(request, "runs/_workbook.html", context)
