"""Campaign members: a contact or a lead, once per campaign, with a status of that campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import RowProblem
from ..rows import Row
from .base import Rule

if TYPE_CHECKING:
    from ..org import Org

STATUSES = (("Sent", True, False), ("Responded", False, True))


class CampaignRule(Rule):
    def before_insert(self, org: Org, row: Row, given: Row, user_id: str) -> None:
        user = org.tables["User"].live.get(user_id, {})
        if not user.get("UserPermissionsMarketingUser"):
            text = "insufficient access rights: the Marketing User feature licence is missing"
            raise RowProblem("INSUFFICIENT_ACCESS_OR_READONLY", text)

    def after_insert(self, org: Org, row: Row, given: Row, user_id: str) -> None:
        for order, (label, default, responded) in enumerate(STATUSES, 1):
            org.add(
                "CampaignMemberStatus",
                {"CampaignId": row["Id"], "Label": label, "SortOrder": order,
                 "IsDefault": default, "HasResponded": responded},
            )  # fmt: skip


class MemberRule(Rule):
    def before_insert(self, org: Org, row: Row, given: Row, user_id: str) -> None:
        person = row.get("ContactId") or row.get("LeadId")
        if person is None:
            text = "Required fields are missing: [LeadId, ContactId]"
            raise RowProblem("REQUIRED_FIELD_MISSING", text, "LeadId", "ContactId")
        if row.get("ContactId"):
            row["LeadId"] = None  # with both the contact wins silently
        table = org.tables["CampaignMember"]
        for other in table.index("LeadOrContactId", False).ids(person):
            if table.live[other]["CampaignId"] == row["CampaignId"]:
                raise RowProblem("DUPLICATE_VALUE", "Already a campaign member.")
        row["LeadOrContactId"] = person
        self._copy_person(org, row, person)
        self._status(org, row)

    def _copy_person(self, org: Org, row: Row, person: str) -> None:
        about = org.parent(person) or {}
        contact = person.startswith("003")
        for name in ("FirstName", "LastName", "Name", "Salutation", "Title", "Email", "Phone",
                     "MobilePhone", "Fax", "LeadSource"):  # fmt: skip
            row[name] = about.get(name)
        row["Type"] = "Contact" if contact else "Lead"
        row["LeadOrContactOwnerId"] = about.get("OwnerId")
        account = org.parent(about.get("AccountId")) or {}
        row["CompanyOrAccount"] = account.get("Name") if contact else about.get("Company")

    def _status(self, org: Org, row: Row) -> None:
        table = org.tables["CampaignMemberStatus"]
        rows = [table.live[i] for i in table.index("CampaignId", False).ids(row["CampaignId"])]
        wanted = (row.get("Status") or "").lower()
        found = next((r for r in rows if r["Label"].lower() == wanted), None)
        found = found or next((r for r in rows if r.get("IsDefault")), None)
        if found:
            row["Status"], row["HasResponded"] = found["Label"], bool(found.get("HasResponded"))

    def before_update(self, org: Org, old: Row, new: Row, changes: Row, user_id: str) -> None:
        self._status(org, new)


RULES: dict[str, Rule] = {"Campaign": CampaignRule(), "CampaignMember": MemberRule()}
