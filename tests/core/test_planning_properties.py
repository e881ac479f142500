"""Whatever a source sends, planning answers with a row or a problem, and always the same."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.core import conversions
from mapping.core.conversions import KINDS
from mapping.core.planning import Lookups, PlannedRow, plan_row, row_hash
from qontakmig.connectors.base import SourceRecord
from tests.core.documents import field, one_phase

OPTIONS = {
    "picklist": {"values": {"1": "A"}},
    "multipicklist": {"values": {"1": "A"}, "unmapped": "keep"},
    "reference": {"object": "companies"},
    "constant": {"value": "x"},
    "given_name": {"first": "f", "last": "g", "length": 5},
    "family_name": {"first": "f", "last": "g", "length": 5, "too_long": "truncate"},
    "text": {"length": 5},
    "phone": {"invalid": "keep"},
}
PHASE = one_phase(
    *(field(kind, "f", {"kind": kind} | OPTIONS.get(kind, {})) for kind in sorted(KINDS)),
    field("created", "@created_at", "datetime", "datetime"),
)
SCALAR = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
CHOICE = st.dictionaries(st.sampled_from(["id", "name", "other"]), SCALAR, max_size=2)
VALUE = SCALAR | CHOICE | st.lists(CHOICE | SCALAR | st.lists(SCALAR, max_size=2), max_size=3)
MOMENT = st.none() | st.datetimes(timezones=st.just(UTC))


@settings(derandomize=True, max_examples=400, deadline=None)
@given(f=VALUE, g=VALUE, moment=MOMENT)
def test_planning_never_raises_and_never_wavers(f, g, moment):
    record = SourceRecord("deals", "1", {"f": f, "g": g}, moment, moment)

    first = plan_row(record, PHASE, Lookups())

    assert repr(first) == repr(plan_row(record, PHASE, Lookups()))
    if isinstance(first, PlannedRow):
        assert len(row_hash(first)) == 64


def test_a_date_beyond_the_calendar_is_a_row_issue():
    moment = datetime(9999, 12, 31, tzinfo=UTC)
    phase = one_phase(field("created", "@created_at", "datetime", "datetime"))

    row = plan_row(SourceRecord("deals", "1", {}, moment, moment), phase, Lookups())

    assert [issue.code for issue in row.issues] == ["date_out_of_range"]


def test_every_conversion_is_described():
    assert conversions.__doc__ is not None
    words = conversions.__doc__.replace(",", " ").split()

    assert set(words) >= KINDS
