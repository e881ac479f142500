"""One tab of a browser context, and everything that went wrong in it."""

from __future__ import annotations

import re

from playwright.sync_api import BrowserContext, Page, Response


class Tab:
    """``page`` is Playwright's. ``faults`` are console errors, script errors and answers ≥ 500."""

    def __init__(self, page: Page, context: BrowserContext) -> None:
        self.page, self.context = page, context
        self.faults: list[str] = []
        self.allowed: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("response", self._response)

    def _console(self, message) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"{self.page.url}: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.status} from {response.url}")

    def allow(self, pattern: str) -> None:
        """Bear faults that match ``pattern``: those that the test brings about on purpose."""
        self.allowed.append(pattern)

    def unexpected(self) -> list[str]:
        return [
            fault
            for fault in self.faults
            if not any(re.search(pattern, fault) for pattern in self.allowed)
        ]

    def go(self, path: str, status: int = 200) -> Page:
        response = self.page.goto(path)
        assert response is not None
        assert response.status == status, f"{response.status} from {path}"
        return self.page

    def number(self, locator) -> int:
        """Return the whole number that an element shows, whatever separates its thousands."""
        return int(re.sub(r"\D", "", locator.inner_text()) or "0")
