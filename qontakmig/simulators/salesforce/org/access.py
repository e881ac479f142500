"""Who may see and change which field: field-level security by permission sets.

Custom fields are invisible to everybody until a permission set (or the profile's own one) grants
them; standard fields are open in a plain org. Read from PermissionSetAssignment and
FieldPermissions rows, which is where both deploys and REST inserts put the grants.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .fields import Field

if TYPE_CHECKING:
    from .org import Org
    from .schema import SObject

GRANTING = frozenset(("PermissionSet", "PermissionSetAssignment", "FieldPermissions", "User"))


class Access:
    """Grants per user, worked out when first asked and forgotten when a granting row changes."""

    def __init__(self, org: Org):
        self.org = org
        self._grants: dict[str, dict[str, bool]] = {}
        self.version = 1

    def forget(self) -> None:
        self._grants.clear()
        self.version += 1

    def permission_sets(self, user_id: str) -> set[str]:
        """Ids of the permission sets that count for a user, the profile's own one included."""
        tables = self.org.tables
        user = tables["User"].live.get(user_id, {})
        own = tables["PermissionSet"].index("ProfileId", False).ids(user.get("ProfileId"))
        found = set(own)
        assignments = tables["PermissionSetAssignment"]
        for row_id in assignments.index("AssigneeId", False).ids(user_id):
            found.add(assignments.live[row_id].get("PermissionSetId"))
        return found

    def grants(self, user_id: str) -> dict[str, bool]:
        """'object.field' in lower case to whether it may be edited, for custom fields."""
        known = self._grants.get(user_id)
        if known is None:
            known = {}
            table = self.org.tables["FieldPermissions"]
            by_parent = table.index("ParentId", False)
            for parent in self.permission_sets(user_id):
                for row_id in by_parent.ids(parent):
                    row = table.live[row_id]
                    if row.get("PermissionsRead"):
                        key = row["Field"].lower()
                        known[key] = known.get(key, False) or bool(row.get("PermissionsEdit"))
            self._grants[user_id] = known
        return known

    def _granted(self, user_id: str, sobject: SObject, field: Field) -> bool | None:
        grants = self.grants(user_id)
        edit = grants.get(f"{sobject.name}.{field.name}".lower())
        if edit is None and sobject.name in ("Task", "Event"):
            edit = grants.get(f"activity.{field.lower}")
        return edit

    def readable(self, user_id: str, sobject: SObject, field: Field) -> bool:
        return field.always_visible or self._granted(user_id, sobject, field) is not None

    def editable(self, user_id: str, sobject: SObject, field: Field) -> bool:
        return field.always_visible or bool(self._granted(user_id, sobject, field))
