"""One function for each conversion: value in, value out, TransformError when it cannot.

Messages never hold the value. All functions take text as the source spells it and return the
value as the destination is sent it; none of them is called with an empty value.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from datetime import timezone as fixed_zone
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from zoneinfo import ZoneInfo

EARLIEST_YEAR, LATEST_YEAR = 1700, 4000
"""Years that Salesforce stores in dates (its SOAP API guide, primitive data types)."""

E164_DIGITS = range(8, 16)
"""Digits of an international number including the country code; 15 at most (ITU-T E.164)."""

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan januari january",
            "feb februari february peb pebruari",
            "mar maret march",
            "apr april",
            "mei may",
            "jun juni june",
            "jul juli july",
            "agu agt ags agustus aug august",
            "sep sept september",
            "okt oct oktober october",
            "nov nop november nopember",
            "des dec desember december",
        ),
        start=1,
    )
    for name in names.split()
}

YES = frozenset({"ya", "y", "yes", "true", "t", "1", "benar", "aktif", "on", "sudah"})
NO = frozenset({"tidak", "tdk", "no", "n", "false", "f", "0", "salah", "nonaktif", "off", "belum"})

MULTIPLIERS = {
    "rb": 3, "ribu": 3, "k": 3,
    "jt": 6, "juta": 6,
    "m": 9, "miliar": 9, "milyar": 9, "mlr": 9,
    "t": 12, "triliun": 12, "trilyun": 12,
}  # fmt: skip
"""Powers of ten behind Indonesian abbreviations; ``M`` is miliar (10⁹), not million."""

_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_PHONE = re.compile(r"\+?[\d\s().\u00a0\u2010-\u2015-]+", re.ASCII)
_NO_DIGITS = re.compile(r"[^0-9]+")
_PLAIN_NUMBER = re.compile(r"-?\d+(?:\.(?:\d{1,2}|0+))?", re.ASCII)
_NUMBER = re.compile(r"([+-]?)([\d.,'\s\u00a0]*\d)([.,]-)?\s*([a-z]*)\.?", re.IGNORECASE)
_ISO_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_DMY = re.compile(r"(\d{1,2})[-/.\s](\d{1,2})[-/.\s](\d{4})")
_D_MONTH_Y = re.compile(r"(\d{1,2})[-/.\s]+([a-z]+)\.?[-/.,\s]+(\d{4})", re.IGNORECASE)
_TIME = re.compile(
    r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,](\d{1,9}))?)?\s*(am|pm)?\s*"
    r"(z|utc|wib|wita|wit|[+-]\d{2}:?\d{2}|[+-]\d{2})?",
    re.IGNORECASE,
)
_ZONES = {"z": "+00:00", "utc": "+00:00", "wib": "+07:00", "wita": "+08:00", "wit": "+09:00"}
_EMAIL = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@"
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])",
    re.IGNORECASE,
)


class TransformError(ValueError):
    """This value cannot become what the field needs. ``code`` is stable, the message showable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


# ---------------------------------------------------------------- text


def text(value: str) -> str:
    """Return text trimmed, with line feeds for every line end, without control characters.

    Raises TransformError("text_broken") for half a character (a lone surrogate), which no
    destination can store.
    """
    if value.isprintable():  # neither control characters nor surrogates: nearly every value
        return value.strip()
    if _SURROGATE.search(value):
        raise TransformError("text_broken", "The text holds half a character.")
    unified = value.replace("\r\n", "\n").replace("\r", "\n")
    return _UNSTORABLE.sub("", unified).strip()


def fit(value: str, length: int) -> str:
    """Return the first ``length`` characters as Salesforce counts them, never half a character.

    Salesforce counts UTF-16 code units: most emoji count two.
    """
    return value.encode("utf-16-le")[: 2 * length].decode("utf-16-le", "ignore").rstrip()


def stored_length(value: str) -> int:
    """Return the length as Salesforce counts it: UTF-16 code units."""
    if value.isascii():
        return len(value)
    return len(value) + sum(character > "\uffff" for character in value)


def given_name(first: str, last: str) -> str:
    """Return the given part: ``first``, or all words but the last where there is no last name."""
    if last:
        return first
    return first.rpartition(" ")[0].rstrip()


