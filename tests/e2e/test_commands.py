"""The commands as a person types them: options, refusals, output and exit status."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.e2e.conftest import MANAGE, ROOT
from tests.e2e.contract import check, in_error

REHEARSE = ("rehearse", "--destination", "salesforce")


def test_a_rehearsal_prints_one_line_of_json_and_its_progress_apart(manage, tmp_path):
    ended = manage(*REHEARSE, "--records", 40, "--seed", 3, "--keep", tmp_path / "kept")
    assert len(ended.lines) == 1
    check(ended.summary, {"companies": 6, "contacts": 25, "deals": 9}, again=False, undone=False)
    assert ended.summary["destination"] == "salesforce"
    assert ended.summary["seed"] == 3
    assert ended.status == (1 if in_error(ended.summary) else 0)
    assert "confirmed map 1" in ended.words
    again = manage(
        *REHEARSE, "--records", 40, "--seed", 3, "--keep", tmp_path / "kept", "--rollback"
    )
    assert sum(phase["created"] for phase in again.summary["phases"]) == 0
    assert again.summary["in_destination"] == ended.summary["in_destination"]
    assert again.summary["rollback"]["restored"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--destination", "hubspot"), "There is no destination 'hubspot'"),
        (("--destination", "qontak"), "There is no destination 'qontak'"),
        ((*REHEARSE[1:], "--org", "salesforce"), "write SYSTEM.SWITCH=VALUE"),
        ((*REHEARSE[1:], "--org", "hubspot.x=1"), "--org names hubspot"),
        ((*REHEARSE[1:], "--org", "salesforce.colour=red"), "has no switch 'colour'"),
        ((*REHEARSE[1:], "--org", "salesforce.audit_fields=maybe"), "takes on|off"),
        ((*REHEARSE[1:], "--org", "qontak.dirt=lots"), "does not take 'lots'"),
        ((*REHEARSE[1:], "--records", "-1"), "cannot be negative"),
        ((*REHEARSE[1:], "--contacts", "-5"), "cannot be negative"),
        ((*REHEARSE[1:], "--workers", "0"), "at least 1 worker"),
        ((*REHEARSE[1:], "--records", "many"), "invalid int value"),
        ((), "required: --destination"),
        ((*REHEARSE[1:], "--colour", "red"), "unrecognized arguments"),
    ],
)
def test_a_wrong_option_is_refused_in_a_sentence(manage, arguments, sentence):
    ended = manage("rehearse", *arguments)
    assert ended.status == 2
    assert sentence in ended.last_words
    assert "Traceback" not in ended.words
    assert ended.lines == []


def test_a_folder_that_cannot_be_written_is_refused_in_a_sentence(manage, tmp_path):
    (tmp_path / "file").write_text("")
    ended = manage(*REHEARSE, "--keep", tmp_path / "file")
    assert ended.status == 2
    assert "Traceback" not in ended.words


def test_help_names_every_option_of_the_contract(manage):
    ended = manage("rehearse", "--help")
    assert ended.status == 0
    for option in ("--destination", "--records", "--contacts", "--companies", "--deals", "--seed",
                   "--workers", "--org", "--again", "--rollback", "--keep"):  # fmt: skip
        assert option in "\n".join(ended.lines)


def test_simulate_says_where_its_orgs_are_and_ends_when_asked():
    process = subprocess.Popen(
        [*MANAGE, "simulate", "--contacts", "5", "--companies", "2", "--deals", "1"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        info = json.loads(process.stdout.readline())
    finally:
        process.terminate()
        status = process.wait(20)
    assert status == 0
    assert set(info) == {"qontak", "salesforce", "salesforce_production"}
    for org in info.values():
        assert org["base_url"].startswith("http")
        assert org["credentials"]
    assert info["salesforce"]["ca_file"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--only", "hubspot"), "no practice org hubspot"),
        (("--fault", "sneeze=1"), "cannot understand fault"),
        (("--org", "qontak.colour=red"), "has no switch 'colour'"),
    ],
)
def test_simulate_refuses_what_it_does_not_know(manage, arguments, sentence):
    ended = manage("simulate", *arguments)
    assert ended.status == 2
    assert sentence in ended.words
    assert "Traceback" not in ended.words
