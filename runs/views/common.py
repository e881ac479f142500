"""What the views of runs share."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from projects.access import may
from projects.connections import NotConnected
from projects.models import Connection, Project
from qontakmig.connectors.errors import ConnectorError
from qontakmig.told import told
from runs.errors import RunRefused
from runs.models import Run

REFUSALS = (RunRefused, NotConnected, ConnectorError)
"""What a step may refuse with; each is a sentence for people."""


def run_of(project: Project, run_id: int) -> Run:
    """Return a run of this project; raises Http404."""
    found = (
        project.runs.filter(pk=run_id)
        .select_related("project", "map_version__confirmed_by", "created_by", "reverses")
        .first()
    )
    if found is None:
        raise Http404
    return found


def refuse(request: HttpRequest, exc: Exception) -> None:
    """Leave the sentence of a refusal, with its advice, for the next page."""
    messages.error(request, told(f"{exc} {getattr(exc, 'advice', '')}".strip()))


def frame_context(request: HttpRequest, project: Project, step: str = "sandbox") -> dict[str, Any]:
    """What every page of this app gives its template."""
    membership = request.membership  # type: ignore[attr-defined]
    return {
        "project": project,
        "current_step": step,
        "may_run": may(membership, "run"),
        "may_provision": may(membership, "provision"),
        "may_rollback": may(membership, "rollback"),
        "may_export": may(membership, "export"),
    }


def band(project: Project, environment: str, run: Run | None = None) -> dict[str, Any]:
    """Return the run-kind band: what moves, where to, and what is not touched."""
    host = (
        Connection.objects.filter(project=project, side=environment).first()
        or Connection(side=environment)
    ).host
    kind = run.kind if run else environment
    notes = {
        "sandbox": _("Production is not touched."),
        "production": _("Real records are written."),
        "delta": _("Real records are written."),
        "rollback": _("Deletes and restores only what the run wrote."),
    }
    if project.practice:
        notes["sandbox"] = _("Practice data only. Production is not touched.")
    return {
        "kind": kind,
        "host": host.removeprefix("https://").rstrip("/"),
        "note": notes[kind],
        "number": run.pk if run and run.kind == Run.Kind.ROLLBACK else "",
    }
