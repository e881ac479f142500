"""What holds for every input: no surprise exceptions, and normal forms stay what they are."""

from contextlib import suppress
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.core import transforms
from mapping.core.transforms import TransformError

ANY_TEXT = st.text(st.characters(), max_size=40)
LIKELY = st.text("0123456789+-.,/: ()RpjtMrbTZWIBaeagustus%@", max_size=30)
ZONE = "Asia/Jakarta"

CONVERSIONS = {
    "text": transforms.text,
    "phone": transforms.phone_e164,
    "email": transforms.email,
    "url": transforms.url,
    "rupiah": transforms.idr_number,
    "integer": transforms.integer,
    "percent": transforms.percent,
    "boolean": transforms.boolean,
    "date": lambda value: transforms.date_text(value, timezone=ZONE),
    "datetime": lambda value: transforms.datetime_text(value, timezone=ZONE),
}


@pytest.mark.parametrize("name", CONVERSIONS)
@settings(derandomize=True, max_examples=150, deadline=None)
@given(value=ANY_TEXT | LIKELY)
def test_only_transform_errors_come_out(name, value):
    with suppress(TransformError):
        CONVERSIONS[name](value)


@pytest.mark.parametrize("name", ["text", "phone", "email", "url", "date", "datetime"])
@settings(derandomize=True, max_examples=150, deadline=None)
@given(value=ANY_TEXT | LIKELY)
def test_a_normal_form_is_its_own_normal_form(name, value):
    convert = CONVERSIONS[name]
    with suppress(TransformError):
        once = convert(value)
        assert convert(once) == once


@settings(derandomize=True, max_examples=200, deadline=None)
@given(amount=st.integers(-(10**15), 10**15), cents=st.integers(0, 99))
def test_money_survives_its_indonesian_spelling(amount, cents):
    spelled = f"{abs(amount):,}".replace(",", ".") + f",{cents:02d}"
    sign = "-" if amount < 0 else ""

    written = transforms.number(f"{sign}Rp {spelled}")

    assert written == transforms.number(f"{sign}{abs(amount)}.{cents:02d}")


@settings(derandomize=True, max_examples=200, deadline=None)
@given(
    moment=st.datetimes(min_value=datetime(1800, 1, 1), max_value=datetime(2900, 1, 1)),
    offset=st.sampled_from(["+07:00", "Z", "+00:00", "-03:30", "+0800"]),
)
def test_an_instant_is_the_same_instant_afterwards(moment, offset):
    written = moment.replace(microsecond=0).isoformat() + offset

    converted = transforms.datetime_text(written, timezone=ZONE)

    assert datetime.fromisoformat(converted) == datetime.fromisoformat(written)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(value=st.text(max_size=30), length=st.integers(1, 30))
def test_cut_text_fits(value, length):
    with suppress(TransformError):
        cut = transforms.fit(transforms.text(value), length)
        assert transforms.stored_length(cut) <= length