def family_name(first: str, last: str) -> str:
    """Return the family part: ``last``, or the last word of ``first``; "" when both are empty.

    Many Indonesians have one name: it becomes the family name, which destinations require.
    """
    return last or first.rpartition(" ")[2]


# ---------------------------------------------------------------- phone, e-mail, web


def phone_e164(value: str, *, country_code: str = "62") -> str:
    """Return a phone number in E.164 form.

    ``0812-3456-7890`` becomes ``+6281234567890`` (national, leading zero); ``62812…``,
    ``+62 812…``, ``0062 812…``, ``+62 (0)812…`` and ``812…`` become the same.

    Raises TransformError("phone_invalid") for letters, masks, several numbers in one field,
    and unless 8 to 15 digits remain.
    """
    cleaned = value.strip().removeprefix("tel:")
    if not _PHONE.fullmatch(cleaned):
        raise TransformError("phone_invalid", "This is not one phone number.")
    digits = _NO_DIGITS.sub("", cleaned)
    international = cleaned.startswith("+")
    if not international and digits.startswith("00"):
        digits, international = digits[2:], True
    if international or digits.startswith(country_code):
        if digits.startswith(country_code + "0"):
            digits = country_code + digits[len(country_code) + 1 :]
    elif digits.startswith("0"):
        digits = country_code + digits[1:]
    elif digits.startswith("8") and country_code == "62":
        digits = country_code + digits
    if len(digits) not in E164_DIGITS or digits.startswith("0"):
        raise TransformError("phone_invalid", "A phone number has 8 to 15 digits.")
    return f"+{digits}"


def email(value: str) -> str:
    """Return an e-mail address without blanks around it and without ``mailto:``.

    Raises TransformError("email_invalid") for anything that is not one plain address.
    """
    cleaned = value.strip().removeprefix("mailto:").strip("<> ")
    local = cleaned.partition("@")[0]
    if not _EMAIL.fullmatch(cleaned) or local.startswith(".") or local.endswith("."):
        raise TransformError("email_invalid", "This is not one e-mail address.")
    if ".." in local or len(local) > 64:
        raise TransformError("email_invalid", "This is not one e-mail address.")
    return cleaned


def url(value: str) -> str:
    """Return a web address as typed, trimmed; raises TransformError("url_invalid") for blanks
    within it."""
    cleaned = text(value)
    if re.search(r"\s", cleaned):
        raise TransformError("url_invalid", "This is not one web address.")
    return cleaned


# ---------------------------------------------------------------- numbers


def number(value: str | int | float) -> Decimal:
    """Return a number written the Indonesian, the English or the programmer's way.

    ``Rp 1.500.000``, ``1.500.000,00``, ``1,500,000.00``, ``IDR 10000000.0``, ``Rp 12,5jt`` (12.5
    million), ``Rp 250.000,-``, ``1,2 M`` (miliar), ``(1.000)`` (negative).

    A single separator followed by exactly three digits is read as thousands when it is a dot
    after one to three digits (``1.500``) or a comma (``1,500``), as decimals otherwise
    (``1500.500``, ``0.125``).

    Raises TransformError("number_invalid").
    """
    if isinstance(value, bool):
        raise TransformError("number_invalid", "This is not a number.")
    if isinstance(value, int | float):
        return _finite(Decimal(str(value)))
    cleaned = value.strip()
    if _PLAIN_NUMBER.fullmatch(cleaned) and not cleaned.endswith(".000"):
        return Decimal(cleaned)
    negative = cleaned.startswith("(") and cleaned.endswith(")")
    if negative:
        cleaned = cleaned[1:-1].strip()
    cleaned = re.sub(r"^([+-]?)\s*(?:rp|idr|rupiah|us\$|usd|\$)\.?\s*", r"\1", cleaned, flags=re.I)
    cleaned = re.sub(r"\s*(?:rupiah|idr|rp)$", "", cleaned, flags=re.I)
    if re.fullmatch(r"[+-]?\d+(?:\.\d+)?[eE][+-]?\d{1,2}", cleaned, re.ASCII):
        return _finite(Decimal(cleaned))
    match = _NUMBER.fullmatch(cleaned)
    if match is None or not cleaned.replace("\u00a0", "").isascii():
        raise TransformError("number_invalid", "This is not a number.")
    sign, digits, _, unit = match.groups()
    if unit and unit.lower() not in MULTIPLIERS:
        raise TransformError("number_invalid", "This is not a number.")
    amount = _grouped(re.sub(r"[\s\u00a0']", "", digits), scaled=bool(unit))
    if unit:
        amount = amount.scaleb(MULTIPLIERS[unit.lower()])
    return -amount if negative != (sign == "-") else amount


