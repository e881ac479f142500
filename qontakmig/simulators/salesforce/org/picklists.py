"""Standard value sets: the rows behind StageName, Lead.Status, Case.Status and Task.Status.

Facts of the standard stages (closed, won, probability, forecast category) are those of a new org.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .fields import Field

if TYPE_CHECKING:
    from .org import Org

# value set: (table of its rows, [(object, field), …])
VALUE_SETS: dict[str, tuple[str | None, list[tuple[str, str]]]] = {
    "OpportunityStage": ("OpportunityStage", [("Opportunity", "StageName")]),
    "LeadStatus": ("LeadStatus", [("Lead", "Status")]),
    "CaseStatus": ("CaseStatus", [("Case", "Status")]),
    "TaskStatus": ("TaskStatus", [("Task", "Status")]),
    "TaskPriority": ("TaskPriority", [("Task", "Priority")]),
    "LeadSource": (None, [("Lead", "LeadSource"), ("Contact", "LeadSource"),
                          ("Opportunity", "LeadSource"), ("Account", "AccountSource")]),
    "Industry": (None, [("Account", "Industry"), ("Lead", "Industry")]),
    "AccountType": (None, [("Account", "Type")]),
    "AccountRating": (None, [("Account", "Rating"), ("Lead", "Rating")]),
    "OpportunityType": (None, [("Opportunity", "Type")]),
    "CaseOrigin": (None, [("Case", "Origin")]),
    "CasePriority": (None, [("Case", "Priority")]),
    "CaseReason": (None, [("Case", "Reason")]),
    "CaseType": (None, [("Case", "Type")]),
    "CampaignStatus": (None, [("Campaign", "Status")]),
    "CampaignType": (None, [("Campaign", "Type")]),
    "ContactRole": (None, [("OpportunityContactRole", "Role")]),
    "OpportunityContactRole": (None, [("OpportunityContactRole", "Role")]),
    "Salutation": (None, [("Contact", "Salutation"), ("Lead", "Salutation")]),
    "TaskSubject": (None, [("Task", "Subject")]),
    "EventSubject": (None, [("Event", "Subject")]),
}  # fmt: skip
FORECAST_NAMES = {
    "Omitted": "Omitted",
    "Pipeline": "Pipeline",
    "BestCase": "Best Case",
    "MostLikely": "Most Likely",
    "Forecast": "Commit",
    "Closed": "Closed",
}
STAGES = {
    "Prospecting": (10, "Pipeline"), "Qualification": (10, "Pipeline"),
    "Needs Analysis": (20, "Pipeline"), "Value Proposition": (50, "Pipeline"),
    "Id. Decision Makers": (60, "Pipeline"), "Perception Analysis": (70, "Pipeline"),
    "Proposal/Price Quote": (75, "Pipeline"), "Negotiation/Review": (90, "Pipeline"),
    "Closed Won": (100, "Closed"), "Closed Lost": (0, "Omitted"),
}  # fmt: skip
CLOSED = {"CaseStatus": ("Closed",), "TaskStatus": ("Completed",)}


def seed(org: Org) -> None:
    """Make the status rows of a fresh org from the recorded picklists."""
    for name, (table, places) in VALUE_SETS.items():
        sobject = org.schema.get(places[0][0])
        field = sobject.field(places[0][1]) if sobject else None
        if table is None or field is None:
            continue
        for order, value in enumerate(field.about["picklistValues"], 1):
            org.add(table, _status_row(name, value, order))


def _status_row(name: str, value: dict[str, Any], order: int) -> dict[str, Any]:
    label = value["value"]
    row: dict[str, Any] = {
        "MasterLabel": value["label"], "ApiName": label, "SortOrder": order,
    }  # fmt: skip
    if name == "OpportunityStage":
        probability, forecast = STAGES.get(label, (0, "Omitted"))
        won = label == "Closed Won"
        row.update(
            IsActive=value["active"], IsClosed=label.startswith("Closed"), IsWon=won,
            DefaultProbability=float(probability), ForecastCategory=forecast,
            ForecastCategoryName=FORECAST_NAMES[forecast],
        )  # fmt: skip
        return row
    row["IsDefault"] = value["defaultValue"]
    if name == "LeadStatus":
        row["IsConverted"] = "Closed - Converted" in label
    elif name == "TaskPriority":
        row["IsHighPriority"] = label == "High"
    else:
        row["IsClosed"] = label in CLOSED.get(name, ())
    return row


def picklist_values(values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Describe items from metadata values `{fullName, label, default, isActive}`."""
    return [
        {
            "active": v.get("isActive", "true") != "false",
            "defaultValue": v.get("default") == "true",
            "label": v.get("label") or v["fullName"],
            "validFor": None,
            "value": v["fullName"],
        }
        for v in values
    ]


def replaced(field: Field, items: list[dict[str, Any]]) -> dict[str, Any]:
    """A field's describe with a new whole list; values left out stay, but inactive."""
    kept = {item["value"].lower() for item in items}
    gone = [
        {**old, "active": False, "defaultValue": False}
        for old in field.about["picklistValues"]
        if old["value"].lower() not in kept
    ]
    return {**field.about, "picklistValues": items + gone}
