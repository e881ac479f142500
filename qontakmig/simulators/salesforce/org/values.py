"""One value of one field: from a CSV cell or a JSON value to what the org stores.

`csv_reader` and `json_reader` return a function made once for a column and called for every row.
It returns the stored value or raises RowProblem. A JSON value of the wrong kind ends the whole
request, as Salesforce's parser does: OrgError 400 JSON_PARSER_ERROR.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from .dates import parse_date, stored_moment
from .errors import OrgError, RowProblem
from .fields import NUMBER_TYPES, TEXT_TYPES, Field
from .ids import id18

Reader = Callable[[Any], Any]

# booleans of a bulk CSV (Bulk API guide, "Prepare CSV files")
TRUE = frozenset(("true", "1", "yes", "y", "on"))
FALSE = frozenset(("false", "0", "no", "n", "off"))
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\.?"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}"
).fullmatch
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII).fullmatch
_WHOLE = re.compile(r"[+-]?\d{1,30}", re.ASCII).fullmatch
_day = lru_cache(maxsize=8192)(parse_date)
_moment = lru_cache(maxsize=8192)(stored_moment)
MULTI_LENGTH = 4099


def too_long(field: Field, value: str) -> RowProblem:
    text = f"{field.label}: data value too large: {value} (max length={field.length})"
    return RowProblem("STRING_TOO_LONG", text, field.name)


def bad_picklist(field: Field, value: str) -> RowProblem:
    return RowProblem(
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        f"{field.label}: bad value for restricted picklist field: {value}",
        field.name,
    )


def _text(field: Field) -> Reader:
    limit = field.length

    def read(value: str) -> str:
        if len(value) > limit:
            raise too_long(field, value)
        return value

    return read


def _email(field: Field) -> Reader:
    limit = field.length

    def read(value: str) -> str:
        if len(value) > limit:
            raise too_long(field, value)
        if not _EMAIL(value):
            text = f"{field.label}: invalid email address: {value}"
            raise RowProblem("INVALID_EMAIL_ADDRESS", text, field.name)
        return value

    return read


def _picklist(field: Field) -> Reader:
    known, restricted, limit = field.values, field.restricted, field.length

    def read(value: str) -> str:
        found = known.get(value.lower())
        if found is not None:
            return found
        if restricted:
            raise bad_picklist(field, value)
        if len(value) > limit:
            raise too_long(field, value)
        return value

    return read


def _multipicklist(field: Field) -> Reader:
    known, restricted = field.values, field.restricted

    def read(value: str) -> str:
        chosen: dict[str, None] = {}
        for part in value.split(";"):
            part = part.strip()
            if part:
                name = known.get(part.lower())
                if name is None and restricted:
                    raise bad_picklist(field, part)
                chosen[name or part] = None
        whole = ";".join(chosen)
        if len(whole) > MULTI_LENGTH:
            raise too_long(field, whole)
        return whole

    return read


def _checked_number(field: Field) -> Callable[[Decimal, Any], float]:
    about = field.about
    limit = Decimal(10) ** (about["precision"] - about["scale"])
    unit = Decimal(1).scaleb(-about["scale"])

    def check(number: Decimal, shown: Any) -> float:
        if abs(number) >= limit:
            text = f"{field.label}: value outside of valid range on numeric field: {shown}"
            raise RowProblem("NUMBER_OUTSIDE_VALID_RANGE", text, field.name)
        return float(number.quantize(unit, ROUND_HALF_UP))

    return check


def _number_from_text(field: Field, refuse: Callable[[Any], Exception]) -> Reader:
    check = _checked_number(field)
    # whole numbers well inside the range are the usual case and need no Decimal
    easy = min(field.about["precision"] - field.about["scale"], 15)

    def read(value: str) -> float:
        if len(value) <= easy and value.isdecimal() and value.isascii():
            return float(value)
        if not _NUMBER(value):
            raise refuse(value)
        return check(Decimal(value), value)

    return read


def _int_from_text(field: Field, refuse: Callable[[Any], Exception]) -> Reader:
    largest = 10 ** (field.about["digits"] or 9)

    def read(value: str) -> int:
        if not _WHOLE(value):
            raise refuse(value)
        number = int(value)
        if abs(number) >= largest:
            raise refuse(value)
        return number

    return read


def wrong_id(field: Field, value: str, code: str = "MALFORMED_ID") -> RowProblem:
    return RowProblem(code, f"{field.label}: id value of incorrect type: {value}", field.name)


def _reference(field: Field) -> Reader:
    def read(value: str) -> str:
        whole = id18(value)
        if whole is None:
            raise wrong_id(field, value)
        return whole

    return read


def csv_reader(field: Field, column: int) -> Reader:
    """Reader for the cells of one CSV column; `column` counts from 0, for the error text."""

    def refuse(value: Any) -> RowProblem:
        kind = field.about["soapType"]
        text = (
            f"Failed to deserialize field at col {column}. Due to, '{value}' is not a valid "
            f"value for the type {kind}"
        )
        return RowProblem("INVALID_FIELD", text, field.name)

    def boolean(value: str) -> bool:
        low = value.lower()
        if low in TRUE:
            return True
        if low in FALSE:
            return False
        raise refuse(value)

    def parsed(parse: Callable[[str], str | None]) -> Reader:
        def read(value: str) -> str:
            stored = parse(value)
            if stored is None:
                raise refuse(value)
            return stored

        return read

    return _by_type(field, boolean, parsed, refuse)


def _by_type(
    field: Field,
    boolean: Reader,
    parsed: Callable[[Callable[[str], str | None]], Reader],
    refuse: Callable[[Any], Exception],
) -> Reader:
    kind = field.type
    if kind == "email":
        return _email(field)
    if kind == "picklist":
        return _picklist(field)
    if kind == "multipicklist":
        return _multipicklist(field)
    if kind in TEXT_TYPES:
        return _text(field)
    if kind in NUMBER_TYPES:
        return _number_from_text(field, refuse)
    if kind == "int":
        return _int_from_text(field, refuse)
    if kind == "boolean":
        return boolean
    if kind == "date":
        return parsed(_day)
    if kind == "datetime":
        return parsed(_moment)
    if kind in ("reference", "id"):
        return _reference(field)
    return lambda value: value


def _token(value: Any) -> str:
    if isinstance(value, bool):
        return "VALUE_TRUE" if value else "VALUE_FALSE"
    if isinstance(value, int):
        return "VALUE_NUMBER_INT"
    if isinstance(value, float):
        return "VALUE_NUMBER_FLOAT"
    return {dict: "START_OBJECT", list: "START_ARRAY"}.get(type(value), "VALUE_STRING")


def parser_error(kind: str, value: Any) -> OrgError:
    shown = value if isinstance(value, str) else json.dumps(value)
    text = (
        f"Cannot deserialize instance of {kind} from {_token(value)} value {shown} or request "
        "may be missing a required field at [line:1, column:1]"
    )
    return OrgError(400, "JSON_PARSER_ERROR", text)


def json_reader(field: Field) -> Reader:
    """Reader for JSON values. Text is trimmed; an empty text comes back as None."""
    kind = field.about["soapType"].split(":")[1]
    kind = {"ID": "reference", "dateTime": "datetime"}.get(kind, kind)

    def refuse(value: Any) -> OrgError:
        return parser_error(kind, value)

    def boolean(value: Any) -> bool:
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.strip().lower() in ("true", "false"):
            return value.strip().lower() == "true"
        raise refuse(value)

    def parsed(parse: Callable[[str], str | None]) -> Reader:
        def read(value: str) -> str:
            stored = parse(value)
            if stored is None:
                raise refuse(value)
            return stored

        return read

    if field.type == "boolean":
        return boolean
    if field.type in NUMBER_TYPES or field.type == "int":
        return _json_number(field, refuse)
    inner = _by_type(field, boolean, parsed, refuse)

    def text(value: Any) -> Any:
        if not isinstance(value, str):
            raise refuse(value)
        value = value.strip()
        return inner(value) if value else None

    return text


def _json_number(field: Field, refuse: Callable[[Any], OrgError]) -> Reader:
    check = _checked_number(field)
    from_text = _number_from_text(field, refuse)
    whole = _int_from_text(field, refuse)

    def read(value: Any) -> float | int | None:
        if isinstance(value, str):
            value = value.strip()
            if not value:
                return None
            return whole(value) if field.type == "int" else from_text(value)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise refuse(value)
        if field.type == "int":
            if isinstance(value, float) and not value.is_integer():
                raise refuse(value)
            return whole(str(int(value)))
        if isinstance(value, float) and not math.isfinite(value):
            raise refuse(value)
        try:
            return check(Decimal(str(value)), value)
        except InvalidOperation:
            raise refuse(value) from None

    return read
