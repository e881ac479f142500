"""Dates and date-times as Salesforce reads and prints them.

Date-times print as `2026-05-01T07:25:37.000+0000` in UTC; years outside 1700-4000 are refused.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII).fullmatch
_MOMENT = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?"
    r"(Z|z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
).fullmatch
YEARS = range(1700, 4001)


def parse_date(text: str) -> str | None:
    """`YYYY-MM-DD`, or None when it is no such day."""
    found = _DATE(text)
    if not found:
        return None
    try:
        day = date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None
    return text if day.year in YEARS else None


def parse_moment(text: str) -> datetime | None:
    """An aware UTC date-time from ISO 8601 text; without an offset it is taken as UTC."""
    found = _MOMENT(text)
    if not found:
        return None
    zone = found[8]
    offset = UTC
    try:
        if zone and zone not in "Zz":
            shift = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
            offset = timezone(-shift if zone[0] == "-" else shift)
        millis = (found[7] or "").ljust(3, "0")[:3]
        parts = [int(found[n]) for n in range(1, 7)]
        moment = datetime(*parts, int(millis) * 1000, tzinfo=offset).astimezone(UTC)  # type: ignore[misc, arg-type]
    except (ValueError, OverflowError):
        return None
    return moment if moment.year in YEARS else None


def print_moment(moment: datetime) -> str:
    """`2026-05-01T07:25:37.000+0000`."""
    moment = moment.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"


def stored_moment(text: str) -> str | None:
    """The stored form of a date-time text, None when it does not parse."""
    moment = parse_moment(text)
    return print_moment(moment) if moment else None


def read_stored(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")
