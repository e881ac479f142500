"""Pages of projects, connections and discovery."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_q.tasks import async_task

from projects import selectors
from projects.access import may, project_view, projects_visible_to, user_of
from projects.connections import connection_save, connection_test
from projects.discovery import DiscoveryRefused, discovery_start
from projects.forms import ConnectionForm, ProjectForm, systems_for
from projects.models import Connection, Discovery, Project
from projects.services import project_create
from projects.systems import SYSTEMS

FIELDS_ON_A_PAGE = 100


@require_GET
def project_list(request: HttpRequest) -> HttpResponse:
    projects = projects_visible_to(request.user)
    return render(request, "projects/list.html", {"projects": projects})


def project_new(request: HttpRequest) -> HttpResponse:
    form = ProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        project = project_create(
            name=form.cleaned_data["name"],
            destination=form.cleaned_data["destination"],
            practice=form.cleaned_data.get("practice", False),
            actor=user_of(request),
        )
        return redirect("projects:connect", project.pk)
    return render(request, "projects/new.html", {"form": form})


# ---------------------------------------------------------------- Connect


@require_GET
@project_view("look")
def connect(request: HttpRequest, project: Project) -> HttpResponse:
    stored = {connection.side: connection for connection in project.connections.all()}
    sides = [_side(project, side, stored.get(side)) for side in Connection.Side.values]
    return render(
        request,
        "projects/connect.html",
        {"project": project, "current_step": "connect", "sides": sides}
        | {"may_connect": may(request.membership, "connect")},
    )


def _side(project: Project, side: str, connection: Connection | None) -> selectors.Side:
    label = Connection.Side(side).label
    return selectors.Side(side, label, connection, systems_for(project, side))


def _system_of(request: HttpRequest, project: Project, side: str, stored: Connection | None):
    allowed = {system.key: system for system in systems_for(project, side)}
    wanted = request.POST.get("system") or request.GET.get("system") or ""
    if wanted in allowed:
        return allowed[wanted]
    return SYSTEMS[stored.system] if stored else next(iter(allowed.values()))


@project_view("connect")
def connection_edit(request: HttpRequest, project: Project, side: str) -> HttpResponse:
    """The form of one side. Saving tests the connection at once."""
    if side not in Connection.Side.values:
        raise Http404
    stored = project.connections.filter(side=side).first()
    system = _system_of(request, project, side, stored)
    form = ConnectionForm(
        system,
        request.POST or None,
        request.FILES or None,
        stored=stored,
        practice=project.practice,
    )
    if request.method == "POST" and form.is_valid():
        connection = connection_save(
            project=project,
            side=side,
            system=system.key,
            config=form.config(),
            credentials=form.credentials(),
            files=form.cleaned_data.get("files") or (),
            actor=user_of(request),
        )
        connection_test(connection=connection, actor=user_of(request))
        return redirect("projects:connect", project.pk)
    context = {
        "project": project,
        "current_step": "connect",
        "side": _side(project, side, stored),
        "system": system,
        "form": form,
    }
    return render(request, "projects/connection.html", context)


@require_POST
@project_view("connect")
def connection_check(request: HttpRequest, project: Project, side: str) -> HttpResponse:
    """Test one connection and answer with its card."""
    connection = project.connections.filter(side=side).first()
    if connection is None:
        raise Http404
    connection_test(connection=connection, actor=user_of(request))
    if not request.htmx:
        return redirect("projects:connect", project.pk)
    return render(
        request,
        "projects/_connection.html",
        {"project": project, "side": _side(project, side, connection), "may_connect": True},
    )


# ---------------------------------------------------------------- Discover


def _discovery_context(request: HttpRequest, project: Project, tab: str) -> dict[str, object]:
    discovery = selectors.discovery_latest(project)
    return {
        "project": project,
        "current_step": "discover",
        "tab": tab,
        "discovery": discovery,
        "totals": selectors.totals(discovery) if discovery else None,
        "may_discover": may(request.membership, "discover"),
    }


@require_GET
@project_view("look")
def discover(request: HttpRequest, project: Project) -> HttpResponse:
    context = _discovery_context(request, project, "overview")
    discovery = context["discovery"]
    if isinstance(discovery, Discovery):
        context |= {
            "inventory": selectors.inventory(discovery),
            "usage": selectors.usage(discovery),
            "top_fields": selectors.fields_ranked(discovery)[:6],
        }
    return render(request, "projects/discover.html", context)


@require_GET
@project_view("look")
def discover_progress(request: HttpRequest, project: Project) -> HttpResponse:
    discovery = selectors.discovery_latest(project)
    if discovery is None:
        raise Http404
    response = render(
        request,
        "projects/_discovery_progress.html",
        {"project": project, "discovery": discovery, "inventory": selectors.inventory(discovery)},
    )
    if not discovery.is_active:
        response["HX-Refresh"] = "true"
    return response


@require_GET
@project_view("look")
def discover_fields(request: HttpRequest, project: Project) -> HttpResponse:
    context = _discovery_context(request, project, "fields")
    discovery = context["discovery"]
    if not isinstance(discovery, Discovery):
        return redirect("projects:discover", project.pk)
    chosen = request.GET.get("object", "")
    pages = Paginator(selectors.fields_ranked(discovery, chosen), FIELDS_ON_A_PAGE)
    context |= {
        "page": pages.get_page(request.GET.get("page")),
        "objects": selectors.objects_with_counts(discovery),
        "chosen": chosen,
    }
    return render(request, "projects/discover_fields.html", context)


@require_GET
@project_view("look")
def discover_pipelines(request: HttpRequest, project: Project) -> HttpResponse:
    context = _discovery_context(request, project, "pipelines")
    discovery = context["discovery"]
    if not isinstance(discovery, Discovery):
        return redirect("projects:discover", project.pk)
    context["pipelines"] = selectors.stages(discovery)
    return render(request, "projects/discover_pipelines.html", context)


@require_POST
@project_view("discover")
def discover_start(request: HttpRequest, project: Project) -> HttpResponse:
    try:
        discovery = discovery_start(project=project, actor=user_of(request))
    except DiscoveryRefused as exc:
        messages.error(request, str(exc))
    else:
        async_task("projects.tasks.advance_discovery", discovery.pk)
        messages.success(request, _("The audit has started. It reads only."))
    return redirect("projects:discover", project.pk)
