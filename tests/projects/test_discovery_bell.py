"""An audit goes on after its worker was killed, and waits without keeping the queue busy."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import Schedule

from projects import tasks
from projects.models import Discovery
from runs.watching import watch_once

pytestmark = pytest.mark.django_db
AGO, LATER = timedelta(seconds=-1), timedelta(seconds=40)


@pytest.fixture
def rung(monkeypatch):
    bells = []
    monkeypatch.setattr(tasks, "async_task", lambda name, pk: bells.append(pk))
    return bells


@pytest.fixture
def audit(project, consultant):
    def make(**more):
        moments = {name: timezone.now() + after for name, after in more.items()}
        return Discovery.objects.create(
            project=project, state="running", started_by=consultant, **moments
        )

    return make


@pytest.mark.parametrize(
    ("moments", "is_rung"),
    [
        ({}, True),
        ({"lease_until": AGO}, True),
        ({"not_before": AGO}, True),
        ({"lease_until": LATER}, False),
        ({"not_before": LATER}, False),
    ],
)
def test_the_watch_rings_audits_that_are_due_and_held_by_nobody(audit, rung, moments, is_rung):
    found = audit(**moments)
    watch_once()
    assert rung == ([found.pk] if is_rung else [])


def test_an_audit_that_is_over_is_left_alone(audit, rung):
    Discovery.objects.filter(pk=audit().pk).update(state="done")
    assert watch_once() == []
    assert rung == []


def test_an_audit_that_has_to_wait_is_rung_once_when_its_time_comes(audit, rung):
    found = audit(not_before=LATER)
    for _ in range(3):
        tasks.advance_discovery(found.pk)
    assert rung == []
    waiting = Schedule.objects.get()
    assert waiting.func == tasks.ADVANCE
    assert waiting.args == f"({found.pk},)"
    assert waiting.next_run == found.not_before
