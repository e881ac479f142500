"""Rolling a run back: the exact preview, then the confirmation of just that."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from projects.access import project_view, user_of
from projects.models import Project
from runs import services
from runs.causes import record_name
from runs.engine.evidence import SENTENCES
from runs.models import Record, Run
from runs.rollback import RollbackPreview
from runs.selectors import record_values
from runs.views.common import REFUSALS, band, frame_context, refuse, run_of

SALT = "rollback-preview"


@require_http_methods(["GET", "POST"])
@project_view("rollback")
def rollback(request: HttpRequest, project: Project, run_id: int) -> HttpResponse:
    """GET asks the destination about every record; POST carries out what was shown, no more."""
    run = run_of(project, run_id)
    if request.method == "POST":
        return _start(request, project, run)
    context = frame_context(request, project) | {
        "run": run,
        "run_band": band(project, run.environment, run)
        | {"kind": "rollback", "note": _("A preview: nothing is written before you confirm.")},
    }
    try:
        preview = services.rollback_preview(run)
    except REFUSALS as exc:
        context |= {"trouble": exc, "trouble_advice": getattr(exc, "advice", "")}
    else:
        context |= _preview_context(run, preview)
    return render(request, "runs/rollback.html", context)


def _preview_context(run: Run, preview: RollbackPreview) -> dict[str, Any]:
    labels = {
        "delete": _("To delete"),
        "restore": _("To restore"),
        "kept": _("Kept"),
        "gone": _("Gone already"),
    }
    targets = dict(run.steps.filter(kind="load").values_list("name", "target_object"))
    return {
        "preview": preview,
        "totals": preview.totals,
        "todo": preview.totals["delete"] + preview.totals["restore"],
        "phases": [
            {"name": name, "target": targets.get(name, name), "counts": counts}
            for name, counts in preview.counts.items()
        ],
        "reasons": [(_(SENTENCES.get(why, why)), n) for why, n in preview.reasons.most_common()],
        "examples": [
            {"key": key, "label": labels[key], "rows": _named(run, preview.examples[key])}
            for key in labels
            if preview.examples.get(key)
        ],
        "confirmed": signing.dumps(preview.as_json(), salt=SALT),
    }


def _named(run: Run, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give each example the name that people know its record by."""
    names = {
        (record.step.name, record.source_id): record_name(record_values(record))
        for record in Record.objects.filter(
            run=run, source_id__in=[row["source_id"] for row in rows]
        ).select_related("step")
    }
    return [row | {"name": names.get((row["phase"], row["source_id"]), "")} for row in rows]


def _start(request: HttpRequest, project: Project, run: Run) -> HttpResponse:
    try:
        shown = signing.loads(request.POST.get("confirmed", ""), salt=SALT)
        started = services.rollback_start(
            run=run,
            actor=user_of(request),
            preview=shown,
            remove_schema=request.POST.get("remove_schema") == "on",
        )
    except signing.BadSignature:
        refuse(request, services.RunRefused(_("Look at the preview first, then confirm it.")))
    except REFUSALS as exc:
        refuse(request, exc)
    else:
        return redirect("runs:run", project.pk, started.pk)
    return redirect("runs:rollback", project.pk, run.pk)
