"""Each conversion as a table of value → expected."""

from decimal import Decimal

import pytest

from mapping.core import transforms
from mapping.core.transforms import TransformError


@pytest.mark.parametrize(
    "written",
    [
        "0812-3456-7890",
        "+62 812 3456 7890",
        "6281234567890",
        "62-812-3456-7890",
        "0062 812 3456 7890",
        "+62 (0)812 3456 7890",
        "812 3456 7890",
        "(0812) 3456.7890",
        "tel:+6281234567890",
        " 0812\u00a03456\u00a07890 ",
        "0812–3456–7890",
    ],
)
def test_every_spelling_of_a_mobile_number_becomes_one(written):
    assert transforms.phone_e164(written) == "+6281234567890"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("021-555 1234", "+62215551234"),
        ("+65 6123 4567", "+6561234567"),
        ("0065 6123 4567", "+6561234567"),
    ],
)
def test_landlines_and_foreign_numbers_keep_their_country(written, expected):
    assert transforms.phone_e164(written) == expected


def test_another_country_code_is_used_for_national_numbers():
    assert transforms.phone_e164("0171 1234567", country_code="49") == "+491711234567"


@pytest.mark.parametrize(
    "written",
    [
        "0812xxxx890",
        "0812345678 / 0813456789",
        "123",
        "0812-3456-7890-1234-5678",
        "-",
        "٠٨١٢٣٤٥٦٧٨٩",
    ],
)
def test_what_is_not_one_phone_number_is_refused(written):
    with pytest.raises(TransformError) as refused:
        transforms.phone_e164(written)
    assert refused.value.code == "phone_invalid"
    assert written not in str(refused.value)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Rp 1.500.000", "1500000"),
        ("Rp1.500.000,00", "1500000"),
        ("1.500.000,00", "1500000"),
        ("1,500,000.00", "1500000"),
        ("10000000.0", "10000000"),
        ("Rp 12,5jt", "12500000"),
        ("12.5 juta", "12500000"),
        ("Rp. 250.000,-", "250000"),
        ("IDR 2500000000", "2500000000"),
        ("1,2 M", "1200000000"),
        ("500rb", "500000"),
        ("1.500", "1500"),
        ("1,5", "1.5"),
        ("0.125", None),
        ("0.12", "0.12"),
        ("-1.000", "-1000"),
        ("(1.000)", "-1000"),
        ("-Rp 5.000", "-5000"),
        ("0", "0"),
        ("-0.0", "0"),
        ("1e7", "10000000"),
        (1500000, "1500000"),
        (1500000.5, "1500000.5"),
        ("9007199254740993", "9007199254740993"),
        ("1 500 000", "1500000"),
    ],
)
def test_rupiah_in_every_spelling(written, expected):
    if expected is None:
        with pytest.raises(TransformError, match="decimals"):
            transforms.idr_number(written)
    else:
        assert transforms.idr_number(written) == expected


@pytest.mark.parametrize(
    "written", ["", "abc", "1.2.3", "1,00,0", "Rp", "12 apel", "--1", "1..5", "٥٠٠", True, "nan"]
)
def test_what_is_no_number_is_refused(written):
    with pytest.raises(TransformError) as refused:
        transforms.number(written)
    assert refused.value.code == "number_invalid"


@pytest.mark.parametrize("written", [float("nan"), float("inf")])
def test_numbers_that_are_none_are_refused(written):
    with pytest.raises(TransformError):
        transforms.number(written)


def test_too_many_digits_are_refused_and_rounding_is_asked_for():
    with pytest.raises(TransformError, match="whole digits"):
        transforms.decimal_text(Decimal("1e16"), rounding=False)
    with pytest.raises(TransformError, match="decimals"):
        transforms.decimal_text(Decimal("1.005"), rounding=False)
    assert transforms.decimal_text(Decimal("1.005"), rounding=True) == "1.01"


def test_integers_have_no_decimals():
    assert transforms.integer("1.200") == 1200
    with pytest.raises(TransformError):
        transforms.integer("1,5")


@pytest.mark.parametrize(("written", "expected"), [("50%", 50), ("12,5 %", "12.5"), ("0.0", 0)])
def test_percentages(written, expected):
    assert transforms.percent(written) == Decimal(str(expected))


@pytest.mark.parametrize("written", ["Ya", "yes", "TRUE", "1", "1.0", True, " sudah "])
def test_yes_in_two_languages(written):
    assert transforms.boolean(written) is True


@pytest.mark.parametrize("written", ["Tidak", "no", "false", 0, "belum", False])
def test_no_in_two_languages(written):
    assert transforms.boolean(written) is False


