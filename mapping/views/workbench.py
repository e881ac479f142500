"""The workbench: propose a map, look through an object's lines, see what they do."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from mapping import services
from mapping.blueprints import blueprint_get
from mapping.errors import DraftExists, MapError
from mapping.line_preview import PICKS, line_preview
from mapping.object_list import object_list
from mapping.opening import draft_from_accounts
from mapping.panel import Panel, panel_open, panel_sent
from mapping.selectors import SURE, version_confirmed, version_open
from mapping.views.common import (
    bench_of,
    frame,
    kept_query,
    line_words,
    object_url,
    version_of,
)
from mapping.workbench import Bench, BenchLine
from projects.access import may, project_view, user_of
from projects.connections import NotConnected
from projects.models import Connection, Project
from projects.secrets import Unreadable
from projects.selectors import discovery_complete
from qontakmig.connectors.errors import ConnectorError
from qontakmig.told import told

MAPPED_SIDES = (Connection.Side.SANDBOX, Connection.Side.PRODUCTION)
"""Sides that a map can be drafted against, the safe one first."""


@require_GET
@project_view("look")
def workbench(request: HttpRequest, project: Project) -> HttpResponse:
    """Go to the first object with open lines; without a map, offer to propose one."""
    version = version_of(request, project)
    if version is None:
        return render(request, "mapping/propose.html", _propose_context(request, project))
    phase = object_list(version).first_open
    return redirect(object_url(project, phase, kept_query(request.GET)))


def _propose_context(request: HttpRequest, project: Project) -> dict[str, Any]:
    discovery = discovery_complete(project)
    connection = _destination(project)
    blueprint = blueprint_get(project.destination)
    return {
        "project": project,
        "current_step": "map",
        "discovery": discovery,
        "connection": connection,
        "destination": blueprint.label,
        "rows": blueprint.rows,
        "may_map": may(request.membership, "map"),
    }


def _destination(project: Project) -> Connection | None:
    """Return the working connection to the destination, the sandbox where there is one."""
    working = project.connections.filter(state=Connection.State.WORKING)
    found = {connection.side: connection for connection in working}
    return next((found[side] for side in MAPPED_SIDES if side in found), None)


@require_POST
@project_view("map")
def propose(request: HttpRequest, project: Project) -> HttpResponse:
    """Open the first draft from both accounts. Takes some seconds."""
    discovery, connection = discovery_complete(project), _destination(project)
    if discovery is None:
        messages.error(request, _("The audit of the source account has to be done first."))
    elif connection is None:
        messages.error(request, _("Connect the destination and test the connection first."))
    else:
        try:
            draft_from_accounts(
                project=project,
                discovery=discovery,
                environment=connection.side,
                actor=user_of(request),
            )
        except DraftExists:
            messages.info(request, _("A draft of the map is open already."))
        except (MapError, NotConnected, Unreadable) as exc:
            messages.error(request, str(exc))
        except ConnectorError as exc:
            messages.error(request, told(f"{exc} {exc.advice}".strip()))
    return redirect("mapping:workbench", project.pk)


@require_POST
@project_view("map")
def draft_open(request: HttpRequest, project: Project) -> HttpResponse:
    """Open a new draft with everything that the last confirmed version decided."""
    confirmed = version_confirmed(project)
    if confirmed is None:
        raise Http404
    try:
        services.draft_copy(version=confirmed, actor=user_of(request))
    except MapError as exc:
        messages.error(request, str(exc))
    return redirect("mapping:workbench", project.pk)


@require_POST
@project_view("map")
def draft_discard(request: HttpRequest, project: Project) -> HttpResponse:
    """Throw the open draft away; the last confirmed version stays."""
    draft = version_open(project)
    if draft is not None and request.POST.get("number") == str(draft.number):
        services.draft_discard(version=draft, actor=user_of(request))
        messages.success(request, _("Draft %d is discarded.") % draft.number)
    return redirect("mapping:workbench", project.pk)


@require_GET
@project_view("look")
def object_page(request: HttpRequest, project: Project, phase: str) -> HttpResponse:
    version = version_of(request, project)
    if version is None:
        return redirect("mapping:workbench", project.pk)
    bench = bench_of(version, phase)
    item = _line_asked(request, bench)
    panel = None
    if item is not None and "mode" in request.GET and version.is_draft:
        panel = panel_open(
            bench,
            item,
            mode=request.GET["mode"],
            target=request.GET.get("target", ""),
        )
    return object_render(request, project, bench, item=item, panel=panel)


def _line_asked(request: HttpRequest, bench: Bench) -> BenchLine | None:
    asked = request.GET.get("line", "")
    return bench.line(int(asked)) if asked.isdecimal() else None


def object_render(
    request: HttpRequest,
    project: Project,
    bench: Bench,
    *,
    item: BenchLine | None = None,
    panel: Panel | None = None,
) -> HttpResponse:
    """Return the whole page; ``panel`` opens its line, ``item`` is the one that is previewed."""
    data = request.GET or request.POST
    chosen, search = data.get("filter", ""), data.get("q", "")
    groups = bench.groups(chosen, search)
    if panel is not None:
        item = panel.item
    first = next((line for group in groups.values() for line in group), None)
    shown = item or first
    decision = panel.decision if panel else None
    pick = _pick(data)
    context = frame(request, project, bench.version, bench) | line_words(project)
    context |= {
        "bench": bench,
        "groups": groups,
        "filter": chosen,
        "search": search,
        "query": kept_query(data),
        "panel": panel,
        "current": shown,
        "goes_to": panel.goes_to if panel else shown.destination if shown else "",
        "preview": line_preview(bench, shown.line, decision=decision, pick=pick) if shown else None,
        "picks": PICKS,
        "pick": pick,
        "sure": SURE,
        "saved": _saved_line(request, bench),
        "next_filter": _next_filter(bench, chosen),
    }
    return render(request, "mapping/workbench.html", context)


def _saved_line(request: HttpRequest, bench: Bench) -> BenchLine | None:
    """Return the line that was decided just before, for readers without scripts."""
    done = request.GET.get("done", "")
    return bench.line(int(done)) if done.isdecimal() else None


def _pick(data: QueryDict) -> str:
    asked = data.get("pick", "")
    return asked if asked in PICKS else PICKS[0]


def _next_filter(bench: Bench, chosen: str) -> Any:
    """Return the next filter that is not empty, for an empty list."""
    return next((f for f in bench.filters[1:] if f.count and f.key != chosen), bench.filters[0])


@require_POST
@project_view("map")
def accept_all(request: HttpRequest, project: Project, phase: str) -> HttpResponse:
    """Accept all sure proposals of a phase that leave nothing to settle."""
    version = version_of(request, project)
    if version is None:
        raise Http404
    bench = bench_of(version, phase)
    try:
        count = services.lines_accept_all(
            version=version,
            actor=user_of(request),
            min_confidence=SURE,
            phase=phase,
            only=[line.pk for line in bench.sure],
        )
    except MapError as exc:
        messages.error(request, str(exc))
    else:
        sentence = ngettext("%d proposal is accepted.", "%d proposals are accepted.", count)
        messages.success(request, sentence % count)
    return redirect(object_url(project, bench.draft.phase, kept_query(request.POST)))


@project_view("look")
def preview(request: HttpRequest, project: Project, phase: str) -> HttpResponse:
    """The preview of one line; POST shows what an unsaved form would do. Nothing is stored."""
    version = version_of(request, project)
    if version is None:
        raise Http404
    bench = bench_of(version, phase)
    data = request.POST if request.method == "POST" else request.GET
    asked = data.get("line", "")
    item = bench.line(int(asked)) if asked.isdecimal() else None
    if item is None:
        raise Http404
    if request.method == "GET" and not request.htmx:
        query = kept_query(data, line=item.pk, pick=data.get("pick"))
        return redirect(object_url(project, phase, query))
    panel = panel_sent(bench, item, request.POST) if request.method == "POST" else None
    pick = _pick(data)
    context = {
        "project": project,
        "bench": bench,
        "current": item,
        "goes_to": panel.goes_to if panel else item.destination,
        "preview": line_preview(
            bench, item.line, decision=panel.decision if panel else None, pick=pick
        ),
        "picks": PICKS,
        "pick": pick,
        "query": kept_query(data),
    }
    return render(request, "mapping/_preview.html", context)
