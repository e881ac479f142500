"""Direct writes through sObject Collections: 200 rows a call, results in the order sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from qontakmig.connectors.base import (
    FieldType,
    ObjectDescribe,
    WireValue,
    WritePlan,
    WriteResult,
)
from qontakmig.connectors.errors import ConnectorError
from qontakmig.connectors.http import bad_answer
from qontakmig.connectors.salesforce.faults import SYSTEM, without_values
from qontakmig.connectors.salesforce.session import Session

ROWS = 200
"""Most rows of a collections call. Source: REST API guide, sObject Collections, 2026."""
PATH = "composite/sobjects"
HEADERS = {"Sforce-Auto-Assign": "FALSE"}
"""REST runs assignment rules by default; they would give our leads to somebody else."""
_NUMBERS = (FieldType.INTEGER, FieldType.DECIMAL, FieldType.CURRENCY, FieldType.PERCENT)


def write(
    session: Session, plan: WritePlan, describe: Callable[[], ObjectDescribe]
) -> list[WriteResult]:
    """Write the rows in calls of 200 and return their results.

    When a later call fails, the results of the earlier ones are returned and the rest of the rows
    have none: they are uncertain, and asking for them by key tells. When the first call fails,
    its error is raised.
    """
    types: Mapping[str, FieldType] = {}
    if plan.operation != "delete":
        types = {field.name.casefold(): field.type for field in describe().fields}
    results: list[WriteResult] = []
    for start in range(0, len(plan.rows), ROWS):
        rows = plan.rows[start : start + ROWS]
        try:
            results += _call(session, plan, rows, types)
        except ConnectorError:
            if not results:
                raise
            break
    return results


def _call(
    session: Session,
    plan: WritePlan,
    rows: Sequence[Mapping[str, WireValue]],
    types: Mapping[str, FieldType],
) -> list[WriteResult]:
    if plan.operation == "delete":
        keys = [str(row["Id"]) for row in rows]
        answer = session.rest(
            PATH, method="DELETE", params={"ids": ",".join(keys), "allOrNone": "false"}
        )
    else:
        keys = [str(row[plan.key_field]) for row in rows]
        records = [_record(plan.object, row, types) for row in rows]
        answer = session.rest(
            PATH,
            method="POST" if plan.operation == "insert" else "PATCH",
            body={"allOrNone": False, "records": records},
            headers=HEADERS,
        )
    if not isinstance(answer, list) or len(answer) != len(keys):
        raise bad_answer(SYSTEM, "it sent another number of results than rows", True)
    return [
        _result(key, outcome, plan.operation == "insert")
        for key, outcome in zip(keys, answer, strict=True)
    ]


def _record(
    object_name: str, row: Mapping[str, WireValue], types: Mapping[str, FieldType]
) -> dict[str, Any]:
    record: dict[str, Any] = {"attributes": {"type": object_name}}
    for name, value in row.items():
        record[name] = json_value(value, types.get(name.casefold()))
    return record


def json_value(value: WireValue, kind: FieldType | None) -> WireValue:
    """Return a planned value as JSON wants it: numbers and booleans not as text, '' as null.

    Salesforce keeps 18 digits; whole amounts stay exact, others have the 15 digits of a double.
    """
    if value == "":
        return None
    if not isinstance(value, str) or kind is None:
        return value
    if kind in _NUMBERS:
        try:
            number = Decimal(value)
        except InvalidOperation:
            return value
        return int(number) if number == number.to_integral_value() else float(number)
    if kind is FieldType.BOOLEAN and value in ("true", "false"):
        return value == "true"
    return value


def _result(key: str, outcome: Mapping[str, Any], inserted: bool) -> WriteResult:
    if outcome.get("success"):
        return WriteResult(key, True, str(outcome["id"]), inserted)
    errors = outcome.get("errors") or [{}]
    first = errors[0]
    return WriteResult(
        key,
        False,
        outcome.get("id"),
        code=str(first.get("statusCode") or "ERROR"),
        message=without_values(str(first.get("message") or "")),
        fields=tuple(first.get("fields") or ()),
    )
