"""Lost answers, busy rows, refused requests: nothing lost, nothing doubled, provenance right."""

from __future__ import annotations

import pytest

from qontakmig.connectors.errors import AuthError, RateLimitedError, TransientError
from runs.engine import drive
from runs.models import Batch, IdMap, IngestJob, Record, Run
from runs.services import run_resume
from tests.runs.checker import check


@pytest.mark.parametrize("by_job", [False, True], ids=["direct", "job"])
@pytest.mark.parametrize(
    ("fault", "times"),
    [
        ("lose_answer", 3),
        ("cut_before", 3),
        ("outage", 7),
        ("rate_limited", 2),
        ("shuffle", 9),
        ("drop_results", 3),
        ("double_results", 9),
        ("same_id", 1),
        ("row_lock", 5),
        ("job_failed", 2),
    ],
)
def test_a_fault_costs_time_and_nothing_else(done_run, target, source, fault, times, by_job):
    target.job_threshold = 4 if by_job else 10_000
    target.fault(fault, times)

    run = done_run()

    phases = check(run, target, source)
    assert phases["accounts"].created == 19
    assert phases["opportunities"].created == 20
    assert target.count("Lead") == 10
    assert set(IdMap.objects.exclude(source_object="users").values_list("provenance")) == {
        ("created",)
    }
    assert not IngestJob.objects.filter(state__in=("opened", "sent")).exists()


def test_a_lost_answer_over_a_record_that_was_there_keeps_it_theirs(done_run, target, source):
    theirs = target.add("Account", "2", Name="Before us")
    target.fault("lose_answer", 2)

    run = done_run()

    phases = check(run, target, source)
    assert (phases["accounts"].created, phases["accounts"].updated) == (18, 1)
    assert IdMap.objects.get(target_id=theirs).provenance == "existed"


def test_a_poisonous_record_ends_alone_in_error(done_run, target, source):
    target.fault("poison:9", 1_000_000)

    run = done_run()

    phases = check(run, target, source)
    poisoned = Record.objects.filter(run=run, reason_code="poison")
    assert [r.source_id for r in poisoned if r.source_object == "companies"] == ["9"]
    assert phases["accounts"].created == 18
    assert all(r.attempt >= 3 for r in poisoned)


def test_a_batch_refused_as_a_whole_is_halved_to_the_guilty_row(done_run, target, source):
    target.fault("reject:9", 1_000_000)

    run = done_run()

    phases = check(run, target, source)
    assert phases["accounts"].errored == 1
    assert Record.objects.get(run=run, source_object="companies", source_id="9").reason_code == (
        "malformed"
    )


def test_when_everything_is_refused_a_person_is_called_early(done_run, target):
    target.fault("reject:*", 1_000_000)

    run = done_run()

    assert (run.state, run.problem_code) == ("needs_attention", "malformed")
    assert target.dump() == {}
    assert Record.objects.filter(run=run, state="errored").count() <= 3


def test_a_stop_keeps_the_place_and_resume_goes_on(new_run, target, source, consultant):
    run = new_run()
    source.faults.append(AuthError("Sign in again.", advice="Reconnect."))
    drive(run.pk, 60)
    run.refresh_from_db()
    assert (run.state, run.problem, run.advice) == (
        "needs_attention",
        "Sign in again.",
        "Reconnect.",
    )

    run_resume(run=run, actor=consultant)
    drive(run.pk, 60)

    check(run, target, source)


def test_source_trouble_waits_and_goes_on(done_run, target, source):
    source.faults += [
        TransientError("cut"),
        RateLimitedError("slow down", retry_after=0.05),
        TransientError("cut"),
    ]

    check(done_run(), target, source)


def test_a_schema_that_changed_stops_the_run_before_its_first_write(new_run, target):
    run = new_run()
    target.fault("no_key_field", 1_000_000)

    drive(run.pk, 60)

    run.refresh_from_db()
    assert (run.state, run.problem_code) == ("needs_attention", "schema_changed")
    assert target.dump() == {}


def test_an_outage_opens_the_circuit_of_the_connection(new_run, target, settings):
    settings.RUNS_BACKOFF_SECONDS = 0.5
    settings.RUNS_BACKOFF_MAX_SECONDS = 30
    run = new_run()
    target.fault("outage", 1_000_000)

    for _ in range(40):
        drive(run.pk, 0.2, patient=False)
        Batch.objects.update(not_before=None)
        Run.objects.update(not_before=None)
        run.refresh_from_db()
        if run.target_wait_until:
            break

    run.refresh_from_db()
    assert run.state == Run.State.WAITING
    assert run.problem == "not answering"
    assert run.target_wait_until is not None


def test_records_deleted_while_reading_are_noted(done_run, target, source):
    source.sizes["deals"] = 10
    source.count = lambda name: {"deals": 12}.get(name, source.sizes[name])

    run = done_run()

    notes = run.steps.get(kind="extract", name="deals").notes
    assert notes["passes"] == 2
    assert "12" in notes["difference"]
