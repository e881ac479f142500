"""Single rows: create, read, change, delete, upsert by external id; deleted and updated windows."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from qontakmig.simulators.salesforce.http import multipart
from qontakmig.simulators.salesforce.http.calls import Call, Reply
from qontakmig.simulators.salesforce.http.ingest import not_allowed
from qontakmig.simulators.salesforce.http.outcomes import save_headers, single_error
from qontakmig.simulators.salesforce.org.dates import parse_moment, print_moment, read_stored
from qontakmig.simulators.salesforce.org.errors import OrgError, SaveResult, no_such_object
from qontakmig.simulators.salesforce.org.fields import Field
from qontakmig.simulators.salesforce.org.ids import id18

WINDOWS = ("deleted", "updated")


def answer(call: Call, parts: Sequence[str]) -> Reply | None:
    """Answer requests about rows; None when the request asks for a describe."""
    method = call.request.method
    if not parts or (len(parts) > 1 and parts[1].lower() == "describe"):
        return None
    if len(parts) == 1:
        return _create(call, parts[0]) if method == "POST" else None
    if len(parts) == 2 and parts[1].lower() in WINDOWS and method == "GET":
        return _window(call, parts[0], parts[1].lower())
    if len(parts) == 2:
        return _by_id(call, parts[0], parts[1])
    if len(parts) == 3 and id18(parts[1]) and method == "GET":
        return _blob(call, *parts)
    if len(parts) == 3:
        return _by_external_id(call, *parts)
    raise no_such_object()


def _create(call: Call, sobject: str) -> Reply:
    name = call.org.object_name(sobject)
    row = _multipart_row(call) if multipart.is_multipart(call.request) else call.json_object()
    result = _save(call, "insert", name, row)
    location = {"location": call.url(f"sobjects/{name}/{result.id}")}
    return Reply(201, {"id": result.id, "success": True, "errors": []}, location)


def _multipart_row(call: Call) -> dict[str, Any]:
    """Return a row whose binary field came as a part of its own."""
    row: dict[str, Any] = {}
    for part in multipart.read(call.request, call.body()):
        if "json" in part.content_type.lower() or not part.filename:
            try:
                row.update(json.loads(part.body))
            except (ValueError, TypeError):
                raise OrgError(400, "JSON_PARSER_ERROR", "Cannot read the JSON part") from None
        else:
            row[part.name] = base64.b64encode(part.body).decode()
    return row


def _by_id(call: Call, sobject: str, record_id: str) -> Reply:
    method, engine = call.request.method, call.org.engine
    name = call.org.object_name(sobject)
    if method == "GET":
        wanted = call.request.param("fields")
        fields = [field.strip() for field in wanted.split(",")] if wanted else None
        user_id = call.session.user_id
        return Reply(200, engine.retrieve(name, record_id, fields, user_id, call.version))
    if id18(record_id) is None:
        raise OrgError(404, "NOT_FOUND", "The requested resource does not exist")
    if method == "PATCH":
        _save(call, "update", name, _without_id(call.json_object(), record_id))
        return Reply(204)
    if method == "DELETE":
        _save(call, "delete", name, {"Id": record_id})
        return Reply(204)
    raise not_allowed(method)


def _without_id(row: dict[str, Any], record_id: str) -> dict[str, Any]:
    if any(key.lower() == "id" for key in row):
        message = "The Id field should not be specified in the sobject data."
        raise OrgError(400, "INVALID_FIELD", message)
    return {**row, "Id": record_id}


def _blob(call: Call, sobject: str, record_id: str, field: str) -> Reply:
    content = call.org.engine.blob(sobject, record_id, field)
    return Reply(200, content, {"content-type": "application/octet-stream"})


def _by_external_id(call: Call, sobject: str, key: str, value: str) -> Reply:
    method, engine, user_id = call.request.method, call.org.engine, call.session.user_id
    target = engine.sobject(sobject)
    field = target.field(key)
    if field is None or not engine.access.readable(user_id, target, field) or not field.lookup_key:
        message = f"Provided external ID field does not exist or is not accessible: {key}"
        raise OrgError(404, "NOT_FOUND", message)
    wanted = _typed(field, value)
    found = list(engine.finder(target, field)(wanted))
    if len(found) > 1:
        return Reply(300, [call.url(f"sobjects/{target.name}/{one}") for one in found])
    if method == "PATCH":
        return _upsert(call, target.name, field, wanted)
    if not found:
        raise no_such_object()
    if method in ("GET", "DELETE"):
        return _by_id(call, target.name, found[0])
    raise not_allowed(method)


def _typed(field: Field, value: str) -> Any:
    if field.type == "id":
        return id18(value) or value
    if field.type in ("double", "int"):
        try:
            return float(value)
        except ValueError:
            message = f"Provided external ID value is no number: {value}"
            raise OrgError(400, "INVALID_FIELD", message) from None
    return value


def _upsert(call: Call, name: str, field: Field, value: Any) -> Reply:
    row = call.json_object()
    if any(key.lower() == field.lower for key in row):
        message = f"The {field.name} field should not be specified in the sobject data."
        raise OrgError(400, "INVALID_FIELD", message)
    update_only = (call.request.param("updateOnly") or "").lower() == "true"
    keyed = {**row, field.name: value}
    result = _save(call, "upsert", name, keyed, field.name, update_only=update_only)
    if not result.created and float(call.version) < 46:
        return Reply(204)
    body = {"id": result.id, "success": True, "errors": [], "created": result.created}
    headers = {}
    if result.created:
        headers["location"] = call.url(f"sobjects/{name}/{quote(str(result.id))}")
    return Reply(201 if result.created else 200, body, headers)


def _save(
    call: Call,
    operation: str,
    name: str,
    row: dict[str, Any],
    key: str | None = None,
    *,
    update_only: bool = False,
) -> SaveResult:
    """Save one row. Raises OrgError when it was refused."""
    [result] = call.org.engine.save(
        operation,
        name,
        [row],
        call.session.user_id,
        external_id_field=key,
        headers=save_headers(call.request.headers),
        update_only=update_only,
    )
    if not result.success:
        raise single_error(result)
    return result


def _window(call: Call, sobject: str, which: str) -> Reply:
    engine = call.org.engine
    target = engine.sobject(sobject)
    if not target.about["replicateable"]:
        raise OrgError(400, "INVALID_TYPE_FOR_OPERATION", f"{target.name} is not replicateable")
    start, end = (_moment(call, name) for name in ("start", "end"))
    now = call.org.clock.utcnow()
    if start >= end:
        raise OrgError(400, "INVALID_REPLICATION_DATE", "startDate must be before endDate")
    if start < now - timedelta(days=30):
        message = "startDate before org replication enabled date or more than 30 days ago"
        raise OrgError(400, "INVALID_REPLICATION_DATE", message)
    table = engine.tables[target.name]
    rows = table.bin if which == "deleted" else table.live
    inside = [row for row in rows.values() if start <= read_stored(row["SystemModstamp"]) < end]
    covered = {"latestDateCovered": print_moment(min(end, now))}
    if which == "updated":
        return Reply(200, {"ids": [row["Id"] for row in inside], **covered})
    deleted = [{"id": row["Id"], "deletedDate": row["SystemModstamp"]} for row in inside]
    earliest = print_moment(now - timedelta(days=30))
    return Reply(200, {"deletedRecords": deleted, "earliestDateAvailable": earliest, **covered})


def _moment(call: Call, name: str) -> Any:
    # An unescaped plus sign of the offset arrives as a space.
    moment = parse_moment((call.request.param(name) or "").replace(" ", "+"))
    if moment is None:
        raise OrgError(400, "INVALID_REPLICATION_DATE", f"{name} is missing or no date-time")
    return moment
