"""Relative date literals: each stands for a span of days, first day and the day after the last.

Weeks begin on Sunday and days are those of UTC.
"""

from __future__ import annotations

from datetime import date, timedelta

FIXED = frozenset(
    [
        "TODAY",
        "YESTERDAY",
        "TOMORROW",
        "THIS_WEEK",
        "LAST_WEEK",
        "NEXT_WEEK",
        "THIS_MONTH",
        "LAST_MONTH",
        "NEXT_MONTH",
        "THIS_QUARTER",
        "LAST_QUARTER",
        "NEXT_QUARTER",
        "THIS_YEAR",
        "LAST_YEAR",
        "NEXT_YEAR",
        "LAST_90_DAYS",
        "NEXT_90_DAYS",
    ]
)
COUNTED = frozenset(
    [
        "LAST_N_DAYS",
        "NEXT_N_DAYS",
        "N_DAYS_AGO",
        "LAST_N_WEEKS",
        "NEXT_N_WEEKS",
        "LAST_N_MONTHS",
        "NEXT_N_MONTHS",
        "LAST_N_YEARS",
        "NEXT_N_YEARS",
    ]
)
DAY = timedelta(days=1)


def _month(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def _unit(day: date, unit: str) -> tuple[date, int]:
    """First day of the unit the day is in, and its length in months (0: weeks)."""
    if unit == "WEEK":
        return day - timedelta(days=(day.weekday() + 1) % 7), 0
    months = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}[unit]
    return _month(day, -((day.month - 1) % months)), months


def _shift(start: date, months: int, units: int) -> date:
    return _month(start, months * units) if months else start + timedelta(weeks=units)


def span(word: str, count: int | None, today: date) -> tuple[date, date]:
    """First day, and the day after the last, that a literal stands for."""
    if word in ("TODAY", "YESTERDAY", "TOMORROW"):
        day = today + {"TODAY": 0, "YESTERDAY": -1, "TOMORROW": 1}[word] * DAY
        return day, day + DAY
    if word == "N_DAYS_AGO":
        day = today - (count or 0) * DAY
        return day, day + DAY
    if word.endswith("_DAYS"):
        days = count if count is not None else 90
        if word.startswith("LAST"):
            return today - days * DAY, today + DAY
        return today + DAY, today + (days + 1) * DAY
    which, _, unit = word.partition("_")
    if count is None:
        start, months = _unit(today, unit)
        steps = {"THIS": 0, "LAST": -1, "NEXT": 1}[which]
        return _shift(start, months, steps), _shift(start, months, steps + 1)
    start, months = _unit(today, unit.removeprefix("N_").removesuffix("S"))
    if which == "LAST":
        return _shift(start, months, -count), start
    return _shift(start, months, 1), _shift(start, months, count + 1)
