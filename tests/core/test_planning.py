"""A record becomes a row, or everything that stands against it is told at once."""

from dataclasses import replace

import pytest

from mapping.core.planning import (
    Lookups,
    PlannedRow,
    RowProblem,
    insert_row,
    plan_row,
    row_hash,
    update_row,
)
from tests.core.documents import field, one_phase, record

COMPANY = {"kind": "reference", "object": "companies", "id_prefix": "001"}
OWNER = {"kind": "reference", "object": "users", "owner": True}
CONTACT = {"kind": "reference", "object": "contacts", "id_prefix": "003"}


def planned(phase, source, lookups=None):
    row = plan_row(source, phase, lookups or Lookups())
    assert isinstance(row, PlannedRow), row
    return row


def problem(phase, source, lookups=None):
    row = plan_row(source, phase, lookups or Lookups())
    assert isinstance(row, RowProblem), row
    return row


def codes(row):
    issues = row.warnings if isinstance(row, PlannedRow) else row.issues
    return [issue.code for issue in issues]


@pytest.mark.parametrize(
    ("conversion", "value", "expected"),
    [
        ("text", " a\r\nb ", "a\nb"),
        ("text", {"id": "5", "name": "Servis"}, "Servis"),
        ({"kind": "text", "part": "id"}, {"id": "5", "name": "Servis"}, "5"),
        ("text", [{"id": "1", "name": "A"}, {"id": "2", "name": "B"}], "A, B"),
        ("text", 12.0, "12"),
        ("long_text", "x", "x"),
        ("phone", "0812 3456 7890", "+6281234567890"),
        ("currency", "Rp 12,5jt", "12500000"),
        ("currency", 10000000.0, "10000000"),
        ("integer", "1.200", 1200),
        ("date", "2021-07-20T00:00:00.000+07:00", "2021-07-20"),
        ("datetime", "2021-07-20T00:00:00.000+07:00", "2021-07-19T17:00:00Z"),
        ({"kind": "picklist", "values": {"5": "Hot"}}, {"id": "5", "name": "Panas"}, "Hot"),
        ({"kind": "picklist", "values": {"IDR": "IDR"}}, "IDR", "IDR"),
        ({"kind": "picklist", "values": {"5": None}}, {"id": "5", "name": "Panas"}, None),
        (
            {"kind": "multipicklist", "values": {"1": "A", "2": "B", "3": "A"}},
            [{"id": "2", "name": "b"}, {"id": "1", "name": "a"}, {"id": "3", "name": "c"}],
            "B;A",
        ),
        ({"kind": "constant", "value": "Qontak"}, None, "Qontak"),
    ],
)
def test_values_are_converted_as_the_map_says(conversion, value, expected):
    row = planned(one_phase(field("F", "f", conversion)), record(f=value))

    assert row.fields == {"F": expected}
    assert row.warnings == ()


@pytest.mark.parametrize("empty", [None, "", "  ", [], {"id": None, "name": None}, [{"id": ""}]])
@pytest.mark.parametrize(
    "conversion", ["text", "date", "currency", {"kind": "picklist", "values": {}}]
)
def test_every_kind_of_nothing_is_nothing(conversion, empty):
    row = planned(one_phase(field("F", "f", conversion)), record(f=empty))

    assert row.fields == {"F": None}


def test_a_checkbox_without_a_value_is_not_ticked():
    phase = one_phase(field("F", "f", "boolean", "boolean"))

    assert planned(phase, record()).fields == {"F": False}


def test_all_problems_of_a_row_come_together_and_name_no_value():
    phase = one_phase(
        field("Amount", "size", "currency"),
        field("Name", "name", {"kind": "text", "length": 5}),
        field("CloseDate", "closed", "date", required=True),
        field("Rating", "rating", {"kind": "picklist", "values": {}}),
    )

    row = problem(phase, record(size="rahasia", name="Rahasia besar", rating="Rahasia"))

    assert row.kind == "errored"
    assert codes(row) == ["number_invalid", "too_long", "required_empty", "value_unmapped"]
    assert not any("ahasia" in issue.message for issue in row.issues)


def test_the_number_of_an_unknown_option_is_named():
    phase = one_phase(field("F", "f", {"kind": "picklist", "values": {}}))

    row = problem(phase, record(f={"id": "5879091", "name": "Servis"}))

    assert "5879091" in row.issues[0].message


