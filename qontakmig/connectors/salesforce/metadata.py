"""Changing the org's schema: deploy, permission set, and taking both back."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from qontakmig.connectors.base import DeployState, ObjectDescribe, SchemaItem, SchemaOutcome
from qontakmig.connectors.errors import RejectedError, TransientError
from qontakmig.connectors.http import bad_answer
from qontakmig.connectors.salesforce import limits
from qontakmig.connectors.salesforce import metadata_xml as xml
from qontakmig.connectors.salesforce.faults import SYSTEM, error_from, without_values
from qontakmig.connectors.salesforce.query import query, soql_text
from qontakmig.connectors.salesforce.session import Session
from qontakmig.connectors.salesforce.value_sets import present_values, with_items

WAIT_SECONDS = 50.0
POLL_SECONDS = 0.5
_BOUNDARY = "qontakmig-3f0c9a7e5b"
_PERMISSION_SET_ID = f"SELECT Id FROM PermissionSet WHERE Name = {soql_text(xml.PERMISSION_SET)}"  # noqa: S608

Describe = Callable[[str], ObjectDescribe]


def deploy_start(
    session: Session, items: Sequence[SchemaItem], describe: Describe, *, check_only: bool
) -> str:
    """Start creating fields and values, all or none; return the deploy id.

    Raises RejectedError ``schema_unsupported`` for kinds that this connector cannot make.
    """
    other = sorted({item.kind for item in items} - {"field", "value"})
    if other:
        raise RejectedError(
            f"Schema items of the kind {', '.join(other)} cannot be created here.",
            system=SYSTEM,
            code="schema_unsupported",
        )
    archive = xml.package_zip(
        str(session.client().sf_version),
        fields=_fields(items, describe),
        value_sets=_value_sets(session, items, describe),
    )
    return _deploy(session, archive, check_only=check_only)


def _fields(items: Sequence[SchemaItem], describe: Describe) -> dict[str, list[str]]:
    """Return object → CustomField elements; values of custom picklists join their field."""
    found: dict[str, SchemaItem] = {}
    for item in items:
        if item.kind == "field":
            found[xml.full_name(item)] = item
    for item in items:
        if (
            item.kind == "value"
            and xml.value_set_name(item.object, item.definition["field"]) is None
        ):
            name = xml.full_name(item)
            base = found.get(name) or _field_item(item.object, item.definition["field"], describe)
            option = {"value": item.name, "label": item.definition.get("label") or item.name}
            options = [*(base.definition.get("options") or ()), option]
            changed = {**base.definition, "options": options}
            found[name] = SchemaItem("field", base.object, base.name, changed)
    grouped: dict[str, list[str]] = {}
    for item in found.values():
        place = xml.metadata_object(item.object)
        grouped.setdefault(place, []).append(xml.custom_field(item))
    return grouped


def _field_item(object_name: str, field_name: str, describe: Describe) -> SchemaItem:
    """Return a present custom picklist as an item, to be deployed again with another value."""
    field = describe(object_name).field(field_name)
    if field is None or not field.custom:
        raise RejectedError(
            f"Values of {object_name}.{field_name} cannot be added by a deployment.",
            system=SYSTEM,
            code="schema_unsupported",
            advice="Add the values in Setup, or map them to values that are there.",
        )
    return SchemaItem(
        "field",
        object_name,
        field.name,
        {
            "label": field.label,
            "type": field.type.value,
            "restricted": field.restricted,
            "options": [
                {"value": option.value, "label": option.label}
                for option in field.options
                if option.active
            ],
        },
    )


def _value_sets(
    session: Session, items: Sequence[SchemaItem], describe: Describe
) -> dict[str, str]:
    grouped: dict[str, list[SchemaItem]] = {}
    for item in items:
        if item.kind == "value":
            name = xml.value_set_name(item.object, item.definition["field"])
            if name is not None:
                grouped.setdefault(name, []).append(item)
    sets = {}
    for name, wanted in grouped.items():
        first = wanted[0]
        present = present_values(session, name, first.definition["field"], describe(first.object))
        sets[name] = xml.standard_value_set(with_items(present, name, wanted))
    return sets


def _deploy(session: Session, archive: bytes, *, check_only: bool) -> str:
    options = {
        "deployOptions": {
            "checkOnly": check_only,
            "rollbackOnError": True,
            "singlePackage": True,
            "allowMissingFiles": False,
            "ignoreWarnings": True,
        }
    }
    answer = session.rest(
        "metadata/deployRequest",
        method="POST",
        body=_multipart(json.dumps(options).encode(), archive),
        headers={"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"},
    )
    try:
        return str(answer["id"])
    except (KeyError, TypeError):
        raise bad_answer(SYSTEM, "the deployment got no id", True) from None


def _multipart(options: bytes, archive: bytes) -> bytes:
    """Return the body; the part names are those that CumulusCI sends."""
    edge = b"--" + _BOUNDARY.encode()
    return b"\r\n".join(
        (
            edge,
            b'Content-Disposition: form-data; name="json"',
            b"Content-Type: application/json",
            b"",
            options,
            edge,
            b'Content-Disposition: form-data; name="file"; filename="package.zip"',
            b"Content-Type: application/zip",
            b"",
            archive,
            edge + b"--",
            b"",
        )
    )


def deploy_state(session: Session, deploy_id: str, items: Sequence[SchemaItem]) -> DeployState:
    """Return how far a deployment is, with an outcome for each item once it is done."""
    answer = session.rest(f"metadata/deployRequest/{deploy_id}", params={"includeDetails": "true"})
    result = answer.get("deployResult") if isinstance(answer, Mapping) else None
    if not isinstance(result, Mapping):
        raise bad_answer(SYSTEM, "the deployment has no result", False)
    if not result.get("done"):
        return DeployState(done=False, ok=False)
    details = result.get("details") or {}
    failures = {
        str(entry.get("fullName")): without_values(str(entry.get("problem") or ""))
        for entry in _entries(details.get("componentFailures"))
    }
    made = {
        str(entry.get("fullName")): bool(entry.get("created"))
        for entry in _entries(details.get("componentSuccesses"))
    }
    ok = bool(result.get("success"))
    message = without_values(str(result.get("errorMessage") or ""))
    if not ok and not message:
        message = "; ".join(f"{name}: {text}" for name, text in failures.items())
    return DeployState(
        True, ok, tuple(_outcome(item, ok, made, failures) for item in items), message
    )


def _entries(found: Any) -> list[Mapping[str, Any]]:
    """Return details as a list: a single one comes without its list."""
    return [found] if isinstance(found, Mapping) else list(found or ())


def _outcome(
    item: SchemaItem, ok: bool, made: Mapping[str, bool], failures: Mapping[str, str]
) -> SchemaOutcome:
    name = xml.full_name(item)
    if name in failures:
        return SchemaOutcome(item, False, message=failures[name])
    if not ok:
        return SchemaOutcome(item, False, message="Not created, because another item failed.")
    # A value set existed before in any case; its new values are what was created.
    created = made.get(name, False) or item.kind == "value"
    return SchemaOutcome(item, True, created)


def wait(session: Session, deploy_id: str, items: Sequence[SchemaItem]) -> DeployState:
    """Return the end of a deployment, or its state after WAIT_SECONDS."""
    end = time.monotonic() + WAIT_SECONDS
    while True:
        state = deploy_state(session, deploy_id, items)
        if state.done or time.monotonic() > end:
            return state
        time.sleep(POLL_SECONDS)


# ---------------------------------------------------------------- access


def grant_access(session: Session, items: Sequence[SchemaItem]) -> None:
    """Deploy the migration's permission set with all its fields and assign it to us.

    A field made through the API is invisible, even to an administrator's session, until a
    permission set grants it. A deploy replaces the set, so what it granted before stays in.

    Raises RejectedError when Salesforce refuses the set, TransientError while it takes longer.
    """
    wanted = {xml.full_name(item) for item in items if item.kind == "field"}
    set_id = _permission_set_id(session)
    granted = _granted(session, set_id) if set_id else set()
    if not wanted <= granted:
        archive = xml.package_zip(
            str(session.client().sf_version), permission_fields=sorted(wanted | granted)
        )
        state = wait(session, _deploy(session, archive, check_only=False), [])
        if not state.done:
            raise TransientError(
                "Salesforce is still deploying the permission set.", system=SYSTEM, code="deploying"
            )
        if not state.ok:
            raise RejectedError(
                f"Salesforce refused the permission set: {state.message}.",
                system=SYSTEM,
                code="access_refused",
                advice="Give the user 'Manage Profiles and Permission Sets', then apply again.",
            )
        set_id = _permission_set_id(session)
    if set_id:
        _assign(session, set_id)


def _permission_set_id(session: Session) -> str | None:
    row = next(query(session, _PERMISSION_SET_ID), None)
    return str(row["Id"]) if row else None


def _granted(session: Session, set_id: str) -> set[str]:
    soql = f"SELECT Field FROM FieldPermissions WHERE ParentId = {soql_text(set_id)}"  # noqa: S608
    return {str(row["Field"]) for row in query(session, soql)}


def _assignments(session: Session, set_id: str) -> list[dict[str, Any]]:
    soql = (
        "SELECT Id, AssigneeId FROM PermissionSetAssignment"  # noqa: S608
        f" WHERE PermissionSetId = {soql_text(set_id)}"
    )
    return list(query(session, soql))


def _assign(session: Session, set_id: str) -> None:
    user_id, _ = limits.user(session)
    if any(row["AssigneeId"] == user_id for row in _assignments(session, set_id)):
        return
    row = {
        "attributes": {"type": "PermissionSetAssignment"},
        "AssigneeId": user_id,
        "PermissionSetId": set_id,
    }
    answer = session.rest(
        "composite/sobjects", method="POST", body={"allOrNone": True, "records": [row]}
    )
    errors = [error for result in answer or () for error in result.get("errors") or ()]
    # Somebody else assigned it in between.
    if errors and errors[0].get("statusCode") != "DUPLICATE_VALUE":
        raise error_from(400, errors)


# ---------------------------------------------------------------- taking back


def schema_remove(session: Session, items: Sequence[SchemaItem], describe: Describe) -> DeployState:
    """Delete the fields, take the values out of their sets, and our permission set when empty.

    Repeatable: what is gone already is no failure. Salesforce keeps deleted fields for 15 days.
    """
    fields = sorted({xml.full_name(item) for item in items if item.kind == "field"})
    destroy: dict[str, list[str]] = {"CustomField": fields} if fields else {}
    set_id = _permission_set_id(session)
    if set_id and _granted(session, set_id) <= set(fields):
        _unassign(session, set_id)
        destroy["PermissionSet"] = [xml.PERMISSION_SET]
    sets = _value_sets_without(session, items, describe)
    if not destroy and not sets:
        return DeployState(True, True)
    archive = xml.package_zip(str(session.client().sf_version), value_sets=sets, destroy=destroy)
    state = wait(session, _deploy(session, archive, check_only=False), items)
    return replace(state, outcomes=tuple(replace(o, created=False) for o in state.outcomes))


def _unassign(session: Session, set_id: str) -> None:
    ids = [str(row["Id"]) for row in _assignments(session, set_id)]
    for start in range(0, len(ids), 200):
        session.rest(
            "composite/sobjects",
            method="DELETE",
            params={"ids": ",".join(ids[start : start + 200]), "allOrNone": "false"},
        )


def _value_sets_without(
    session: Session, items: Sequence[SchemaItem], describe: Describe
) -> dict[str, str]:
    grouped: dict[tuple[str, str, str], set[str]] = {}
    for item in items:
        if item.kind == "value":
            field = str(item.definition["field"])
            name = xml.value_set_name(item.object, field)
            if name is not None:
                grouped.setdefault((name, item.object, field), set()).add(item.name.casefold())
    sets = {}
    for (name, object_name, field), ours in grouped.items():
        present = present_values(session, name, field, describe(object_name))
        kept = [value for value in present if str(value["fullName"]).casefold() not in ours]
        if len(kept) < len(present):
            sets[name] = xml.standard_value_set(kept)
    return sets
