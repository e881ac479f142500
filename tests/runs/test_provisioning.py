"""Creating the schema: stored before waiting, repeatable, checked afterwards."""

from __future__ import annotations

import pytest

from mapping.models import MapVersion
from qontakmig.connectors.base import DeployState, SchemaOutcome
from qontakmig.connectors.errors import PermissionMissing, TransientError
from runs.errors import RunRefused
from runs.models import SchemaDeployment
from runs.schema import (
    deployment_step,
    schema_applied,
    schema_apply,
    schema_check,
    schema_drive,
    schema_plan,
)
from tests.runs.conftest import map_confirmed


@pytest.fixture
def bare(target, monkeypatch):
    """A destination without our key field until it is deployed."""
    target.fault("no_key_field", 1_000_000)
    target.deployed = []

    def start(items, *, check_only):
        target.deployed.append((len(items), check_only))
        return f"deploy-{len(target.deployed)}"

    def state(deploy_id, items):
        if not target.deployed[-1][1]:
            target.fault("no_key_field", 0)
        return DeployState(True, True, tuple(SchemaOutcome(i, True, True) for i in items))

    monkeypatch.setattr(target, "deploy_start", start)
    monkeypatch.setattr(target, "deploy_state", state)
    return target


@pytest.fixture
def asked(project, consultant, bells):
    version = map_confirmed(project, consultant)
    return {"project": project, "environment": "sandbox", "map_version": version}


def test_the_plan_names_what_is_missing(asked, bare):
    plan = schema_plan(**asked)

    assert [(i.object, i.name) for i in plan.to_create] == [
        (name, "Qontak_Id__c") for name in ("Account", "Contact", "Lead", "Opportunity")
    ]
    assert plan.problems == ()


def test_applying_creates_grants_and_remembers_for_rollback(asked, bare, consultant):
    deployment = schema_drive(schema_apply(**asked, actor=consultant))

    assert (deployment.state, deployment.problem) == ("done", "")
    assert len(deployment.created_items) == 4
    assert len(bare.granted) == 4
    assert schema_applied(asked["project"], "sandbox", asked["map_version"].content_hash)


def test_a_trial_creates_nothing(asked, bare, consultant):
    deployment = schema_drive(schema_check(**asked, actor=consultant))

    assert (deployment.state, deployment.created_items) == ("done", [])
    assert bare.deployed == [(4, True)]
    assert not schema_applied(asked["project"], "sandbox", asked["map_version"].content_hash)


def test_a_double_click_applies_once(asked, bare, consultant):
    first = schema_apply(**asked, actor=consultant)

    assert schema_apply(**asked, actor=consultant) == first
    assert SchemaDeployment.objects.count() == 1


def test_applying_again_creates_nothing_more(asked, bare, consultant):
    schema_drive(schema_apply(**asked, actor=consultant))

    again = schema_drive(schema_apply(**asked, actor=consultant))

    assert (again.state, again.created_items) == ("done", [])
    assert len(bare.deployed) == 1


def test_the_deploy_id_is_stored_before_anybody_waits(asked, bare, consultant):
    deployment = schema_apply(**asked, actor=consultant)

    assert deployment_step(deployment.pk) is False

    deployment.refresh_from_db()
    assert (deployment.state, deployment.deploy_id) == ("deploying", "deploy-1")


def test_a_refused_deployment_says_why(asked, bare, consultant, monkeypatch):
    monkeypatch.setattr(
        bare, "deploy_state", lambda *_: DeployState(True, False, (), "Too many fields.")
    )

    deployment = schema_drive(schema_apply(**asked, actor=consultant))

    assert (deployment.state, deployment.problem) == ("failed", "Too many fields.")


@pytest.mark.parametrize(
    ("error", "state"),
    [(TransientError("busy"), "done"), (PermissionMissing("Not allowed."), "failed")],
)
def test_trouble_waits_or_ends_in_a_sentence(asked, bare, consultant, monkeypatch, error, state):
    real, errors = bare.deploy_start, [error]

    def start(items, *, check_only):
        if errors:
            raise errors.pop()
        return real(items, check_only=check_only)

    monkeypatch.setattr(bare, "deploy_start", start)

    assert schema_drive(schema_apply(**asked, actor=consultant)).state == state


def test_a_draft_is_not_applied(asked, bare, consultant):
    asked["map_version"].state = MapVersion.State.DRAFT

    with pytest.raises(RunRefused, match="not confirmed"):
        schema_apply(**asked, actor=consultant)


def test_what_was_created_before_its_answer_was_lost_is_still_taken_back(
    asked, bare, consultant, monkeypatch
):
    def lost(items, *, check_only):
        bare.fault("no_key_field", 0)
        raise RuntimeError("killed here")

    with monkeypatch.context() as killed:
        killed.setattr(bare, "deploy_start", lost)
        deployment = schema_apply(**asked, actor=consultant)
        with pytest.raises(RuntimeError, match="killed here"):
            deployment_step(deployment.pk)
    deployment = schema_drive(SchemaDeployment.objects.get(pk=deployment.pk))

    assert deployment.state == SchemaDeployment.State.DONE
    assert [(e["object"], e["unsure"]) for e in deployment.created_items] == [
        (name, True) for name in ("Account", "Contact", "Lead", "Opportunity")
    ]
