"""Options of dropdowns, stages and statuses onto the destination's options."""

import pytest

from mapping.proposer.case import Option
from mapping.proposer.value_maps import option_likeness, value_map

SALES_STAGES = (
    "Prospecting|Qualification|Needs Analysis|Proposal/Price Quote|Closed Won|Closed Lost"
)


def options(text: str) -> tuple[Option, ...]:
    return tuple(Option(label, label) for label in text.split("|"))


def first(source: str, dest: str, *, ordered: bool = False) -> dict[str, str | None]:
    found = value_map(options(source), options(dest), ordered=ordered)
    return {value: ranked[0][0] if ranked else None for value, ranked in found.items()}


def test_stages_in_indonesian_find_salesforce_stages():
    assert first("Prospek Baru|Kualifikasi|Penawaran|Menang|Kalah", SALES_STAGES, ordered=True) == {
        "Prospek Baru": "Prospecting",
        "Kualifikasi": "Qualification",
        "Penawaran": "Proposal/Price Quote",
        "Menang": "Closed Won",
        "Kalah": "Closed Lost",
    }


def test_a_numbered_stage_is_read_without_its_number():
    assert first("1. Penawaran|2) Menang", SALES_STAGES)["1. Penawaran"] == "Proposal/Price Quote"


def test_a_stage_nobody_knows_is_placed_between_its_neighbours_with_low_confidence():
    found = value_map(
        options("Kualifikasi|Xyzzy|Penawaran|Menang|Kalah"), options(SALES_STAGES), ordered=True
    )

    (dest, confidence), *_ = found["Xyzzy"]
    assert dest in ("Qualification", "Needs Analysis", "Proposal/Price Quote")
    assert confidence < 0.5


def test_a_last_stage_nobody_knows_after_won_is_lost():
    assert first("Penawaran|Menang|Xyzzy", SALES_STAGES, ordered=True)["Xyzzy"] == "Closed Lost"


def test_an_unknown_choice_goes_to_other_only_where_there_is_one():
    assert first("Xyzzy", "Web|Other") == {"Xyzzy": "Other"}
    assert first("Xyzzy", "Web|Phone") == {"Xyzzy": None}


@pytest.mark.parametrize(
    ("source", "dest"),
    [
        ("Laki-laki", "Male"),
        ("Perempuan", "Female"),
        ("Mendesak", "High"),
        ("Rumah Sakit", "Healthcare"),
        ("Instagram Ads", "Ads"),
        ("PAID_SEARCH", "Ads"),
        ("Belum Bayar", "Unpaid"),
        ("Selesai", "Closed"),
    ],
)
def test_meanings_cross_the_languages(source, dest):
    assert option_likeness(source, dest) >= 0.7


@pytest.mark.parametrize(
    ("source", "dest"),
    [
        ("Tidak Tertarik", "Interested"),
        ("Belum Bayar", "Paid"),
        ("Ex-Customer", "Customer"),
        ("Tidak", "Yes"),
    ],
)
def test_a_negation_is_never_its_opposite(source, dest):
    assert option_likeness(source, dest) < 0.5
