"""Products: standard price first, then other books, then line items that decide the amount."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import RowProblem
from ..rows import Row
from .base import Rule

if TYPE_CHECKING:
    from ..org import Org


def _standard_book(org: Org) -> str:
    books = org.tables["Pricebook2"].live
    return next(i for i, row in books.items() if row.get("IsStandard"))


class PriceRule(Rule):
    def before_insert(self, org: Org, row: Row, given: Row, user_id: str) -> None:
        table = org.tables["PricebookEntry"]
        standard = _standard_book(org)
        books = {
            table.live[i]["Pricebook2Id"]
            for i in table.index("Product2Id", False).ids(row["Product2Id"])
        }
        if row["Pricebook2Id"] in books:
            text = "This price definition already exists in this price book"
            raise RowProblem("FIELD_INTEGRITY_EXCEPTION", text, "Product2Id")
        if row["Pricebook2Id"] != standard and standard not in books:
            text = "No standard price defined for this product"
            raise RowProblem("STANDARD_PRICE_NOT_DEFINED", text, "UnitPrice")
        product = org.parent(row["Product2Id"]) or {}
        row["Name"], row["ProductCode"] = product.get("Name"), product.get("ProductCode")


class LineItemRule(Rule):
    def before_insert(self, org: Org, row: Row, given: Row, user_id: str) -> None:
        opportunity = org.parent(row["OpportunityId"]) or {}
        entry = self._entry(org, row, opportunity)
        row["PricebookEntryId"], row["Product2Id"] = entry["Id"], entry["Product2Id"]
        book = opportunity.get("Pricebook2Id")
        if book is None:
            org.change("Opportunity", row["OpportunityId"], {"Pricebook2Id": entry["Pricebook2Id"]})
        elif book != entry["Pricebook2Id"]:
            text = "pricebook entry is in a different pricebook than the one assigned to the opp"
            raise RowProblem("FIELD_INTEGRITY_EXCEPTION", text, "PricebookEntryId")
        if not entry.get("IsActive"):
            text = "pricebook entry is inactive"
            raise RowProblem("FIELD_INTEGRITY_EXCEPTION", text, "PricebookEntryId")
        row["ListPrice"], row["ProductCode"] = entry["UnitPrice"], entry.get("ProductCode")
        row["Name"] = f"{opportunity.get('Name', '')} {entry.get('Name', '')}".strip()
        self._prices(row, row)

    def _entry(self, org: Org, row: Row, opportunity: Row) -> Row:
        table = org.tables["PricebookEntry"]
        if row.get("PricebookEntryId"):
            return table.live[row["PricebookEntryId"]]
        book = opportunity.get("Pricebook2Id") or _standard_book(org)
        for entry_id in table.index("Product2Id", False).ids(row.get("Product2Id")):
            if table.live[entry_id]["Pricebook2Id"] == book:
                return table.live[entry_id]
        text = "Required fields are missing: [PricebookEntryId]"
        raise RowProblem("REQUIRED_FIELD_MISSING", text, "PricebookEntryId")

    def _prices(self, row: Row, given: Row) -> None:
        unit, total, quantity = given.get("UnitPrice"), given.get("TotalPrice"), row["Quantity"]
        if quantity == 0:
            text = "The quantity cannot be zero"
            raise RowProblem("FIELD_INTEGRITY_EXCEPTION", text, "Quantity")
        if unit is not None and total is not None:
            text = "specify either total price or sales price, but not both"
            raise RowProblem("FIELD_INTEGRITY_EXCEPTION", text, "TotalPrice", "UnitPrice")
        if unit is None and total is None:
            text = "Required fields are missing: [UnitPrice]"
            raise RowProblem("REQUIRED_FIELD_MISSING", text, "UnitPrice")
        if unit is None and total is not None:
            unit = round(total / quantity, 2)
        row["UnitPrice"] = unit
        row["TotalPrice"] = total if total is not None else round((unit or 0) * quantity, 2)

    def after_insert(self, org: Org, row: Row, given: Row, user_id: str) -> None:
        self._amount(org, row["OpportunityId"])

    def before_update(self, org: Org, old: Row, new: Row, changes: Row, user_id: str) -> None:
        if {"UnitPrice", "TotalPrice", "Quantity"} & changes.keys():
            given = {k: v for k, v in changes.items() if k in ("UnitPrice", "TotalPrice")}
            self._prices(new, given or {"UnitPrice": old["UnitPrice"]})

    def after_update(self, org: Org, old: Row, new: Row, user_id: str) -> None:
        self._amount(org, new["OpportunityId"])

    def after_delete(self, org: Org, row: Row) -> None:
        if row["OpportunityId"] in org.tables["Opportunity"].live:
            self._amount(org, row["OpportunityId"])

    def _amount(self, org: Org, opportunity: str) -> None:
        table = org.tables["OpportunityLineItem"]
        ids = list(table.index("OpportunityId", False).ids(opportunity))
        changes: Row = {"HasOpportunityLineItem": bool(ids)}
        if ids:
            amount = round(sum(table.live[i]["TotalPrice"] for i in ids), 2)
            changes["Amount"] = amount
            probability = org.tables["Opportunity"].live[opportunity].get("Probability")
            if probability is not None:
                changes["ExpectedRevenue"] = round(amount * probability / 100, 2)
        org.change("Opportunity", opportunity, changes)


RULES: dict[str, Rule] = {"PricebookEntry": PriceRule(), "OpportunityLineItem": LineItemRule()}
