"""What people do to one line: open it, accept, decide, leave behind, take back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from mapping import services
from mapping.errors import MapError, StaleEdit
from mapping.forms import number_of
from mapping.models import FieldLine
from mapping.object_list import object_list
from mapping.panel import Conflict, Panel, panel_open, panel_sent
from mapping.selectors import SURE
from mapping.views.common import bench_of, kept_query, line_words, object_url
from mapping.views.workbench import object_render
from mapping.workbench import Bench, BenchLine, said
from projects.access import may, project_view, user_of
from projects.models import Project


def _bare_line(project: Project, line_id: int) -> FieldLine:
    """Return a line without what only the whole bench needs; Http404 outside the project."""
    lines = FieldLine.objects.select_related("draft__version", "reviewed_by")
    return get_object_or_404(
        lines.defer("draft__target_describe", "draft__sample_records", "draft__version__document"),
        pk=line_id,
        draft__version__project=project,
    )


def _line_of(project: Project, line_id: int) -> tuple[Bench, BenchLine]:
    bare = _bare_line(project, line_id)
    version = bare.draft.version
    version.project = project
    bench = bench_of(version, bare.draft.phase)
    item = bench.line(line_id)
    if item is None:
        raise Http404
    return bench, item


@require_GET
@project_view("look")
def line(request: HttpRequest, project: Project, line_id: int) -> HttpResponse:
    """One line, opened when a mode is asked for."""
    bench, item = _line_of(project, line_id)
    panel = None
    if "mode" in request.GET and _may_edit(request, bench):
        panel = panel_open(
            bench, item, mode=request.GET["mode"], target=request.GET.get("target", "")
        )
    if not request.htmx:
        return object_render(request, project, bench, item=item, panel=panel)
    return render(request, "mapping/_line.html", _context(request, project, bench, item, panel))


@require_POST
@project_view("map")
def accept(request: HttpRequest, project: Project, line_id: int) -> HttpResponse:
    """Decide a line as proposed, or as its nth proposal (``candidate``)."""
    candidate = number_of(request.POST, "candidate", number_of(request.GET, "candidate", 0))

    def work(line: FieldLine, actor: AbstractBaseUser, revision: int) -> None:
        services.line_accept(line=line, actor=actor, revision=revision, candidate=max(0, candidate))

    return _change(request, project, line_id, work)


@require_POST
@project_view("map")
def reopen(request: HttpRequest, project: Project, line_id: int) -> HttpResponse:
    """Take a decision back."""

    def work(line: FieldLine, actor: AbstractBaseUser, revision: int) -> None:
        services.line_reopen(line=line, actor=actor, revision=revision)

    return _change(request, project, line_id, work)


@require_POST
@project_view("map")
def decide(request: HttpRequest, project: Project, line_id: int) -> HttpResponse:
    """Store what the open line's form says; without ``save`` only show it."""
    bench, item = _line_of(project, line_id)
    panel = panel_sent(bench, item, request.POST)
    if "save" not in request.POST or panel.error:
        if "save" not in request.POST and panel.mode == "skip":
            panel.error = ""
        return _opened(request, project, bench, panel)

    def work(line: FieldLine, actor: AbstractBaseUser, revision: int) -> None:
        _store(line, actor, revision, panel)

    return _change(request, project, line_id, work, panel=panel)


def _store(line: FieldLine, actor: AbstractBaseUser, revision: int, panel: Panel) -> None:
    decision = panel.decision
    if panel.mode == "skip":
        services.line_skip(line=line, actor=actor, revision=revision, reason=panel.reason)
    elif decision == line.proposal["decision"]:
        services.line_accept(line=line, actor=actor, revision=revision)
    else:
        services.line_change(
            line=line,
            actor=actor,
            revision=revision,
            action=decision["action"],
            target=decision["target"],
            conversion=decision["conversion"],
            custom=decision["custom"],
            fallbacks=decision["fallbacks"],
            new_values=decision["new_values"],
            reason=decision["reason"],
        )


def _change(
    request: HttpRequest,
    project: Project,
    line_id: int,
    work: Callable[[FieldLine, AbstractBaseUser, int], None],
    *,
    panel: Panel | None = None,
) -> HttpResponse:
    refused: MapError | None = None
    try:
        work(_bare_line(project, line_id), user_of(request), number_of(request.POST, "revision"))
    except MapError as exc:
        refused = exc
    bench, item = _line_of(project, line_id)
    if refused is not None:
        panel = panel or panel_open(bench, item)
        panel.bench, panel.item = bench, item
        if isinstance(refused, StaleEdit):
            panel.conflict = _conflict(request, bench, item, panel, refused)
        else:
            panel.error = str(refused)
        return _opened(request, project, bench, panel)
    if not request.htmx:
        query = kept_query(request.POST, done=line_id, line=line_id)
        return redirect(object_url(project, bench.draft.phase, f"{query}#line-{line_id}"))
    context = _context(request, project, bench, item, None) | {
        "objects": object_list(bench.version, bench),
        "saved": item,
        "saved_at": timezone.now(),
        "oob": True,
        "sure": SURE,
    }
    return render(request, "mapping/_line_answer.html", context)


def _conflict(
    request: HttpRequest, bench: Bench, item: BenchLine, panel: Panel, exc: StaleEdit
) -> Conflict:
    """Return both versions. "Use mine" sends the same again, knowing the other's change."""
    sent = [
        (key, value)
        for key, values in request.POST.lists()
        if key not in ("revision", "csrfmiddlewaretoken")
        for value in values
    ]
    mine, theirs = panel.decision, item.line
    if request.path.endswith("/accept/"):
        mine = theirs.proposal["decision"]
    what = _("waits for review again") if request.path.endswith("/reopen/") else ""
    who = theirs.reviewed_by.get_short_name() or theirs.reviewed_by.get_username() \
        if theirs.reviewed_by else _("Somebody")  # fmt: skip
    at = timezone.localtime(theirs.reviewed_at).strftime("%H:%M") if theirs.reviewed_at else ""
    now = timezone.localtime().strftime("%H:%M")
    return Conflict(
        title=str(exc),
        versions=[
            {"who": f"{who}, {at}".strip(", "), "text": said(theirs.label, theirs.outcome, bench)},
            {
                "who": _("You, %s") % now,
                "text": f"{theirs.label}: {what}" if what else said(theirs.label, mine, bench),
            },
        ],
        sent=[*sent, ("revision", str(theirs.revision))],
        action=request.path,
    )


def _opened(request: HttpRequest, project: Project, bench: Bench, panel: Panel) -> HttpResponse:
    """Answer with the open line; what could not be done stands in it."""
    if not request.htmx:
        if panel.error and not _may_edit(request, bench):
            messages.error(request, panel.error)
        return object_render(request, project, bench, panel=panel)
    context = _context(request, project, bench, panel.item, panel)
    return render(request, "mapping/_line.html", context)


def _may_edit(request: HttpRequest, bench: Bench) -> bool:
    return bench.version.is_draft and may(request.membership, "map")


def _context(
    request: HttpRequest, project: Project, bench: Bench, item: BenchLine, panel: Panel | None
) -> dict[str, Any]:
    data = request.POST if request.method == "POST" else request.GET
    return line_words(project) | {
        "project": project,
        "bench": bench,
        "item": item,
        "panel": panel,
        "may_edit": _may_edit(request, bench),
        "query": kept_query(data),
        "filter": data.get("filter", ""),
    }
