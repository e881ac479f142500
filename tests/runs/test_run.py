"""A whole run against well-behaved orgs, and what a second run does."""

from __future__ import annotations

import pytest

from runs.engine import drive
from runs.models import IdMap, OwnerDecision, Record
from runs.reconciliation import in_destination, verification
from runs.services import retry_errors, run_resume
from tests.runs.checker import check


def test_a_run_accounts_for_every_record(done_run, target, source):
    run = done_run()

    phases = check(run, target, source)
    assert (phases["users"].matched, phases["users"].skipped) == (2, 2)
    assert (phases["accounts"].created, phases["accounts"].filtered) == (19, 1)
    assert (phases["contacts"].created, phases["leads"].created) == (20, 10)
    assert phases["opportunities"].created == 20
    assert in_destination(run, target) == {
        "Account": 19,
        "Contact": 20,
        "Lead": 10,
        "Opportunity": 20,
    }
    found = verification(run)
    assert (found.records, found.different, found.missing) == (69, 0, 0)
    assert found.fields == found.equal + found.normalised


def test_links_point_at_the_right_records_even_forward_ones(done_run, target):
    run = done_run()

    accounts = {key: row for row, (key, _) in target.dump()["Account"].items()}
    values = dict(target.dump()["Account"].values())
    assert values["5"]["ParentId"] == accounts["6"]
    assert values["10"]["ParentId"] == accounts["11"]
    deals = dict(target.dump()["Opportunity"].values())
    assert deals["1"]["AccountId"] == accounts["1"]
    assert "Contact__c" not in deals["3"]  # its contact became a lead
    assert not Record.objects.filter(run=run, deferred=True).exists()


def test_unmatched_owners_are_queued_and_their_records_go_to_the_fallback(done_run, target):
    run = done_run()

    decisions = {d.source_user_id: d.why for d in OwnerDecision.objects.all()}
    assert decisions == {"3": "inactive_user", "4": "no_user"}
    owners = {key: values["OwnerId"] for key, values in target.dump()["Account"].values()}
    assert (owners["4"], owners["1"], owners["2"], owners["3"]) == (
        "005A",
        "005B",
        "005US",
        "005US",
    )
    flagged = Record.objects.get(run=run, source_object="companies", source_id="2")
    assert flagged.warnings == "owner_stand_in"


def test_the_same_map_run_again_writes_nothing(done_run, target, source):
    done_run()
    before, writes = target.dump(), target.writes()

    again = done_run()

    phases = check(again, target, source)
    assert target.writes() == writes
    assert target.dump() == before
    assert phases["accounts"].matched == 19
    assert all(not phase.written for phase in phases.values())


def test_a_changed_record_is_updated_and_nothing_else(done_run, target, source):
    done_run()
    writes = len(target.writes())
    source.changes["deals", "4"] = {"amount": "99"}

    again = done_run()

    phases = check(again, target, source)
    assert phases["opportunities"].updated == 1
    assert [w[:2] for w in target.writes()[writes:]] == [("update", "Opportunity")]


def test_records_there_before_with_our_key_are_updated_not_doubled(done_run, target, source):
    equal = target.add(
        "Lead", "3", LastName="contacts 3", OwnerId="005US", CreatedDate="2020-01-01T00:00:00Z"
    )
    other = target.add("Account", "1", Name="Old name", OwnerId="005B")

    run = done_run()

    phases = check(run, target, source)
    assert phases["accounts"].updated == 1
    assert phases["leads"].created + phases["leads"].matched + phases["leads"].updated == 10
    assert target.dump()["Account"][other][1]["Name"] == "companies 1"
    assert IdMap.objects.get(target_id=other).provenance == "existed"
    assert IdMap.objects.get(target_id=equal).provenance == "existed"


def test_two_records_with_one_key_are_an_error_not_a_guess(done_run, target, monkeypatch):
    first = target.add("Account", "1", Name="a")
    find = target.find_by_key
    monkeypatch.setattr(
        target,
        "find_by_key",
        lambda *args: {k: v * 2 if k == "1" else v for k, v in find(*args).items()},
    )

    run = done_run()

    record = Record.objects.get(run=run, source_object="companies", source_id="1")
    assert (record.state, record.reason_code) == ("errored", "duplicate_key")
    assert target.dump()["Account"][first][1]["Name"] == "a"


def test_children_of_a_record_in_error_are_held_and_released_by_a_retry(
    done_run, target, source, consultant
):
    source.changes["companies", "1"] = {"name": "BAD"}
    run = done_run()
    held = Record.objects.filter(run=run, state="held")
    assert set(held.values_list("source_object", "source_id")) == {
        ("contacts", "1"),
        ("deals", "1"),
    }
    assert "companies 1" in held.first().reason
    Record.objects.filter(run=run, source_object="companies", source_id="1").update(
        payload=Record.objects.get(
            run=run, source_object="companies", source_id="1"
        ).payload.replace("BAD", "Good")
    )

    assert retry_errors(run=run, actor=consultant, cause="FIELD_CUSTOM_VALIDATION") == 3
    drive(run.pk, 60)

    phases = check(run, target, source)
    assert phases["contacts"].created == 20
    assert phases["accounts"].errored == 0


@pytest.mark.parametrize("size", [0, 1])
def test_an_account_with_nothing_or_next_to_nothing_in_it(done_run, target, source, size):
    source.sizes |= {"companies": size, "contacts": size, "deals": size}

    phases = check(done_run(), target, source)

    assert phases["opportunities"].created == size


def test_half_a_surrogate_pair_is_one_record_s_error(done_run, target, source):
    source.changes["deals", "4"] = {"name": "halb \ud83d"}

    phases = check(done_run(), target, source)

    assert phases["opportunities"].created + phases["opportunities"].errored == 20


def test_a_fault_of_ours_calls_a_person_and_resume_goes_on(new_run, target, source, consultant):
    run = new_run()
    source.faults.append(ZeroDivisionError("values of a record"))
    drive(run.pk, 60)
    run.refresh_from_db()
    assert (run.state, run.problem_code) == ("needs_attention", "unforeseen")
    assert "values" not in run.problem

    run_resume(run=run, actor=consultant)
    drive(run.pk, 60)

    check(run, target, source)


def test_big_phases_are_verified_in_pages(done_run, target, source, settings):
    settings.RUNS_VERIFY_BY_PAGES = 5
    source.sizes["contacts"] = 300
    target.fault("read_works", 2)

    run = done_run()

    check(run, target, source)
    assert verification(run).records == 19 + 300 + 20


def test_verification_finds_what_was_changed_and_what_is_missing(new_run, target, source):
    from runs.models import Finding, RunStep

    run = new_run()
    verify = RunStep.objects.filter(run=run, kind="verify")
    verify.update(state="closed")
    drive(run.pk, 60)
    rows = {key: row for row, (key, _) in target.dump()["Account"].items()}
    target.edit(rows["1"], Name="Edited")
    target.remove(rows["2"])
    verify.update(state="pending")
    type(run).objects.filter(pk=run.pk).update(state="running")

    drive(run.pk, 60)

    assert (verification(run).different, verification(run).missing) == (1, 1)
    finding = Finding.objects.get(cause="different")
    assert (finding.field, finding.count) == ("Name", 1)
    assert finding.examples[0]["actual"] == "Edited"
