from datetime import UTC, datetime

import pytest

from projects.profile import FieldProfile, ObjectProfile, meaning_of
from qontakmig.connectors.base import FieldDescribe, FieldOption, FieldType, SourceRecord


def text_profile(values):
    profile = FieldProfile(keeps_options=False)
    for value in values:
        profile.add(value)
    return profile


@pytest.mark.parametrize("empty", [None, "", "  ", []])
def test_an_empty_value_of_any_spelling_is_not_filled(empty):
    assert text_profile([empty]).filled == 0


def test_zero_and_false_are_values():
    assert text_profile([0, False, "0.0"]).filled == 3


def test_lengths_give_least_median_and_greatest():
    profile = text_profile(["a", "bbb", "ccccc"])

    assert profile.length_range() == (1, 3, 5)


def test_distinct_values_are_exact_up_to_a_thousand():
    profile = text_profile([f"v{n % 1000}" for n in range(3000)])

    assert (profile.distinct, profile.distinct_exact) == (1000, True)


def test_distinct_values_beyond_are_estimated_within_a_fifth():
    profile = text_profile([f"value {n}" for n in range(20_000)])

    assert not profile.distinct_exact
    assert 16_000 < profile.distinct < 24_000


def test_a_profile_put_into_json_and_taken_up_again_goes_on_as_if_nothing_happened():
    values = [f"value {n % 1700}" for n in range(4000)]
    whole = text_profile(values)
    first = text_profile(values[:1500])
    second = FieldProfile(keeps_options=False)

    second.restore(first.to_json())
    for value in values[1500:]:
        second.add(value)

    assert second.to_json() == whole.to_json()


def test_options_met_only_on_records_are_listed_as_inactive():
    describe = FieldDescribe(
        "cf_7",
        "Layanan",
        FieldType.PICKLIST,
        "Dropdown select",
        options=(FieldOption("1", "Servis"), FieldOption("2", "Sewa")),
    )
    profile = FieldProfile(keeps_options=True)
    profile.add({"id": "1", "name": "Servis"})
    profile.add({"id": "99", "name": "Lama"})

    assert profile.options(describe) == [
        {"value": "1", "label": "Servis", "count": 1, "active": True},
        {"value": "2", "label": "Sewa", "count": 0, "active": True},
        {"value": "99", "label": "Lama", "count": 1, "active": False},
    ]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("siti@example.com", "email"),
        ("0812-3456-7890", "phone"),
        ("+62 812 3456 7890", "phone"),
        ("Rp 12,5jt", "money"),
        ("31/03/2026", "date"),
        ("2026-03-31T00:00:00.000+07:00", "date"),
        ("https://example.com/a", "url"),
        ("12,5", "number"),
        ("Tidak", "yes or no"),
        ("Minta termin", "text"),
    ],
)
def test_the_look_of_a_value_tells_its_meaning(text, meaning):
    assert meaning_of(text) == meaning


def test_a_record_read_twice_on_overlapping_pages_is_counted_once():
    profile = ObjectProfile([FieldDescribe("name", "Name", FieldType.TEXT, "text")])
    made = datetime(2026, 3, 31, tzinfo=UTC)
    page = [SourceRecord("contacts", str(n), {"name": "x"}, made, made) for n in range(3)]

    later = [SourceRecord("contacts", str(n), {"name": "x"}, made, made) for n in range(3, 2000)]

    profile.add(page)
    profile.add([*page[1:], *later])
    profile.add(page[:1])

    assert profile.read == 2000
    assert profile.months == {"2026-03": 2000}
