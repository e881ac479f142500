"""What goes wrong on the Connect page is told in words: what happened, what to do."""

from __future__ import annotations

import socket

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from projects.services import project_create
from tests.browser.steps import connect_by_form

pytestmark = pytest.mark.browser


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def connect(site, open_as):
    """Connect one side of a new project by its form; return the page with its card."""

    def go(side, system, **changes):
        rani = site.person("rani")
        project = project_create(
            name="CV Coba", destination="salesforce", actor=rani, practice=True
        )
        page = open_as(rani).go(reverse("projects:connect", args=[project.pk]))
        connect_by_form(page, site, side, system, **changes)
        return page, page.locator(f"#connection-{side}"), project.connections.get(side=side)

    return go


@pytest.mark.parametrize(
    ("side", "system", "changes", "words"),
    [
        ("source", "qontak", {"crm_client_secret": "not-the-secret"}, ("client secret",)),
        ("sandbox", "salesforce", {"refresh_token": "not-the-token"}, ("connect",)),
        ("sandbox", "salesforce_production", {}, ("production", "sandbox")),
        ("production", "salesforce", {}, ("production", "sandbox")),
        ("source", "qontak", {"base_url": "unreachable"}, ("127.0.0.1", "does not accept")),
        ("sandbox", "salesforce", {"base_url": "https://8.8.8.8"}, ("practice",)),
        ("sandbox", "salesforce", {"ca_file": "/no/such/file.pem"}, ("certificate file",)),
    ],
)
def test_what_failed_is_said_with_what_to_do(connect, side, system, changes, words):
    if changes.get("base_url") == "unreachable":
        changes = {"base_url": f"http://127.0.0.1:{free_port()}"}
    page, card, connection = connect(side, system, **changes)
    expect(card.get_by_text("Needs you")).to_be_visible()
    told = card.get_by_role("alert").inner_text()
    for word in words:
        assert word.casefold() in told.casefold(), told
    assert connection.problem in told
    assert connection.advice in told
    assert len(connection.advice) > len("Try again.")
    assert "kept" in told
    for secret in ("not-the-secret", "not-the-token"):
        assert secret not in page.content()


def test_what_was_typed_is_kept_and_secrets_are_never_sent_back(connect, site):
    page, card, _ = connect("source", "qontak", crm_client_secret="not-the-secret")
    card.get_by_role("link", name="Change").click()
    given = site.orgs["qontak"]["credentials"]["crm"]
    expect(page.locator("[name=crm_client_id]")).to_have_value(given["client_id"])
    expect(page.locator("[name=crm_client_secret]")).to_have_value("")
    page.locator("[name=crm_client_secret]").fill(given["client_secret"])
    page.get_by_role("button", name="Save and test").click()
    expect(page.locator("#connection-source").get_by_text("Working")).to_be_visible()
    assert given["client_secret"] not in page.content()


def test_a_form_without_what_is_needed_says_so_at_the_field(connect, open_as, site):
    page, card, _ = connect("source", "qontak")
    card.get_by_role("link", name="Change").click()
    page.locator("[name=crm_client_id]").evaluate("field => field.removeAttribute('required')")
    page.locator("[name=crm_client_id]").fill("")
    page.get_by_role("button", name="Save and test").click()
    expect(page.locator(".field__error")).to_have_count(1)
    assert page.locator("[name=crm_client_id]").get_attribute("aria-invalid") == "true"