def test_maybe_is_neither():
    with pytest.raises(TransformError):
        transforms.boolean("mungkin")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("31/12/2025", "2025-12-31"),
        ("03-04-1988", "1988-04-03"),
        ("3.4.1988", "1988-04-03"),
        ("2025-04-03", "2025-04-03"),
        ("2025/4/3", "2025-04-03"),
        ("17 Agustus 1945", "1945-08-17"),
        ("1 Mei 2024", "2024-05-01"),
        ("1-Oct-2024", "2024-10-01"),
        ("29/02/2024", "2024-02-29"),
        ("2021-07-20T00:00:00.000+07:00", "2021-07-20"),
        ("2021-07-19T17:00:00Z", "2021-07-20"),
        ("2021-07-20T23:30:00.000+07:00", "2021-07-20"),
        ("2026-01-06 09:34:13 +0700", "2026-01-06"),
        ("20/07/2021 00:00", "2021-07-20"),
    ],
)
def test_days_stay_the_day_that_people_saw(written, expected):
    assert transforms.date_text(written, timezone="Asia/Jakarta") == expected


def test_months_come_first_only_where_the_account_says_so():
    written = "03/04/2025"
    assert transforms.date_text(written, timezone="UTC", day_first=False) == "2025-03-04"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2021-07-20T00:00:00.000+07:00", "2021-07-19T17:00:00Z"),
        ("2026-01-06 09:34:13 +0700", "2026-01-06T02:34:13Z"),
        ("2021-07-20T10:00:00.987Z", "2021-07-20T10:00:00Z"),
        ("20/07/2021 09.15", "2021-07-20T02:15:00Z"),
        ("20/07/2021 09:15 WITA", "2021-07-20T01:15:00Z"),
        ("20/07/2021 9:15 pm", "2021-07-20T14:15:00Z"),
        ("20/07/2021", "2021-07-19T17:00:00Z"),
        ("2024-02-29T23:59:59+07:00", "2024-02-29T16:59:59Z"),
    ],
)
def test_instants_are_kept_exactly(written, expected):
    assert transforms.datetime_text(written, timezone="Asia/Jakarta") == expected


@pytest.mark.parametrize(
    "written",
    [
        "29/02/2023", "31/12/25", "32/01/2024", "00/00/0000", "besok", "2024-13-01", "2024-02-30",
        "20/07/2021 25:00", "20/07/2021 pagi", "1 Foo 2024", "0001-01-01",
        "9999-12-31T23:00:00-12:00",
    ],
)  # fmt: skip
def test_what_is_no_date_is_refused(written):
    for convert in (transforms.date_text, transforms.datetime_text):
        with pytest.raises(TransformError) as refused:
            convert(written, timezone="Asia/Jakarta")
        assert refused.value.code.startswith("date_")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (" Sari \r\nDewi\r", "Sari \nDewi"),
        ("ab\x00c\x07d", "abcd"),
        ("=SUM(A1)", "=SUM(A1)"),
        ("😀 Jalan é", "😀 Jalan é"),
    ],
)
def test_text_keeps_what_people_wrote(written, expected):
    assert transforms.text(written) == expected


def test_half_a_character_is_refused():
    with pytest.raises(TransformError, match="half"):
        transforms.text("ab\ud83d")


def test_cutting_never_leaves_half_a_character():
    assert transforms.fit("ab😀", 3) == "ab"
    assert transforms.fit("ab😀", 4) == "ab😀"
    assert transforms.stored_length("ab😀") == 4


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Sari@Example.com ", "Sari@Example.com"),
        ("mailto:a.b@x.co.id", "a.b@x.co.id"),
        ("<a@x.id>", "a@x.id"),
    ],
)
def test_addresses_are_unwrapped(written, expected):
    assert transforms.email(written) == expected


@pytest.mark.parametrize(
    "written", ["a@b", "a b@x.id", "a@x.id, b@x.id", "@x.id", ".a@x.id", "a..b@x.id", "-", "a@x.1"]
)
def test_what_is_not_one_address_is_refused(written):
    with pytest.raises(TransformError):
        transforms.email(written)


@pytest.mark.parametrize(
    ("first", "last", "given", "family"),
    [
        ("Sari", "Dewi", "Sari", "Dewi"),
        ("Sari Ayu Dewi", "", "Sari Ayu", "Dewi"),
        ("Suharto", "", "", "Suharto"),
        ("", "Dewi", "", "Dewi"),
        ("", "", "", ""),
        ("-", "", "", "-"),
    ],
)
def test_one_name_is_a_family_name(first, last, given, family):
    assert transforms.given_name(first, last) == given
    assert transforms.family_name(first, last) == family
