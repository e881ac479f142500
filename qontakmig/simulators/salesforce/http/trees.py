"""sObject Tree: rows with the rows below them, saved together or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from qontakmig.simulators.salesforce.http.calls import Call, Reply
from qontakmig.simulators.salesforce.http.outcomes import listed, save_headers
from qontakmig.simulators.salesforce.org.errors import OrgError

MAX_ROWS, MAX_LEVELS, MAX_TYPES = 200, 5, 5


@dataclass(slots=True)
class _Node:
    """One row of a tree. ``parent`` and the lookup ``link`` to it are set below the top."""

    kind: str
    reference: str
    row: dict[str, Any]
    level: int
    parent: _Node | None = None
    link: str = ""
    id: str = ""


def answer(call: Call, sobject: str) -> Reply:
    """Answer ``POST /composite/tree/X``."""
    nodes: list[_Node] = []
    _collect(call, call.json_object().get("records"), sobject, None, "", nodes)
    if len(nodes) > MAX_ROWS or len({node.kind for node in nodes}) > MAX_TYPES:
        message = f"A tree has at most {MAX_ROWS} records of {MAX_TYPES} types"
        raise OrgError(400, "LIMIT_EXCEEDED", message)
    if len({node.reference for node in nodes}) != len(nodes):
        raise OrgError(400, "INVALID_INPUT", "Each referenceId must be given, and only once")
    with call.org.engine.transaction() as changes:
        failures = _save(call, nodes)
        if failures:
            changes.rollback()
            return Reply(400, {"hasErrors": True, "results": failures})
    results = [{"referenceId": node.reference, "id": node.id} for node in nodes]
    return Reply(201, {"hasErrors": False, "results": results})


def _collect(
    call: Call, records: Any, expected: str, parent: _Node | None, link: str, nodes: list[_Node]
) -> None:
    """Append the records and everything below them, parents first."""
    level = parent.level + 1 if parent else 1
    if not isinstance(records, list) or not records or level > MAX_LEVELS:
        message = f"records must be a list, at most {MAX_LEVELS} levels deep"
        raise OrgError(400, "INVALID_INPUT", message)
    name = call.org.object_name(expected)
    for record in records:
        about = record.get("attributes") if isinstance(record, dict) else None
        if not isinstance(about, dict) or not isinstance(about.get("referenceId"), str):
            message = "Include type and referenceId in the attributes of each record."
            raise OrgError(400, "INVALID_INPUT", message)
        if str(about.get("type", "")).lower() != name.lower():
            raise OrgError(400, "INVALID_INPUT", f"The record's type must be {name}")
        node = _Node(name, about["referenceId"], {}, level, parent, link)
        nodes.append(node)
        for key, value in record.items():
            if isinstance(value, dict) and "records" in value:
                child, field = _relationship(call, name, key)
                _collect(call, value["records"], child, node, field, nodes)
            else:
                node.row[key] = value


def _relationship(call: Call, parent: str, name: str) -> tuple[str, str]:
    """Return the child object and lookup field behind a relationship name."""
    for child in call.org.engine.sobject(parent).about["childRelationships"]:
        if (child["relationshipName"] or "").lower() == name.lower():
            return child["childSObject"], child["field"]
    message = f"No such relationship '{name}' on sobject of type {parent}"
    raise OrgError(400, "INVALID_FIELD", message)


def _save(call: Call, nodes: list[_Node]) -> list[dict[str, Any]]:
    """Insert level by level; return the refused rows of the first level that has any."""
    ordered = sorted(nodes, key=lambda node: (node.level, node.kind))
    for _, group in groupby(ordered, key=lambda node: node.level):
        failures: list[dict[str, Any]] = []
        for kind, members in groupby(group, key=lambda node: node.kind):
            failures += _save_kind(call, kind, list(members))
        if failures:
            return failures
    return []


def _save_kind(call: Call, kind: str, nodes: list[_Node]) -> list[dict[str, Any]]:
    rows = [{**n.row, n.link: n.parent.id} if n.parent else n.row for n in nodes]
    results = call.org.engine.save(
        "insert", kind, rows, call.session.user_id, headers=save_headers(call.request.headers)
    )
    failures = []
    for node, result in zip(nodes, results, strict=True):
        node.id = result.id or ""
        if not result.success:
            errors = listed(result)["errors"]
            failures.append({"referenceId": node.reference, "errors": errors})
    return failures
