"""What a column of an exported file holds, judged from its header and a sample of its cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

from qontakmig.connectors.base import FieldDescribe, FieldOption, FieldType
from qontakmig.connectors.qontak.tables import Cell

SAMPLE_ROWS = 2_000
MAX_OPTIONS = 60
FEW_PER_OPTION = 4
"""A column is a picklist when its values repeat at least so often on average."""
MOSTLY = 0.9
_MIDNIGHTS = ("0:00", "00:00", "00:00:00")
"""Exports add them to dates that have no time."""
_JAKARTA = timezone(timedelta(hours=7))

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"(?:\+|0|62)[\d\s().*/-]{7,}")
_URL = re.compile(r"https?://\S+|www\.\S+", re.I)
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})( \d{1,2}:\d{2}(:\d{2})?)?")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?.*)?")
_PLACE = re.compile(r"-?\d{1,3}\.\d{3,}\s*,\s*-?\d{1,3}\.\d{3,}")
_INTEGER = re.compile(r"[+-]?\d{1,15}")
_NUMBER = re.compile(r"(?:Rp\.?\s*)?[+-]?\d{1,3}(?:[.,\s]?\d{3})*(?:[.,]\d+)?")


def column_field(name: str, header: str, cells: Sequence[Cell]) -> FieldDescribe:
    """Return the field of one column. ``native_type`` says what the cells look like."""
    values = [cell for cell in cells if cell not in (None, "") and str(cell).strip()]
    kind, native = _kind(values)
    options: tuple[FieldOption, ...] = ()
    if kind is FieldType.TEXT:
        counts = Counter(str(value) for value in values)
        if 1 < len(counts) <= MAX_OPTIONS and len(values) >= FEW_PER_OPTION * len(counts):
            kind, native = FieldType.PICKLIST, "repeating text"
            options = tuple(FieldOption(value, value) for value, _ in counts.most_common())
        elif any("\n" in str(value) or len(str(value)) > 255 for value in values):
            kind, native = FieldType.LONG_TEXT, "long text"
    return FieldDescribe(name, header, kind, native, options=options)


def _kind(values: Sequence[Cell]) -> tuple[FieldType, str]:
    if not values:
        return FieldType.TEXT, "empty"
    if all(isinstance(value, bool) for value in values):
        return FieldType.BOOLEAN, "boolean"
    texts = [str(value).strip() for value in values]
    if _mostly(_EMAIL, texts):
        return FieldType.EMAIL, "e-mail"
    if _mostly(_URL, texts):
        return FieldType.URL, "link"
    if _mostly(_DAY_FIRST, texts):
        return _dates(texts)
    if _mostly(_ISO, texts):
        timed = any(len(text) > 10 for text in texts)
        return (FieldType.DATETIME if timed else FieldType.DATE), "YYYY-MM-DD"
    if _mostly(_PLACE, texts):
        return FieldType.LOCATION, "latitude, longitude"
    if _mostly(_PHONE, texts):
        return FieldType.PHONE, "telephone"
    if _mostly(_INTEGER, texts) and not any(t.startswith("0") and len(t) > 1 for t in texts):
        return FieldType.INTEGER, "whole number"
    if _mostly(_NUMBER, texts) and not all(_INTEGER.fullmatch(text) for text in texts):
        return FieldType.DECIMAL, _number_format(texts)
    return FieldType.TEXT, "text"


def _mostly(pattern: re.Pattern[str], texts: Sequence[str]) -> bool:
    hits = sum(1 for text in texts if pattern.fullmatch(text))
    return hits >= MOSTLY * len(texts)


def _dates(texts: Sequence[str]) -> tuple[FieldType, str]:
    """Tell DD/MM from MM/DD by a part above 12; without one Indonesia's order holds."""
    found = [match for match in map(_DAY_FIRST.fullmatch, texts) if match]
    month_first = any(int(m[2]) > 12 for m in found) and not any(int(m[1]) > 12 for m in found)
    timed = any(match[4] and match[4].strip() not in _MIDNIGHTS for match in found)
    kind = FieldType.DATETIME if timed else FieldType.DATE
    return kind, "MM/DD/YYYY" if month_first else "DD/MM/YYYY"


def moment(cell: Cell, native_type: str) -> datetime | None:
    """Return the time in a cell of a dated column as aware UTC.

    Exports name no zone: the pages of Qontak show Jakarta's time.
    """
    text = str(cell or "").strip()
    match = _DAY_FIRST.fullmatch(text)
    if match is not None:
        first, second = int(match[1]), int(match[2])
        day, month = (second, first) if native_type == "MM/DD/YYYY" else (first, second)
        clock = (match[4] or " 00:00").strip().rjust(5, "0")
        text = f"{match[3]}-{month:02d}-{day:02d}T{clock}"
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=_JAKARTA)).astimezone(UTC)


def _number_format(texts: Sequence[str]) -> str:
    """Tell the decimal mark: the last one in a text, when it does not part thousands."""
    for text in texts:
        marks = re.sub(r"[^.,]", "", text)
        tail = re.split(r"[.,]", text)[-1]
        if marks and (len(tail) != 3 or len(set(marks)) == 2):
            return "1.234,56" if marks[-1] == "," else "1,234.56"
    return "1.234.567" if any("." in text for text in texts) else "1,234,567"