def _grouped(digits: str, *, scaled: bool) -> Decimal:
    """Decide which separator groups thousands and which begins the decimals."""
    dots, commas = digits.count("."), digits.count(",")
    decimal_mark = ""
    if dots and commas:
        decimal_mark = "." if digits.rfind(".") > digits.rfind(",") else ","
        if digits.count(decimal_mark) > 1:
            raise TransformError("number_invalid", "The separators of this number do not fit.")
    elif dots + commas == 1:
        mark = "." if dots else ","
        whole, _, rest = digits.partition(mark)
        thousands = len(rest) == 3 and 1 <= len(whole) <= 3 and whole.strip("0") and not scaled
        decimal_mark = "" if thousands else mark
    group_mark = {"": ".,", ".": ",", ",": "."}[decimal_mark]
    whole, _, rest = digits.partition(decimal_mark) if decimal_mark else (digits, "", "")
    groups = re.split(f"[{re.escape(group_mark)}]", whole)
    if len(groups) > 1 and not (1 <= len(groups[0]) <= 3 and all(len(g) == 3 for g in groups[1:])):
        raise TransformError("number_invalid", "The separators of this number do not fit.")
    try:
        return Decimal("".join(groups) + ("." + rest if rest else ""))
    except InvalidOperation:
        raise TransformError("number_invalid", "This is not a number.") from None


def _finite(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise TransformError("number_invalid", "This is not a number.")
    return value


def decimal_text(value: Decimal, *, precision: int = 18, scale: int = 2, rounding: bool) -> str:
    """Return a number as plain decimal text with at most ``scale`` decimals and no tail of zeros.

    Raises TransformError("number_too_large") beyond ``precision`` digits in all, and
    ("number_too_precise") when decimals would be lost and ``rounding`` is False.
    """
    whole = int(value)
    if whole == value and len(str(abs(whole))) <= precision - scale:
        return str(whole)
    if value and value.adjusted() + 1 > precision - scale:
        raise TransformError("number_too_large", f"More than {precision - scale} whole digits.")
    kept = value.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)
    if kept != value and not rounding:
        raise TransformError("number_too_precise", f"More than {scale} decimals.")
    spelled = format(kept, "f")
    if "." in spelled:
        spelled = spelled.rstrip("0").rstrip(".")
    return "0" if spelled in ("-0", "") else spelled


def idr_number(value: str | int | float) -> str:
    """Return an amount of Rupiah as decimal text with at most two decimals; see ``number``."""
    return decimal_text(number(value), rounding=False)


def percent(value: str | int | float) -> Decimal:
    """Return ``50``, ``50%``, ``12,5 %`` as a number of hundredths; see ``number`` for errors."""
    if isinstance(value, str):
        value = value.strip().removesuffix("%").strip()
    return number(value)


def integer(value: str | int | float) -> int:
    """Return a whole number; raises TransformError("number_invalid" or "number_too_precise")."""
    amount = number(value)
    if amount != amount.to_integral_value():
        raise TransformError("number_too_precise", "A whole number is needed.")
    if abs(amount) >= Decimal(10) ** 18:
        raise TransformError("number_too_large", "More than 18 digits.")
    return int(amount)


def boolean(value: str | int | float | bool) -> bool:
    """Return True for ya, yes, true, 1, …, False for their opposites.

    Raises TransformError("boolean_invalid") for anything else.
    """
    if isinstance(value, bool):
        return value
    word = str(value).strip().casefold()
    word = word.removesuffix(".0")
    if word in YES:
        return True
    if word in NO:
        return False
    raise TransformError("boolean_invalid", "Neither yes nor no.")


# ---------------------------------------------------------------- dates


