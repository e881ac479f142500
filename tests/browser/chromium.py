"""Where Chromium is on this machine, and how it is started."""

from __future__ import annotations

import shutil

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def program_path() -> str | None:
    """Return the path of the first browser that is installed."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)
