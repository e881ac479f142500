"""Metadata as files: custom fields, value sets and the permission set in one deployable zip.

Element names are those of the Metadata API WSDL.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from qontakmig.connectors.base import FieldType, SchemaItem

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
PERMISSION_SET = "Qontakmig_Migration"
PERMISSION_SET_LABEL = "Qontak migration"
MIN_LONG_TEXT = 256
_ZIP_DATE = (2020, 1, 1, 0, 0, 0)
"""Fixed, so that the same schema gives the same bytes."""

_TYPES = {
    FieldType.TEXT: "Text",
    FieldType.LONG_TEXT: "LongTextArea",
    FieldType.RICH_TEXT: "Html",
    FieldType.INTEGER: "Number",
    FieldType.DECIMAL: "Number",
    FieldType.CURRENCY: "Currency",
    FieldType.PERCENT: "Percent",
    FieldType.DATE: "Date",
    FieldType.DATETIME: "DateTime",
    FieldType.BOOLEAN: "Checkbox",
    FieldType.PICKLIST: "Picklist",
    FieldType.MULTIPICKLIST: "MultiselectPicklist",
    FieldType.EMAIL: "Email",
    FieldType.PHONE: "Phone",
    FieldType.URL: "Url",
}
_STANDARD_SETS = {
    ("opportunity", "stagename"): "OpportunityStage",
    ("opportunity", "type"): "OpportunityType",
    ("lead", "status"): "LeadStatus",
    ("account", "type"): "AccountType",
    ("account", "rating"): "AccountRating",
    ("account", "accountsource"): "LeadSource",
    ("lead", "rating"): "AccountRating",
    ("account", "ownership"): "AccountOwnership",
    ("case", "status"): "CaseStatus",
    ("case", "priority"): "CasePriority",
    ("case", "origin"): "CaseOrigin",
    ("case", "reason"): "CaseReason",
    ("case", "type"): "CaseType",
    ("task", "status"): "TaskStatus",
    ("task", "priority"): "TaskPriority",
}
_SHARED_SETS = {"leadsource": "LeadSource", "industry": "Industry", "salutation": "Salutation"}


def metadata_object(object_name: str) -> str:
    """Return where the object's custom fields live: those of Task and Event on Activity."""
    return "Activity" if object_name in ("Task", "Event") else object_name


def full_name(item: SchemaItem) -> str:
    """Return the name that a deploy result uses: ``Account.X__c``, ``OpportunityStage``."""
    if item.kind == "field":
        return f"{metadata_object(item.object)}.{item.name}"
    field = str(item.definition["field"])
    return value_set_name(item.object, field) or f"{metadata_object(item.object)}.{field}"


def value_set_name(object_name: str, field: str) -> str | None:
    """Return the standard value set behind a picklist field, None for a custom field."""
    key = (object_name.casefold(), field.casefold())
    return _STANDARD_SETS.get(key) or _SHARED_SETS.get(key[1])


def package_zip(
    version: str,
    *,
    fields: Mapping[str, Sequence[str]] | None = None,
    value_sets: Mapping[str, str] | None = None,
    permission_fields: Sequence[str] = (),
    destroy: Mapping[str, Sequence[str]] | None = None,
) -> bytes:
    """Return a single-package zip.

    fields             object name → CustomField elements
    value_sets         standard value set name → its whole XML
    permission_fields  ``Account.X__c`` …: the whole content of our permission set
    destroy            metadata type → full names to delete
    """
    files: dict[str, str] = {}
    members: dict[str, list[str]] = {}
    for name, elements in sorted((fields or {}).items()):
        files[f"objects/{name}.object"] = _document("CustomObject", "".join(elements))
        names = [element.partition("<fullName>")[2].partition("<")[0] for element in elements]
        members.setdefault("CustomField", []).extend(f"{name}.{field}" for field in names)
    for name, xml in sorted((value_sets or {}).items()):
        files[f"standardValueSets/{name}.standardValueSet"] = xml
        members.setdefault("StandardValueSet", []).append(name)
    if permission_fields:
        files[f"permissionsets/{PERMISSION_SET}.permissionset"] = permission_set(permission_fields)
        members["PermissionSet"] = [PERMISSION_SET]
    files["package.xml"] = package_xml(version, members)
    if destroy:
        files["destructiveChanges.xml"] = package_xml(version, destroy)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(path, _ZIP_DATE), text)
    return buffer.getvalue()


