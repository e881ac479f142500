"""Which conversion brings values of a source field into a destination field."""

from .case import DestField, SourceField
from .classify import Meaning
from .values import is_yes_no

LOOKUPS = {
    **{"company": "Account", "parent": "Account", "contact": "Contact", "owner": "User"},
    **{"creator": "User", "updater": "User", "manager": "Contact", "campaign": "Campaign"},
    **{"product": "Product2", "asset": "Asset", "pipeline": "RecordType"},
}
"""Concept of a lookup: the object it points at, where the describe does not tell."""
BY_FAMILY = {"email": "email", "url": "url", "bool": "boolean", "percent": "percent"}


def conversion_for(source: SourceField, ours: Meaning, dest: DestField, theirs: Meaning) -> str:
    """Return a conversion's name: text, phone_e164, idr_number, date_dmy, lookup:Account, …"""
    family = theirs.family
    if family in ("lookup", "user"):
        return "lookup:" + _target(dest, theirs)
    if family == "phone" or (ours.family == "phone" and family == "text"):
        return "phone_e164"
    if family in BY_FAMILY:
        return BY_FAMILY[family]
    if family in ("date", "datetime"):
        return "datetime" if _has_time(ours) else "date_dmy"
    if family in ("money", "number"):
        return "idr_number" if ours.shape == "rupiah" or family == "money" else "int_id"
    if family == "multichoice":
        return "multipicklist"
    if family == "choice":
        labels = tuple(option.label for option in source.options)
        return "boolean" if is_yes_no(labels) and not dest.options else "picklist"
    return "text"


def custom_conversion(draft_type: str, ours: Meaning) -> str:
    """Return the conversion for values that go into a custom field of ``draft_type``."""
    return {
        **{"Phone": "phone_e164", "Email": "email", "Url": "url", "Checkbox": "boolean"},
        **{"Percent": "percent", "Currency": "idr_number", "Picklist": "picklist"},
        **{"MultiselectPicklist": "multipicklist", "DateTime": "datetime", "Date": "date_dmy"},
        "Number": "idr_number" if ours.shape == "rupiah" else "int_id",
    }.get(draft_type, "text")


def _target(dest: DestField, theirs: Meaning) -> str:
    if dest.reference_to:
        users = "User" in dest.reference_to
        return "User" if users else dest.reference_to[0]
    concept, _ = theirs.best()
    return LOOKUPS.get(concept or "", dest.name.removesuffix("Id").removesuffix("_id"))


def _has_time(ours: Meaning) -> bool:
    return ours.family == "datetime" or ours.shape == "datetime"
