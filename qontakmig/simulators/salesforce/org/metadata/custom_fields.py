"""CustomField: from metadata XML to a field describe, with the checks a deploy makes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..picklists import picklist_values
from ..schema import ACTIVITIES
from .package import Node, flag, text

if TYPE_CHECKING:
    from ..org import Org

NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*__c").fullmatch
NAME_MOST = 40
LABEL_MOST = 40
EXTERNAL_IDS_MOST = 25
EXTERNAL_ID_TYPES = ("Text", "Number", "Email", "AutoNumber")
UNIQUE_TYPES = ("Text", "Number", "Email", "AutoNumber")
# metadata type: (describe type, fixed length)
TYPES = {
    "Text": ("string", None), "TextArea": ("textarea", 255), "LongTextArea": ("textarea", None),
    "Html": ("textarea", None), "Number": ("double", 0), "Currency": ("currency", 0),
    "Percent": ("percent", 0), "Date": ("date", 0), "DateTime": ("datetime", 0),
    "Time": ("time", 0), "Checkbox": ("boolean", 0), "Picklist": ("picklist", 255),
    "MultiselectPicklist": ("multipicklist", 4099), "Phone": ("phone", 40),
    "Email": ("email", 80), "Url": ("url", 255), "Lookup": ("reference", 18),
    "MasterDetail": ("reference", 18), "AutoNumber": ("string", 30),
}  # fmt: skip
VALUES_MOST = {"Picklist": 1000, "MultiselectPicklist": 500}


class Problem(Exception):
    """Why a component is refused; `code` is used by the CRUD calls."""

    def __init__(self, text: str, code: str = "FIELD_INTEGRITY_EXCEPTION"):
        super().__init__(text)
        self.code = code


def put_field(org: Org, full_name: str, node: Node) -> tuple[bool, bool]:
    """Create or change a field; (created, changed). Raises Problem."""
    owner, _, name = full_name.partition(".")
    if owner in ACTIVITIES and name.endswith("__c"):
        raise Problem(f"Custom fields of {owner} are created on Activity: Activity.{name}")
    holders = org.schema.holders(owner)
    if not holders:
        raise Problem(
            f"Entity Enumeration Or ID: bad value for restricted picklist field: {owner}",
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        )
    known = holders[0].field(name)
    if not name.endswith("__c"):
        if known is None:
            raise Problem(f"Invalid fullName: {full_name}")
        return False, False  # settings of a standard field have no effect here
    if not NAME(name) or len(name) - 3 > NAME_MOST:
        raise Problem(
            f"Invalid fullName: {full_name}. The name can only contain underscores and "
            "alphanumeric characters, must begin with a letter, not end with an underscore, not "
            "contain two consecutive underscores and have at most 40 characters"
        )
    about = describe(org, name, node)
    if known is not None:
        _check_change(known.about, about)
        name = known.name
        about["name"] = name
    else:
        _check_allowance(org, holders[0].name, about)
    always = flag(node, "required") or text(node, "type") == "MasterDetail"
    change: dict[str, Any] = {
        "op": "put_field", "sobject": owner, "about": about, "always_visible": always,
        "child_relationship": text(node, "relationshipName"),
    }  # fmt: skip
    if known is not None and known.about == {**known.about, **about}:
        return False, False
    _check_stored(org, [h.name for h in holders], about)
    org.schema.apply(change)
    return known is None, True


def _whole(node: Node, name: str, low: int, high: int, kind: str) -> int:
    found = text(node, name)
    if found is None:
        raise Problem(f"Required field is missing: {name}", "REQUIRED_FIELD_MISSING")
    if not (found.isascii() and found.isdigit()) or len(found) > 9:
        raise Problem(f"Error parsing file: '{found}' is not a valid value for {name}")
    number = int(found)
    if number < low:
        raise Problem(f"Invalid {name}, minimum is: {low}")
    if number > high:
        raise Problem(f"Invalid {name} for {kind} field, maximum is: {high}")
    return number


def describe(org: Org, name: str, node: Node) -> dict[str, Any]:
    """Describe of a new field. Raises Problem for what a deploy would refuse."""
    kind = text(node, "type")
    if kind is None:
        raise Problem("Must specify a non-empty type for the CustomField")
    if text(node, "formula") is not None or kind not in TYPES:
        raise Problem(f"Field type {kind} is not supported by the practice org")
    label = text(node, "label")
    if label is None:
        raise Problem("Required field is missing: label", "REQUIRED_FIELD_MISSING")
    if len(label) > LABEL_MOST:
        raise Problem(f"Label: data value too large: {label} (max length={LABEL_MOST})",
                      "STRING_TOO_LONG")  # fmt: skip
    described, length = TYPES[kind]
    required = flag(node, "required")
    about: dict[str, Any] = {
        "name": name, "label": label, "type": described, "custom": True, "createable": True,
        "updateable": True, "nillable": not required,
        "inlineHelpText": text(node, "inlineHelpText"),
    }  # fmt: skip
    if length:
        about["length"] = length
    _by_kind(org, kind, node, about)
    _keys(kind, node, about)
    return about


def _by_kind(org: Org, kind: str, node: Node, about: dict[str, Any]) -> None:
    if kind == "Text":
        about["length"] = _whole(node, "length", 1, 255, kind)
    elif kind in ("LongTextArea", "Html"):
        about["length"] = _whole(node, "length", 256, 131_072, kind)
        _whole(node, "visibleLines", 2, 1000, kind)
        about["extraTypeInfo"] = "richtextarea" if kind == "Html" else "plaintextarea"
        about["htmlFormatted"] = kind == "Html"
    elif kind == "TextArea":
        about["extraTypeInfo"] = "plaintextarea"
    elif kind in ("Number", "Currency", "Percent"):
        about["precision"] = _whole(node, "precision", 1, 18, kind)
        about["scale"] = _whole(node, "scale", 0, about["precision"], kind)
    elif kind == "Checkbox":
        default = text(node, "defaultValue")
        if default is None:
            raise Problem("Must specify 'defaultValue' for a CustomField of type Checkbox")
        about.update(nillable=False, defaultedOnCreate=True, defaultValue=default == "true")
    elif kind in VALUES_MOST:
        _values(org, kind, node, about)
    elif kind in ("Lookup", "MasterDetail"):
        _lookup(org, kind, node, about)
    elif kind == "AutoNumber":
        about.update(
            createable=False, updateable=False, autoNumber=True, nillable=False,
            defaultedOnCreate=True,
        )  # fmt: skip


def _values(org: Org, kind: str, node: Node, about: dict[str, Any]) -> None:
    sets = node.get("valueSet")
    if not sets or not isinstance(sets[0], dict):
        raise Problem("Must specify either valueSetDefinition or valueSetName in valueSet")
    definitions = sets[0].get("valueSetDefinition")
    if not definitions or not isinstance(definitions[0], dict):
        raise Problem("Must specify either valueSetDefinition or valueSetName in valueSet")
    values = [v for v in definitions[0].get("value", []) if isinstance(v, dict)]
    items = picklist_values([{k: v[0] for k, v in value.items()} for value in values])
    names = [item["value"].lower() for item in items]
    for name in names:
        if names.count(name) > 1:
            raise Problem(f"Duplicate value for picklist: {name}", "DUPLICATE_VALUE")
        if len(name) > 255:
            raise Problem("Picklist value is longer than 255 characters", "STRING_TOO_LONG")
    if len(items) > VALUES_MOST[kind]:
        raise Problem(f"A {kind} field may have at most {VALUES_MOST[kind]} values")
    about["picklistValues"] = items
    about["restrictedPicklist"] = flag(sets[0], "restricted")
    if kind == "MultiselectPicklist":
        about["precision"] = _whole(node, "visibleLines", 3, 10, kind)
        about["groupable"] = about["sortable"] = about["aggregatable"] = False


def _lookup(org: Org, kind: str, node: Node, about: dict[str, Any]) -> None:
    target = text(node, "referenceTo")
    parent = org.schema.get(target or "")
    if parent is None:
        raise Problem(f"referenceTo value of '{target}' does not resolve to a valid sObject type")
    relationship = text(node, "relationshipName")
    if relationship is None and kind == "MasterDetail":
        raise Problem("Required field is missing: relationshipName", "REQUIRED_FIELD_MISSING")
    about.update(
        referenceTo=[parent.name], relationshipName=about["name"].removesuffix("__c") + "__r"
    )
    if kind == "MasterDetail":
        about.update(
            nillable=False, updateable=flag(node, "reparentableMasterDetail"),
            cascadeDelete=True, relationshipOrder=0, writeRequiresMasterRead=False,
        )  # fmt: skip
    else:
        constraint = text(node, "deleteConstraint", "SetNull")
        about["cascadeDelete"] = constraint == "Cascade"
        about["restrictedDelete"] = constraint == "Restrict"


def _keys(kind: str, node: Node, about: dict[str, Any]) -> None:
    if flag(node, "externalId"):
        if kind not in EXTERNAL_ID_TYPES:
            raise Problem(f"Cannot specify 'externalId' for a CustomField of type {kind}")
        about.update(externalId=True, idLookup=True)
    if flag(node, "unique"):
        if kind not in UNIQUE_TYPES:
            raise Problem(f"Cannot specify 'unique' for a CustomField of type {kind}")
        about.update(unique=True, idLookup=True, caseSensitive=flag(node, "caseSensitive"))


def _check_allowance(org: Org, owner: str, about: dict[str, Any]) -> None:
    fields = org.schema.objects[owner.lower()].fields.values()
    custom = [f for f in fields if f.about["custom"]]
    if len(custom) >= org.allowances.custom_fields:
        text = "You have reached the maximum number of custom fields on " + owner
        raise Problem(text, "CUSTOM_ENTITY_OR_FIELD_LIMIT")
    externals = sum(f.about["externalId"] for f in custom)
    if about.get("externalId") and externals >= EXTERNAL_IDS_MOST:
        text = f"You have reached the maximum number of external ids on {owner}"
        raise Problem(text, "CUSTOM_ENTITY_OR_FIELD_LIMIT")


def _check_change(old: dict[str, Any], new: dict[str, Any]) -> None:
    if old["type"] != new["type"]:
        raise Problem(
            f"Cannot change the type of {old['name']} from {old['type']} to {new['type']}"
        )
    if new.get("length", old["length"]) < old["length"]:
        raise Problem(
            f"Cannot shorten {old['name']} from {old['length']} to {new['length']} characters"
        )
    digits = old["precision"] - old["scale"]
    numeric = "precision" in new and old["type"] != "multipicklist"
    if numeric and new["precision"] - new["scale"] < digits:
        raise Problem(f"Cannot reduce the digits of {old['name']}")
    if old["referenceTo"] != new.get("referenceTo", old["referenceTo"]):
        raise Problem(f"Cannot change the parent object of {old['name']}")


def _check_stored(org: Org, holders: list[str], about: dict[str, Any]) -> None:
    """A field can only become unique when the values stored already are."""
    if not about.get("unique"):
        return
    for holder in holders:
        seen: set[Any] = set()
        for row in org.tables[holder].live.values() if holder in org.tables else ():
            value = row.get(about["name"])
            folded = value.lower() if isinstance(value, str) else value
            if value is not None and folded in seen:
                raise Problem(f"Duplicate values exist in {about['name']}", "DUPLICATE_VALUE")
            seen.add(folded)
