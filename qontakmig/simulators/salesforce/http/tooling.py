"""The Tooling API as far as migrations use it: queries, and one custom field at a time."""

from __future__ import annotations

from collections.abc import Sequence

from qontakmig.simulators.salesforce.http import queries
from qontakmig.simulators.salesforce.http.calls import Call, Reply
from qontakmig.simulators.salesforce.http.packages import node_of_json
from qontakmig.simulators.salesforce.org.definitions import custom_field_id
from qontakmig.simulators.salesforce.org.errors import OrgError, no_such_object


def answer(call: Call, parts: Sequence[str]) -> Reply:
    """Answer ``/tooling/query`` and ``POST /tooling/sobjects/CustomField``."""
    kind = parts[0].lower() if parts else ""
    if kind == "query":
        return queries.answer_tooling(call, parts[1:])
    names = [part.lower() for part in parts]
    if names == ["sobjects", "customfield"] and call.request.method == "POST":
        return _create_field(call)
    raise no_such_object()


def _create_field(call: Call) -> Reply:
    body = call.json_object()
    full_name, metadata = body.get("FullName"), body.get("Metadata")
    if not isinstance(full_name, str) or not isinstance(metadata, dict):
        message = "Required fields are missing: [FullName, Metadata]"
        raise OrgError(400, "REQUIRED_FIELD_MISSING", message, ["FullName", "Metadata"])
    owner, _, name = full_name.partition(".")
    engine = call.org.engine
    if any(holder.field(name) for holder in engine.schema.holders(owner)):
        message = f"There is already a field named {name} on {owner}."
        raise OrgError(400, "DUPLICATE_DEVELOPER_NAME", message)
    [result] = engine.put_metadata([("CustomField", full_name, node_of_json(metadata))])
    if not result["success"]:
        error = result["errors"][0]
        raise OrgError(400, error["statusCode"], error["message"])
    made = {"id": custom_field_id(engine, owner, name), "success": True, "errors": []}
    return Reply(201, {**made, "warnings": [], "infos": []})
