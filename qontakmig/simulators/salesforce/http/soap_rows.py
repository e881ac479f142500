"""Row calls of the SOAP partner API that REST does not have: undelete; and the server's time."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from qontakmig.simulators.salesforce.http import xml
from qontakmig.simulators.salesforce.org.errors import OrgError, SaveResult

if TYPE_CHECKING:
    from qontakmig.simulators.salesforce.http.practice_org import SalesforceOrg

MAX_IDS = 200


def undelete(org: SalesforceOrg, user_id: str, operation: Element) -> list[dict[str, Any]]:
    """Return one undeleteResult for each id, in their order. Raises OrgError."""
    names = ("ids", "id")
    ids = [(item.text or "").strip() for item in operation if xml.local(item).lower() in names]
    if len(ids) > MAX_IDS:
        message = f"undelete call may not exceed {MAX_IDS} ids"
        raise OrgError(400, "EXCEEDED_ID_LIMIT", message)
    results: list[dict[str, Any]] = []
    for prefix, group in groupby(ids, key=lambda one: one[:3]):
        members = list(group)
        target = org.engine.schema.by_prefix.get(prefix)
        if target is None:
            results += [_refused(one, "MALFORMED_ID", "malformed id") for one in members]
            continue
        rows = [{"Id": one} for one in members]
        saved = org.engine.save("undelete", target.name, rows, user_id)
        results += [_shown(one, result) for one, result in zip(members, saved, strict=True)]
    return results


def server_timestamp(org: SalesforceOrg) -> dict[str, Any]:
    """Return what getServerTimestamp answers."""
    return {"timestamp": org.moment(org.clock.now()).replace("+0000", "Z")}


def _shown(record_id: str, result: SaveResult) -> dict[str, Any]:
    if result.success:
        return {"id": result.id, "success": True}
    error = result.errors[0]
    return _refused(record_id, error.code, error.message)


def _refused(record_id: str, code: str, message: str) -> dict[str, Any]:
    return {
        "errors": {"message": message, "statusCode": code},
        "id": record_id,
        "success": False,
    }
