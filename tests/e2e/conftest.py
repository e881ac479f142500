"""The whole road between practice orgs: in this process, or as a person types it."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from projects.connections import connection_save, connection_test
from projects.practice import connection_settings
from qontakmig.simulators.serve import start
from runs.rehearsal import Plan, Rehearsal

ROOT = Path(__file__).resolve().parents[2]
MANAGE = [sys.executable, str(ROOT / "manage.py")]
SIZES = {"companies": 6, "contacts": 24, "deals": 10}


@dataclass(frozen=True)
class Ended:
    """How a command ended: its status, its lines on standard output, its words on the other."""

    status: int
    lines: list[str]
    words: str

    @property
    def summary(self) -> dict[str, Any]:
        return json.loads(self.lines[-1])

    @property
    def last_words(self) -> str:
        return self.words.strip().splitlines()[-1]


@pytest.fixture
def manage():
    """Run a management command to its end: ``manage("rehearse", "--records", 5)``."""

    def run(*arguments: Any, timeout: float = 240) -> Ended:
        ended = subprocess.run(
            [*MANAGE, *map(str, arguments)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
        )
        return Ended(ended.returncode, ended.stdout.splitlines(), ended.stderr)

    return run


def control(info, path, body=None):
    """Ask or tell a practice org past its API."""
    request = urllib.request.Request(
        info["control_url"] + path, data=None if body is None else json.dumps(body).encode()
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


@pytest.fixture(scope="session")
def orgs(tmp_path_factory):
    """Practice orgs for tests that write nothing; by system, as serve's first line names them."""
    state = tmp_path_factory.mktemp("orgs")
    systems = ("qontak", "salesforce", "salesforce_production")
    with start(systems, seed=5, sizes=SIZES, state=state) as running:
        yield running.info


@pytest.fixture
def connected(project, consultant, orgs, settings, tmp_path):
    """Save and test one side of the project; changes go over what the practice org says."""
    settings.PRACTICE_ALLOWED = True
    settings.VAR_DIR = tmp_path

    def connect(side, system, credentials=None, **changes):
        config, given = connection_settings(system.removesuffix("_production"), orgs[system])
        credentials = given if credentials is None else credentials
        for name, value in changes.items():
            (credentials if name in credentials else config)[name] = value
        connection = connection_save(
            project=project,
            side=side,
            system=system.removesuffix("_production"),
            config=config,
            credentials=credentials,
            actor=consultant,
        )
        return connection_test(connection=connection, actor=consultant)

    return connect


@pytest.fixture
def rehearse(db, settings, tmp_path):
    """Rehearse in this process: ``rehearse(seed=3, faults=[…], switches={…}, contacts=20)``.

    ``meanwhile(running)`` is called when the orgs are up, before anything else. Returns the exit
    status, the summary, what was said, and the practice org's own rows by object.
    """
    settings.PRACTICE_ALLOWED = True
    settings.VAR_DIR = tmp_path
    settings.RUNS_BACKOFF_SECONDS = 0.05
    settings.RUNS_BACKOFF_MAX_SECONDS = 0.5

    def run(*, seed=5, faults=(), switches=None, meanwhile=None, again=True, undo=True, **sizes):
        sizes = sizes or SIZES
        said: list[str] = []
        with start(
            ("qontak", "salesforce"),
            seed=seed,
            sizes=sizes,
            faults=faults,
            switches=switches,
            state=tmp_path / "orgs",
        ) as running:
            plan = Plan("salesforce", sizes, seed, tmp_path, again=again, rollback=undo)
            if meanwhile is not None:
                meanwhile(running)
            status, summary = Rehearsal(plan, running.info, said.append).run()
            content = control(running.info["salesforce"], "dump")
        return status, summary, said, content

    return run
