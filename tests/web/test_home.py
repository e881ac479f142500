"""The project home and the stepper: where we are, what to press, what changed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from projects import audit
from projects.models import Connection, Discovery, Membership
from runs.changes import SENTENCES, changes
from runs.journey import journey
from runs.models import Record, Run, SchemaDeployment
from runs.next_action import next_action

KEYS = ["connect", "discover", "map", "confirm", "sandbox", "spotcheck", "production", "cutover"]


def home_of(project):
    return reverse("runs:home", args=[project.pk])


def connected(project, *sides, state="working"):
    for side in sides:
        Connection.objects.create(
            project=project,
            side=side,
            system="qontak" if side == "source" else "salesforce",
            state=state,
            problem="The token is not valid." if state == "failed" else "",
            tested_at=timezone.now(),
        )


def states(project):
    return {step.key: step.state for step in journey(project)}


# ---------------------------------------------------------------- who may look


def test_a_member_sees_the_home(rani, project):
    page = rani.get(home_of(project))

    assert page.status_code == 200
    assert project.name in page.text
    assert "Connect Mekari Qontak" in page.text


def test_a_stranger_finds_no_project(reader, project):
    assert reader(None).get(home_of(project)).status_code == 404


def test_nobody_looks_without_signing_in(client, project):
    assert client.get(home_of(project)).status_code == 302


def test_a_viewer_is_told_who_does_the_next_thing(reader, project):
    page = reader("viewer").get(home_of(project)).text

    assert "A consultant or the customer&#x27;s admin does this." in page
    assert '<button type="button" class="btn btn--next" disabled>' in page


# ---------------------------------------------------------------- the steps


def test_there_are_eight_steps_with_two_gates(project):
    steps = journey(project)

    assert [step.key for step in steps] == KEYS
    assert [step.key for step in steps if step.gate] == ["sandbox", "production"]


def test_a_new_project_can_only_connect(project):
    assert [key for key, state in states(project).items() if state != "locked"] == ["connect"]


def test_a_locked_step_says_what_opens_it_and_leads_nowhere_itself(project):
    for step in journey(project):
        if step.state == "locked" and step.key != "discover":
            assert step.detail
            assert not step.url


def test_what_this_release_lacks_is_locked_and_says_so(project):
    late = journey(project)[5:]

    assert {step.detail for step in late} == {"Not in this release yet"}
    assert not any(step.url or step.unlock_url for step in late)


def test_a_failed_connection_needs_a_person_with_its_reason(project):
    connected(project, "source", state="failed")

    step = journey(project)[0]
    assert (step.state, step.detail) == ("attention", "The token is not valid.")


def test_connecting_is_done_with_source_and_sandbox(project):
    connected(project, "source")
    assert states(project)["connect"] == "ready"
    connected(project, "sandbox")
    assert states(project)["connect"] == "done"


@pytest.mark.parametrize(
    ("state", "step"), [("running", "running"), ("failed", "attention"), ("done", "done")]
)
def test_discovery_tells_how_it_goes(project, consultant, state, step):
    connected(project, "source", "sandbox")
    Discovery.objects.create(project=project, state=state, started_by=consultant)

    assert states(project)["discover"] == step


def test_a_confirmed_map_opens_the_first_gate(project, version):
    sandbox = journey(project)[4]

    assert (sandbox.gate, sandbox.state) == ("open", "ready")


@pytest.mark.parametrize(
    ("run_state", "step"),
    [
        ("running", "running"),
        ("needs_attention", "attention"),
        ("paused", "ready"),
        ("done", "done"),
        ("cancelled", "ready"),
        ("rolled_back", "ready"),
    ],
)
def test_the_sandbox_step_follows_the_run(new_run, project, run_state, step):
    run = new_run(start=False)
    Run.objects.filter(pk=run.pk).update(state=run_state)

    assert states(project)["sandbox"] == step


def test_a_record_in_error_makes_the_step_ask_for_a_person(done_run, project):
    run = done_run()
    assert states(project)["sandbox"] == "done"
    record = Record.objects.filter(run=run, state="created").first()
    Record.objects.filter(pk=record.pk).update(state="errored")

    step = journey(project)[4]
    assert (step.state, step.count, step.summary) == ("attention", 1, "1 in error")


def test_a_failed_deployment_asks_for_a_person(project, version, consultant):
    SchemaDeployment.objects.create(
        project=project,
        environment="sandbox",
        map_version=version,
        map_hash=version.content_hash,
        state="failed",
        problem="The field limit is reached.",
        started_by=consultant,
    )

    assert states(project)["sandbox"] == "attention"


def test_the_home_asks_a_bounded_number_of_queries(
    rani, done_run, project, django_assert_max_num_queries
):
    done_run()

    with django_assert_max_num_queries(60):
        rani.get(home_of(project))


# ---------------------------------------------------------------- what to press


def press(project, role="consultant"):
    member = Membership(project=project, role=role)
    return next_action(project, member)


def test_the_next_action_goes_from_connection_to_run(project, consultant, new_run):
    assert press(project).title == "Connect Mekari Qontak"
    connected(project, "source")
    assert press(project).title == "Connect Salesforce Sales Cloud sandbox"
    connected(project, "sandbox")
    assert press(project).title == "Start the sandbox run"
    new_run()
    assert press(project).title.endswith("is under way")


def test_records_in_error_are_named_by_cause(project, done_run):
    connected(project, "source", "sandbox")
    run = done_run()
    record = Record.objects.filter(run=run, state="created").first()
    Record.objects.filter(pk=record.pk).update(
        state="errored", reason_code="date_invalid", reason="Birthdate: not a date."
    )

    action = press(project)
    assert action.title == "Look at one record in error"
    assert [item["name"] for item in action.items] == ["A date cannot be read"]


# ---------------------------------------------------------------- what changed


def somebody(project):
    user = get_user_model().objects.create_user("ayu", first_name="Ayu", last_name="Paramitha")
    Membership.objects.create(project=project, user=user, role="admin")
    return user


def test_what_others_did_is_told_until_the_visit_is_over(rani, project, consultant):
    member = Membership.objects.get(project=project, user=consultant)
    Membership.objects.filter(pk=member.pk).update(seen_at=timezone.now() - timedelta(days=1))
    audit.record(project, somebody(project), "map:confirmed", version=3)

    assert "Ayu Paramitha confirmed version 3 of the map" in rani.get(home_of(project)).text
    member.refresh_from_db()
    assert timezone.now() - member.seen_at < timedelta(minutes=1)
    assert changes(member) == []


def test_ones_own_doings_are_not_news(project, consultant):
    member = Membership.objects.get(project=project, user=consultant)
    member.seen_at = timezone.now() - timedelta(days=1)
    audit.record(project, consultant, "map:confirmed", version=3)

    assert changes(member) == []


def test_many_of_one_kind_are_one_line_and_needs_come_first(project, consultant):
    member = Membership.objects.get(project=project, user=consultant)
    ayu = somebody(project)
    audit.record(project, None, "discovery:stopped", discovery=1)
    for number in range(7):
        audit.record(project, ayu, "line:skipped", line=number)

    told = changes(member)
    assert [change.text for change in told] == [
        "The audit of the account stopped",
        "Ayu Paramitha left 7 fields behind",
    ]
    assert told[0].needs_person


FACTS = {
    "side": "source",
    "version": 1,
    "map": 1,
    "run": 4,
    "records": 2,
    "lines": 5,
    "state": "working",
}


@pytest.mark.parametrize("action", SENTENCES)
def test_every_sentence_can_be_said(project, consultant, action):
    member = Membership.objects.get(project=project, user=consultant)
    audit.record(project, somebody(project), action, **FACTS)

    (change,) = changes(member)
    assert "%" not in change.text
