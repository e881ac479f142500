"""Real worker processes, killed at every boundary: nothing lost, nothing doubled."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from runs.engine.crashpoints import CRASHPOINTS

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow

BY_JOB = [name for name in CRASHPOINTS if name.startswith("job.")]
UNDO = [name for name in CRASHPOINTS if name.startswith("undo.")]
REPEATED = ("load.intent", "load.answered", "load.recorded", "verify.read", "step.closed")
LOADING = [name for name in CRASHPOINTS if name not in BY_JOB + UNDO]


def worker(directory, action, **env):
    return subprocess.run(
        [sys.executable, "-m", "tests.runs.worker", str(directory), action],
        cwd=ROOT,
        env=os.environ | env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def fine(directory, action, **env):
    done = worker(directory, action, **env)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    directory = tmp_path_factory.mktemp("prepared")
    fine(directory, "prepare")
    return directory


@pytest.fixture
def place(prepared, tmp_path):
    shutil.copytree(prepared, tmp_path / "w")
    return tmp_path / "w"


@pytest.mark.parametrize("passing", LOADING + [f"{name}:3" for name in REPEATED])
def test_killed_while_loading_it_goes_on(place, passing):
    killed = worker(place, "drive", QONTAKMIG_CRASH_AT=passing)
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-3000:]

    fine(place, "finish")


@pytest.mark.parametrize("passing", [*BY_JOB, "load.in_record:2", "load.intent:3", "job.sent:3"])
def test_killed_around_an_ingest_job_it_goes_on(place, passing):
    killed = worker(place, "drive", QONTAKMIG_CRASH_AT=passing, THRESHOLD="5")
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-3000:]

    fine(place, "finish", THRESHOLD="5")


@pytest.mark.parametrize("threshold", ["10000", "5"])
@pytest.mark.parametrize("name", UNDO)
def test_killed_while_rolling_back_it_goes_on(place, name, threshold):
    fine(place, "rollback")
    killed = worker(place, "drive", QONTAKMIG_CRASH_AT=name, THRESHOLD=threshold)
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-3000:]

    fine(place, "finish_rollback", THRESHOLD=threshold)


def test_killed_again_and_again_at_random_moments_beside_a_living_worker(place):
    seed = int(os.environ.get("KILL_SEED", "11"))
    moments = random.Random(seed)
    command = [sys.executable, "-m", "tests.runs.worker", str(place), "drive"]
    env = os.environ | {"THRESHOLD": "6"}
    for _ in range(5):
        pair = [subprocess.Popen(command, cwd=ROOT, env=env) for _ in range(2)]
        time.sleep(0.8 + moments.random() * 1.5)
        for process in pair:
            process.kill()
            process.wait()

    fine(place, "finish", THRESHOLD="6")


def test_every_crashpoint_is_in_the_code_and_has_a_scenario():
    code = "".join(path.read_text() for path in (ROOT / "runs").rglob("*.py"))
    called = set(re.findall(r'crashpoint\("([a-z_.]+)"\)', code))

    assert called == set(CRASHPOINTS)
    assert called == {*LOADING, *BY_JOB, *UNDO}


def test_two_workers_share_one_run(place):
    command = [sys.executable, "-m", "tests.runs.worker", str(place), "drive"]
    pair = [subprocess.Popen(command, cwd=ROOT) for _ in range(2)]

    assert [process.wait(timeout=90) for process in pair] == [0, 0]

    fine(place, "check")


@pytest.mark.parametrize("name", ["load.intent", "load.answered", "verify.read", "extract.read"])
def test_a_worker_that_was_frozen_for_too_long_records_nothing(place, name):
    """Its lease ran out and another finished the work: the old fence is refused."""
    command = [sys.executable, "-m", "tests.runs.worker", str(place), "drive"]
    env = os.environ | {"QONTAKMIG_CRASH_AT": name, "QONTAKMIG_CRASH_BY": "SIGSTOP"}
    frozen = subprocess.Popen(command, cwd=ROOT, env=env)
    os.waitid(os.P_PID, frozen.pid, os.WSTOPPED | os.WNOWAIT)
    with sqlite3.connect(place / "qontakmig.sqlite3", timeout=20) as db:
        db.execute("UPDATE runs_batch SET lease_until = '2020-01-01' WHERE lease_owner != ''")
    db.close()
    fine(place, "finish")
    frozen.send_signal(signal.SIGCONT)

    assert frozen.wait(timeout=60) == 0
    fine(place, "check")
