"""sObject Collections: up to 200 rows in one call, ``/composite/sobjects``."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from qontakmig.simulators.salesforce.http.calls import Call, Reply
from qontakmig.simulators.salesforce.http.ingest import not_allowed
from qontakmig.simulators.salesforce.http.outcomes import listed, save_headers
from qontakmig.simulators.salesforce.org.errors import (
    ROLLED_BACK,
    OrgError,
    RowError,
    SaveResult,
    no_such_object,
)
from qontakmig.simulators.salesforce.org.ids import id18

MAX_ROWS = 200
MAX_RUNS = 10
MAX_RETRIEVED = 2000
Row = dict[str, Any]


def answer(call: Call, parts: Sequence[str]) -> Reply:
    """Answer ``/composite/sobjects[/X[/ExternalId]]``; ``parts`` follow ``sobjects``."""
    method = call.request.method
    if not parts:
        if method == "POST":
            return _save(call, "insert")
        if method == "PATCH":
            return _save(call, "update")
        if method == "DELETE":
            return _delete(call)
        raise not_allowed(method)
    if len(parts) == 1 and method in ("GET", "POST"):
        return _retrieve(call, parts[0])
    if len(parts) == 2 and method == "PATCH":
        return _upsert(call, parts[0], parts[1])
    if len(parts) > 2:
        raise no_such_object()
    raise not_allowed(method)


def _body(call: Call) -> tuple[list[Row], bool]:
    """Return the rows and allOrNone. Raises OrgError for too many, none, or no type."""
    body = call.json_object()
    records = body.get("records")
    if not isinstance(records, list) or not records:
        message = "At least 1 record is required."
        raise OrgError(400, "REQUIRED_FIELD_MISSING", message, ["records"])
    if len(records) > MAX_ROWS:
        message = f"Record limit reached. Limit is {MAX_ROWS}."
        raise OrgError(400, "NUMBER_OUTSIDE_VALID_RANGE", message)
    for record in records:
        kind = record.get("attributes") if isinstance(record, dict) else None
        if not isinstance(kind, dict) or not isinstance(kind.get("type"), str):
            message = "Include an entity type in the attributes of each record."
            raise OrgError(400, "INVALID_INPUT", message)
    return records, body.get("allOrNone") is True


def _save(call: Call, operation: str) -> Reply:
    records, all_or_none = _body(call)
    runs = _runs(call, records)
    results: list[SaveResult] = []
    with call.org.engine.transaction() as changes:
        for name, rows in runs:
            results += _one_run(call, operation, name, rows, None, all_or_none)
        if all_or_none and any(not result.success for result in results):
            changes.rollback()
            results = [_rolled_back(result) for result in results]
    return Reply(200, [listed(result) for result in results])


def _runs(call: Call, records: list[Row]) -> list[tuple[str, list[Row]]]:
    """Return neighbouring rows of one type together; more than ten such runs are refused."""
    runs = [
        (call.org.object_name(kind), list(rows))
        for kind, rows in groupby(records, key=lambda row: row["attributes"]["type"].lower())
    ]
    if len(runs) > MAX_RUNS:
        message = f"The request has {len(runs)} chunks of records, the limit is {MAX_RUNS}."
        raise OrgError(400, "INVALID_INPUT", message)
    return runs


def _one_run(
    call: Call, operation: str, name: str, rows: list[Row], key: str | None, all_or_none: bool
) -> list[SaveResult]:
    return call.org.engine.save(
        operation,
        name,
        rows,
        call.session.user_id,
        external_id_field=key,
        all_or_none=all_or_none,
        headers=save_headers(call.request.headers),
    )


def _rolled_back(result: SaveResult) -> SaveResult:
    if result.errors:
        return result
    return SaveResult(errors=[RowError("ALL_OR_NONE_OPERATION_ROLLED_BACK", ROLLED_BACK)])


def _upsert(call: Call, sobject: str, key: str) -> Reply:
    name = call.org.object_name(sobject)
    records, all_or_none = _body(call)
    other = next((r for r in records if r["attributes"]["type"].lower() != name.lower()), None)
    if other is not None:
        message = f"All records must be of type {name}, not {other['attributes']['type']}"
        raise OrgError(400, "INVALID_INPUT", message)
    results = _one_run(call, "upsert", name, records, key, all_or_none)
    return Reply(200, [listed(result, upsert=True) for result in results])


def _delete(call: Call) -> Reply:
    text = call.request.param("ids") or ""
    ids = [one.strip() for one in text.split(",") if one.strip()]
    if not ids:
        raise OrgError(400, "REQUIRED_FIELD_MISSING", "At least 1 record is required.", ["ids"])
    if len(ids) > MAX_ROWS:
        message = f"Record limit reached. Limit is {MAX_ROWS}."
        raise OrgError(400, "NUMBER_OUTSIDE_VALID_RANGE", message)
    all_or_none = (call.request.param("allOrNone") or "").lower() == "true"
    results: list[SaveResult] = []
    with call.org.engine.transaction() as changes:
        for prefix, group in groupby(ids, key=lambda one: one[:3]):
            target = call.org.engine.schema.by_prefix.get(prefix)
            members = list(group)
            if target is None:
                error = RowError("MALFORMED_ID", "malformed id", ["Id"])
                results += [SaveResult(errors=[error]) for _ in members]
                continue
            rows = [{"Id": one} for one in members]
            results += _one_run(call, "delete", target.name, rows, None, all_or_none)
        if all_or_none and any(not result.success for result in results):
            changes.rollback()
            results = [_rolled_back(result) for result in results]
    return Reply(200, [_deleted(result) for result in results])


def _deleted(result: SaveResult) -> Row:
    row = listed(result)
    if result.id:
        row["id"] = result.id
    return row


def _retrieve(call: Call, sobject: str) -> Reply:
    name = call.org.object_name(sobject)
    if call.request.method == "POST":
        body = call.json_object()
        ids, fields = body.get("ids"), body.get("fields")
    else:
        ids, fields = (
            [one.strip() for one in (call.request.param(key) or "").split(",") if one.strip()]
            for key in ("ids", "fields")
        )
    if not isinstance(ids, list) or not isinstance(fields, list) or not ids or not fields:
        raise OrgError(400, "REQUIRED_FIELD_MISSING", "ids and fields are required")
    if len(ids) > MAX_RETRIEVED:
        message = f"Record limit reached. Limit is {MAX_RETRIEVED}."
        raise OrgError(400, "NUMBER_OUTSIDE_VALID_RANGE", message)
    return Reply(200, [_row_or_none(call, name, str(one), fields) for one in ids])


def _row_or_none(call: Call, name: str, record_id: str, fields: list[str]) -> Row | None:
    if id18(record_id) is None:
        raise OrgError(400, "MALFORMED_ID", f"malformed id {record_id}", ["Id"])
    try:
        return call.org.engine.retrieve(name, record_id, fields, call.session.user_id, call.version)
    except OrgError as error:
        if error.status == 404:
            return None
        raise
