"""What all pages of a map share: which version, what its frame shows."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from mapping.models import MapVersion, ObjectDraft
from mapping.object_list import object_list
from mapping.selectors import version_confirmed, version_open
from mapping.workbench import Bench
from projects.access import may
from projects.models import Project
from qontakmig.templatetags.icons import icon

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


def frame(
    request: HttpRequest, project: Project, version: MapVersion, bench: Bench | None = None
) -> dict[str, Any]:
    """Return the context of every page that shows a version; ``bench`` where one is open."""
    return {
        "project": project,
        "current_step": "map",
        "version": version,
        "versions": project.map_versions.select_related("confirmed_by").defer("document"),
        "objects": object_list(version, bench),
        "may_edit": version.is_draft and may(request.membership, "map"),
        "may_map": may(request.membership, "map"),
        "may_confirm": may(request.membership, "confirm"),
    }


LINE_ICONS = {
    "check": "check",
    "undo": "arrow-back-up",
    "pencil": "pencil",
    "plus": "plus",
    "skip": "player-skip-forward",
}


def line_words(project: Project) -> dict[str, Any]:
    """Return what every line repeats, made once for a page of hundreds of them."""
    return {
        "lines_url": reverse("mapping:workbench", args=[project.pk]) + "lines/",
        "icons": {key: icon(name) for key, name in LINE_ICONS.items()}
        | {"arrow": icon("arrow-right", size=14)},
        "words": {
            "accept": _("Accept"),
            "undo": _("Take the decision back"),
            "edit": _("Edit"),
            "custom": _("Create a new field"),
            "skip": _("Leave behind"),
            "needs": _("Needs a decision"),
            "nothing": _("no values"),
            "chosen": _("Chosen by"),
        },
    }


def kept_query(data: QueryDict, **more: Any) -> str:
    """Return the address's query with what stays and what is added, "" or "?…"."""
    pairs = {key: data[key] for key in KEPT if data.get(key)}
    pairs |= {key: value for key, value in more.items() if value not in (None, "")}
    return f"?{urlencode(pairs)}" if pairs else ""


def object_url(project: Project, phase: str, query: str = "") -> str:
    return reverse("mapping:object", args=[project.pk, phase]) + query
