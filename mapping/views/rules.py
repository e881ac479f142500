"""The rules beside the lines: who becomes what, stand-ins, original dates."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from mapping import services
from mapping.core.document import DocumentError
from mapping.errors import MapError, StaleEdit
from mapping.forms import number_of
from mapping.line_preview import routed
from mapping.split_editor import OPERATORS, Split, split_read, split_sent, with_options
from mapping.views.common import bench_of, frame, version_of
from mapping.workbench import Bench
from projects.access import project_view, user_of
from projects.models import Project

EXAMPLES_SHOWN = 5


@project_view("look")
def rules(request: HttpRequest, project: Project, phase: str) -> HttpResponse:
    """Show the rules of an object; POST (``form`` names which) changes them."""
    version = version_of(request, project)
    if version is None:
        return redirect("mapping:workbench", project.pk)
    bench = bench_of(version, phase)
    if request.method != "POST":
        return _render(request, project, bench, _split_of(bench))
    return rules_change(request, project.pk, phase=phase)


@project_view("map")
def rules_change(request: HttpRequest, project: Project, phase: str) -> HttpResponse:
    version = version_of(request, project)
    assert version is not None
    bench = bench_of(version, phase)
    if request.POST.get("form") == "object":
        return _object_change(request, project, bench)
    return _split_change(request, project, bench)


def _split_of(bench: Bench) -> Split | None:
    for document in bench.version.splits:
        if document["object"] == bench.draft.source_object:
            return split_read(document)
    return None


def _split_change(request: HttpRequest, project: Project, bench: Bench) -> HttpResponse:
    stored = _split_of(bench)
    if stored is None:
        return redirect("mapping:rules", project.pk, bench.draft.phase)
    fields = [item.line.source_field for item in bench.lines]
    split = split_sent(stored.object, request.POST, fields)
    if request.POST.get("do") != "save":
        return _render(request, project, bench, split, unsaved=True)
    try:
        services.split_rule_change(
            version=bench.version,
            actor=user_of(request),
            revision=number_of(request.POST, "revision"),
            splits=_splits(bench, split),
        )
    except StaleEdit as exc:
        bench.version.refresh_from_db(fields=["splits", "revision"])
        return _render(request, project, bench, split, unsaved=True, stale=str(exc))
    except MapError as exc:
        return _render(request, project, bench, split, unsaved=True, error=str(exc))
    messages.success(request, _("The rule is saved."))
    return redirect("mapping:rules", project.pk, bench.draft.phase)


def _splits(bench: Bench, split: Split) -> list[dict[str, Any]]:
    """Return all splits of the version with this one in its place."""
    return [
        split.document() if document["object"] == split.object else document
        for document in bench.version.splits
    ]


def _object_change(request: HttpRequest, project: Project, bench: Bench) -> HttpResponse:
    stand_ins = {name: request.POST.get(f"stand-{name}", "") for name in _stand_in_fields(bench)}
    try:
        services.object_choices_change(
            draft=bench.draft,
            actor=user_of(request),
            revision=number_of(request.POST, "revision"),
            stand_ins=stand_ins,
            audit_dates="audit_dates" in request.POST if _dates_writable(bench) else None,
        )
    except MapError as exc:
        messages.error(request, str(exc))
    else:
        messages.success(request, _("Stand-ins and dates are saved."))
    return redirect("mapping:rules", project.pk, bench.draft.phase)


def _stand_in_fields(bench: Bench) -> list[str]:
    """Required text fields of the destination, where an empty source needs a decision."""
    return list(dict.fromkeys([*bench.phase.stand_ins, *bench.draft.stand_ins]))


def _dates_writable(bench: Bench) -> bool:
    fields = [bench.describe.field(audit.target) for audit in bench.phase.audit_fields]
    return bool(fields) and all(field is not None and field.createable for field in fields)


def _render(
    request: HttpRequest,
    project: Project,
    bench: Bench,
    split: Split | None,
    *,
    unsaved: bool = False,
    error: str = "",
    stale: str = "",
) -> HttpResponse:
    context = frame(request, project, bench.version) | {
        "bench": bench,
        "split": with_options(split, bench) if split else None,
        "operators": OPERATORS.items(),
        "fields": [(item.line.source_field, item.line.label) for item in bench.lines],
        "phases": [
            (item.name, item.target_object)
            for item in bench.blueprint.phases
            if item.source_object == bench.draft.source_object
        ],
        "unsaved": unsaved,
        "error": error,
        "stale": stale,
        "stand_ins": [_stand_in(bench, name) for name in _stand_in_fields(bench)],
        "audit_names": ", ".join(audit.target for audit in bench.phase.audit_fields),
        "dates_writable": _dates_writable(bench),
        "companions": [c.custom.name for c in bench.phase.companions if c.source.startswith("@")],
    }
    if split is not None:
        context |= _counts(bench, split)
    partial = request.htmx and request.method == "POST"
    template = "mapping/_split.html" if partial else "mapping/rules.html"
    return render(request, template, context)


def _stand_in(bench: Bench, name: str) -> dict[str, Any]:
    field = bench.describe.field(name)
    return {
        "name": name,
        "label": (field.label if field else "") or name,
        "value": bench.draft.stand_ins.get(name, ""),
    }


def _counts(bench: Bench, split: Split) -> dict[str, Any]:
    """Return how the rule divides the sampled records, with some of each side by name."""
    try:
        found = routed(bench, _splits(bench, split))
    except DocumentError as exc:
        return {"counts_problem": str(exc)}
    filtered = len(found.pop(None, ()))
    sampled = sum(map(len, found.values())) + filtered
    targets = {phase.name: phase.target_object for phase in bench.blueprint.phases}
    sides = [
        {
            "target": targets[str(phase)],
            "count": len(names),
            "share": len(names) / sampled if sampled else 0,
            "examples": names[:EXAMPLES_SHOWN],
        }
        for phase, names in found.items()
    ]
    segments = [
        {"value": side["count"], "label": side["target"], "kind": str(place)}
        for place, side in enumerate(sides, start=1)
    ]
    return {
        "counts": {
            "sides": sides,
            "segments": segments,
            "sampled": sampled,
            "filtered": filtered,
            "total": bench.draft.records,
        }
    }
