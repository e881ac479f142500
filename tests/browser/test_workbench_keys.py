"""The workbench by keyboard, and two people on one map."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from mapping.models import FieldLine

pytestmark = pytest.mark.browser

CURRENT = '.map-line[aria-current="true"]'


@pytest.fixture(scope="module")
def project(site):
    rehearsal = site.rehearsal("PT Arunika Medika")
    project = rehearsal.project()
    rehearsal.draft(project)
    site.person("bagus", project, "revops")
    return project


@pytest.fixture
def bench(site, project, open_as):
    """Open an object's lines as somebody; the draft is undecided again."""
    lines = FieldLine.objects.filter(draft__version__project=project)
    lines.update(status="unreviewed", decision=None, reviewed_by=None, reviewed_at=None)

    def open_bench(username, phase="contacts"):
        tab = open_as(site.person(username))
        return tab.go(reverse("mapping:object", args=[project.pk, phase]))

    return open_bench


def id_of(line):
    return int(line.get_attribute("data-line"))


def stored(line_id):
    return FieldLine.objects.get(pk=line_id)


def test_j_and_k_move_and_the_preview_follows(bench):
    page = bench("rani")
    first = id_of(page.locator(CURRENT))
    with page.expect_response(re.compile("/preview/")):
        page.keyboard.press("j")
    second = id_of(page.locator(CURRENT))
    assert second != first
    expect(page.locator(CURRENT)).to_be_focused()
    with page.expect_response(re.compile(f"/preview/.*line={first}")):
        page.keyboard.press("k")
    assert id_of(page.locator(CURRENT)) == first


def test_a_accepts_and_goes_on_and_u_takes_it_back(bench):
    page = bench("rani")
    line = page.locator(".bench-group[data-group=proposed] .map-line").first
    line.click()
    line_id = id_of(line)
    page.keyboard.press("a")
    expect(page.locator(f"#line-{line_id}")).to_have_attribute("data-group", "reviewed")
    assert stored(line_id).status == "accepted"
    expect(page.locator("#saved")).to_contain_text("Saved")
    expect(page.locator(CURRENT)).to_have_count(1)
    assert id_of(page.locator(CURRENT)) != line_id
    page.keyboard.press("u")
    expect(page.locator(f"#line-{line_id}")).not_to_have_attribute("data-group", "reviewed")
    assert stored(line_id).status == "unreviewed"


def test_s_leaves_behind_with_a_reason_typed_in_place(bench):
    page = bench("rani")
    line_id = id_of(page.locator(CURRENT))
    leave_behind_by_key(page, line_id, "jejak lama")
    expect(page.locator(f"#line-{line_id}")).to_have_attribute("data-group", "reviewed")
    line = stored(line_id)
    assert (line.status, line.decision["reason"]) == ("skipped", "jejak lama")


def test_e_opens_and_escape_closes_without_a_decision(bench):
    page = bench("rani")
    line = page.locator(CURRENT)
    line_id = id_of(line)
    page.keyboard.press("e")
    line = page.locator(f"#line-{line_id}")
    expect(line).to_have_class(re.compile("is-open"))
    expect(line.locator("button[name=save]")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(line).not_to_have_class(re.compile("is-open"))
    assert stored(line_id).status == "unreviewed"


def test_keys_are_letters_while_one_types(bench):
    page = bench("rani")
    page.keyboard.press("/")
    search = page.get_by_role("searchbox", name="Search fields")
    expect(search).to_be_focused()
    page.keyboard.type("nama asjk")
    expect(search).to_have_value("nama asjk")
    assert not FieldLine.objects.exclude(status="unreviewed").exists()


@pytest.mark.parametrize(
    ("choice", "reason"), [("Keep theirs", "tidak dipakai"), ("Use mine", "punya saya")]
)
def test_what_another_person_decided_meanwhile_is_shown_and_not_lost(bench, choice, reason):
    mine, theirs = bench("rani"), bench("bagus")
    line_id = id_of(mine.locator(CURRENT))
    line = mine.locator(f"#line-{line_id}")
    leave_behind_by_key(mine, line_id, "punya saya", send=False)
    leave_behind_by_key(theirs, line_id, "tidak dipakai")
    expect(theirs.locator(f"#line-{line_id}")).to_have_attribute("data-group", "reviewed")

    mine.keyboard.press("Enter")
    conflict = line.get_by_role("alert")
    expect(conflict).to_contain_text("tidak dipakai")
    expect(conflict).to_contain_text("punya saya")
    expect(conflict).to_contain_text("Bagus")
    assert stored(line_id).decision["reason"] == "tidak dipakai"
    conflict.get_by_text(choice).click()
    expect(line.get_by_role("alert")).to_have_count(0)
    expect(line).to_contain_text(reason)
    assert stored(line_id).decision["reason"] == reason


def test_a_key_on_a_line_that_changed_meanwhile_shows_both_too(bench):
    mine, theirs = bench("rani"), bench("bagus")
    line_id = id_of(mine.locator(CURRENT))
    leave_behind_by_key(theirs, line_id, "tidak dipakai")
    expect(theirs.locator(f"#line-{line_id}")).to_have_attribute("data-group", "reviewed")
    mine.keyboard.press("a")
    expect(mine.locator(f"#line-{line_id}").get_by_role("alert")).to_contain_text("tidak dipakai")
    assert stored(line_id).decision["reason"] == "tidak dipakai"


def test_a_decision_that_is_refused_is_told_and_not_shown_as_made(site, project, open_as):
    dewi = site.person("dewi", project, "revops")
    tab = open_as(dewi)
    tab.allow("403")
    page = tab.go(reverse("mapping:object", args=[project.pk, "contacts"]))
    line_id = id_of(page.locator(CURRENT))
    before = stored(line_id).status
    project.memberships.filter(user=dewi).update(role="viewer")
    page.keyboard.press("a")
    expect(page.locator("#refused")).to_be_visible()
    expect(page.locator(f"#line-{line_id}")).to_have_count(1)
    assert stored(line_id).status == before


def leave_behind_by_key(page, line_id, reason, *, send=True):
    page.keyboard.press("s")
    expect(page.locator(f"#reason-{line_id}")).to_be_focused()
    page.keyboard.type(reason)
    if send:
        page.keyboard.press("Enter")
