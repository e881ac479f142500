"""The road in this process: every record accounted for, nothing twice, and all the way back."""

from __future__ import annotations

import pytest

from runs.models import OwnerDecision, Record, Run
from runs.owners import owner_queue
from runs.rehearsal import DONE, WITH_ERRORS
from tests.e2e.conftest import SIZES
from tests.e2e.contract import OBJECTS, check, in_error, keys_twice

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_record_has_one_outcome_and_rollback_restores_the_org(rehearse):
    status, summary, _, content = rehearse()
    check(summary, SIZES)
    assert status == (WITH_ERRORS if in_error(summary) else DONE)
    assert not any(content.get(name) for name in OBJECTS.values())
    assert not any("Qontak_Id__c" in fields for fields in content["#fields"].values())


def test_records_of_an_owner_without_a_user_go_to_the_fallback_and_the_owner_into_the_queue(
    rehearse, project
):
    _, summary, _, content = rehearse(again=False, undo=False)
    users = summary["phases"][0]
    assert users["skipped"] > 0
    run = Run.objects.get()
    lines = owner_queue(run.project, "sandbox")
    assert len(lines) == users["skipped"] == OwnerDecision.objects.filter(fallback=True).count()
    assert all(line.sentence.endswith(".") for line in lines)
    assert any(line.records for line in lines)
    flagged = Record.objects.filter(run=run, warnings__contains="owner", state="created")
    owners = {
        row["Id"]: row["OwnerId"] for name in OBJECTS.values() for row in content[name].values()
    }
    assert flagged.exists()
    assert {owners[record.target_id] for record in flagged} == {run.written_as}


def test_values_that_will_not_fit_are_errors_with_a_reason_and_lose_nothing_else(rehearse):
    sizes = {"companies": 10, "contacts": 30, "deals": 20}
    status, summary, _, content = rehearse(switches={"qontak": {"dirt": "0.5"}}, **sizes)
    check(summary, sizes)
    assert status == WITH_ERRORS
    errored = Record.objects.filter(run=Run.objects.earliest("pk"), state="errored")
    assert errored.count() > 0
    for record in errored:
        assert record.reason_code
        assert " " in record.reason
        assert "Traceback" not in record.reason
    assert keys_twice(content) == []


@pytest.mark.parametrize("sizes", [{"contacts": 0}, {"contacts": 1}, {"companies": 1}])
def test_an_account_of_nothing_or_one_record_goes_the_whole_road(rehearse, sizes):
    sizes = {"companies": 0, "contacts": 0, "deals": 0} | sizes
    _, summary, _, _ = rehearse(seed=3, **sizes)
    check(summary, sizes)