def test_policies_keep_the_row_and_record_the_loss():
    phase = one_phase(
        field("Name", "name", {"kind": "text", "length": 5, "too_long": "truncate"}),
        field("Email", "email", {"kind": "email", "invalid": "empty"}),
        field("Phone", "phone", "phone"),
        field("Rating", "rating", {"kind": "picklist", "values": {}, "unmapped": "keep"}),
        field("Type", "type", {"kind": "picklist", "values": {}, "unmapped": "empty"}),
    )

    row = planned(
        phase, record(name="Rahasia", email="a@", phone="08xx", rating="Panas", type="Baru")
    )

    assert row.fields == {
        "Name": "Rahas",
        "Email": None,
        "Phone": "08xx",
        "Rating": "Panas",
        "Type": None,
    }
    assert codes(row) == ["truncated", "email_invalid", "phone_invalid", "value_unmapped"]


def test_warnings_of_a_failed_field_do_not_stick_to_the_next():
    values = {"kind": "multipicklist", "values": {"1": "A"}, "unmapped": "empty"}
    phase = one_phase(field("Name", "name", {"kind": "text", "length": 3}), field("F", "f", values))

    row = problem(phase, record(name="long", f=[{"id": "1", "name": ""}, {"id": "2", "name": ""}]))

    assert [(issue.code, issue.field) for issue in row.issues] == [
        ("too_long", "Name"),
        ("value_unmapped", "F"),
    ]


def test_the_first_filled_source_wins_and_the_record_itself_is_one():
    phase = one_phase(
        field("CloseDate", "closed", "date", fallbacks=["expired", "@created_at"]),
        field("Id__c", "@id", "text"),
    )

    assert planned(phase, record(closed="01/02/2024", expired="03/02/2024")).fields[
        "CloseDate"
    ] == ("2024-02-01")
    assert planned(phase, record(expired="03/02/2024")).fields["CloseDate"] == "2024-02-03"
    # 17:30 UTC on the 28th is half past midnight on leap day in Jakarta.
    assert planned(phase, record()).fields == {"CloseDate": "2024-02-29", "Id__c": "1"}


def test_a_stand_in_is_written_with_a_warning():
    phase = one_phase(field("Company", "company", "text", stand_in="[none]", required=True))

    row = planned(phase, record())

    assert row.fields == {"Company": "[none]"}
    assert codes(row) == ["stand_in"]


def test_names_are_split_over_two_fields():
    names = {"first": "first", "last": "last"}
    phase = one_phase(
        field("FirstName", "first", {"kind": "given_name", **names}),
        field("LastName", "last", {"kind": "family_name", **names}, required=True),
    )

    assert planned(phase, record(first="Sari Ayu", last="")).fields == {
        "FirstName": "Sari",
        "LastName": "Ayu",
    }
    assert planned(phase, record(first="Budi")).fields == {"FirstName": None, "LastName": "Budi"}
    assert codes(problem(phase, record())) == ["required_empty"]


@pytest.mark.parametrize(
    ("pipeline", "stage", "expected"),
    [
        ({"id": "7", "name": "A"}, {"id": "1", "name": "x"}, "Open"),
        ({"id": "8", "name": "B"}, {"id": "1", "name": "x"}, "Won"),
        ({"id": "9", "name": "C"}, {"id": "5", "name": "x"}, "Old"),
        (None, {"id": "2", "name": "x"}, "Lost"),
    ],
)
def test_stages_are_looked_up_within_their_pipeline(pipeline, stage, expected):
    values = {"7/1": "Open", "8/1": "Won", "8/2": "Lost", "*/5": "Old"}
    phase = one_phase(
        field("StageName", "stage", {"kind": "picklist", "within": "pipe", "values": values})
    )

    assert planned(phase, record(pipe=pipeline, stage=stage)).fields == {"StageName": expected}


def test_a_stage_that_differs_by_pipeline_needs_its_pipeline():
    values = {"7/1": "Open", "8/1": "Won"}
    phase = one_phase(
        field("StageName", "stage", {"kind": "picklist", "within": "pipe", "values": values})
    )

    assert codes(problem(phase, record(stage={"id": "1", "name": "x"}))) == ["value_unmapped"]


# ---------------------------------------------------------------- lookups


def test_a_known_parent_is_linked_and_further_ones_are_mentioned():
    phase = one_phase(field("AccountId", "company", COMPANY, "reference"))
    lookups = Lookups(ids={("companies", "2"): "001B", ("companies", "3"): "001C"})
    source = record(company=[{"id": "1", "name": ""}, {"id": "2", "name": ""}])

    row = planned(phase, source, lookups)

    assert row.fields == {"AccountId": "001B"}
    assert codes(row) == ["reference_several"]
    assert phase.references(source) == (("companies", "1"), ("companies", "2"))


