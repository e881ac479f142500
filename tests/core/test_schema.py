"""What the destination must get, and what it would refuse."""

import pytest

from mapping.blueprints import blueprint_get
from mapping.core.custom_fields import api_name, definition
from mapping.core.schema import field_allowance, problems, schema_items
from qontakmig.connectors.base import FieldDescribe, FieldOption, FieldType, ObjectDescribe
from tests.core.documents import document, field, phase

LIMITS = blueprint_get("salesforce").limits
KEY = blueprint_get("salesforce").phase("accounts").key.definition()


def custom(name, kind="text", length=255, **more):
    return KEY | {
        "name": name, "type": kind, "length": length, "unique": False, "external_id": False,
    } | more  # fmt: skip


def present(name, kind=FieldType.TEXT, **more):
    return FieldDescribe(name, name, kind, kind.value, **more)


def org(*fields):
    return {"Account": ObjectDescribe("Account", "Account", fields)}


NAME = present("Name", required=True, length=255)


def states(create_fields, *fields):
    wanted = document(phase("accounts", "companies", "Account", [], create_fields=create_fields))
    return [(line.item.name, line.state) for line in schema_items(wanted, org(*fields))]


def test_a_field_is_created_once_however_many_phases_want_it():
    one = phase("a", "companies", "Account", [], create_fields=[custom("X__c")])
    two = phase("b", "others", "Account", [], create_fields=[custom("x__c")])

    assert len(schema_items(document(one, two), org())) == 1


@pytest.mark.parametrize(
    ("wanted", "there", "state"),
    [
        (custom("X__c"), present("Y__c"), "create"),
        (custom("X__c"), present("x__c", length=255), "exists"),
        (custom("X__c"), present("X__c", length=100), "conflict"),
        (custom("X__c"), present("X__c", FieldType.DATE), "conflict"),
        (
            custom("X__c", "integer", None),
            present("X__c", FieldType.DECIMAL, precision=18),
            "exists",
        ),
        (custom("X__c", "decimal", None), present("X__c", FieldType.INTEGER), "conflict"),
        (KEY, present("Qontak_Id__c", length=40, unique=True, external_id=True), "exists"),
        (KEY, present("Qontak_Id__c", length=40, unique=True), "conflict"),
        (KEY, present("Qontak_Id__c", length=40, external_id=True), "conflict"),
        (
            custom("X__c", "picklist", None, options=["A", "B"]),
            present("X__c", FieldType.PICKLIST, restricted=True, options=(FieldOption("A", "A"),)),
            "conflict",
        ),
    ],
)
def test_the_plan_is_a_difference_against_the_org(wanted, there, state):
    assert states([wanted], there) == [(wanted["name"], state)]


def test_values_are_created_where_the_org_lacks_them():
    values = [{"field": "Industry", "value": v, "label": v} for v in ("Retail", "Alkes")]
    wanted = document(phase("accounts", "companies", "Account", [], create_values=values))
    industry = present("Industry", FieldType.PICKLIST, options=(FieldOption("Retail", "Retail"),))

    lines = schema_items(wanted, org(industry))

    assert [(line.item.kind, line.item.name, line.state) for line in lines] == [
        ("value", "Retail", "exists"),
        ("value", "Alkes", "create"),
    ]
    assert lines[1].item.definition == {"field": "Industry", "label": "Alkes"}
    assert [line.state for line in schema_items(wanted, org())] == ["conflict", "conflict"]


def found(fields, *there, deployed=True, **more):
    wanted = document(phase("accounts", "companies", "Account", fields, **more))
    return [
        (problem.code, problem.field)
        for problem in problems(wanted, org(*there), deployed=deployed)
    ]


KEY_THERE = present("Qontak_Id__c", length=40, unique=True, external_id=True)


def test_a_map_that_fits_has_no_problem():
    assert found([field("Name", "name", "text")], NAME, KEY_THERE) == []


def test_fields_to_be_created_count_before_the_schema_is_applied_only():
    name = field("Name", "name", "text")

    assert found([name], NAME, deployed=False, create_fields=[KEY]) == []
    assert found([name], NAME, create_fields=[KEY]) == [("field_missing", "Qontak_Id__c")]


@pytest.mark.parametrize(
    ("rule", "there", "problem"),
    [
        (field("Gone", "x", "text"), NAME, ("field_missing", "Gone")),
        (
            field("Sum", "x", "text"),
            present("Sum", createable=False),
            ("not_createable", "Sum"),
        ),
        (
            field("Once", "x", "text"),
            present("Once", updateable=False),
            ("not_updateable", "Once"),
        ),
        (
            field("Short", "x", {"kind": "text", "length": 50}),
            present("Short", length=40),
            ("too_short", "Short"),
        ),
        (
            field("Pick", "x", {"kind": "picklist", "values": {"1": "B"}}),
            present("Pick", FieldType.PICKLIST, restricted=True, options=(FieldOption("A", "A"),)),
            ("value_refused", "Pick"),
        ),
        (
            field("Pick", "x", {"kind": "picklist", "values": {}, "unmapped": "keep"}),
            present("Pick", FieldType.PICKLIST, restricted=True),
            ("value_refused", "Pick"),
        ),
    ],
)
def test_what_the_org_would_refuse_is_told_before_the_first_write(rule, there, problem):
    assert found([field("Name", "n", "text"), rule], NAME, KEY_THERE, there) == [problem]


