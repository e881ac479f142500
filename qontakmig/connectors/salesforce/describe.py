"""Salesforce's describe as ``ObjectDescribe``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qontakmig.connectors.base import FieldDescribe, FieldOption, FieldType, ObjectDescribe

_TYPES = {
    "string": FieldType.TEXT,
    "combobox": FieldType.TEXT,
    "encryptedstring": FieldType.TEXT,
    "int": FieldType.INTEGER,
    "long": FieldType.INTEGER,
    "currency": FieldType.CURRENCY,
    "percent": FieldType.PERCENT,
    "date": FieldType.DATE,
    "datetime": FieldType.DATETIME,
    "boolean": FieldType.BOOLEAN,
    "picklist": FieldType.PICKLIST,
    "multipicklist": FieldType.MULTIPICKLIST,
    "email": FieldType.EMAIL,
    "phone": FieldType.PHONE,
    "url": FieldType.URL,
    "reference": FieldType.REFERENCE,
    "id": FieldType.ID,
    "base64": FieldType.FILE,
    "location": FieldType.LOCATION,
}
SHORT_TEXTAREA = 255


def object_describe(raw: Mapping[str, Any]) -> ObjectDescribe:
    """Return the object of a ``/sobjects/X/describe`` answer.

    Fields that the user has no access to are absent from it.
    """
    record_types = {
        str(info["developerName"]): str(info["recordTypeId"])
        for info in raw.get("recordTypeInfos") or ()
        if info.get("available") and not info.get("master") and info.get("developerName")
    }
    return ObjectDescribe(
        name=str(raw["name"]),
        label=str(raw.get("label") or raw["name"]),
        fields=tuple(field_describe(field) for field in raw["fields"]),
        record_types=record_types,
    )


def field_describe(raw: Mapping[str, Any]) -> FieldDescribe:
    """Return one field. Required means: must be given on insert and has no default."""
    createable = bool(raw.get("createable"))
    optional = bool(raw.get("nillable")) or bool(raw.get("defaultedOnCreate"))
    return FieldDescribe(
        name=str(raw["name"]),
        label=str(raw.get("label") or raw["name"]),
        type=_field_type(raw),
        native_type=str(raw["type"]),
        custom=bool(raw.get("custom")),
        required=createable and not optional,
        createable=createable,
        updateable=bool(raw.get("updateable")),
        length=raw.get("length") or None,
        precision=raw.get("precision") or None,
        scale=raw.get("scale") if raw.get("precision") else None,
        options=tuple(
            FieldOption(
                value=str(value["value"]),
                label=str(value.get("label") or value["value"]),
                active=bool(value.get("active", True)),
            )
            for value in raw.get("picklistValues") or ()
        ),
        restricted=bool(raw.get("restrictedPicklist")),
        multiple=raw["type"] == "multipicklist",
        reference_to=tuple(raw.get("referenceTo") or ()),
        unique=bool(raw.get("unique")),
        external_id=bool(raw.get("externalId")),
    )


def _field_type(raw: Mapping[str, Any]) -> FieldType:
    native = raw["type"]
    if native == "textarea":
        if raw.get("htmlFormatted"):
            return FieldType.RICH_TEXT
        long = (raw.get("length") or 0) > SHORT_TEXTAREA
        return FieldType.LONG_TEXT if long else FieldType.TEXT
    if native == "double":
        return FieldType.DECIMAL if raw.get("scale") else FieldType.INTEGER
    return _TYPES.get(str(native), FieldType.OTHER)
