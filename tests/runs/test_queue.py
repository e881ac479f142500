"""The queue is a doorbell: runs end with it, without it, and with too much of it."""

from __future__ import annotations

import pytest
from django_q.models import Schedule

from runs.bell import bell_ring
from runs.models import Batch
from runs.tasks import advance_run
from runs.watching import watch_once
from tests.runs.checker import check

pytestmark = pytest.mark.django_db(transaction=True)


def answer(bells, limit=200):
    """Do what a worker does: take tasks one after another until none is left."""
    for _ in range(limit):
        if not bells:
            return
        _, run_id = bells.pop(0)
        advance_run(run_id)
    raise AssertionError("the bell never stops ringing")


def test_slices_ring_for_each_other_until_the_run_is_done(new_run, target, source, bells, settings):
    settings.RUNS_SLICE_SECONDS = 0.05
    run = new_run()
    assert len(bells) == run.workers

    answer(bells)

    check(run, target, source)


def test_a_task_delivered_twice_does_nothing_the_second_time(new_run, target, source, bells):
    run = new_run()
    advance_run(run.pk)
    writes = target.writes()

    assert advance_run(run.pk) == f"Run {run.pk}: done"

    assert target.writes() == writes


def test_with_all_bells_lost_the_watch_brings_a_run_to_its_end(
    new_run, target, source, bells, settings
):
    settings.RUNS_SLICE_SECONDS = 0.1
    run = new_run()

    for _ in range(100):
        bells.clear()
        if not watch_once():
            break
        advance_run(bells[0][1])

    check(run, target, source)


def test_a_long_wait_gives_the_worker_back_and_rings_once_later(new_run, target, bells, settings):
    settings.RUNS_BACKOFF_SECONDS = settings.RUNS_BACKOFF_MAX_SECONDS = 60
    run = new_run()
    target.fault("outage", 1_000_000)

    advance_run(run.pk)
    advance_run(run.pk)

    schedule = Schedule.objects.get(name=f"run {run.pk}")
    assert (schedule.func, schedule.schedule_type) == ("runs.tasks.advance_run", Schedule.ONCE)
    assert Batch.objects.filter(step__run=run, not_before__isnull=False).exists()


def test_delayed_bells_replace_each_other():
    bell_ring(7, delay=5)
    bell_ring(7, delay=9)

    assert Schedule.objects.filter(name="run 7").count() == 1
