"""Takes the pictures of docs/screens from a running demo.

make demo                                      # in another terminal; it prints the link
python -m tests.browser.screens docs/screens LINK
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.chromium import ARGUMENTS, program_path

SIZE = {"width": 1440, "height": 960}
LARGEST_BYTES = 400_000
WAITING_PROJECT = "CV Sinar Abadi"
"""The demo's second project: its map waits for a person."""


def take(folder: Path, link: str) -> None:
    """Sign in by ``link``, which ends on the finished project, and write five pictures."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program_path(), args=ARGUMENTS)
        page = browser.new_context(viewport=SIZE, locale="en-GB").new_page()
        page.goto(link)
        home = page.url
        _keep(page, folder / "home.png")
        page.goto(f"{home}discover/")
        _keep(page, folder / "discovery.png")
        page.goto(home)
        page.get_by_role("link", name=re.compile(r"^Sandbox run \d+$")).first.click()
        _keep(page, folder / "run.png")
        _open_a_value_map(page)
        _keep(page, folder / "workbench.png")
        page.emulate_media(color_scheme="dark")
        _keep(page, folder / "workbench-dark.png")
        browser.close()


def _open_a_value_map(page: Page) -> None:
    """Open the first line that needs a person, with its values against an existing field."""
    page.goto("/".join(page.url.split("/")[:3]))
    page.get_by_role("link", name=WAITING_PROJECT).click()
    page.goto(f"{page.url}map/")
    line = page.locator(".bench-group[data-group=needs] .map-line").first
    line.locator("[data-line-key=e]").click()
    with page.expect_response(re.compile("/preview/")):
        page.locator(".panel").get_by_role("link", name="Existing field").click()
    page.locator(".panel__values").wait_for()
    page.evaluate("scrollTo(0, 0)")


def _keep(page: Page, path: Path) -> None:
    page.wait_for_load_state("networkidle")
    page.mouse.move(0, 0)
    page.screenshot(path=path)
    size = path.stat().st_size
    print(f"{path}  {size // 1000} kB")
    if size > LARGEST_BYTES:
        raise SystemExit(f"{path} has {size} bytes; the most is {LARGEST_BYTES}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="tests.browser.screens", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("link", help="that manage.py demo prints")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    take(given.folder, given.link)
