"""The org's schema as rows: EntityDefinition and FieldDefinition, and CustomField for tools.

Source: object reference and Tooling API, the columns that follow from a describe.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .fields import Field, complete
from .ids import DIGITS, checksum
from .recordings import object_describe
from .rows import Row, Table
from .schema import SObject

if TYPE_CHECKING:
    from .org import Org

COLUMNS = {
    "EntityDefinition": {
        "DurableId": "string", "QualifiedApiName": "string", "DeveloperName": "string",
        "MasterLabel": "string", "Label": "string", "PluralLabel": "string",
        "KeyPrefix": "string", "NamespacePrefix": "string", "IsCustomSetting": "boolean",
        "IsDeprecatedAndHidden": "boolean", "IsLayoutable": "boolean",
        "IsQueryable": "boolean", "IsRetrieveable": "boolean", "IsSearchable": "boolean",
        "IsTriggerable": "boolean",
    },
    "FieldDefinition": {
        "DurableId": "string", "QualifiedApiName": "string", "EntityDefinitionId": "reference",
        "DeveloperName": "string", "MasterLabel": "string", "Label": "string",
        "NamespacePrefix": "string", "DataType": "string", "Length": "int", "Precision": "int",
        "Scale": "int", "IsCalculated": "boolean", "IsNillable": "boolean",
        "IsNameField": "boolean", "RelationshipName": "string",
    },
    "CustomField": {
        "Id": "id", "DeveloperName": "string", "TableEnumOrId": "string",
        "EntityDefinitionId": "reference", "NamespacePrefix": "string", "Length": "int",
        "Precision": "int", "Scale": "int", "InlineHelpText": "string",
        "ManageableState": "string",
    },
    "InstalledSubscriberPackage": {
        "Id": "id", "SubscriberPackageId": "string", "SubscriberPackageVersionId": "string",
    },
}  # fmt: skip
TOOLING_ONLY = ("CustomField", "InstalledSubscriberPackage")
_DATA_TYPES = {
    "id": "Lookup()", "boolean": "Checkbox", "date": "Date", "datetime": "Date/Time",
    "time": "Time", "phone": "Phone", "email": "Email", "picklist": "Picklist",
    "multipicklist": "Picklist (Multi-Select)", "combobox": "Picklist",
    "address": "Address", "location": "Geolocation", "base64": "Base64",
}  # fmt: skip


class Definitions:
    """Stands in for the org while its schema is queried: has what a query reads of an org."""

    def __init__(self, org: Org, user_id: str):
        self.org = org
        self.user_id = user_id
        self.access = org.access
        self.schema = self
        self.by_prefix: dict[str, SObject] = defaultdict(lambda: _sobject("EntityDefinition"))
        self.tables = {name: _filled(name, self._rows(name)) for name in COLUMNS}

    def get(self, name: str) -> SObject | None:
        found = next((known for known in COLUMNS if known.lower() == name.lower()), None)
        return _sobject(found) if found else None

    def now(self) -> datetime:
        return self.org.now()

    def parent(self, record_id: str | None) -> Row | None:
        return self.tables["EntityDefinition"].live.get(record_id or "")

    def _rows(self, name: str) -> Iterator[Row]:
        for sobject in self.org.schema.objects.values():
            if name == "EntityDefinition":
                yield _entity(sobject)
            if name not in ("FieldDefinition", "CustomField"):
                continue
            for field in sobject.fields.values():
                if name == "CustomField":
                    if field.about["custom"]:
                        yield self._custom(sobject, field)
                elif self.access.readable(self.user_id, sobject, field):
                    yield _field(sobject, field)

    def _custom(self, sobject: SObject, field: Field) -> Row:
        return {
            **_shape(field),
            "Id": custom_field_id(self.org, sobject.name, field.name),
            "TableEnumOrId": sobject.name,
            "EntityDefinitionId": sobject.name,
            "InlineHelpText": field.about["inlineHelpText"],
            "ManageableState": "unmanaged",
        }


def is_definition(name: str, *, tooling: bool) -> bool:
    """Tell whether a query's object is one of these; some the Tooling API alone has."""
    known = [one for one in COLUMNS if tooling or one not in TOOLING_ONLY]
    return name.lower() in (one.lower() for one in known)


def custom_field_id(org: Org, sobject: str, field: str) -> str:
    """Return the id of a custom field: the same each time, as nothing of it is stored."""
    number = int(hashlib.sha256(f"{sobject}.{field}".lower().encode()).hexdigest(), 16)
    body = "00N" + org.org_id[3:5]
    while len(body) < 15:
        number, digit = divmod(number, len(DIGITS))
        body += DIGITS[digit]
    return body + checksum(body)


def _sobject(name: str) -> SObject:
    about = object_describe(name, name, queryable=True)
    fields = [complete({"name": column, "type": kind}) for column, kind in COLUMNS[name].items()]
    for field in fields:
        if field["name"] == "EntityDefinitionId":
            field.update(referenceTo=["EntityDefinition"], relationshipName="EntityDefinition")
    return SObject({**about, "fields": fields})


def _filled(name: str, rows: Iterator[Row]) -> Table:
    table = Table(name)
    for row in rows:
        row.setdefault("Id", row.get("DurableId"))
        table.put(row["Id"], row)
    return table


def _entity(sobject: SObject) -> Row:
    about = sobject.about
    return {
        "DurableId": sobject.name,
        "QualifiedApiName": sobject.name,
        "DeveloperName": sobject.name.removesuffix("__c"),
        "MasterLabel": about["label"],
        "Label": about["label"],
        "PluralLabel": about["labelPlural"],
        "KeyPrefix": sobject.prefix,
        "IsCustomSetting": about["customSetting"],
        "IsDeprecatedAndHidden": about["deprecatedAndHidden"],
        "IsLayoutable": about["layoutable"],
        "IsQueryable": about["queryable"],
        "IsRetrieveable": about["retrieveable"],
        "IsSearchable": about["searchable"],
        "IsTriggerable": about["triggerable"],
    }


def _field(sobject: SObject, field: Field) -> Row:
    about = field.about
    return {
        **_shape(field),
        "DurableId": f"{sobject.name}.{field.name}",
        "QualifiedApiName": field.name,
        "EntityDefinitionId": sobject.name,
        "MasterLabel": field.label,
        "Label": field.label,
        "DataType": _data_type(field),
        "IsCalculated": about["calculated"],
        "IsNillable": about["nillable"],
        "IsNameField": about["nameField"],
        "RelationshipName": field.relationship,
    }


def _shape(field: Field) -> dict[str, Any]:
    about = field.about
    return {
        "DeveloperName": field.name.removesuffix("__c"),
        "Length": about["length"],
        "Precision": about["precision"],
        "Scale": about["scale"],
    }


def _data_type(field: Field) -> str:
    """Return the type as Setup words it: "Text(80)", "Number(16, 2)", "Lookup(User)"."""
    about, kind = field.about, field.type
    if kind == "reference":
        return f"Lookup({','.join(field.reference_to)})"
    if kind == "textarea":
        return f"Long Text Area({field.length})" if field.length > 255 else "Text Area(255)"
    if kind in ("double", "currency", "percent", "int"):
        word = {"currency": "Currency", "percent": "Percent"}.get(kind, "Number")
        whole = about["precision"] - about["scale"] if kind != "int" else about["digits"]
        return f"{word}({whole}, {about['scale']})"
    if kind == "url":
        return f"URL({field.length})"
    return _DATA_TYPES.get(kind, f"Text({field.length})")
