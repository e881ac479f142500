"""Metadata deploys over REST: ``/metadata/deployRequest``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from qontakmig.simulators.salesforce.http import multipart
from qontakmig.simulators.salesforce.http.calls import Call, Reply
from qontakmig.simulators.salesforce.http.ingest import not_allowed
from qontakmig.simulators.salesforce.org.errors import OrgError, no_such_object
from qontakmig.simulators.salesforce.org.ids import id18

MAX_ZIP_BYTES = 39 * 1024 * 1024


def answer(call: Call, parts: Sequence[str]) -> Reply:
    """Answer ``/metadata/deployRequest[/<id>]``; ``parts`` follow ``metadata``."""
    if not parts or parts[0].lower() != "deployrequest" or len(parts) > 2:
        raise no_such_object()
    method = call.request.method
    if len(parts) == 1:
        if method != "POST":
            raise not_allowed(method)
        return _start(call)
    found = call.org.deploys.get(parts[1])
    if method == "PATCH":
        return _cancel(call, found)
    if method != "GET":
        raise not_allowed(method)
    details = (call.request.param("includeDetails") or "").lower() == "true"
    return Reply(200, body(call, found, details=details))


def body(call: Call, entry: dict[str, Any], *, details: bool) -> dict[str, Any]:
    """Return a deploy as both POST and GET state it."""
    return {
        "id": entry["id"],
        "validatedDeployRequestId": None,
        "deployOptions": entry["options"],
        "deployResult": call.org.deploys.result(entry, details=details),
    }


def check_size(content: bytes) -> bytes:
    """Return the zip. Raises OrgError when it is larger than a deploy may be."""
    if len(content) > MAX_ZIP_BYTES:
        raise OrgError(413, "REQUEST_ENTITY_TOO_LARGE", "The zip file is larger than 39 MB")
    return content


def _start(call: Call) -> Reply:
    options: dict[str, Any] | None = None
    content: bytes | None = None
    for part in multipart.read(call.request, call.body()):
        if part.filename or "zip" in part.content_type.lower():
            content = part.body
        else:
            options = _options(part.body)
    if options is None or content is None:
        message = "A deploy needs a JSON part with deployOptions and a zip file part"
        raise OrgError(400, "INVALID_MULTIPART_REQUEST", message)
    entry = call.org.deploys.start(check_size(content), options, call.session.user_id)
    return Reply(201, body(call, entry, details=False))


def _options(text: bytes) -> dict[str, Any]:
    try:
        options = json.loads(text)["deployOptions"]
    except (ValueError, TypeError, KeyError):
        message = "The JSON part must hold deployOptions"
        raise OrgError(400, "JSON_PARSER_ERROR", message) from None
    if not isinstance(options, dict):
        raise OrgError(400, "JSON_PARSER_ERROR", "deployOptions must be an object")
    return options


def _cancel(call: Call, entry: dict[str, Any]) -> Reply:
    wanted = call.json_object().get("deployResult", {})
    if not isinstance(wanted, dict) or wanted.get("status") != "Canceling":
        raise OrgError(400, "INVALID_INPUT", "Only the status Canceling can be asked for")
    call.org.deploys.cancel(entry)
    return Reply(202, body(call, entry, details=False))


class Deploys:
    """Deploys of one org: each waits as long as the switch says, then runs in one go."""

    def __init__(self, org: Any) -> None:
        self.org = org
        self._entries: dict[str, dict[str, Any]] = {}

    def start(self, content: bytes, options: dict[str, Any], user_id: str) -> dict[str, Any]:
        now = self.org.clock.now()
        entry = {
            "id": self.org.next_id("0Af"),
            "options": options,
            "content": content,
            "user_id": user_id,
            "created_at": now,
            "ready_at": now + float(self.org.switches["deploy_delay_seconds"]),
            "status": "Pending",
            "result": None,
        }
        self._entries[entry["id"][:15]] = entry
        return entry

    def get(self, deploy_id: str) -> dict[str, Any]:
        """Return a deploy by its id. Raises OrgError 404."""
        whole = id18(deploy_id)
        entry = self._entries.get(deploy_id[:15]) if whole else None
        if entry is None:
            raise no_such_object()
        return entry

    def cancel(self, entry: dict[str, Any]) -> None:
        if entry["status"] != "Pending":
            raise OrgError(400, "INVALID_ID_FIELD", "Deployment already completed")
        entry["status"], entry["content"] = "Canceled", b""

    def work(self) -> bool:
        """Run the next deploy whose time has come; return True when one ran."""
        for entry in self._entries.values():
            if entry["status"] == "Pending" and self.org.clock.now() >= entry["ready_at"]:
                result = self.org.engine.deploy(
                    entry["content"], entry["options"], entry["user_id"]
                )
                entry["result"], entry["content"] = result, b""
                entry["status"] = result["status"]
                return True
        return False

    def result(self, entry: dict[str, Any], *, details: bool) -> dict[str, Any]:
        """Return the deployResult, with component details when asked for."""
        options = entry["options"]
        moment = self.org.moment(entry["created_at"])
        waiting = {
            "id": entry["id"],
            "status": entry["status"],
            "done": entry["status"] == "Canceled",
            "success": False,
            "checkOnly": bool(options.get("checkOnly")),
            "ignoreWarnings": bool(options.get("ignoreWarnings")),
            "rollbackOnError": bool(options.get("rollbackOnError")),
            "runTestsEnabled": False,
            "createdDate": moment,
            "createdBy": entry["user_id"],
            "createdByName": self.org.user(entry["user_id"]).get("Name"),
            "lastModifiedDate": moment,
            "startDate": None,
            "completedDate": None,
            "numberComponentsTotal": 0,
            "numberComponentsDeployed": 0,
            "numberComponentErrors": 0,
            "numberTestsTotal": 0,
            "numberTestsCompleted": 0,
            "numberTestErrors": 0,
            "errorMessage": None,
            "errorStatusCode": None,
            "stateDetail": None,
        }
        whole = {**waiting, **(entry["result"] or {}), "id": entry["id"]}
        found = whole.pop("details", None)
        if details:
            whole["details"] = found or {"componentSuccesses": [], "componentFailures": []}
        return whole
