"""Present values of standard picklists, in the words of the Metadata API.

Deploying a value set sends the whole list: values left out become inactive. So a value is added
by sending all active ones and the new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qontakmig.connectors.base import ObjectDescribe, SchemaItem
from qontakmig.connectors.salesforce.query import query
from qontakmig.connectors.salesforce.session import Session

_ROWS = {
    "OpportunityStage": "SELECT MasterLabel,ApiName,IsClosed,IsWon,DefaultProbability,"
    "ForecastCategoryName,SortOrder FROM OpportunityStage WHERE IsActive = true ORDER BY SortOrder",
    "LeadStatus": "SELECT MasterLabel,ApiName,IsConverted,IsDefault,SortOrder FROM LeadStatus"
    " ORDER BY SortOrder",
    "CaseStatus": "SELECT MasterLabel,ApiName,IsClosed,IsDefault,SortOrder FROM CaseStatus"
    " ORDER BY SortOrder",
    "TaskStatus": "SELECT MasterLabel,ApiName,IsClosed,IsDefault,SortOrder FROM TaskStatus"
    " ORDER BY SortOrder",
    "TaskPriority": "SELECT MasterLabel,ApiName,IsHighPriority,IsDefault,SortOrder FROM"
    " TaskPriority ORDER BY SortOrder",
}
_PARTS = {
    "IsClosed": "closed",
    "IsWon": "won",
    "IsConverted": "converted",
    "IsHighPriority": "highPriority",
    "IsDefault": "default",
}
_FORECAST = {
    "Omitted": "Omitted",
    "Pipeline": "Pipeline",
    "Best Case": "BestCase",
    "Commit": "Forecast",
    "Closed": "Closed",
}


def present_values(
    session: Session, set_name: str, field: str, describe: ObjectDescribe
) -> list[dict[str, Any]]:
    """Return the active values of a standard value set, as ``standardValue`` parts."""
    if set_name in _ROWS:
        return [_from_row(row) for row in query(session, _ROWS[set_name])]
    found = describe.field(field)
    options = found.options if found else ()
    return [
        {"fullName": option.value, "default": False, "label": option.label}
        for option in options
        if option.active
    ]


def _from_row(row: Mapping[str, Any]) -> dict[str, Any]:
    value: dict[str, Any] = {
        "fullName": row.get("ApiName") or row["MasterLabel"],
        "default": False,
        "label": row["MasterLabel"],
    }
    for name, part in _PARTS.items():
        if name in row:
            value[part] = bool(row[name])
    if "DefaultProbability" in row:
        value["probability"] = int(float(row["DefaultProbability"] or 0))
        value["forecastCategory"] = _FORECAST.get(str(row.get("ForecastCategoryName")), "Pipeline")
    return value


def with_items(
    present: Sequence[Mapping[str, Any]], set_name: str, items: Iterable[SchemaItem]
) -> list[Mapping[str, Any]]:
    """Return ``present`` plus the values of ``items`` that are not there yet."""
    known = {str(value["fullName"]).casefold() for value in present}
    values = list(present)
    for item in items:
        if item.name.casefold() not in known:
            known.add(item.name.casefold())
            values.append(_new_value(set_name, item))
    return values


def _new_value(set_name: str, item: SchemaItem) -> dict[str, Any]:
    wanted = item.definition
    value: dict[str, Any] = {
        "fullName": item.name,
        "default": False,
        "label": wanted.get("label") or item.name,
    }
    closed, won = bool(wanted.get("closed")), bool(wanted.get("won"))
    if set_name == "OpportunityStage":
        probability = wanted.get("probability")
        value["closed"], value["won"] = closed or won, won
        value["probability"] = int(float(probability)) if probability is not None else 0
        value["forecastCategory"] = "Closed" if won else "Omitted" if closed else "Pipeline"
    elif set_name in ("CaseStatus", "TaskStatus"):
        value["closed"] = closed
    elif set_name == "LeadStatus":
        value["converted"] = False
    elif set_name == "TaskPriority":
        value["highPriority"] = False
    return value
