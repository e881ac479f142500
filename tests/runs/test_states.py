"""Starting, pausing, cancelling; one driver for each batch; what the database itself refuses."""

from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError, connection, connections, transaction

from runs.engine import drive
from runs.engine.context import Context
from runs.engine.leases import LeaseLost, lease_take, owner_is_dead, owner_name
from runs.engine.loop import _claim
from runs.models import Batch, Record, Run
from runs.services import (
    RunRefused,
    run_cancel,
    run_create,
    run_pause,
    run_resume,
    run_sign_off,
    run_start,
)
from runs.watching import watch_once
from tests.runs.checker import check
from tests.runs.conftest import map_confirmed, schema_given


def test_start_queues_a_draft_run_once(
    new_run, consultant, bells, django_capture_on_commit_callbacks
):
    run = new_run(start=False)

    with django_capture_on_commit_callbacks(execute=True):
        run_start(run=run, actor=consultant)
        with pytest.raises(RunRefused, match="already queued"):
            run_start(run=run, actor=consultant)

    assert bells == [("runs.tasks.advance_run", run.pk)] * run.workers


def test_a_second_run_does_not_start_beside_an_active_one(new_run, consultant):
    new_run()
    second = new_run(start=False)

    with pytest.raises(RunRefused, match="active"):
        run_start(run=second, actor=consultant)


def test_an_unconfirmed_map_moves_nothing(project, version, consultant):
    version.state = "draft"

    with pytest.raises(RunRefused, match="not confirmed"):
        run_create(project=project, environment="sandbox", map_version=version, actor=consultant)


def test_a_run_needs_its_schema(project, consultant, target, source, bells):
    version = map_confirmed(project, consultant)
    run = run_create(project=project, environment="sandbox", map_version=version, actor=consultant)

    with pytest.raises(RunRefused, match="Apply the schema"):
        run_start(run=run, actor=consultant)


def test_a_run_does_not_start_when_the_destination_changed(new_run, target, consultant):
    run = new_run(start=False)
    target.fault("no_key_field", 1_000_000)

    with pytest.raises(RunRefused, match="changed since"):
        run_start(run=run, actor=consultant)


def test_production_opens_with_the_sign_off_of_this_very_map(
    done_run, project, version, consultant
):
    wanted = {"project": project, "environment": "production", "map_version": version}
    with pytest.raises(RunRefused, match="signed off"):
        run_create(**wanted, actor=consultant)
    run = done_run()
    run_sign_off(run=run, actor=consultant)

    production = run_create(**wanted, actor=consultant)

    assert production.signoff_hash == version.content_hash
    with pytest.raises(RunRefused):
        run_sign_off(run=run, actor=consultant)


def test_the_database_refuses_production_without_sign_off(project, version, consultant):
    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.create(
            project=project,
            environment="production",
            kind="production",
            map_version=version,
            map_hash=version.content_hash,
            created_by=consultant,
        )


def test_a_production_organisation_is_not_written_to_by_a_sandbox_run(new_run, target, monkeypatch):
    from dataclasses import replace

    run = new_run()
    identity = target.identify()
    monkeypatch.setattr(target, "identify", lambda: replace(identity, sandbox=False))

    drive(run.pk, 60)

    run.refresh_from_db()
    assert (run.state, run.problem_code) == ("needs_attention", "wrong_organization")
    assert target.writes() == []


def test_pause_and_resume_keep_the_place(new_run, target, source, consultant):
    run = new_run()
    run_pause(run=run, actor=consultant)
    assert drive(run.pk, 60) == "paused"
    assert target.writes() == []

    run_resume(run=run, actor=consultant)
    drive(run.pk, 60)

    check(run, target, source)


def test_a_cancelled_run_rests_for_good(new_run, consultant):
    run = new_run()
    run_cancel(run=run, actor=consultant)

    assert drive(run.pk, 60) == "cancelled"
    with pytest.raises(RunRefused):
        run_resume(run=run, actor=consultant)


def test_a_lease_has_one_holder_and_an_old_fence_records_nothing(new_run, settings):
    run = new_run()
    step = run.steps.first()
    batch = Batch.objects.create(step=step, position=1)
    rows = Batch.objects.all()

    first = lease_take(rows, batch.pk, "a")
    assert lease_take(rows, batch.pk, "b") is None
    Batch.objects.update(lease_until="2020-01-01T00:00:00Z")
    second = lease_take(rows, batch.pk, "b")

    with pytest.raises(LeaseLost), first.commit():
        pass
    with pytest.raises(LeaseLost):
        first.hold(10_000)
    with second.commit():
        pass


def test_dead_owners_are_recognised_and_living_ones_are_not():
    me = owner_name()
    place, _, rest = me.partition("|")

    assert not owner_is_dead(me)
    assert owner_is_dead(f"{place}|999999999|1|x")
    assert not owner_is_dead("elsewhere|999999999|1|x")
    assert owner_is_dead(f"{place}|{rest.split('|')[0]}|1|x")


def test_the_watch_gives_back_what_the_dead_held_and_rings(new_run, target, source, bells):
    run = new_run()
    context = Context(run)
    drive(run.pk, 0.05)
    work = _claim(context, lambda: False)
    if work is not None:
        place = owner_name().partition("|")[0]
        Batch.objects.filter(pk=work.batch.pk).update(lease_owner=f"{place}|999999999|1|x")

    said = watch_once()

    assert any("rung" in line for line in said)
    drive(run.pk, 60)
    check(run, target, source)


@pytest.mark.django_db(transaction=True)
def test_several_workers_share_a_run_and_end_in_the_same_state(new_run, target, source, settings):
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("threads need a database in a file; the slow tests use processes")
    run = new_run()
    source.sizes |= {"companies": 400, "contacts": 900, "deals": 600}

    def work():
        try:
            drive(run.pk, 60)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    check(run, target, source)
    inserted = [w for w in target.writes() if w[0] == "insert"]
    keys = [(w[1], w[2]) for w in inserted]
    assert len(keys) == len(set(keys))
    assert Record.objects.filter(run=run, attempt__gt=1).count() == 0


def test_schema_given_to_another_map_is_not_ours(
    project, version, consultant, source, target, bells
):
    from tests.runs.fake_map import document

    text = document()
    text["settings"]["country_code"] = "65"
    other = map_confirmed(project, consultant, text)
    run = run_create(project=project, environment="sandbox", map_version=other, actor=consultant)
    with pytest.raises(RunRefused, match="Apply the schema"):
        run_start(run=run, actor=consultant)

    schema_given(project, other, consultant)
    run_start(run=run, actor=consultant)

    assert run.state == "queued"
