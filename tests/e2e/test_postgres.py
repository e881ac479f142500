"""The tests that use the database pass on PostgreSQL as well."""

from __future__ import annotations

import os
import subprocess
import sys

import psycopg
import pytest

from tests.e2e.conftest import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.postgres]

SERVER = os.environ.get("QONTAKMIG_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
ROOMS = ("tests/projects", "tests/mapping", "tests/runs")


@pytest.fixture
def server():
    try:
        psycopg.connect(SERVER, connect_timeout=3).close()
    except psycopg.OperationalError as exc:
        pytest.skip(f"no PostgreSQL server: {exc}".splitlines()[0])
    return SERVER


def test_the_database_tests_pass_on_postgresql(server, tmp_path):
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--create-db",
         "-m", "not slow", *ROOMS],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": server, "QONTAKMIG_VAR_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=600,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout[-4000:]
