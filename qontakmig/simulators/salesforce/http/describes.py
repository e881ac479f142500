"""Describe: of the org, of one object, of its layouts; with If-Modified-Since."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import formatdate, parsedate_to_datetime
from typing import Any

from qontakmig.simulators.salesforce.http.calls import Call, Reply
from qontakmig.simulators.salesforce.http.ingest import not_allowed
from qontakmig.simulators.salesforce.org.errors import no_such_object


def answer(call: Call, parts: Sequence[str]) -> Reply:
    """Answer ``/sobjects``, ``/sobjects/X`` and ``/sobjects/X/describe[/layouts]``."""
    if call.request.method != "GET":
        raise not_allowed(call.request.method)
    engine, user_id = call.org.engine, call.session.user_id
    if not parts:
        return _dated(call, engine.describe_global(user_id, call.version))
    about = engine.describe(parts[0], user_id, call.version)
    if len(parts) == 1:
        keys = engine.describe_global(user_id, call.version)["sobjects"]
        own = next(entry for entry in keys if entry["name"] == about["name"])
        return Reply(200, {"objectDescribe": own, "recentItems": []})
    if parts[1].lower() != "describe":
        raise no_such_object()
    if len(parts) == 2:
        return _dated(call, about)
    if parts[2].lower() == "layouts":
        return Reply(200, _layouts(about, parts[3] if len(parts) > 3 else None))
    raise no_such_object()


def _dated(call: Call, body: dict[str, Any]) -> Reply:
    """Return the body, or 304 when the client has seen the schema as it still is."""
    changed_at = int(call.org.schema_changed_at())
    headers = {"last-modified": formatdate(changed_at, usegmt=True)}
    since = call.header("if-modified-since")
    if since:
        try:
            if parsedate_to_datetime(since).timestamp() >= changed_at:
                return Reply(304, None, headers)
        except (TypeError, ValueError):
            pass
    return Reply(200, body, headers)


def _layouts(about: dict[str, Any], record_type: str | None) -> dict[str, Any]:
    """Return one plain detail layout with every field the user may edit."""
    rows = [
        {
            "numItems": 1,
            "layoutItems": [
                {
                    "editableForNew": field["createable"],
                    "editableForUpdate": field["updateable"],
                    "label": field["label"],
                    "layoutComponents": [
                        {"details": None, "displayLines": 1, "tabOrder": number + 1,
                         "type": "Field", "value": field["name"]}
                    ],
                    "placeholder": False,
                    "required": field["createable"] and not field["nillable"]
                    and not field["defaultedOnCreate"],
                }
            ],
        }
        for number, field in enumerate(about["fields"])
        if field["createable"] or field["updateable"]
    ]  # fmt: skip
    section = {
        "columns": 1,
        "heading": "Information",
        "layoutRows": rows,
        "rows": len(rows),
        "useCollapsibleSection": False,
        "useHeading": True,
    }
    layout = {
        "id": "00h000000000001AAA",
        "detailLayoutSections": [section],
        "editLayoutSections": [section],
        "relatedLists": [],
    }
    if record_type:
        return layout
    mappings = [
        {**info, "layoutId": layout["id"], "picklistsForRecordType": []}
        for info in about["recordTypeInfos"]
    ]
    return {
        "layouts": [layout],
        "recordTypeMappings": mappings,
        "recordTypeSelectorRequired": [False],
    }
