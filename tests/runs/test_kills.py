"""Real worker processes, killed at every boundary: nothing lost, nothing doubled."""

from __future__ import annotations

import os
import random
import shutil
import signal
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


@pytest.mark.parametrize("passing", [1, 3])
@pytest.mark.parametrize("name", LOADING)
def test_killed_while_loading_it_goes_on(place, name, passing):
    killed = worker(place, "drive", QONTAKMIG_CRASH_AT=f"{name}:{passing}")
    assert killed.returncode in (-signal.SIGKILL, 0)
    assert passing > 1 or killed.returncode == -signal.SIGKILL

    fine(place, "drive")

    fine(place, "check")


@pytest.mark.parametrize("passing", [1, 3])
@pytest.mark.parametrize("name", [*BY_JOB, "load.in_record", "load.intent"])
def test_killed_around_an_ingest_job_it_goes_on(place, name, passing):
    killed = worker(place, "drive", QONTAKMIG_CRASH_AT=f"{name}:{passing}", THRESHOLD="5")
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-3000:]

    fine(place, "drive", THRESHOLD="5")

    fine(place, "check")


@pytest.mark.parametrize("threshold", ["10000", "5"])
@pytest.mark.parametrize("name", UNDO)
def test_killed_while_rolling_back_it_goes_on(place, name, threshold):
    fine(place, "drive")
    fine(place, "rollback")
    killed = worker(place, "drive", QONTAKMIG_CRASH_AT=name, THRESHOLD=threshold)
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-3000:]

    fine(place, "drive", THRESHOLD=threshold)
    fine(place, "drive", THRESHOLD=threshold)

    fine(place, "check_rollback")


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

    fine(place, "drive", THRESHOLD="6")

    fine(place, "check")


def test_two_workers_share_one_run(place):
    command = [sys.executable, "-m", "tests.runs.worker", str(place), "drive"]
    pair = [subprocess.Popen(command, cwd=ROOT) for _ in range(2)]

    assert [process.wait(timeout=90) for process in pair] == [0, 0]

    fine(place, "check")


def test_a_worker_that_was_frozen_for_too_long_records_nothing(place):
    """Its lease ran out and another finished the work: the old fence is refused."""
    command = [sys.executable, "-m", "tests.runs.worker", str(place), "drive"]
    frozen = subprocess.Popen(command, cwd=ROOT)
    time.sleep(1.2)
    frozen.send_signal(signal.SIGSTOP)
    _expire_leases(place)
    fine(place, "drive")
    frozen.send_signal(signal.SIGCONT)

    assert frozen.wait(timeout=60) == 0
    fine(place, "check")


def _expire_leases(place):
    import sqlite3

    with sqlite3.connect(place / "qontakmig.sqlite3", timeout=20) as db:
        db.execute(
            "UPDATE runs_batch SET lease_until = '2020-01-01 00:00:00' WHERE lease_owner != ''"
        )
        db.execute(
            "UPDATE runs_run SET lease_until = '2020-01-01 00:00:00' WHERE lease_owner != ''"
        )
    db.close()
