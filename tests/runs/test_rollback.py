"""Rollback restores what was there before, touches nothing else, and is harmless twice."""

from __future__ import annotations

import pytest

from runs.engine import drive
from runs.models import IdMap, Record, Run
from runs.reconciliation import rollback_result
from runs.services import (
    RunRefused,
    retry_errors,
    rollback_preview,
    rollback_start,
    run_cancel,
)
from tests.runs.checker import check


def rolled_back(run, consultant, **more):
    rollback = rollback_start(run=run, actor=consultant, preview=rollback_preview(run), **more)
    drive(rollback.pk, 60)
    rollback.refresh_from_db()
    assert rollback.state == "done", rollback.problem
    return rollback


@pytest.fixture
def inhabited(target):
    """A destination with customers' own records, some under our keys."""
    target.add("Account", None, Name="Theirs")
    target.add("Account", "1", Name="companies 1 before", OwnerId="005B")
    target.add("Account", "5", Name="companies 5", OwnerId="005B")  # gets its parent link
    target.add("Opportunity", "2", Name="deals 2", Amount="5")
    return target


@pytest.mark.parametrize("by_job", [False, True], ids=["direct", "job"])
def test_rollback_restores_everything(done_run, inhabited, source, consultant, by_job):
    inhabited.job_threshold = 4 if by_job else 10_000
    before = inhabited.dump()
    run = done_run()
    check(run, inhabited, source)
    preview = rollback_preview(run)
    assert preview.totals == {"delete": 66, "restore": 3, "kept": 0, "gone": 0}

    rollback = rolled_back(run, consultant)

    assert inhabited.dump() == before
    assert rollback_result(rollback) == {
        "restored": True,
        "reversed": 69,
        "kept": 0,
        "failed": 0,
        "left": 0,
    }
    run.refresh_from_db()
    assert run.state == "rolled_back"
    assert not IdMap.objects.filter(provenance="created").exists()


def test_what_people_changed_since_is_kept_and_listed(done_run, inhabited, consultant, source):
    run = done_run()
    rows = {key: row for row, (key, _) in inhabited.dump()["Opportunity"].items()}
    inhabited.edit(rows["3"], Name="Edited by a person")
    inhabited.edit(rows["2"], Amount="777")
    inhabited.edit(rows["4"], by="005US", Name="Edited by the same user")

    rollback = rolled_back(run, consultant)

    kept = dict(
        Record.objects.filter(run=rollback, state="kept", source_object="deals").values_list(
            "source_id", "reason_code"
        )
    )
    assert kept == {"2": "edited", "3": "edited", "4": "edited"}
    left = dict(inhabited.dump()["Opportunity"].values())
    assert set(left) == {"2", "3", "4"}
    assert left["2"]["Name"] == "deals 2"
    assert left["2"]["Amount"] == "777"
    result = rollback_result(rollback)
    assert (result["restored"], result["failed"]) == (False, 0)


def test_a_parent_with_children_of_others_is_kept(done_run, inhabited, consultant):
    run = done_run()
    rows = {key: row for row, (key, _) in inhabited.dump()["Account"].items()}
    theirs = inhabited.add("Contact", None, LastName="Own", AccountId=rows["3"])
    assert rollback_preview(run).reasons == {"dependents": 1}

    rollback = rolled_back(run, consultant)

    assert theirs in inhabited.dump()["Contact"]
    assert rows["3"] in inhabited.dump()["Account"]
    assert Record.objects.get(run=rollback, state="kept").reason_code == "dependents"


def test_a_confirmed_preview_that_is_no_longer_true_is_refused(done_run, inhabited, consultant):
    run = done_run()
    preview = rollback_preview(run)
    row = next(r for r, (key, _) in inhabited.dump()["Lead"].items() if key == "3")
    inhabited.edit(row, LastName="Edited")

    with pytest.raises(RunRefused, match="changed since the preview"):
        rollback_start(run=run, actor=consultant, preview=preview)


def test_a_second_rollback_is_refused_and_a_second_click_finds_the_first(
    done_run, inhabited, consultant
):
    run = done_run()
    preview = rollback_preview(run)
    first = rollback_start(run=run, actor=consultant, preview=preview)
    assert rollback_start(run=run, actor=consultant, preview=preview) == first
    drive(first.pk, 60)
    writes = inhabited.writes()

    run.refresh_from_db()
    with pytest.raises(RunRefused, match="already"):
        rollback_preview(run)
    drive(first.pk, 60)

    assert inhabited.writes() == writes


def test_records_gone_already_count_as_reversed(done_run, inhabited, consultant):
    run = done_run()
    row = next(r for r, (key, _) in inhabited.dump()["Lead"].items() if key == "3")
    inhabited.remove(row)

    assert rolled_back(run, consultant)
    assert inhabited.count("Lead") == 0


@pytest.mark.parametrize(
    "fault", ["lose_answer", "cut_before", "outage", "drop_results", "shuffle"]
)
@pytest.mark.parametrize("by_job", [False, True], ids=["direct", "job"])
def test_faults_while_rolling_back_change_nothing(done_run, inhabited, consultant, fault, by_job):
    before = inhabited.dump()
    run = done_run()
    inhabited.job_threshold = 4 if by_job else 10_000
    inhabited.fault(fault, 4)

    rollback = rolled_back(run, consultant)

    assert inhabited.dump() == before
    assert rollback_result(rollback)["restored"]


def test_a_run_cancelled_with_lost_answers_is_reversed_completely(new_run, inhabited, consultant):
    before = inhabited.dump()
    run = new_run()
    inhabited.fault("lose_answer", 1)
    inhabited.fault("poison:nobody", 1)
    drive(run.pk, 0.35)
    run.refresh_from_db()
    if run.is_active:
        run_cancel(run=run, actor=consultant)
        drive(run.pk, 5)
        run.refresh_from_db()

    rollback = rolled_back(run, consultant)

    assert inhabited.dump() == before
    assert rollback_result(rollback)["failed"] == 0


def test_a_run_after_a_rollback_starts_from_nothing(done_run, inhabited, consultant, source):
    run = done_run()
    rolled_back(run, consultant)

    again = done_run()

    phases = check(again, inhabited, source)
    assert phases["leads"].created == 10


def test_the_last_run_that_wrote_is_rolled_back_first(done_run, inhabited, consultant, source):
    first = done_run()
    source.changes["deals", "4"] = {"amount": "99"}
    second = done_run()

    with pytest.raises(RunRefused, match="Roll it back first"):
        rollback_preview(first)
    rolled_back(second, consultant)
    rolled_back(first, consultant)

    assert inhabited.count("Lead") == 0


def test_a_second_run_that_wrote_nothing_does_not_stand_in_the_way(done_run, inhabited, consultant):
    before = inhabited.dump()
    first = done_run()
    done_run()

    rolled_back(first, consultant)

    assert inhabited.dump() == before


def test_an_active_run_is_not_rolled_back(new_run, inhabited):
    with pytest.raises(RunRefused):
        rollback_preview(new_run())


def test_a_rollback_has_no_errors_to_retry(done_run, inhabited, consultant):
    rollback = rolled_back(done_run(), consultant)

    with pytest.raises(RunRefused):
        retry_errors(run=rollback, actor=consultant)
    assert Run.objects.filter(kind="rollback").count() == 1
