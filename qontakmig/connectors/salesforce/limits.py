"""Who we are in a Salesforce org, what we may do there, and what allowance is left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qontakmig.connectors.base import Identity, ObjectDescribe, Permission
from qontakmig.connectors.errors import PermissionMissing, RejectedError
from qontakmig.connectors.salesforce.query import query, soql_text
from qontakmig.connectors.salesforce.session import Session

_SYSTEM_PERMISSIONS = "Setup › Permission Sets › the migration user's set › System Permissions › "
_ORGANIZATION = (
    "SELECT Id, Name, IsSandbox, OrganizationType, InstanceName, TrialExpirationDate"
    " FROM Organization"
)
_USER_RIGHTS = (
    "PermissionsApiEnabled",
    "PermissionsModifyAllData",
    "PermissionsModifyMetadata",
    "PermissionsCustomizeApplication",
    "PermissionsViewSetup",
)


def organization(session: Session) -> dict[str, Any]:
    """Return the org's own row: Id, Name, IsSandbox, OrganizationType, TrialExpirationDate …"""
    return next(query(session, _ORGANIZATION))


def user(session: Session) -> tuple[str, str]:
    """Return id and name of the connected user."""
    info: Any = session.call(lambda sf: sf.oauth2("userinfo", method="GET"))
    return str(info["user_id"])[:18], str(info.get("name") or info.get("preferred_username") or "")


def limits(session: Session) -> Mapping[str, Any] | None:
    """Return the allowances ``{name: {Max, Remaining}}``, None without the right to see them."""
    try:
        found: Mapping[str, Any] | None = session.rest("limits")
    except PermissionMissing:
        return None
    return found


def identity(
    session: Session, org: Mapping[str, Any], account: ObjectDescribe, contact: ObjectDescribe
) -> Identity:
    """Return the identity with every permission that the migration needs, granted or not."""
    user_id, user_name = user(session)
    left = limits(session)
    calls, storage = _pair(left, "DailyApiRequests"), _pair(left, "DataStorageMB")
    notes = []
    if org.get("TrialExpirationDate"):
        notes.append(f"This org is a trial or scratch org; it ends {org['TrialExpirationDate']}.")
    if org.get("OrganizationType") == "Developer Edition" and not org.get("IsSandbox"):
        notes.append("A Developer Edition is not a sandbox: check that it is the org you mean.")
    return Identity(
        organization_id=str(org["Id"]),
        organization_name=str(org.get("Name") or ""),
        user_id=user_id,
        user_name=user_name,
        host=session.host,
        edition=str(org.get("OrganizationType") or ""),
        sandbox=bool(org.get("IsSandbox")),
        permissions=_permissions(session, user_id, left is not None, account, contact),
        calls_left=calls[0],
        calls_max=calls[1],
        storage_left_mb=storage[0],
        storage_max_mb=storage[1],
        notes=tuple(notes),
    )


def _permissions(
    session: Session,
    user_id: str,
    sees_setup: bool,
    account: ObjectDescribe,
    contact: ObjectDescribe,
) -> tuple[Permission, ...]:
    rights = _rights(session, user_id)
    metadata = rights is None or bool(
        {"PermissionsModifyMetadata", "PermissionsModifyAllData", "PermissionsCustomizeApplication"}
        & rights
    )
    audit = all(_audit_fields(describe) for describe in (account, contact))
    return (
        Permission("API Enabled", True, _SYSTEM_PERMISSIONS + "API Enabled"),
        Permission(
            "Bulk API",
            _bulk_answers(session),
            _SYSTEM_PERMISSIONS + "API Enabled; the edition must include the Bulk API",
        ),
        Permission(
            "Modify Metadata",
            metadata,
            _SYSTEM_PERMISSIONS + "Modify Metadata Through Metadata API Functions",
        ),
        Permission("View Setup and Configuration", sees_setup, _SYSTEM_PERMISSIONS + "View Setup"),
        Permission(
            "Set Audit Fields upon Record Creation",
            audit,
            "Setup › User Interface: enable 'Set Audit Fields upon Record Creation and Update"
            " Records with Inactive Owners'; then " + _SYSTEM_PERMISSIONS + "Set Audit Fields upon"
            " Record Creation",
        ),
    )


def _audit_fields(describe: ObjectDescribe) -> bool:
    created, modified = describe.field("CreatedDate"), describe.field("LastModifiedDate")
    return bool(created and created.createable and modified and modified.createable)


def _bulk_answers(session: Session) -> bool:
    try:
        session.rest("jobs/ingest")
    except (PermissionMissing, RejectedError):
        return False
    return True


def _rights(session: Session, user_id: str) -> set[str] | None:
    """Return the rights that the user's profile and permission sets grant, None if not told."""
    try:
        assigned = query(
            session,
            f"SELECT PermissionSetId FROM PermissionSetAssignment"  # noqa: S608
            f" WHERE AssigneeId = {soql_text(user_id)}",
        )
        sets = [str(row["PermissionSetId"]) for row in assigned]
        if not sets:
            return None
        found = query(
            session,
            f"SELECT {','.join(_USER_RIGHTS)} FROM PermissionSet"  # noqa: S608
            f" WHERE Id IN ({','.join(map(soql_text, sets))})",
        )
        return {name for row in found for name in _USER_RIGHTS if row.get(name)}
    except (RejectedError, PermissionMissing):
        return None


def _pair(found: Mapping[str, Any] | None, name: str) -> tuple[int | None, int | None]:
    entry = (found or {}).get(name)
    if not isinstance(entry, Mapping):
        return None, None
    return _whole(entry.get("Remaining")), _whole(entry.get("Max"))


def _whole(value: Any) -> int | None:
    return int(float(value)) if value is not None else None
