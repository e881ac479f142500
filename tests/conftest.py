"""What every test may use: people in their roles and a project they share.

It also keeps a promise: on a machine that has a browser or a database server, the tests that need
one must not be skipped. ``QONTAKMIG_REQUIRE`` names what the machine has ("browser postgres").
"""

from __future__ import annotations

import os

import pytest
from django.contrib.auth import get_user_model

from projects.models import Membership, Project

skipped_though_required: list[str] = []


@pytest.fixture
def consultant(db):
    return get_user_model().objects.create_user("rani", password="a-long-password-of-rani")


@pytest.fixture
def project(consultant):
    project = Project.objects.create(
        name="PT Arunika Medika", destination="salesforce", practice=True, created_by=consultant
    )
    Membership.objects.create(project=project, user=consultant, role=Membership.Role.CONSULTANT)
    return project


def pytest_runtest_logreport(report):
    required = os.environ.get("QONTAKMIG_REQUIRE", "").split()
    if report.skipped and any(name in report.keywords for name in required):
        skipped_though_required.append(report.nodeid)


def pytest_sessionfinish(session, exitstatus):
    if skipped_though_required and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter):
    for nodeid in skipped_though_required:
        terminalreporter.write_line(f"FAILED {nodeid}: skipped on a machine that can run it")
