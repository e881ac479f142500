"""Trouble on the way: killed at random, faults of the network, switches of the orgs."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time

import pytest

from tests.e2e.conftest import MANAGE, ROOT, SIZES, control
from tests.e2e.contract import check, keys_twice

pytestmark = pytest.mark.slow

SEED = int(os.environ.get("QONTAKMIG_TEST_SEED") or random.randrange(10_000))
OPTIONS = ("--records", "60", "--seed", "7", "--again", "--rollback")
RECORDS = {"companies": 9, "contacts": 37, "deals": 14}
COMMAND = [*MANAGE, "rehearse", "--destination", "salesforce", *OPTIONS]
KILLS = 3


def start(folder, *more):
    words = (folder.parent / "words").open("a")
    return subprocess.Popen(
        [*COMMAND, "--keep", str(folder), *more],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=words,
        stdin=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


def finish(folder, *more):
    ended = start(folder, *more)
    output, _ = ended.communicate(timeout=240)
    words = (folder.parent / "words").read_text()
    assert "Traceback" not in words, words
    assert ended.returncode in (0, 1), words
    return json.loads(output.splitlines()[-1])


def wait_until(folder, process, sentence):
    """Wait until the rehearsal says ``sentence``."""
    deadline = time.monotonic() + 120
    while sentence not in (folder.parent / "words").read_text():
        assert process.poll() is None, (folder.parent / "words").read_text()
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("group", [True, False], ids=["everything", "only the command"])
def test_killed_at_random_moments_it_ends_as_if_nothing_had_happened(tmp_path, group):
    chance = random.Random(f"{SEED} {group}")
    for _ in range(KILLS):
        process = start(tmp_path / "kept", "--workers", "2")
        try:
            process.wait(chance.uniform(1.5, 6))
        except subprocess.TimeoutExpired:
            (os.killpg if group else os.kill)(process.pid, signal.SIGKILL)
            process.wait()
    summary = finish(tmp_path / "kept", "--workers", "2")
    print("seed", SEED)
    if sum(phase["created"] for phase in summary["phases"]):
        check(summary, RECORDS)
    assert summary["rollback"]["restored"]
    assert summary["second_run_writes"] == 0


@pytest.mark.parametrize("stage", ["confirmed map", "(sandbox run)", "(rollback)"])
def test_killed_at_a_stage_it_goes_on_from_there(tmp_path, stage):
    process = start(tmp_path / "kept")
    wait_until(tmp_path / "kept", process, stage)
    time.sleep(random.Random(f"{SEED} {stage}").uniform(0, 0.8))
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    check(finish(tmp_path / "kept"), RECORDS)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_it_says_how_to_go_on(tmp_path, number):
    process = start(tmp_path / "kept")
    wait_until(tmp_path / "kept", process, "run 1 (")
    process.send_signal(number)
    assert process.wait(30) == 3
    words = (tmp_path / "words").read_text()
    assert "Interrupted. What arrived is kept in" in words.splitlines()[-1]
    check(finish(tmp_path / "kept"), RECORDS)


FAULTS = {
    "outage": ["status=503:0.08"],
    "cut": ["drop_before=:0.04", "salesforce.drop_after=:0.06"],
    "garbage": ["truncate=:0.04", "html_200=:0.04"],
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS)
def test_faults_pass_and_the_run_goes_on_by_itself(rehearse, faults):
    _, summary, _, content = rehearse(faults=faults)
    check(summary, SIZES)
    assert keys_twice(content) == []


@pytest.mark.django_db(transaction=True)
def test_an_answer_lost_after_commit_makes_no_second_record(rehearse):
    lost = ["salesforce.drop_after=x3@POST@/composite/sobjects"]
    _, summary, _, content = rehearse(faults=lost, undo=False)
    check(summary, SIZES, undone=False)
    assert keys_twice(content) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "switches",
    [
        {"salesforce": {"token_lifetime_seconds": "1"}},
        {"salesforce": {"audit_fields": "off"}},
        {"salesforce": {"bulk_delay_seconds": "1", "deploy_delay_seconds": "1"}},
        {"salesforce": {"duplicate_rule": "alert"}},
        {"qontak": {"list_order": "created", "per_page_max": "50", "contact_shape": "list"}},
        {"qontak": {"hmac_error_style": "kong", "sso_header": "required"}},
    ],
    ids=str,
)
def test_orgs_of_every_kind_are_filled_and_emptied_again(rehearse, switches):
    _, summary, _, content = rehearse(switches=switches)
    check(summary, SIZES)
    assert keys_twice(content) == []


@pytest.mark.django_db(transaction=True)
def test_a_used_up_daily_allowance_is_told_and_the_place_kept(rehearse):
    status, summary, said, _ = rehearse(switches={"salesforce": {"api_daily": "60"}})
    assert status == 3
    assert "What arrived is kept" in said[-1]
    assert summary["rollback"] is None
    assert all(phase["unexplained"] == 0 for phase in summary["phases"])


@pytest.mark.django_db(transaction=True)
def test_sessions_that_end_on_the_way_are_renewed(rehearse):
    def meanwhile(running):
        control(running.info["salesforce"], "switches", {"token_lifetime_seconds": "1"})

    _, summary, _, _ = rehearse(meanwhile=meanwhile)
    check(summary, SIZES)
