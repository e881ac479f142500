"""What was meant against what the destination holds."""

import pytest

from mapping.core.compare import compare_row
from mapping.core.planning import PlannedRow
from qontakmig.connectors.base import TargetRow
from tests.core.documents import field, one_phase


def judged(kind, expected, actual):
    phase = one_phase(field("F", "f", "text", kind))
    planned = PlannedRow("1", {"F": expected})

    verdicts = compare_row(planned, TargetRow("006A", "1", {"F": actual}), phase)

    assert verdicts[0].verdict == "equal"
    return verdicts[1].verdict


@pytest.mark.parametrize(
    ("kind", "expected", "actual", "verdict"),
    [
        ("text", "a", "a", "equal"),
        ("text", None, None, "equal"),
        ("text", None, "", "equal"),
        ("text", "a ", "a", "normalised"),
        ("text", "a\nb", "a\r\nb", "normalised"),
        ("text", "a", "A", "different"),
        ("text", "a", None, "different"),
        ("text", None, "a", "different"),
        ("text", "1.0", "1", "different"),
        ("email", "A@X.id", "a@x.id", "normalised"),
        ("email", "a@x.id", "A@X.ID", "different"),
        ("phone", "+62812", "0812", "different"),
        ("currency", "10000000", "10000000.0", "equal"),
        ("currency", "10000000", "1.0E7", "equal"),
        ("currency", "10000000", "10000000.01", "different"),
        ("currency", "9007199254740993", "9007199254740992", "different"),
        ("currency", "5", None, "different"),
        ("integer", 5, "5", "equal"),
        ("integer", 5, "5.0", "equal"),
        ("percent", "12.5", "12.50", "equal"),
        ("datetime", "2021-07-19T17:00:00Z", "2021-07-19T17:00:00.000+0000", "equal"),
        ("datetime", "2021-07-19T17:00:00Z", "2021-07-20T00:00:00+07:00", "equal"),
        ("datetime", "2021-07-19T17:00:00Z", "2021-07-19T17:00:01Z", "different"),
        ("datetime", "2021-07-19T17:00:00Z", "nonsense", "different"),
        ("datetime", "2021-07-19T17:00:00Z", None, "different"),
        ("date", "2021-07-20", "2021-07-20", "equal"),
        ("date", "2021-07-20", "2021-07-19", "different"),
        ("boolean", True, "true", "equal"),
        ("boolean", False, None, "equal"),
        ("boolean", True, "false", "different"),
        ("multipicklist", "A;B", "B;A", "normalised"),
        ("multipicklist", "A;B", "A", "different"),
        ("picklist", "A", "a", "different"),
        ("reference", "001dM00003kS2nd", "001dM00003kS2ndQAC", "normalised"),
        ("reference", "001dM00003kS2nd", "001dM00003kS2neQAC", "different"),
    ],
)
def test_each_type_has_its_tolerance(kind, expected, actual, verdict):
    assert judged(kind, expected, actual) == verdict


def test_another_key_is_a_difference():
    phase = one_phase(field("F", "f", "text"))

    verdicts = compare_row(PlannedRow("1", {"F": "a"}), TargetRow("x", "2", {"F": "a"}), phase)

    assert [verdict.verdict for verdict in verdicts] == ["different", "equal"]


def test_dates_of_the_record_are_judged_only_where_we_could_set_them():
    phase = one_phase(
        field("Name", "name", "text"),
        field("CreatedDate", "@created_at", "datetime", "datetime", when="insert"),
        field("LastModifiedDate", "@updated_at", "datetime", "datetime", when="insert", moves=True),
    )
    day = "2024-01-01T00:00:00Z"
    planned = PlannedRow("1", {"Name": "A", "CreatedDate": day, "LastModifiedDate": day})
    target = TargetRow("x", "1", {"Name": "A", "CreatedDate": day, "LastModifiedDate": "later"})

    def fields(**how):
        return [verdict.field for verdict in compare_row(planned, target, phase, **how)][1:]

    assert fields() == ["Name", "CreatedDate", "LastModifiedDate"]
    assert fields(updated=True) == ["Name", "CreatedDate"]
    assert fields(inserted=False) == ["Name"]
