"""Removing components: fields with their values, permission sets, custom objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .components import _row
from .custom_fields import Problem

if TYPE_CHECKING:
    from ..org import Org


def remove(org: Org, kind: str, full_name: str) -> bool:
    """Remove a component; False when there is none. Raises Problem when it may not go."""
    if kind == "CustomField":
        return _remove_field(org, full_name)
    if kind == "PermissionSet":
        return _remove_permission_set(org, full_name)
    if kind == "CustomObject":
        return _remove_object(org, full_name)
    if kind in ("RecordType", "BusinessProcess"):
        raise Problem(f"Cannot delete {kind} through API")
    raise Problem(f"Cannot delete a component of type {kind}")


def _remove_field(org: Org, full_name: str) -> bool:
    sobject, _, name = full_name.partition(".")
    holders = org.schema.holders(sobject)
    field = holders[0].field(name) if holders else None
    if field is None or not field.about["custom"]:
        return False
    grants = org.tables["FieldPermissions"]
    for record_id, row in list(grants.live.items()):
        if row["Field"].lower() == f"{sobject}.{name}".lower():
            org.store(grants, record_id, None)
    for holder in holders:
        table = org.tables[holder.name]
        for row in list(table.every()):
            if field.name in row:
                org.store(table, row["Id"], {k: v for k, v in row.items() if k != field.name})
    org.schema.apply({"op": "drop_field", "sobject": sobject, "name": field.name})
    return True


def _remove_permission_set(org: Org, name: str) -> bool:
    record_id = _row(org, "PermissionSet", Name=name)
    if record_id is None:
        return False
    children = ("PermissionSetId", "PermissionSetAssignment"), ("ParentId", "FieldPermissions")
    for field, child in (*children, ("ParentId", "ObjectPermissions")):
        table = org.tables[child]
        for child_id in list(table.index(field, False).ids(record_id)):
            org.store(table, child_id, None)
    org.store(org.tables["PermissionSet"], record_id, None)
    return True


def _remove_object(org: Org, name: str) -> bool:
    sobject = org.schema.get(name)
    if sobject is None or not sobject.custom:
        return False
    table = org.tables[sobject.name]
    for row in list(table.every()):
        org.store(table, row["Id"], None)
    org.schema.apply({"op": "drop_object", "name": sobject.name})
    return True
