"""A field of an object: its describe and the facts the write path reads from it.

Type-derived keys of a describe follow the recorded describes (`../recordings`): soapType by type,
byteLength = 3 x length for text and = length for ids, datetimes and numbers not groupable,
long text neither filterable nor sortable nor groupable, addresses neither sortable nor groupable.
"""

from __future__ import annotations

from typing import Any

SOAP_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "time": "xsd:time",
    "address": "urn:address",
    "location": "urn:location",
    "base64": "xsd:base64Binary",
    "anyType": "xsd:anyType",
}
LENGTHS = {"id": 18, "reference": 18, "picklist": 255, "phone": 40, "email": 80, "url": 255}
TEXT_TYPES = frozenset(
    [
        "string",
        "textarea",
        "picklist",
        "multipicklist",
        "phone",
        "email",
        "url",
        "combobox",
        "encryptedstring",
    ]
)
NUMBER_TYPES = frozenset(("double", "currency", "percent"))
LONG_TEXT = 255
AUDIT_FIELDS = ("CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById")

PLAIN: dict[str, Any] = {
    "aggregatable": True, "aiPredictionField": False, "autoNumber": False, "byteLength": 0,
    "calculated": False, "calculatedFormula": None, "cascadeDelete": False,
    "caseSensitive": False, "compoundFieldName": None, "controllerName": None,
    "createable": False, "custom": False, "defaultValue": None, "defaultValueFormula": None,
    "defaultedOnCreate": False, "dependentPicklist": False, "deprecatedAndHidden": False,
    "digits": 0, "displayLocationInDecimal": False, "encrypted": False, "externalId": False,
    "extraTypeInfo": None, "filterable": True, "filteredLookupInfo": None,
    "formulaTreatNullNumberAsZero": False, "groupable": True, "highScaleNumber": False,
    "htmlFormatted": False, "idLookup": False, "inlineHelpText": None, "label": "", "length": 0,
    "mask": None, "maskType": None, "name": "", "nameField": False, "namePointing": False,
    "nillable": True, "permissionable": True, "picklistValues": [],
    "polymorphicForeignKey": False, "precision": 0, "queryByDistance": False,
    "referenceTargetField": None, "referenceTo": [], "relationshipName": None,
    "relationshipOrder": None, "restrictedDelete": False, "restrictedPicklist": False,
    "scale": 0, "searchPrefilterable": False, "soapType": "xsd:string", "sortable": True,
    "type": "string", "unique": False, "updateable": False, "writeRequiresMasterRead": False,
}  # fmt: skip


def complete(partial: dict[str, Any]) -> dict[str, Any]:
    """A whole field describe from a partial one; keys given are kept as they are."""
    kind = partial.get("type", "string")
    whole = {**PLAIN, "soapType": SOAP_TYPES.get(kind, "xsd:string")}
    whole["length"] = LENGTHS.get(kind, LONG_TEXT if kind in TEXT_TYPES else 0)
    if kind in NUMBER_TYPES:
        whole.update(precision=18, scale=2 if kind == "currency" else 0, groupable=False)
    elif kind == "int":
        whole.update(digits=9)
    elif kind == "datetime":
        whole.update(groupable=False)
    elif kind == "boolean":
        whole.update(aggregatable=False, nillable=False, defaultedOnCreate=True)
    elif kind in ("address", "location"):
        whole.update(aggregatable=False, groupable=False, sortable=False, queryByDistance=True)
    elif kind == "base64":
        whole.update(aggregatable=False, filterable=False, groupable=False, sortable=False)
    elif kind == "reference":
        many = len(partial.get("referenceTo") or ()) > 1
        whole.update(polymorphicForeignKey=many, namePointing=many)
    whole.update(partial)
    length = whole["length"]
    if kind in TEXT_TYPES:
        whole["byteLength"] = length * 3
        if kind == "textarea" and length > LONG_TEXT:
            whole.update(aggregatable=False, filterable=False, groupable=False, sortable=False)
    elif kind in ("id", "reference"):
        whole["byteLength"] = length
    if whole["custom"]:
        return whole
    name = whole["name"]
    whole["permissionable"] = bool(whole["nillable"] and whole["createable"])
    if name == "Id":
        whole.update(defaultedOnCreate=True, idLookup=True, nillable=False)
    elif name in AUDIT_FIELDS or name in ("SystemModstamp", "IsDeleted", "OwnerId"):
        whole["defaultedOnCreate"] = True
    return whole


class Field:
    """One field. `about` is its describe; the other attributes are read by every row."""

    __slots__ = (
        "about", "always_visible", "case_sensitive", "default", "length", "lower", "name",
        "reference_to", "relationship", "restricted", "type", "unique", "values",
    )  # fmt: skip

    def __init__(self, about: dict[str, Any], *, always_visible: bool = False):
        self.about = about
        self.name: str = about["name"]
        self.lower = self.name.lower()
        self.type: str = about["type"]
        self.length: int = about["length"]
        self.case_sensitive: bool = about["caseSensitive"]
        self.unique: bool = about["unique"]
        self.reference_to: tuple[str, ...] = tuple(about["referenceTo"])
        self.relationship: str | None = about["relationshipName"]
        self.restricted: bool = about["restrictedPicklist"]
        # standard fields need no grant in a plain org; custom ones only when required
        self.always_visible = always_visible or not about["custom"]
        active = [v for v in about["picklistValues"] if v["active"]]
        self.values = {v["value"].lower(): v["value"] for v in active}
        self.default: Any = about["defaultValue"]
        if self.default is None and self.type in ("picklist", "combobox"):
            self.default = next((v["value"] for v in active if v["defaultValue"]), None)

    @property
    def label(self) -> str:
        return self.about["label"]

    @property
    def required(self) -> bool:
        about = self.about
        return about["createable"] and not about["nillable"] and not about["defaultedOnCreate"]

    @property
    def lookup_key(self) -> bool:
        """May stand for the row in an upsert or in `Parent.Field`."""
        return self.about["externalId"] or self.about["idLookup"]
