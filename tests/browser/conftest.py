"""A real Chromium on the real pages, between practice orgs, with somebody who does queued work.

Nothing is skipped silently: QONTAKMIG_REQUIRE=browser turns a skip into a failure.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test import override_settings
from playwright.sync_api import sync_playwright
from pytest_django.live_server_helper import LiveServer

from qontakmig.simulators.serve import start
from tests.browser.chromium import ARGUMENTS, PROGRAMS, program_path
from tests.browser.site import Site
from tests.browser.tab import Tab
from tests.browser.worker import Worker

SIZES = {"companies": 20, "contacts": 70, "deals": 30}
WAIT_MS = 15_000


@pytest.fixture(scope="module")
def chromium():
    program = program_path()
    if program is None:
        pytest.skip(f"None of {', '.join(PROGRAMS)} is installed; make chromium installs one.")
    # Playwright keeps an event loop in this thread; the tests themselves are not asynchronous.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="module")
def orgs(chromium, tmp_path_factory):
    """What the practice orgs say when they listen; asked for after the browser, which may skip."""
    systems = ("qontak", "salesforce", "salesforce_production")
    state = tmp_path_factory.mktemp("orgs")
    with start(systems, seed=7, sizes=SIZES, state=state) as running:
        yield running.info


@pytest.fixture(scope="module")
def db(chromium, django_db_setup, django_db_blocker):
    """The test database, open for a whole module and emptied after it.

    Instead of pytest-django's fixture of the same name: no transaction is rolled back after each
    test, because the server, the workers and the tests are different connections.
    """
    with django_db_blocker.unblock():
        assert "test" in Path(connection.settings_dict["NAME"]).name
        yield
        call_command("flush", interactive=False, verbosity=0)
        connections.close_all()


@pytest.fixture(scope="module")
def site(db, orgs, tmp_path_factory):
    """The pages on a port."""
    folder = tmp_path_factory.mktemp("var")
    quick = override_settings(
        VAR_DIR=folder,
        EXPORT_DIR=folder / "exports",
        PRACTICE_ALLOWED=True,
        RUNS_POLL_SECONDS=0.02,
        ALLOWED_HOSTS=["127.0.0.1", "testserver"],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    )
    with quick:
        server = LiveServer("127.0.0.1", start=False)
        server.thread.static_handler = lambda pages: pages  # the pages' own middleware serves files
        server.start()
        yield Site(server.url, orgs, folder)
        server.stop()


@pytest.fixture(scope="module")
def worker(site):
    """Does queued work in a thread of this process, as the queue's own workers would."""
    with Worker() as running:
        yield running


@pytest.fixture
def open_as(site, chromium, request, tmp_path):
    """Open a tab: ``open_as(user, color_scheme="dark")``; ``open_as(None)`` is signed out.

    Every tab must end without errors in its console, violations of the content policy or answers
    from 500 on. The tabs of a failing test are kept as pictures.
    """
    tabs: list[Tab] = []
    numbers = count(1)

    def open_tab(user, **options):
        options = {"viewport": {"width": 1440, "height": 900}, "locale": "en-GB"} | options
        context = chromium.new_context(base_url=site.url, **options)
        context.set_default_timeout(WAIT_MS)
        if user is not None:
            context.add_cookies([site.session_cookie(user)])
        tabs.append(Tab(context.new_page(), context))
        return tabs[-1]

    with _pictures_of_failure(request, tmp_path, tabs, numbers):
        yield open_tab
    faults = [fault for tab in tabs for fault in tab.unexpected()]
    for tab in tabs:
        tab.context.close()
    assert not faults


@contextmanager
def _pictures_of_failure(request, folder, tabs, numbers):
    yield
    report = getattr(request.node, "report_of_call", None)
    if report is None or not report.failed:
        return
    for tab in tabs:
        path = folder / f"tab-{next(numbers)}.png"
        tab.page.screenshot(path=path, full_page=True)
        print(f"{tab.page.url} looked like {path}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if call.when == "call":
        item.report_of_call = report
    return report
