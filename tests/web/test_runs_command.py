"""``manage.py run_migration``: the same gates, exit statuses and a JSON line at the end."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command

from qontakmig.connectors.errors import StopError
from runs.models import Run, SchemaDeployment

PHASE_KEYS = {"name", "extracted", "created", "errored", "unexplained", "seconds", "cpu_seconds"}


@pytest.fixture(autouse=True)
def _signals_stay(monkeypatch):
    monkeypatch.setattr("signal.signal", lambda *args: None)


@pytest.fixture
def migrate():
    def call(*arguments):
        out, err = StringIO(), StringIO()
        with pytest.raises(SystemExit) as ended:
            call_command("run_migration", *map(str, arguments), stdout=out, stderr=err)
        return ended.value.code, json.loads(out.getvalue().splitlines()[-1]), err.getvalue()

    return call


def test_a_run_that_balances_ends_with_0_and_its_numbers(
    migrate, project, version, source, target, bells
):
    status, summary, progress = migrate(project.pk)

    assert status == 0
    assert summary["balanced"] is True
    assert all(set(phase) >= PHASE_KEYS for phase in summary["phases"])
    assert summary["in_destination"]["Account"] == target.count("Account")
    assert "accounts 20/20" in progress


def test_the_name_will_do_and_a_second_run_writes_nothing(
    migrate, project, version, source, target, bells
):
    migrate(project.name)
    before = target.dump()
    status, summary, _ = migrate(project.name)

    assert status == 0
    assert sum(phase["created"] + phase["updated"] for phase in summary["phases"]) == 0
    assert target.dump() == before


def test_records_in_error_end_with_1(migrate, project, version, source, target, bells):
    source.changes[("deals", "3")] = {"amount": "lima juta"}
    status, summary, _ = migrate(project.pk)

    assert status == 1
    assert summary["phases"][-1]["errored"] == 1


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--environment", "production"], "verified and signed off"),
        (["--delta"], "A delta run follows a finished production run"),
    ],
)
def test_a_closed_gate_ends_with_2(
    migrate, project, version, source, target, bells, arguments, reason
):
    status, summary, said = migrate(project.pk, *arguments)

    assert status == 2
    assert reason in summary["refused"]
    assert summary["refused"] in said
    assert target.writes() == []


def test_no_confirmed_map_no_schema_no_project_are_refused(
    migrate, project, consultant, request, target, bells
):
    assert migrate(project.pk)[:2] == (
        2,
        {"refused": "The map is not confirmed. Nothing moves before it is confirmed."},
    )
    request.getfixturevalue("version")
    SchemaDeployment.objects.all().delete()
    assert "Apply the schema first." in migrate(project.pk)[1]["refused"]
    assert not Run.objects.exists()
    assert migrate("nobody")[1] == {"refused": "There is no project 'nobody'."}


def test_an_unfinished_run_goes_on(migrate, new_run, project):
    run = new_run()
    Run.objects.filter(pk=run.pk).update(state="paused")
    status, summary, said = migrate(project.pk)

    assert (status, summary["run"]) == (0, run.pk)
    assert f"run {run.pk} goes on" in said
    assert Run.objects.count() == 1


def test_a_run_that_needs_a_person_ends_with_3_and_says_why(
    migrate, project, version, source, target, bells
):
    source.faults.append(StopError("The key was refused.", advice="Enter it again."))
    status, summary, _ = migrate(project.pk)

    assert status == 3
    assert summary["state"] == "needs_attention"
    assert summary["problem"] == "The key was refused. Enter it again."