def test_a_blocked_parent_holds_the_row():
    phase = one_phase(field("AccountId", "company", COMPANY, "reference"))
    lookups = Lookups(blocked={("companies", "7")})

    row = problem(phase, record(company={"id": "7", "name": "PT"}), lookups)

    assert (row.kind, codes(row), row.waiting_for) == (
        "held",
        ["parent_blocked"],
        (("companies", "7"),),
    )


def test_an_error_weighs_more_than_waiting():
    phase = one_phase(
        field("AccountId", "company", COMPANY, "reference"), field("Amount", "size", "currency")
    )
    lookups = Lookups(blocked={("companies", "7")})

    row = problem(phase, record(company="7", size="x"), lookups)

    assert (row.kind, codes(row)) == ("errored", ["number_invalid", "parent_blocked"])


def test_a_parent_that_never_existed_leaves_the_field_empty():
    phase = one_phase(field("AccountId", "company", COMPANY, "reference"))

    row = planned(phase, record(company="7"))

    assert row.fields == {"AccountId": None}
    assert codes(row) == ["reference_unknown"]


def test_a_contact_that_became_a_lead_is_no_contact():
    phase = one_phase(field("ContactId", "people", CONTACT, "reference"))
    lookups = Lookups(ids={("contacts", "1"): "00QA", ("contacts", "2"): "003B"})
    both = [{"id": "1", "name": ""}, {"id": "2", "name": ""}]

    assert planned(phase, record(people=both), lookups).fields == {"ContactId": "003B"}
    row = planned(phase, record(people=both[:1]), lookups)
    assert (row.fields, codes(row)) == ({"ContactId": None}, ["reference_other_object"])


def test_owners_are_never_somebody_else_by_accident():
    phase = one_phase(field("OwnerId", "owner", OWNER, "reference"))
    known = Lookups(ids={("users", "1"): "005A"}, blocked={("users", "2")})

    assert planned(phase, record(owner="1"), known).fields == {"OwnerId": "005A"}
    assert codes(problem(phase, record(owner="2"), known)) == ["owner_parked"]
    unknown = problem(phase, record(owner="3"), known)
    assert (unknown.kind, codes(unknown)) == ("held", ["owner_unknown"])
    assert unknown.waiting_for == (("users", "3"),)
    nobody = planned(phase, record(), known)
    assert (nobody.fields, codes(nobody)) == ({}, ["owner_missing"])


def test_a_default_owner_takes_what_has_no_known_one():
    phase = one_phase(field("OwnerId", "owner", OWNER, "reference"))
    lookups = Lookups(default_owner="005D", blocked={("users", "2")})

    assert planned(phase, record(owner="3"), lookups).fields == {"OwnerId": "005D"}
    assert planned(phase, record(), lookups).fields == {"OwnerId": "005D"}
    assert problem(phase, record(owner="2"), lookups).kind == "held"


def test_a_parent_company_waits_for_the_end_of_its_own_phase():
    phase = one_phase(
        field("ParentId", "ancestry", COMPANY, "reference"), source="companies", target="Account"
    )
    child = record("companies", "5", ancestry="1/4")

    early = planned(phase, child)
    late = planned(phase, child, Lookups(ids={("companies", "4"): "001D"}, final=True))
    never = planned(phase, child, Lookups(final=True))

    assert (early.fields, early.deferred) == ({"ParentId": None}, ("ParentId",))
    assert (late.fields, late.deferred) == ({"ParentId": "001D"}, ())
    assert codes(never) == ["reference_unknown"]
    assert phase.references(child) == (("companies", "4"),)
    assert row_hash(early) != row_hash(late)


# ---------------------------------------------------------------- rows


def test_dates_of_the_record_itself_go_with_the_insert_only():
    phase = one_phase(
        field("Name", "name", "text"),
        field("Note", "note", "text"),
        field("CreatedDate", "@created_at", "datetime", "datetime", when="insert"),
    )
    row = planned(phase, record(name="A"))

    assert insert_row(row, phase) == {
        "Qontak_Id__c": "1",
        "Name": "A",
        "CreatedDate": "2024-02-28T17:30:00Z",
    }
    assert update_row(row, phase) == {"Qontak_Id__c": "1", "Name": "A", "Note": None}
    assert phase.target_fields == ("Qontak_Id__c", "Name", "Note", "CreatedDate")


def test_the_hash_tells_rows_apart_and_nothing_else():
    phase = one_phase(field("Name", "name", "text"))

    assert row_hash(planned(phase, record(name="A"))) == row_hash(planned(phase, record(name=" A")))
    assert row_hash(planned(phase, record(name="A"))) != row_hash(planned(phase, record(name="B")))


def test_a_phase_that_only_matches_plans_nothing():
    phase = replace(one_phase(), mode="match_users")

    with pytest.raises(ValueError, match="loads no rows"):
        plan_row(record(), phase, Lookups())
