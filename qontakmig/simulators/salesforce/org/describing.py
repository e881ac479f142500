"""What describe and retrieve answer: the schema as one user sees it, rows as REST prints them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .errors import OrgError, no_such_column
from .fields import Field
from .ids import id18
from .rows import Row

if TYPE_CHECKING:
    from .org import Org
    from .schema import SObject

MASTER = "012000000000000AAA"
GLOBAL_KEYS = [
    "activateable",
    "associateEntityType",
    "associateParentEntity",
    "createable",
    "custom",
    "customSetting",
    "deepCloneable",
    "deletable",
    "deprecatedAndHidden",
    "feedEnabled",
    "hasSubtypes",
    "isInterface",
    "isSubtype",
    "keyPrefix",
    "label",
    "labelPlural",
    "layoutable",
    "mergeable",
    "mruEnabled",
    "name",
    "queryable",
    "replicateable",
    "retrieveable",
    "searchable",
    "triggerable",
    "undeletable",
    "updateable",
]
ADDRESS_PARTS = ("City", "Country", "GeocodeAccuracy", "Latitude", "Longitude", "PostalCode",
                 "State", "Street")  # fmt: skip


def _urls(about: dict[str, Any], version: str) -> dict[str, str]:
    return {k: v.replace("/vXX.0/", f"/v{version}/") for k, v in about["urls"].items()}


def describe_global(org: Org, version: str) -> dict[str, Any]:
    sobjects = []
    for sobject in sorted(org.schema.objects.values(), key=lambda s: s.name):
        entry = {key: sobject.about[key] for key in GLOBAL_KEYS}
        entry["urls"] = _urls(sobject.about, version)
        sobjects.append(entry)
    return {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": sobjects}


def describe(org: Org, sobject: SObject, user_id: str, version: str) -> dict[str, Any]:
    about = {**sobject.about, "urls": _urls(sobject.about, version)}
    about["fields"] = [
        _field(org, sobject, field, user_id)
        for field in sobject.fields.values()
        if org.access.readable(user_id, sobject, field)
    ]
    about["recordTypeInfos"] = _record_type_infos(org, sobject, user_id, version)
    return about


def _field(org: Org, sobject: SObject, field: Field, user_id: str) -> dict[str, Any]:
    if org.access.editable(user_id, sobject, field):
        return field.about
    return {**field.about, "createable": False, "updateable": False}


def record_types(org: Org, sobject: str, user_id: str) -> set[str]:
    """Record types of an object that the user's profile or permission sets list."""
    granted: set[str] = set()
    sets = org.tables["PermissionSet"]
    for set_id in org.access.permission_sets(user_id):
        granted.update(sets.live.get(set_id, {}).get("_record_types", ()))
    table = org.tables["RecordType"]
    return {i for i in table.index("SobjectType", False).ids(sobject) if i in granted}


def _record_type_infos(
    org: Org, sobject: SObject, user_id: str, version: str
) -> list[dict[str, Any]]:
    table = org.tables["RecordType"]
    usable = record_types(org, sobject.name, user_id)
    infos = []
    for record_id in table.index("SobjectType", False).ids(sobject.name):
        row = table.live[record_id]
        infos.append(_record_type_info(
            sobject.name, row["Name"], row["DeveloperName"], record_id, version,
            active=bool(row.get("IsActive")), available=record_id in usable,
        ))  # fmt: skip
    if sobject.about["createable"] and sobject.about["layoutable"]:
        infos.append(_record_type_info(
            sobject.name, "Master", "Master", MASTER, version, active=True, available=True
        ))  # fmt: skip
    return infos


def _record_type_info(
    sobject: str, name: str, developer_name: str, record_id: str, version: str, *,
    active: bool, available: bool,
) -> dict[str, Any]:  # fmt: skip
    layout = f"/services/data/v{version}/sobjects/{sobject}/describe/layouts/{record_id}"
    return {
        "active": active, "available": available, "defaultRecordTypeMapping": name == "Master",
        "developerName": developer_name, "master": name == "Master", "name": name,
        "recordTypeId": record_id, "urls": {"layout": layout},
    }  # fmt: skip


def address(row: Row, prefix: str) -> dict[str, Any] | None:
    """A compound address from its parts, None when nothing of it is set."""
    parts = {p[0].lower() + p[1:]: row.get(prefix + p) for p in ADDRESS_PARTS}
    return parts if any(v is not None for v in parts.values()) else None


def value(sobject: SObject, field: Field, row: Row, version: str) -> Any:
    """A field of a row as REST prints it."""
    found = row.get(field.name)
    if found is None:
        if field.type == "boolean":
            return False
        if field.type == "address":
            return address(row, field.name.removesuffix("Address"))
        if field.name == "PhotoUrl":
            return f"/services/images/photo/{row['Id']}"
        return None
    if field.type == "base64":
        return f"/services/data/v{version}/sobjects/{sobject.name}/{row['Id']}/{field.name}"
    return found


def attributes(sobject: str, record_id: str, version: str) -> dict[str, str]:
    return {"type": sobject, "url": f"/services/data/v{version}/sobjects/{sobject}/{record_id}"}


def retrieve(
    org: Org, sobject: SObject, row: Row, fields: Sequence[str] | None, user_id: str, version: str
) -> dict[str, Any]:
    if fields is None:
        wanted = list(sobject.fields.values())
        wanted = [f for f in wanted if org.access.readable(user_id, sobject, f)]
    else:
        wanted = []
        for name in fields:
            field = sobject.field(name)
            if field is None or not org.access.readable(user_id, sobject, field):
                raise no_such_column(name, sobject.name)
            wanted.append(field)
        if "Id" not in [f.name for f in wanted]:
            wanted.append(sobject.fields["id"])
    answer: dict[str, Any] = {"attributes": attributes(sobject.name, row["Id"], version)}
    for field in wanted:
        answer[field.name] = value(sobject, field, row, version)
    return answer


def blob(org: Org, sobject: SObject, record_id: str, name: str) -> bytes:
    field = sobject.field(name)
    row = org.tables[sobject.name].live.get(id18(record_id) or "")
    if row is None or field is None or field.type != "base64":
        raise OrgError(404, "NOT_FOUND", "The requested resource does not exist")
    return base64.b64decode(row.get(field.name) or "")
