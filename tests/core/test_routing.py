"""Each record goes to one phase or, for a stated reason, nowhere."""

import pytest

from mapping.core.document import DocumentError
from mapping.core.routing import Routed, route
from mapping.core.spec import MapSpec
from tests.core.documents import document, phase, record


def condition(field, op, *values):
    return {"field": field, "op": op, "values": list(values)}


SPLIT = {
    "object": "contacts",
    "rules": [
        {"phase": "leads", "all": [condition("status", "in", "1", "PROSPEK")]},
        {"phase": "contacts", "all": [condition("status", "not_empty")]},
        {
            "phase": "leads",
            "all": [condition("deals", "is_empty"), condition("source", "not_in", "9")],
        },
    ],
    "otherwise": "contacts",
}


def spec(splits=(SPLIT,), filters=()):
    return MapSpec.from_document(
        document(
            phase("accounts", "companies", "Account", []),
            phase("contacts", "contacts", "Contact", []),
            phase("leads", "contacts", "Lead", []),
            splits=splits,
            filters=filters,
        )
    )


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"status": {"id": "1", "name": "Baru"}}, Routed("leads", "rule 1")),
        ({"status": {"id": None, "name": "prospek"}}, Routed("leads", "rule 1")),
        ({"status": {"id": "2", "name": "Klien"}, "deals": []}, Routed("contacts", "rule 2")),
        ({"status": "", "deals": []}, Routed("leads", "rule 3")),
        ({"deals": [{"id": "4", "name": "D"}]}, Routed("contacts", "otherwise")),
        ({"source": {"id": "9", "name": "WA"}}, Routed("contacts", "otherwise")),
    ],
)
def test_the_first_rule_whose_conditions_all_hold_decides(values, expected):
    assert route(record("contacts", **values), spec()) == expected


def test_objects_without_a_split_have_one_way():
    assert route(record("companies"), spec()) == Routed("accounts", "")


def test_filters_come_first_and_tell_why():
    rule = {"object": "contacts", "all": [condition("status", "in", "1")], "reason": "Test entry"}

    routed = route(record("contacts", status="1"), spec(filters=[rule]))

    assert routed == Routed(None, "Test entry")


def test_an_object_that_the_map_does_not_know_goes_nowhere():
    assert route(record("tickets"), spec()).phase is None


@pytest.mark.parametrize(
    "broken",
    [
        document() | {"format": 2},
        {"format": 1},
        document(phase("a", "x", "X", [{"target": "F"}])),
        document(phase("a", "x", "X", []), phase("a", "y", "Y", [])),
        document(phase("a", "x", "X", []), phase("b", "x", "Y", [])),
        document(phase("a", "x", "X", []), splits=[{"object": "x", "rules": [], "otherwise": "b"}]),
        document(
            phase("a", "x", "X", []),
            filters=[{"object": "x", "all": [condition("f", "matches")], "reason": ""}],
        ),
    ],
)
def test_a_document_that_does_not_hold_together_is_refused(broken):
    with pytest.raises(DocumentError):
        MapSpec.from_document(broken)
