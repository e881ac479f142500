"""Permission sets given and filled through plain rows instead of a deploy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import RowProblem
from ..metadata.components import check_grant
from ..metadata.custom_fields import Problem
from ..rows import Row
from .base import Rule

if TYPE_CHECKING:
    from ..org import Org


class PermissionSetRule(Rule):
    def before_insert(self, org: Org, row: Row, given: Row, user_id: str) -> None:
        for other in org.tables["PermissionSet"].index("Name", True).ids(row["Name"]):
            text = f"duplicate value found: Name duplicates value on record with id: {other[:15]}"
            raise RowProblem("DUPLICATE_DEVELOPER_NAME", text, "Name")
        row.update(IsCustom=True, IsOwnedByProfile=False, Type="Regular")


class AssignmentRule(Rule):
    def before_insert(self, org: Org, row: Row, given: Row, user_id: str) -> None:
        wanted = row.get("PermissionSetId")
        if wanted is None:
            text = "Required fields are missing: [PermissionSetId]"
            raise RowProblem("REQUIRED_FIELD_MISSING", text, "PermissionSetId")
        if org.tables["PermissionSet"].live[wanted].get("IsOwnedByProfile"):
            text = "You can't assign a permission set that is owned by a profile"
            raise RowProblem("FIELD_INTEGRITY_EXCEPTION", text, "PermissionSetId")
        table = org.tables["PermissionSetAssignment"]
        for other in table.index("AssigneeId", False).ids(row["AssigneeId"]):
            if table.live[other].get("PermissionSetId") == wanted:
                text = (
                    f"Duplicate PermissionSetAssignment. Assignee: {row['AssigneeId'][:15]}; "
                    f"Permission Set: {wanted[:15]}"
                )
                raise RowProblem("DUPLICATE_VALUE", text, "AssigneeId", "PermissionSetId")
        row["IsActive"] = True


class FieldPermissionRule(Rule):
    def before_insert(self, org: Org, row: Row, given: Row, user_id: str) -> None:
        try:
            row["Field"] = check_grant(org, row["Field"])
        except Problem as problem:
            raise RowProblem("FIELD_INTEGRITY_EXCEPTION", str(problem), "Field") from None
        row["SobjectType"] = row["Field"].split(".")[0]
        self._rights(row)
        table = org.tables["FieldPermissions"]
        for other in table.index("ParentId", False).ids(row["ParentId"]):
            if table.live[other]["Field"] == row["Field"]:
                text = (
                    "duplicate value found: <unknown> duplicates value on record with id: "
                    f"{other[:15]}"
                )
                raise RowProblem("DUPLICATE_VALUE", text)

    def _rights(self, row: Row) -> None:
        if not row.get("PermissionsRead"):
            text = "Field permissions need at least read access"
            if row.get("PermissionsEdit"):
                text = "Permission Edit requires permission Read"
            raise RowProblem("FIELD_INTEGRITY_EXCEPTION", text, "PermissionsRead")

    def before_update(self, org: Org, old: Row, new: Row, changes: Row, user_id: str) -> None:
        self._rights(new)


RULES: dict[str, Rule] = {
    "PermissionSet": PermissionSetRule(),
    "PermissionSetAssignment": AssignmentRule(),
    "FieldPermissions": FieldPermissionRule(),
}
