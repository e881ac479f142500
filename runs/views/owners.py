"""The reconciliation queue: who gets the records of users that nobody in the destination is."""

from __future__ import annotations

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from projects import connections
from projects.access import project_view, user_of
from projects.models import Project
from qontakmig.connectors.base import TargetUser
from runs import services
from runs.forms import OwnerForm
from runs.models import OwnerDecision
from runs.views.common import REFUSALS, band, frame_context, refuse

ENVIRONMENT = "sandbox"
USERS_KEPT_SECONDS = 300


def active_users(project: Project) -> list[TargetUser]:
    """Return the destination's active users by name, as asked within the last five minutes.

    Raises NotConnected, ConnectorError.
    """
    key = f"target-users-{project.pk}-{ENVIRONMENT}"
    users = cache.get(key)
    if users is None:
        target = connections.target(project, ENVIRONMENT)
        try:
            users = sorted(
                (user for user in target.users() if user.active), key=lambda user: user.name
            )
        finally:
            target.close()
        cache.set(key, users, USERS_KEPT_SECONDS)
    return users


@require_GET
@project_view("look")
def owners(request: HttpRequest, project: Project) -> HttpResponse:
    context = frame_context(request, project)
    users, trouble = [], None
    try:
        users = active_users(project)
    except REFUSALS as exc:
        trouble = exc
    lines = services.owner_queue(project, ENVIRONMENT)
    context |= {
        "run_band": band(project, ENVIRONMENT),
        "users": users,
        "trouble": trouble,
        "trouble_advice": getattr(trouble, "advice", ""),
        "names": {user.id: user.name for user in users},
        "lines": lines,
        "undecided": sum(not line.decision.decided for line in lines),
        "records": sum(line.records for line in lines if not line.decision.decided),
    }
    return render(request, "runs/owners.html", context)


@require_POST
@project_view("run")
def owner_decide(request: HttpRequest, project: Project, decision_id: int) -> HttpResponse:
    """Decide one owner: a user of the destination, or the fallback owner."""
    decision = OwnerDecision.objects.filter(
        pk=decision_id, project=project, environment=ENVIRONMENT
    ).first()
    if decision is None:
        raise Http404
    try:
        form = OwnerForm(active_users(project), request.POST)
        if not form.is_valid():
            raise services.RunRefused(" ".join(form.errors["owner"]))
        services.owner_decide(
            decision=decision, actor=user_of(request), target_user_id=form.target_user_id
        )
    except REFUSALS as exc:
        refuse(request, exc)
    else:
        messages.success(
            request, _("Decided. The next run gives %s's records so.") % decision.source_name
        )
    return redirect("runs:owners", project.pk)
