"""The SOAP Metadata API: deploy, checkDeployStatus and the CRUD calls."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from qontakmig.simulators.kit.messages import Request, Response
from qontakmig.simulators.salesforce.http import soap_reading, xml
from qontakmig.simulators.salesforce.http.deploying import check_size
from qontakmig.simulators.salesforce.http.packages import (
    zip_to_delete,
)
from qontakmig.simulators.salesforce.org.errors import OrgError
from qontakmig.simulators.salesforce.org.metadata.package import Node, to_node

if TYPE_CHECKING:
    from qontakmig.simulators.salesforce.http.practice_org import SalesforceOrg

MAX_COMPONENTS = 10
MAX_LISTED = 3
_PATH = re.compile(r"/services/soap/m/(\d+)\.0(?:/.*)?", re.IGNORECASE)
_TRUE = ("true", "1")


def answer(org: SalesforceOrg, request: Request) -> Response:
    """Answer anything under ``/services/Soap/m/``."""
    match = _PATH.fullmatch(request.path)
    if match is None or not 31 <= int(match[1]) <= 68:
        return xml.fault("UNSUPPORTED_API_VERSION", "Invalid Api version specified", xml.METADATA)
    try:
        header, operation = xml.read_envelope(request.body)
    except xml.BadEnvelope as error:
        return xml.fault("UNKNOWN_EXCEPTION", str(error), xml.METADATA)
    session = org.sessions.check(xml.text(xml.child(header, "SessionHeader"), "sessionId"))
    if session is None:
        message = "Invalid Session ID found in SessionHeader: Illegal Session."
        return xml.fault("INVALID_SESSION_ID", message, xml.METADATA)
    name = xml.local(operation)
    handler = _OPERATIONS.get(name)
    if handler is None:
        return xml.fault("INVALID_OPERATION", f"No operation {name}", xml.METADATA)
    all_or_none = xml.text(xml.child(header, "AllOrNoneHeader"), "allOrNone").lower() in _TRUE
    work = _Work(org, session.user_id, f"{match[1]}.0", name, all_or_none)
    try:
        org.engine.allowances.use()
        return xml.answer(name, handler(work, operation), xml.METADATA)
    except OrgError as error:
        return xml.fault(error.code, error.message, xml.METADATA)


class _Work:
    """What an operation needs to know besides its element."""

    def __init__(
        self, org: SalesforceOrg, user_id: str, version: str, name: str, all_or_none: bool
    ) -> None:
        self.org = org
        self.user_id = user_id
        self.version = version
        self.name = name
        self.all_or_none = all_or_none


def _deploy(work: _Work, operation: Element) -> dict[str, Any]:
    try:
        content = base64.b64decode(xml.text(operation, "ZipFile"), validate=False)
    except binascii.Error:
        raise OrgError(400, "INVALID_ZIP_FILE", "The zip file is not valid base64") from None
    asked = xml.child(operation, "DeployOptions")
    options = xml.to_data(asked) if asked is not None else {}
    options = options if isinstance(options, dict) else {}
    typed = {
        name: value.lower() in _TRUE
        if isinstance(value, str) and value.lower() in ("true", "false", "1", "0")
        else value
        for name, value in options.items()
    }
    entry = work.org.deploys.start(check_size(content), typed, work.user_id)
    return {"done": False, "id": entry["id"], "state": "Queued"}


def _check_deploy_status(work: _Work, operation: Element) -> dict[str, Any]:
    entry = work.org.deploys.get(xml.text(operation, "asyncProcessId"))
    details = xml.text(operation, "includeDetails").lower() in _TRUE
    result = work.org.deploys.result(entry, details=details)
    return {name: value for name, value in result.items() if value is not None}


def _cancel_deploy(work: _Work, operation: Element) -> dict[str, Any]:
    entry = work.org.deploys.get(xml.text(operation, "String"))
    work.org.deploys.cancel(entry)
    return {"done": True, "id": entry["id"]}


def _save(work: _Work, operation: Element) -> list[dict[str, Any]]:
    """Create, update or upsert up to ten components."""
    if len(operation) > MAX_COMPONENTS:
        message = f"Cannot save more than {MAX_COMPONENTS} components in a single call"
        raise OrgError(400, "LIMIT_EXCEEDED", message)
    results: dict[int, dict[str, Any]] = {}
    wanted: list[tuple[int, tuple[str, str, Node]]] = []
    for position, item in enumerate(operation):
        kind, name = _type(item), xml.text(item, "fullName")
        refusal = _refusal(work, kind, name)
        if refusal:
            results[position] = refusal
        else:
            wanted.append((position, (kind, name, to_node(item))))
    saved = work.org.engine.put_metadata(
        [component for _, component in wanted], all_or_none=work.all_or_none
    )
    for (position, _), result in zip(wanted, saved, strict=True):
        results[position] = _result(result, shows_created=work.name == "upsertMetadata")
    return [results[position] for position in range(len(operation))]


def _refusal(work: _Work, kind: str, name: str) -> dict[str, Any] | None:
    """Return why a name cannot be created, or updated, because it is there, or is not."""
    if work.name == "createMetadata" and _exists(work, kind, name):
        text = f"There is already a {kind} named {name}."
        return _failed(name, "DUPLICATE_DEVELOPER_NAME", text)
    if work.name == "updateMetadata" and not _exists(work, kind, name):
        text = f"In field: fullName - no {kind} named {name} found"
        return _failed(name, "INVALID_CROSS_REFERENCE_KEY", text)
    return None


def _result(result: dict[str, Any], *, shows_created: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {"created": result["created"]} if shows_created else {}
    errors = [
        {"message": error["message"], "statusCode": error["statusCode"]}
        for error in result["errors"]
    ]
    if errors:
        shown["errors"] = errors
    return {**shown, "fullName": result["fullName"], "success": result["success"]}


def _failed(name: Any, code: str, message: str) -> dict[str, Any]:
    return {"errors": {"message": message, "statusCode": code}, "fullName": name, "success": False}


def _exists(work: _Work, kind: str, full_name: str) -> bool:
    engine = work.org.engine
    owner, _, name = full_name.partition(".")
    if kind == "CustomField":
        return any(holder.field(name) for holder in engine.schema.holders(owner))
    if kind == "CustomObject":
        return engine.schema.get(full_name) is not None
    if kind == "PermissionSet":
        rows = engine.tables["PermissionSet"].live.values()
        return any(row.get("Name", "").lower() == full_name.lower() for row in rows)
    if kind in ("RecordType", "BusinessProcess"):
        rows = engine.tables[kind].live.values()
        return any(name in (row.get("DeveloperName"), row.get("Name")) for row in rows)
    return True


def _type(item: Element) -> str:
    return item.get(xml.XSI_TYPE, "").rpartition(":")[2]


def _delete(work: _Work, operation: Element) -> list[dict[str, Any]]:
    kind = xml.text(operation, "type")
    names = [(item.text or "").strip() for item in operation if xml.local(item) == "fullNames"]
    results = []
    for name in names:
        if not _exists(work, kind, name):
            text = f"no {kind} named {name} found"
            results.append(_failed(name, "INVALID_CROSS_REFERENCE_KEY", text))
            continue
        package = zip_to_delete(kind, [name], work.version)
        result = work.org.engine.deploy(package, {"rollbackOnError": True}, work.user_id)
        failures = result["details"]["componentFailures"]
        if failures:
            results.append(_failed(name, "DELETE_FAILED", failures[0]["problem"]))
        else:
            results.append({"fullName": name, "success": True})
    return results


def _list(work: _Work, operation: Element) -> list[dict[str, Any]]:
    queries = [item for item in operation if xml.local(item) == "queries"]
    if len(queries) > MAX_LISTED:
        message = f"Cannot list more than {MAX_LISTED} types in a single call"
        raise OrgError(400, "LIMIT_EXCEEDED", message)
    kinds = [xml.text(query, "type") for query in queries]
    return [one for kind in kinds for one in soap_reading.components(work.org, kind)]


def _read(work: _Work, operation: Element) -> dict[str, Any]:
    """Read custom fields; a name that is not there reads as nil. The org reads no other type."""
    kind = xml.text(operation, "type")
    names = [(item.text or "").strip() for item in operation if xml.local(item) == "fullNames"]
    if len(names) > MAX_COMPONENTS:
        message = f"Cannot read more than {MAX_COMPONENTS} components in a single call"
        raise OrgError(400, "LIMIT_EXCEEDED", message)
    if kind != "CustomField":
        raise OrgError(400, "INVALID_TYPE", f"This practice org does not read {kind}")
    return {"records": [soap_reading.custom_field(work.org, name) for name in names]}


def _describe(work: _Work, operation: Element) -> dict[str, Any]:
    return {
        "metadataObjects": [
            {"directoryName": "objects", "inFolder": False, "metaFile": False, "suffix": "object",
             "xmlName": "CustomObject", "childXmlNames": ["CustomField", "RecordType"]},
            {"directoryName": "permissionsets", "inFolder": False, "metaFile": False,
             "suffix": "permissionset", "xmlName": "PermissionSet"},
        ],
        "organizationNamespace": "",
        "partialSaveAllowed": not work.all_or_none,
        "testRequired": False,
    }  # fmt: skip


_OPERATIONS: dict[str, Callable[[_Work, Element], Any]] = {
    "deploy": _deploy,
    "checkDeployStatus": _check_deploy_status,
    "cancelDeploy": _cancel_deploy,
    "createMetadata": _save,
    "updateMetadata": _save,
    "upsertMetadata": _save,
    "deleteMetadata": _delete,
    "describeMetadata": _describe,
    "listMetadata": _list,
    "readMetadata": _read,
}
