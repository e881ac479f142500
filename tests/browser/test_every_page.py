"""Every page of a project that went the whole road, in both themes and widths."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.urls import reverse

from mapping.models import FieldLine
from projects.models import Project
from runs.models import Record, Run

pytestmark = pytest.mark.browser

BASICS = (Path(__file__).parent / "basics.js").read_text()
VIEWS = {"light": {"width": 1440, "height": 900}, "dark": {"width": 390, "height": 844}}


@pytest.fixture(scope="module")
def project(site):
    """Loaded, rolled back and loaded again; a new draft is open beside the confirmed map."""
    rehearsal = site.rehearsal("PT Arunika Medika", rollback=True)
    rehearsal.run()
    site.rehearsal("PT Arunika Medika").run()
    project = Project.objects.get(name="PT Arunika Medika")
    draft = site.rehearsal("CV Sinar Abadi")
    draft.draft(draft.project())
    return project


@pytest.fixture(scope="module")
def addresses(site, project):
    """Return the path of every page, by a name."""
    load = project.runs.filter(kind=Run.Kind.SANDBOX, state="done").latest("pk")
    undo = project.runs.get(kind=Run.Kind.ROLLBACK)
    record = Record.objects.filter(run=load, state="created").first()
    drafted = Project.objects.get(name="CV Sinar Abadi")
    line = FieldLine.objects.filter(draft__version__project=drafted).first()
    fresh = site.rehearsal("CV Baru").project()
    fresh.connections.all().delete()
    pages = {
        "projects": reverse("projects:list"),
        "new project": reverse("projects:new"),
        "record": reverse("runs:record", args=[project.pk, load.pk, record.pk]),
        "run": reverse("runs:run", args=[project.pk, load.pk]),
        "records": reverse("runs:records", args=[project.pk, load.pk]),
        "rollback preview": reverse("runs:rollback", args=[project.pk, load.pk]),
        "rollback": reverse("runs:run", args=[project.pk, undo.pk]),
        "files": reverse("projects:connection", args=[project.pk, "source"])
        + "?system=qontak_files",
    }
    for name in ("projects:connect", "projects:discover", "projects:discover-fields",
                 "projects:discover-pipelines", "mapping:workbench", "mapping:confirm", "runs:home",
                 "runs:sandbox", "runs:schema", "runs:owners"):  # fmt: skip
        pages[name] = reverse(name, args=[project.pk])
    for name in ("projects:connect", "projects:discover", "mapping:workbench", "runs:home",
                 "runs:sandbox", "mapping:confirm"):  # fmt: skip
        pages[f"{name} of a new project"] = reverse(name, args=[fresh.pk])
    for name in ("runs:home", "mapping:confirm", "runs:sandbox"):
        pages[f"{name} of a drafted project"] = reverse(name, args=[drafted.pk])
    for side in ("source", "sandbox", "production"):
        pages[side] = reverse("projects:connection", args=[project.pk, side])
    for phase in ("accounts", "contacts", "leads", "opportunities"):
        pages[f"{phase} in a draft"] = reverse("mapping:object", args=[drafted.pk, phase])
    for phase in ("accounts", "contacts"):
        pages[f"{phase} confirmed"] = reverse("mapping:object", args=[project.pk, phase])
        pages[f"rules of {phase}"] = reverse("mapping:rules", args=[drafted.pk, phase])
    for mode in ("auto", "field", "custom", "skip"):
        page = reverse("mapping:object", args=[drafted.pk, line.draft.phase])
        pages[f"line opened as {mode}"] = f"{page}?line={line.pk}&mode={mode}"
    return pages


def test_every_page_is_whole_in_both_themes_and_widths(site, addresses, open_as):
    """One visit each, measured wide and light, then narrow and dark."""
    tab = open_as(site.person("rani"))
    faults = {}
    for name, path in addresses.items():
        page = tab.go(path)
        for scheme, size in VIEWS.items():
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size(size)
            if found := page.evaluate(BASICS):
                faults[f"{name}, {scheme}"] = found
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(VIEWS["light"])
    assert not faults


def test_pages_of_refusal_are_whole_too(site, project, open_as):
    viewer = site.person("bagus", project, "viewer")
    tab = open_as(viewer)
    tab.allow("status of 40[34]")
    for path, status in (
        (reverse("projects:connection", args=[project.pk, "source"]), 403),
        (reverse("runs:home", args=[project.pk + 1000]), 404),
    ):
        assert not tab.go(path, status).evaluate(BASICS)
    stranger = open_as(None)
    assert not stranger.go("/sign-in/").evaluate(BASICS)