def test_a_required_field_that_nothing_fills_is_told():
    assert found([], NAME, KEY_THERE) == [("required_unfilled", "Name")]


def test_an_object_that_the_user_cannot_see_is_told():
    wanted = document(phase("accounts", "companies", "Account", []))

    assert [problem.code for problem in problems(wanted, {})] == ["object_missing"]


def test_too_many_custom_fields_are_counted_beforehand():
    wanted = document(
        phase("a", "companies", "Account", [], create_fields=[custom(f"N{i}__c") for i in range(4)])
    )
    there = org(*(present(f"O{i}__c", custom=True) for i in range(97)))

    (problem,) = field_allowance(wanted, there, {"Account": 100})

    assert "101" in problem.message
    assert "Leave 1 fields" in problem.message
    assert field_allowance(wanted, there, {"Account": 101}) == []


# ---------------------------------------------------------------- names and types


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Nomor NPWP", "Nomor_NPWP__c"),
        ("  a -- b / c  ", "a_b_c__c"),
        ("Café & Résumé", "Cafe_Resume__c"),
        ("2nd phone", "X2nd_phone__c"),
        ("😀", "Qontak_cf_9__c"),
        ("", "Qontak_cf_9__c"),
        ("x" * 60, "x" * 40 + "__c"),
        ("x" * 39 + " yy", "x" * 39 + "__c"),
    ],
)
def test_names_follow_the_rules_of_the_destination(label, expected):
    assert api_name(label, set(), LIMITS, fallback="Qontak cf_9") == expected


def test_a_taken_name_gets_a_number_within_the_length():
    taken = {"nomor_npwp__c", "Nomor_NPWP_2__c", "x" * 40 + "__c"}

    assert api_name("Nomor NPWP", taken, LIMITS) == "Nomor_NPWP_3__c"
    assert api_name("x" * 60, taken, LIMITS) == "x" * 38 + "_2__c"


def source(kind, **more):
    return {
        "name": "cf_9", "multiple": False, "label": "Label", "type": kind, "length_max": 20,
        "samples": [], "options": [],
    } | more  # fmt: skip


def options(*labels):
    return [{"value": str(n), "label": label} for n, label in enumerate(labels)]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (source("text"), {"type": "text", "length": 255}),
        (source("text", length_max=256), {"type": "long_text", "length": 32768}),
        (source("long_text"), {"type": "long_text", "length": 32768}),
        (source("long_text", length_max=40000), {"type": "long_text", "length": 131072}),
        (source("text", length_max=None), {"type": "text", "length": 255}),
        (source("integer", samples=["12"]), {"type": "integer", "precision": 18, "scale": 0}),
        (source("integer", samples=["1,5"]), {"type": "decimal", "precision": 18, "scale": 2}),
        (source("integer", samples=["0812345"]), {"type": "text", "length": 255}),
        (source("integer", samples=["A-1"]), {"type": "text", "length": 255}),
        (source("currency", samples=["10000000.0"]), {"type": "currency", "scale": 2}),
        (source("percent", samples=["0.125"]), {"type": "percent", "scale": 3}),
        (source("date"), {"type": "date"}),
        (
            source("picklist", options=options("A", "B")),
            {"type": "picklist", "options": ["A", "B"]},
        ),
        (source("picklist", options=options("A", "a")), {"type": "text"}),
        (source("picklist"), {"type": "text"}),
        (source("picklist", options=options(*map(str, range(1001)))), {"type": "text"}),
        (source("multipicklist", options=options("A", "B;C")), {"type": "text"}),
        (source("multipicklist", options=options(*map(str, range(501)))), {"type": "text"}),
        (source("reference"), {"type": "text"}),
        (source("file", length_max=900), {"type": "long_text"}),
        (source("location"), {"type": "text"}),
        (source("reference", multiple=True, length_max=130), {"type": "long_text"}),
    ],
)
def test_the_type_of_a_custom_field_comes_from_its_values(found, expected):
    made = definition(found, "Label__c", LIMITS)

    assert {key: made[key] for key in expected} == expected


def test_labels_are_cut_to_what_the_destination_shows():
    assert len(definition(source("text", label="L" * 99), "L__c", LIMITS)["label"]) == 40
    assert definition(source("text", label=""), "L__c", LIMITS)["label"] == "cf_9"


def test_every_row_of_the_matrix_says_whether_it_is_moved():
    blueprint = blueprint_get("salesforce")

    assert [row.row for row in blueprint.rows] == list(range(1, 15))
    assert blueprint.compatibility == (11, 14)
    assert all(row.phases or not row.moved for row in blueprint.rows)
    names = [phase.name for phase in blueprint.phases]
    assert names == ["users", "accounts", "contacts", "leads", "opportunities"]
    assert all(names.index(d) < names.index(p.name) for p in blueprint.phases for d in p.depends_on)
