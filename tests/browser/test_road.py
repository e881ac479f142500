"""The whole road as a person walks it, with the real queue doing the work."""

from __future__ import annotations

import re

import openpyxl
import pytest
from playwright.sync_api import expect

from projects.models import Project
from tests.browser.site import OBJECTS, PASSWORD
from tests.browser.steps import connect_by_form, decide_every_line, settle_what_blocks
from tests.browser.worker import cluster

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORK_MS = 60_000
"""Longest wait for something that the queue does."""
OUTCOMES = 8


def test_a_person_takes_an_account_from_connect_to_a_balanced_sandbox_run(site, open_as, tmp_path):
    site.person("rani")
    tab = open_as(None)
    page = tab.page
    there_before = site.destination_rows()
    with cluster():
        _sign_in(page)
        _make_the_project(page)
        _connect_both_sides(page, site)
        _audit(page, tab, site)
        _map_and_confirm(page)
        _provision(page)
        created = _run(page, tab, site, there_before)
        _take_the_workbook(page, tab, tmp_path, created)
        _roll_back(page, tab, created)
    assert site.destination_rows() == there_before
    assert Project.objects.get().audit_entries.filter(action="map:confirmed").count() == 1


def _sign_in(page):
    page.goto("/")
    expect(page).to_have_url(re.compile("/sign-in/"))
    page.get_by_label("Username").fill("rani")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Projects")


def _make_the_project(page):
    page.get_by_role("link", name="New project").first.click()
    page.get_by_label("Customer").fill("PT Arunika Medika")
    page.get_by_label("Between practice orgs").check()
    page.get_by_role("button", name="Make the project").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Connect")


def _connect_both_sides(page, site):
    for side, system in (("source", "qontak"), ("sandbox", "salesforce")):
        connect_by_form(page, site, side, system)
        card = page.locator(f"#connection-{side}")
        expect(card.get_by_text("Working")).to_be_visible()
        with page.expect_response(re.compile("/test/")):
            card.get_by_role("button", name="Test connection").click()
        expect(card.get_by_text("Working")).to_be_visible()
    expect(page.locator("#connection-sandbox")).to_contain_text("PT Praktik Nusantara")
    expect(page.locator("#connection-source")).to_contain_text("127.0.0.1")


def _audit(page, tab, site):
    page.get_by_role("link", name="Discover").first.click()
    page.get_by_role("button", name="Start the audit").click()
    expect(page.get_by_role("heading", name="Inventory")).to_be_visible(timeout=WORK_MS)
    expect(page.locator("#discovery-progress")).to_have_count(0)
    held = site.ask("qontak", "stats")
    for name, label in (("companies", "Company"), ("contacts", "Contact"), ("deals", "Deal")):
        row = page.get_by_role("row", name=re.compile(f"^{label} ")).first
        assert tab.number(row.locator(".num").first) == held[name]


def _map_and_confirm(page):
    page.get_by_role("link", name="Map").first.click()
    page.get_by_role("button", name="Propose a map").click()
    objects = page.locator("a.bench-object")
    expect(objects.first).to_be_visible()
    for number in range(objects.count()):
        objects.nth(number).click()
        decide_every_line(page)
    page.get_by_role("link", name="Go to confirmation").click()
    settle_what_blocks(page)
    page.get_by_label(re.compile("confirm this map")).check()
    page.get_by_role("button", name=re.compile("Confirm map 1")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Map 1 is confirmed")


def _provision(page):
    page.get_by_role("link", name="Sandbox run").first.click()
    expect(page.get_by_role("button", name="Start the run")).to_be_disabled()
    page.get_by_role("button", name="Check only").click()
    expect(page.get_by_text("Check passed")).to_be_visible(timeout=WORK_MS)
    page.get_by_role("button", name="Apply the schema").click()
    expect(page.locator("#schema-card").get_by_text("Applied")).to_be_visible(timeout=WORK_MS)


def _run(page, tab, site, there_before):
    """Return how many records were created, by the phase's destination."""
    page.get_by_role("button", name="Start the run").click()
    expect(page.locator(".run-said")).to_be_visible(timeout=WORK_MS)
    rows = page.locator(".phase-table tbody tr").all()
    created = {}
    for row in rows:
        expect(row.get_by_text("Balanced")).to_be_visible()
        cells = [tab.number(cell) for cell in row.locator("td.num").all()]
        extracted, outcomes = cells[0], cells[1 : 1 + OUTCOMES]
        assert extracted == sum(outcomes), row.inner_text()
        assert cells[-2:] == [0, 0], row.inner_text()
        destination = row.locator("th .second").inner_text().strip()
        created[destination] = outcomes[0]
    now = site.destination_rows()
    assert sum(created.values()) > 0
    for name in OBJECTS:
        assert now[name] - there_before[name] == created[name], (name, created, now)
    expect(page.get_by_text("Nothing different")).to_be_visible()
    return created


def _take_the_workbook(page, tab, folder, created):
    with page.expect_download() as download:
        page.get_by_role("link", name="Workbook").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    book = openpyxl.load_workbook(path)
    lines = list(book["Phases"].iter_rows(values_only=True))
    columns = {name: place for place, name in enumerate(lines[0])}
    told = {line[columns["Destination"]]: line for line in lines[1:]}
    foot = page.locator(".phase-table tfoot td.num")
    assert tab.number(foot.first) == sum(line[columns["Extracted"]] for line in lines[1:])
    for name in OBJECTS:
        assert told[name][columns["Created"]] == created[name]
        assert told[name][columns["Unexplained"]] == 0


def _roll_back(page, tab, created):
    page.get_by_role("link", name="Roll back").click()
    foot = page.locator("table tfoot").first.locator("td.num")
    expect(foot).to_have_count(4)
    assert [tab.number(cell) for cell in foot.all()] == [sum(created.values()), 0, 0, 0]
    page.get_by_role("button", name="Roll back").click()
    expect(page.get_by_text("As before the run")).to_be_visible(timeout=WORK_MS)
