"""Save results as the REST resources state them, and single-row errors with their status."""

from __future__ import annotations

from typing import Any

from qontakmig.simulators.salesforce.org.errors import OrgError, SaveResult

_STATUS = {
    "NOT_FOUND": 404,
    "ENTITY_IS_DELETED": 404,
    "INSUFFICIENT_ACCESS_OR_READONLY": 403,
    "INSUFFICIENT_ACCESS": 403,
    "STORAGE_LIMIT_EXCEEDED": 403,
    "REQUEST_LIMIT_EXCEEDED": 403,
}


def listed(result: SaveResult, *, upsert: bool = False) -> dict[str, Any]:
    """Return a result row of a collections request: ``statusCode``, no id when refused."""
    errors = [
        {"statusCode": error.code, "message": error.message, "fields": error.fields}
        for error in result.errors
    ]
    row: dict[str, Any] = {}
    if result.id and result.success:
        row["id"] = result.id
    row["success"] = result.success
    row["errors"] = errors
    if upsert and result.success:
        row["created"] = result.created
    return row


def single_error(result: SaveResult) -> OrgError:
    """Return the error of a single-row call."""
    error = result.errors[0]
    status = _STATUS.get(error.code, 400)
    if error.code == "INVALID_CROSS_REFERENCE_KEY" and not error.fields:
        status = 404
    return OrgError(status, error.code, error.message, error.fields)


def save_headers(headers: dict[str, str]) -> dict[str, str]:
    """Return the request headers that change how rows are saved, for the engine."""
    return {name: text for name, text in headers.items() if name.startswith("sforce-")}
