"""Readers, strangers and people whose session ended, in the browser."""

from __future__ import annotations

import re

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import expect

from projects.models import Discovery

pytestmark = pytest.mark.browser

PAGES = ("runs:home", "projects:connect", "projects:discover", "mapping:workbench",
         "mapping:confirm", "runs:sandbox")  # fmt: skip
ACTIONS = ("projects:discover-start", "mapping:propose", "mapping:confirm", "runs:run-start",
           "runs:schema-apply")  # fmt: skip
OWN_FORMS = re.compile("/(language|sign-out)/")
"""Forms that everybody has: they change nothing of a project."""


@pytest.fixture(scope="module")
def project(site):
    """A project with a draft and every role."""
    rehearsal = site.rehearsal("PT Arunika Medika")
    project = rehearsal.project()
    rehearsal.draft(project)
    site.person("bagus", project, "viewer")
    site.person("dewi", project, "revops")
    site.person("orang")
    return project


def forms_that_change(page):
    """Return what the page would post, apart from the reader's own settings."""
    found = page.evaluate(
        """() => [...document.querySelectorAll("form[method=post]")].filter(
             (form) => form.querySelector("button") || document.querySelector(
               `button[form="${form.id}"]`)
           ).map((form) => form.action)
           .concat([...document.querySelectorAll("[hx-post], [formaction]")].map(
             (e) => e.getAttribute("hx-post") || e.getAttribute("formaction")))"""
    )
    return [action for action in found if not OWN_FORMS.search(action)]


def post(page, path):
    """Post as a page of ours would, with its token; return the status."""
    return page.evaluate(
        """async (path) => {
             const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
             const answer = await fetch(path, {
               method: "POST", redirect: "manual", headers: {"X-CSRFToken": token}});
             return answer.status;
           }""",
        path,
    )


def test_a_viewer_reads_every_page_and_finds_nothing_to_press(site, project, open_as):
    tab = open_as(site.person("bagus"))
    for name in PAGES:
        page = tab.go(reverse(name, args=[project.pk]))
        assert forms_that_change(page) == [], name
    consultant = open_as(site.person("rani"))
    assert forms_that_change(consultant.go(reverse("mapping:workbench", args=[project.pk])))


@pytest.mark.parametrize(("username", "status"), [("bagus", 403), ("orang", 404)])
def test_who_posts_without_the_right_to_is_refused(site, project, open_as, username, status):
    tab = open_as(site.person(username))
    tab.allow(f"status of {status}")
    page = tab.go("/")
    for name in ACTIONS:
        assert post(page, reverse(name, args=[project.pk])) == status, name
    line = project.map_versions.get().objects_drafted.first().lines.first()
    assert post(page, reverse("mapping:line-accept", args=[project.pk, line.pk])) == status


def test_a_stranger_does_not_learn_that_the_project_exists(site, project, open_as):
    tab = open_as(site.person("orang"))
    tab.allow("status of 404")
    assert project.name not in tab.go("/").content()
    for name in PAGES:
        page = tab.go(reverse(name, args=[project.pk]), 404)
        assert project.name not in page.content()


def test_a_session_that_ends_under_a_live_page_leads_to_sign_in_and_back(site, project, open_as):
    tab = open_as(site.person("dewi"))
    under_way = Discovery.objects.create(
        project=project, state="running", started_by=site.person("rani")
    )
    try:
        page = tab.go(reverse("projects:discover", args=[project.pk]))
        expect(page.locator("#discovery-progress")).to_be_visible()
        Session.objects.all().delete()
        expect(page).to_have_url(re.compile("/sign-in/"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
        page.get_by_label("Username").fill("dewi")
        page.get_by_label("Password").fill("a-long-password-of-rani")
        page.get_by_role("button", name="Sign in").click()
        expect(page).to_have_url(re.compile(f"/projects/{project.pk}/discover/$"))
    finally:
        under_way.delete()


def test_nobody_is_sent_to_another_site_after_signing_in(site, open_as):
    site.person("rani")
    page = open_as(None).go("/sign-in/?next=https://evil.example/")
    page.get_by_label("Username").fill("rani")
    page.get_by_label("Password").fill("a-long-password-of-rani")
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{site.url}/")
