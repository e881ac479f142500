"""Plain forms are enough: the road's own steps with scripts switched off."""

from __future__ import annotations

import re
import time

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from mapping.models import MapVersion
from mapping.rehearsing import review_as_proposed
from projects.services import project_create
from runs.models import Run
from tests.browser.steps import connect_by_form

pytestmark = pytest.mark.browser

WORK_SECONDS = 30


@pytest.fixture(scope="module")
def drafted(site):
    rehearsal = site.rehearsal("PT Arunika Medika")
    project = rehearsal.project()
    rehearsal.draft(project)
    return project


@pytest.fixture
def page(site, open_as):
    return open_as(site.person("rani"), java_script_enabled=False).page


def until(page, locator, worker):
    """Load the page again until ``locator`` is there, as a person without scripts does."""
    deadline = time.monotonic() + WORK_SECONDS
    while not locator.count():
        assert worker.fault is None
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.2)
        page.reload()


def test_an_account_is_connected_and_audited(site, page, worker):
    project = project_create(
        name="CV Coba", destination="salesforce", actor=site.person("rani"), practice=True
    )
    page.goto(reverse("projects:connect", args=[project.pk]))
    connect_by_form(page, site, "source", "qontak")
    card = page.locator("#connection-source")
    card.get_by_role("button", name="Test connection").click()
    expect(card.get_by_text("Working")).to_be_visible()
    page.goto(reverse("projects:discover", args=[project.pk]))
    page.get_by_role("button", name="Start the audit").click()
    until(page, page.get_by_role("heading", name="Inventory"), worker)
    assert project.discoveries.get().state == "done"


def test_a_line_is_accepted_left_behind_and_taken_back(page, drafted):
    page.goto(reverse("mapping:object", args=[drafted.pk, "accounts"]))
    line = page.locator(".bench-group[data-group=proposed] .map-line").first
    line_id = line.get_attribute("data-line")
    line = page.locator(f"#line-{line_id}")
    line.locator("[data-line-key=a]").click()
    expect(line).to_have_attribute("data-group", "reviewed")

    other = page.locator(".bench-group[data-group=proposed] .map-line").first
    other_id = other.get_attribute("data-line")
    other = page.locator(f"#line-{other_id}")
    other.locator("[data-line-key=e]").click()
    other.get_by_role("link", name="Leave behind").first.click()
    other.get_by_label("Why does it stay behind?").fill("tidak dipakai")
    other.locator("button[name=save]").click()
    expect(other).to_have_attribute("data-group", "reviewed")
    assert (
        drafted.map_versions.get()
        .objects_drafted.get(phase="accounts")
        .lines.get(pk=other_id)
        .decision["reason"]
        == "tidak dipakai"
    )


def test_a_map_is_confirmed_provisioned_and_run(site, page, drafted, worker):
    version = drafted.map_versions.get()
    assert review_as_proposed(version, site.person("rani")) == []
    page.goto(reverse("mapping:confirm", args=[drafted.pk]))
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name=re.compile("Confirm map")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("is confirmed")
    assert drafted.map_versions.get().state == MapVersion.State.CONFIRMED

    page.goto(reverse("runs:sandbox", args=[drafted.pk]))
    page.get_by_role("button", name="Apply the schema").first.click()
    until(page, page.locator("#schema-card").get_by_text("Applied"), worker)
    page.get_by_role("button", name="Start the run").click()
    until(page, page.locator(".run-said"), worker)
    run = drafted.runs.get()
    assert run.state == Run.State.DONE
    with page.expect_download() as download:
        page.get_by_role("link", name="Workbook").click()
    assert download.value.suggested_filename.endswith(".xlsx")
