"""Accounts, contacts, leads, opportunities and their contact roles, cases, users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import RowProblem, required_missing
from ..rows import Row
from .base import Rule

if TYPE_CHECKING:
    from ..org import Org


def full_name(row: Row) -> str:
    return " ".join(part for part in (row.get("FirstName"), row.get("LastName")) if part)


class AccountRule(Rule):
    def before_insert(self, org: Org, row: Row, given: Row, user_id: str) -> None:
        row.setdefault("CleanStatus", "Pending")

    def before_update(self, org: Org, old: Row, new: Row, changes: Row, user_id: str) -> None:
        parent = changes.get("ParentId")
        seen = {old["Id"]}
        while parent:
            if parent in seen:
                text = "attempt to introduce a cycle in the account hierarchy"
                raise RowProblem("CIRCULAR_DEPENDENCY", text, "ParentId")
            seen.add(parent)
            parent = (org.parent(parent) or {}).get("ParentId")


class PersonRule(Rule):
    """Contacts and leads: Name is made of the parts; a duplicate rule may look at the e-mail."""

    sobject = "Contact"

    def before_insert(self, org: Org, row: Row, given: Row, user_id: str) -> None:
        row["Name"] = full_name(row)
        row.setdefault("CleanStatus", "Pending")
        if org.switches["duplicate_rule"] != "off" and row.get("Email"):
            self._look_for_duplicate(org, row)

    def _look_for_duplicate(self, org: Org, row: Row) -> None:
        if org.switches["duplicate_rule"] == "alert" and org.allow_duplicates:
            return
        found = org.tables[self.sobject].index("Email", True).ids(row["Email"])
        if any(True for _ in found):
            raise RowProblem("DUPLICATES_DETECTED", "Use one of these records?")

    def before_update(self, org: Org, old: Row, new: Row, changes: Row, user_id: str) -> None:
        new["Name"] = full_name(new)


class LeadRule(PersonRule):
    sobject = "Lead"

    def before_update(self, org: Org, old: Row, new: Row, changes: Row, user_id: str) -> None:
        if old.get("IsConverted"):
            text = "cannot reference converted lead"
            raise RowProblem("CANNOT_UPDATE_CONVERTED_LEAD", text)
        super().before_update(org, old, new, changes, user_id)


class OpportunityRule(Rule):
    """The stage decides IsClosed, IsWon, Probability and ForecastCategory.

    A stage that the org does not know is accepted and maps to no probability.
    """

    def before_insert(self, org: Org, row: Row, given: Row, user_id: str) -> None:
        self._stage(org, row, given)
        self._computed(row)
        if row.get("Pricebook2Id") is None:
            row.pop("Pricebook2Id", None)

    def _stage(self, org: Org, row: Row, given: Row) -> None:
        table = org.tables["OpportunityStage"]
        found = list(table.index("ApiName", True).ids(row["StageName"]))
        stage = table.live[found[0]] if found else {}
        row["IsClosed"] = bool(stage.get("IsClosed"))
        row["IsWon"] = bool(stage.get("IsWon"))
        row["ForecastCategory"] = stage.get("ForecastCategory", "Pipeline")
        if given.get("ForecastCategoryName") is None:
            row["ForecastCategoryName"] = stage.get("ForecastCategoryName", "Pipeline")
        if given.get("Probability") is None:
            row["Probability"] = stage.get("DefaultProbability")

    def _computed(self, row: Row) -> None:
        amount, probability = row.get("Amount"), row.get("Probability")
        known = amount is not None and probability is not None
        row["ExpectedRevenue"] = round(amount * probability / 100, 2) if known else None
        year, month = row["CloseDate"][:4], int(row["CloseDate"][5:7])
        row["FiscalYear"], row["FiscalQuarter"] = int(year), (month + 2) // 3
        row["Fiscal"] = f"{year} {row['FiscalQuarter']}"

    def after_insert(self, org: Org, row: Row, given: Row, user_id: str) -> None:
        if given.get("ContactId"):
            org.add(
                "OpportunityContactRole",
                {"OpportunityId": row["Id"], "ContactId": given["ContactId"], "IsPrimary": True},
            )

    def before_update(self, org: Org, old: Row, new: Row, changes: Row, user_id: str) -> None:
        if "Amount" in changes and new.get("HasOpportunityLineItem"):
            new["Amount"] = old.get("Amount")  # line items decide; the value sent is ignored
        if new["StageName"] != old["StageName"]:
            self._stage(org, new, changes)
        self._computed(new)


class ContactRoleRule(Rule):
    def after_insert(self, org: Org, row: Row, given: Row, user_id: str) -> None:
        self._one_primary(org, row)

    def after_update(self, org: Org, old: Row, new: Row, user_id: str) -> None:
        self._one_primary(org, new)

    def _one_primary(self, org: Org, row: Row) -> None:
        if not row.get("IsPrimary"):
            return
        table = org.tables["OpportunityContactRole"]
        for other in list(table.index("OpportunityId", False).ids(row["OpportunityId"])):
            if other != row["Id"] and table.live[other].get("IsPrimary"):
                org.change("OpportunityContactRole", other, {"IsPrimary": False})
        org.change("Opportunity", row["OpportunityId"], {"ContactId": row["ContactId"]})


class CaseRule(Rule):
    def before_insert(self, org: Org, row: Row, given: Row, user_id: str) -> None:
        row["CaseNumber"] = f"{org.counter('CaseNumber') + 1000:08d}"
        self._from_contact(org, row)
        self._status(org, row, given)
        row.pop("Comments", None)

    def _from_contact(self, org: Org, row: Row) -> None:
        contact = org.parent(row.get("ContactId")) or {}
        if row.get("AccountId") is None and contact.get("AccountId"):
            row["AccountId"] = contact["AccountId"]
        for case_field, contact_field in (
            ("ContactPhone", "Phone"), ("ContactMobile", "MobilePhone"),
            ("ContactEmail", "Email"), ("ContactFax", "Fax"),
        ):  # fmt: skip
            row[case_field] = contact.get(contact_field)

    def _status(self, org: Org, row: Row, given: Row) -> None:
        closed = status_flag(org, "CaseStatus", row.get("Status"), "IsClosed")
        row["IsClosed"] = closed
        if not closed:
            row["ClosedDate"] = None
        elif row.get("ClosedDate") is None:
            row["ClosedDate"] = given.get("ClosedDate") or org.now_text()

    def after_insert(self, org: Org, row: Row, given: Row, user_id: str) -> None:
        if given.get("Comments"):
            org.add("CaseComment", {"ParentId": row["Id"], "CommentBody": given["Comments"]})

    def before_update(self, org: Org, old: Row, new: Row, changes: Row, user_id: str) -> None:
        new.pop("Comments", None)
        if "ContactId" in changes:
            self._from_contact(org, new)
        self._status(org, new, changes)


def status_flag(org: Org, table: str, value: str | None, name: str) -> bool:
    """A property of a status value, False for values the org does not know."""
    rows = org.tables[table]
    for record_id in rows.index("ApiName", True).ids(value):
        return bool(rows.live[record_id].get(name))
    return False


class UserRule(Rule):
    def before_insert(self, org: Org, row: Row, given: Row, user_id: str) -> None:
        row["Name"] = full_name(row)
        row["UserType"] = "Standard"
        row.setdefault("CommunityNickname", row["Username"].split("@")[0][:40])
        self._username(org, row, None)
        active = sum(1 for u in org.tables["User"].live.values() if u.get("IsActive"))
        if row.get("IsActive") and active >= 50:
            raise RowProblem("LICENSE_LIMIT_EXCEEDED", "license limit exceeded", "ProfileId")
        if row.get("ProfileId") is None:
            missing = required_missing(["ProfileId"])
            raise RowProblem(missing.code, missing.message, *missing.fields)

    def _username(self, org: Org, row: Row, own: str | None) -> None:
        if "@" not in row["Username"]:
            text = "Username must be in the form of an email address (for example, john@acme.com)."
            raise RowProblem("INVALID_EMAIL_ADDRESS", text, "Username")
        for other in org.tables["User"].index("Username", True).ids(row["Username"]):
            if other != own:
                text = (
                    "Duplicate Username.The username already exists in this or another Salesforce "
                    "organization. Usernames must be unique across all Salesforce organizations."
                )
                raise RowProblem("DUPLICATE_USERNAME", text, "Username")

    def before_update(self, org: Org, old: Row, new: Row, changes: Row, user_id: str) -> None:
        new["Name"] = full_name(new)
        if "Username" in changes:
            self._username(org, new, old["Id"])


RULES: dict[str, Rule] = {
    "Account": AccountRule(),
    "Contact": PersonRule(),
    "Lead": LeadRule(),
    "Opportunity": OpportunityRule(),
    "OpportunityContactRole": ContactRoleRule(),
    "Case": CaseRule(),
    "User": UserRule(),
}
