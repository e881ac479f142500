"""Confirming a map: the summary a manager reads, and the statement that freezes it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from mapping import services
from mapping.blockers import blockers
from mapping.confirming import blockers_grouped, changes, summaries
from mapping.core.document import content_hash
from mapping.errors import MapTampered, NotConfirmable, NotEditable
from mapping.forms import ConfirmForm
from mapping.models import MapVersion
from mapping.selectors import version_confirmed
from mapping.views.common import frame, version_of
from projects.access import may, project_view, user_of
from projects.models import Membership, Project


@project_view("look")
def confirm(request: HttpRequest, project: Project) -> HttpResponse:
    version = version_of(request, project)
    if version is None:
        return redirect("mapping:workbench", project.pk)
    if request.method != "POST":
        return _render(request, project, version, ConfirmForm())
    if not may(request.membership, "confirm"):
        raise PermissionDenied(_("Your role in this project does not confirm maps."))
    if not version.is_draft:
        return redirect("mapping:confirm", project.pk)
    return _confirm(request, project, version)


def _confirm(request: HttpRequest, project: Project, version: MapVersion) -> HttpResponse:
    form = ConfirmForm(request.POST)
    if form.is_valid():
        if form.cleaned_data["seen"] != content_hash(services.version_document(version)):
            form.add_error(None, _("The map was changed while you read it. Look through it again."))
        else:
            try:
                services.version_confirm(
                    version=version,
                    actor=user_of(request),
                    role=request.membership.role,
                )
            except NotEditable:
                pass  # pressed twice: the first press confirmed it
            except NotConfirmable as exc:
                form.add_error(None, str(exc))
            if form.is_valid():
                return redirect("mapping:confirm", project.pk)
    return _render(request, project, version, form)


def _render(
    request: HttpRequest, project: Project, version: MapVersion, form: ConfirmForm
) -> HttpResponse:
    context = frame(request, project, version) | {
        "current_step": "confirm",
        "summaries": summaries(version),
        "form": form,
        "role": request.membership.get_role_display(),
        "confirmed_role": dict(Membership.Role.choices).get(version.confirmed_role, ""),
    }
    try:
        document = services.version_document(version)
    except MapTampered as exc:
        messages.error(request, str(exc))
        return render(request, "mapping/confirm.html", context | {"tampered": True})
    context |= _compared(project, version, document)
    if version.is_draft:
        found = blockers(version)
        context |= {
            "blockers": blockers_grouped(found),
            "blocking": len(found),
            "seen": content_hash(document),
        }
    return render(request, "mapping/confirm.html", context)


def _compared(project: Project, version: MapVersion, document: dict[str, Any]) -> dict[str, Any]:
    """Return the diff against the version confirmed before this one."""
    earlier = (
        version_confirmed(project)
        if version.is_draft
        else project.map_versions.filter(
            state=MapVersion.State.CONFIRMED, number__lt=version.number
        ).first()
    )
    if earlier is None or earlier.document is None:
        return {"earlier": None}
    return {"earlier": earlier, "changes": changes(earlier.document, document)}