def package_xml(version: str, members: Mapping[str, Iterable[str]]) -> str:
    types = "".join(
        "<types>"
        + "".join(_element("members", name) for name in names)
        + _element("name", kind)
        + "</types>"
        for kind, names in members.items()
    )
    return _document("Package", types + _element("version", version))


def permission_set(fields: Iterable[str]) -> str:
    """Return the permission set that lets its holders read and edit ``fields``."""
    grants = "".join(
        "<fieldPermissions><editable>true</editable>"
        + _element("field", field)
        + "<readable>true</readable></fieldPermissions>"
        for field in sorted(set(fields))
    )
    return _document("PermissionSet", grants + _element("label", PERMISSION_SET_LABEL))


def custom_field(item: SchemaItem) -> str:
    """Return the CustomField element of a field item.

    ``definition``: label, type (a ``FieldType`` value), length, precision, scale, options (texts
    or ``{"value", "label"}``), restricted, unique, external_id, description, help.
    """
    wanted = item.definition
    kind = FieldType(wanted["type"])
    parts = [
        _element("fullName", item.name),
        _element("label", str(wanted.get("label") or item.name)[:40]),
        _element("type", _TYPES[kind]),
    ]
    if wanted.get("description"):
        parts.append(_element("description", str(wanted["description"])[:1000]))
    if wanted.get("help"):
        parts.append(_element("inlineHelpText", str(wanted["help"])[:510]))
    parts += _shape(kind, wanted)
    if wanted.get("external_id"):
        parts.append("<externalId>true</externalId>")
    if wanted.get("unique"):
        parts.append("<unique>true</unique>")
        parts.append("<caseSensitive>false</caseSensitive>")
    return f"<fields>{''.join(parts)}</fields>"


def _shape(kind: FieldType, wanted: Mapping[str, Any]) -> list[str]:
    if kind is FieldType.TEXT:
        return [_element("length", min(int(wanted.get("length") or 255), 255))]
    if kind in (FieldType.LONG_TEXT, FieldType.RICH_TEXT):
        length = max(int(wanted.get("length") or 32_768), MIN_LONG_TEXT)
        return [_element("length", length), "<visibleLines>5</visibleLines>"]
    if kind in (FieldType.INTEGER, FieldType.DECIMAL, FieldType.CURRENCY, FieldType.PERCENT):
        scale = 0 if kind is FieldType.INTEGER else int(_or(wanted.get("scale"), 2))
        return [
            _element("precision", int(wanted.get("precision") or 18)),
            _element("scale", scale),
        ]
    if kind is FieldType.BOOLEAN:
        return ["<defaultValue>false</defaultValue>"]
    if kind in (FieldType.PICKLIST, FieldType.MULTIPICKLIST):
        lines = ["<visibleLines>4</visibleLines>"] if kind is FieldType.MULTIPICKLIST else []
        return [*lines, value_set(wanted.get("options") or (), bool(wanted.get("restricted")))]
    return []


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value


def value_set(options: Iterable[Any], restricted: bool) -> str:
    """Return the valueSet element with ``options`` in their order."""
    values = "".join(
        "<value>"
        + _element("fullName", _option(option, "value"))
        + "<default>false</default>"
        + _element("label", _option(option, "label"))
        + "</value>"
        for option in options
    )
    return (
        "<valueSet>"
        + _element("restricted", str(restricted).lower())
        + f"<valueSetDefinition><sorted>false</sorted>{values}</valueSetDefinition></valueSet>"
    )


def _option(option: Any, part: str) -> str:
    if isinstance(option, Mapping):
        return str(option.get(part) or option["value"])
    return str(option)


def standard_value_set(values: Iterable[Mapping[str, Any]]) -> str:
    """Return a whole StandardValueSet; each value has fullName, label and the set's own parts."""
    parts = (
        "<standardValue>"
        + "".join(_element(name, value[name]) for name in _VALUE_ORDER if name in value)
        + "</standardValue>"
        for value in values
    )
    return _document("StandardValueSet", "<sorted>false</sorted>" + "".join(parts))


_VALUE_ORDER = (
    "fullName",
    "default",
    "label",
    "closed",
    "converted",
    "forecastCategory",
    "highPriority",
    "probability",
    "won",
)


def _element(name: str, value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"<{name}>{escape(text)}</{name}>"


def _document(root: str, content: str) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{NAMESPACE}">{content}</{root}>\n'
    )
