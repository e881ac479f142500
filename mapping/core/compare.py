"""Is what the destination holds what was meant? Field by field, with the rules each type needs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Literal, NamedTuple

from mapping.core.planning import PlannedRow
from mapping.core.spec import PhaseSpec
from qontakmig.connectors.base import FieldType, TargetRow, WireValue

Verdict = Literal["equal", "normalised", "different"]


class FieldVerdict(NamedTuple):
    """One field judged. ``equal``: the same value, in whatever spelling (``5`` and ``5.0``, an
    instant at another offset). ``normalised``: equal after a rule that the destination is known
    to apply to what it stores (trimmed text, e-mail case, order of several choices).

    A named tuple because verification makes one for every field of every record.
    """

    field: str
    verdict: Verdict
    expected: WireValue
    actual: WireValue


def compare_row(
    planned: PlannedRow,
    target: TargetRow,
    phase: PhaseSpec,
    *,
    inserted: bool = True,
    updated: bool = False,
) -> tuple[FieldVerdict, ...]:
    """Judge every planned field of a row that was read back, in the order of the map.

    inserted  False for rows that existed before us: fields that only an insert carries
              (CreatedDate) are then left out
    updated   True when the row was updated after its insert: fields that any update moves
              (LastModifiedDate) are then left out

    The key itself is compared first. A field that the row was read without is ``different``
    unless nothing was expected in it.
    """
    rules = _rules(phase)
    verdicts = [
        FieldVerdict(phase.key_field, _text(planned.key, target.key or ""), planned.key, target.key)
    ]
    values = target.values
    for name, expected in planned.fields.items():
        judge, insert_only, moves = rules[name]
        if (insert_only and not inserted) or (moves and updated):
            continue
        actual = values.get(name)
        verdict: Verdict = "equal" if expected == actual else judge(expected, actual)
        verdicts.append(FieldVerdict(name, verdict, expected, actual))
    return tuple(verdicts)


_Judge = Callable[[WireValue, WireValue], Verdict]


@lru_cache(maxsize=64)
def _rules(phase: PhaseSpec) -> dict[str, tuple[_Judge, bool, bool]]:
    return {
        rule.target: (_JUDGES.get(rule.type, _text), rule.when == "insert", rule.moves)
        for rule in phase.fields
    }


def _spelled(value: WireValue) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _text(expected: WireValue, actual: WireValue) -> Verdict:
    """Text is stored trimmed and may come back with other line ends."""
    wanted, found = _spelled(expected), _spelled(actual)
    if wanted == found:
        return "equal"
    return "normalised" if _lines(wanted) == _lines(found) else "different"


def _lines(value: str) -> str:
    return value.replace("\r\n", "\n").replace("\r", "\n").strip()


def _email(expected: WireValue, actual: WireValue) -> Verdict:
    """Salesforce stores e-mail addresses in lower case."""
    verdict = _text(expected, actual)
    if verdict == "different" and _lines(_spelled(expected)).lower() == _lines(_spelled(actual)):
        return "normalised"
    return verdict


def _number(expected: WireValue, actual: WireValue) -> Verdict:
    if type(expected) is str and actual == f"{expected}.0":
        return "equal"
    wanted, found = _decimal(expected), _decimal(actual)
    if wanted is None or found is None:
        return _text(expected, actual)
    return "equal" if wanted == found else "different"


def _decimal(value: WireValue) -> Decimal | None:
    try:
        return Decimal(_spelled(value))
    except InvalidOperation:
        return None


def _instant(expected: WireValue, actual: WireValue) -> Verdict:
    """Instants are equal to the second, at whatever offset they are written."""
    wanted_text, found_text = _spelled(expected), _spelled(actual)
    # The spellings that nearly every pair has; parsing both would cost ten times this.
    usual = wanted_text[19:] == "Z" and found_text[19:] in _UTC_ENDINGS
    if usual and wanted_text[:19] == found_text[:19]:
        return "equal"
    wanted, found = _moment(expected), _moment(actual)
    if wanted is None or found is None:
        return _text(expected, actual)
    return "equal" if wanted == found else "different"


_UTC_ENDINGS = frozenset({"Z", ".000Z", ".000+0000"})


def _moment(value: WireValue) -> datetime | None:
    try:
        moment = datetime.fromisoformat(_spelled(value))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        return None


def _boolean(expected: WireValue, actual: WireValue) -> Verdict:
    wanted, found = _spelled(expected or False).lower(), _spelled(actual or False).lower()
    return "equal" if wanted == found else "different"


def _several(expected: WireValue, actual: WireValue) -> Verdict:
    """The values of a multiple choice come back in the destination's own order."""
    wanted, found = _spelled(expected), _spelled(actual)
    if wanted == found:
        return "equal"
    same = {v.strip() for v in wanted.split(";")} == {v.strip() for v in found.split(";")}
    return "normalised" if same else "different"


def _identifier(expected: WireValue, actual: WireValue) -> Verdict:
    """An id is written with 15 characters or with 18, whose last three are a checksum."""
    wanted, found = _spelled(expected), _spelled(actual)
    if wanted == found:
        return "equal"
    short = {len(wanted), len(found)} == {15, 18} and wanted[:15] == found[:15]
    return "normalised" if short else "different"


_JUDGES: dict[FieldType, _Judge] = {
    FieldType.EMAIL: _email,
    FieldType.INTEGER: _number,
    FieldType.DECIMAL: _number,
    FieldType.CURRENCY: _number,
    FieldType.PERCENT: _number,
    FieldType.DATETIME: _instant,
    FieldType.BOOLEAN: _boolean,
    FieldType.MULTIPICKLIST: _several,
    FieldType.REFERENCE: _identifier,
}
