"""What all pages of a map share: which version, what its frame shows."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, QueryDict
from django.urls import reverse

from mapping.models import MapVersion, ObjectDraft
from mapping.object_list import object_list
from mapping.selectors import version_confirmed, version_open
from mapping.workbench import Bench
from projects.access import may
from projects.models import Project

KEPT = ("filter", "q", "version")
"""Parts of the address that stay while one works through a list."""


def version_of(request: HttpRequest, project: Project) -> MapVersion | None:
    """Return the version asked for, else the draft, else the newest confirmed one."""
    asked = request.GET.get("version") or request.POST.get("version")
    if asked:
        found = project.map_versions.filter(number=asked).first() if asked.isdecimal() else None
        if found is None:
            raise Http404
        return found
    return version_open(project) or version_confirmed(project)


def bench_of(version: MapVersion, phase: str) -> Bench:
    """Return a phase on the workbench; raises Http404 for one that the version has not."""
    try:
        return Bench(version, phase)
    except (ObjectDraft.DoesNotExist, KeyError) as exc:
        raise Http404 from exc


def frame(request: HttpRequest, project: Project, version: MapVersion) -> dict[str, Any]:
    """Return the context of every page that shows a version."""
    return {
        "project": project,
        "current_step": "map",
        "version": version,
        "versions": project.map_versions.select_related("confirmed_by").defer("document"),
        "objects": object_list(version),
        "may_edit": version.is_draft and may(request.membership, "map"),  # type: ignore[attr-defined]
        "may_map": may(request.membership, "map"),  # type: ignore[attr-defined]
        "may_confirm": may(request.membership, "confirm"),  # type: ignore[attr-defined]
    }


def kept_query(data: QueryDict, **more: Any) -> str:
    """Return the address's query with what stays and what is added, "" or "?…"."""
    pairs = {key: data[key] for key in KEPT if data.get(key)}
    pairs |= {key: value for key, value in more.items() if value not in (None, "")}
    return f"?{urlencode(pairs)}" if pairs else ""


def object_url(project: Project, phase: str, query: str = "") -> str:
    return reverse("mapping:object", args=[project.pk, phase]) + query