def date_text(value: str, *, timezone: str, day_first: bool = True) -> str:
    """Return the calendar day as ISO text ``YYYY-MM-DD``.

    Text without a time is that day. Text with a time and an offset is the day that people in
    ``timezone`` had at that instant, so midnight at +07:00 keeps its day. Days come first in
    ``03/04/2025`` unless ``day_first`` is False. Years have four digits.

    Raises TransformError("date_invalid" or "date_out_of_range").
    """
    day, clock, zone = _read(value, day_first)
    if clock is not None and zone is not None:
        moment = datetime.combine(day, clock, zone)
        return _in_range(_shift(moment, ZoneInfo(timezone)).date()).isoformat()
    return _in_range(day).isoformat()


def datetime_text(value: str, *, timezone: str, day_first: bool = True) -> str:
    """Return the instant in UTC, to the second: ``2025-04-03T17:00:00Z``.

    Text without an offset is local time in ``timezone``; a day without a time is its midnight.
    Fractions of a second are dropped, as destinations keep none.

    Raises TransformError("date_invalid" or "date_out_of_range").
    """
    day, clock, zone = _read(value, day_first)
    moment = datetime.combine(day, clock or time(), zone or ZoneInfo(timezone))
    return instant_text(_shift(moment, UTC))


def instant_text(moment: datetime) -> str:
    """Return an aware datetime as UTC text to the second."""
    in_utc = moment if moment.tzinfo is UTC else _shift(moment, UTC)
    if not EARLIEST_YEAR <= in_utc.year <= LATEST_YEAR:
        raise TransformError("date_out_of_range", "This date is out of range.")
    return in_utc.isoformat()[:19] + "Z"


def _shift(moment: datetime, zone: tzinfo) -> datetime:
    try:
        return moment.astimezone(zone)
    except (OverflowError, ValueError):
        raise TransformError("date_out_of_range", "This date is out of range.") from None


def _in_range(day: date) -> date:
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise TransformError("date_out_of_range", "This date is out of range.")
    return day


def _read(value: str, day_first: bool) -> tuple[date, time | None, tzinfo | None]:
    """Take a written date apart: day, clock where there is one, zone where it is stated."""
    cleaned = value.strip()
    if cleaned[:4].isdecimal() and cleaned[4:5] == "-" and cleaned.isascii():
        try:
            moment = datetime.fromisoformat(cleaned)
        except ValueError:
            pass
        else:
            clock = moment.time() if len(cleaned) > 10 else None
            return moment.date(), clock, moment.tzinfo
    day, rest = _read_day(cleaned, day_first)
    rest = rest.strip(" ,T")
    if not rest:
        return day, None, None
    clock, zone = _read_clock(rest)
    return day, clock, zone


def _read_day(cleaned: str, day_first: bool) -> tuple[date, str]:
    if match := _ISO_DATE.match(cleaned):
        year, month, day = (int(part) for part in match.groups())
    elif match := _DMY.match(cleaned):
        day, month, year = (int(part) for part in match.groups())
        if not day_first:
            day, month = month, day
    elif (match := _D_MONTH_Y.match(cleaned)) and match[2].lower() in MONTHS:
        day, month, year = int(match[1]), MONTHS[match[2].lower()], int(match[3])
    else:
        raise TransformError("date_invalid", "This is not a date with a year of four digits.")
    rest = cleaned[match.end() :]
    try:
        return date(year, month, day), rest
    except ValueError:
        raise TransformError("date_invalid", "There is no such day.") from None


def _read_clock(rest: str) -> tuple[time, tzinfo | None]:
    match = _TIME.fullmatch(rest)
    if match is None:
        raise TransformError("date_invalid", "The time of day cannot be read.")
    hour, minute, second, _, half, zone = match.groups()
    hours = int(hour)
    if half:
        if not 1 <= hours <= 12:
            raise TransformError("date_invalid", "The time of day cannot be read.")
        hours = hours % 12 + (12 if half.lower() == "pm" else 0)
    try:
        clock = time(hours, int(minute), int(second or 0))
        return clock, _offset(zone) if zone else None
    except ValueError:
        raise TransformError("date_invalid", "There is no such time of day.") from None


def _offset(zone: str) -> tzinfo:
    spelled = _ZONES.get(zone.lower(), zone).replace(":", "")
    minutes = int(spelled[1:3]) * 60 + int(spelled[3:5] or 0)
    return fixed_zone(timedelta(minutes=-minutes if spelled[0] == "-" else minutes))
