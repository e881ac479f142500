"""What a person does on the pages, in steps that several tests take."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from projects.practice import connection_settings

CLICKS = 200
"""More than a map has lines; whoever needs more runs in a circle."""


def connect_by_form(page: Page, site, side: str, system: str, **changes: str) -> None:
    """From the Connect page: fill in what the practice org said, save and test."""
    config, secrets = connection_settings(system.removesuffix("_production"), site.orgs[system])
    page.locator(f"#connection-{side}").get_by_role(
        "link", name=re.compile("Connect|Change")
    ).click()
    for name, value in (config | secrets | changes).items():
        page.locator(f"[name={name}]").fill(value)
    page.get_by_role("button", name="Save and test").click()


def decide_every_line(page: Page) -> None:
    """On an object's page: accept what is sure at once, then decide the rest line by line."""
    at_once = page.locator("#accept-all button")
    if at_once.count():
        at_once.click()
    waiting = page.locator(
        ".bench-group[data-group=needs] .map-line, .bench-group[data-group=proposed] .map-line"
    )
    for _ in range(CLICKS):
        if not waiting.count():
            return
        line = page.locator(f"#{waiting.first.get_attribute('id')}")
        _decide(page, line)
        expect(line).to_have_attribute("data-group", "reviewed")
        expect(line).not_to_have_class(re.compile("is-open"))
    raise AssertionError("lines go on waiting after all were decided")


def _decide(page: Page, line) -> None:
    needs = line.get_attribute("data-group") == "needs"
    with page.expect_response(lambda answer: "/map/lines/" in answer.url):
        line.locator("[data-line-key=a]").click()
    if not needs and line.locator(".panel").count() == 0:
        return
    if line.get_attribute("data-group") == "reviewed":
        return
    leave_behind(page, line, "not used any more")


def leave_behind(page: Page, line, reason: str) -> None:
    """Open the line where it is left behind, and give the reason."""
    if not line.locator(".panel").count():
        line.locator("[data-line-key=e]").click()
    line.get_by_role("link", name="Leave behind").first.click()
    line.get_by_label("Why does it stay behind?").fill(reason)
    line.locator("button[name=save]").click()


def settle_what_blocks(page: Page) -> None:
    """On the confirmation page: follow each thing that stands in the way and leave it behind."""
    for _ in range(CLICKS):
        blockers = page.locator(".card--needs-person a.line__name")
        if not blockers.count():
            return
        blockers.first.click()
        line = page.locator(".map-line.is-open")
        leave_behind(page, line, "goes into the same field as another")
        expect(line).to_have_count(0)
        page.get_by_role("link", name="Confirm").first.click()
    raise AssertionError("things go on standing in the way")
