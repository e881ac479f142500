"""listMetadata and readMetadata: what custom fields, objects and permission sets there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from qontakmig.simulators.salesforce.http import xml
from qontakmig.simulators.salesforce.org.definitions import custom_field_id
from qontakmig.simulators.salesforce.org.fields import LONG_TEXT, Field

if TYPE_CHECKING:
    from qontakmig.simulators.salesforce.http.practice_org import SalesforceOrg

_TYPES = {
    "string": "Text", "double": "Number", "currency": "Currency", "percent": "Percent",
    "date": "Date", "datetime": "DateTime", "boolean": "Checkbox", "picklist": "Picklist",
    "multipicklist": "MultiselectPicklist", "phone": "Phone", "email": "Email", "url": "Url",
    "encryptedstring": "EncryptedText", "time": "Time", "location": "Location",
}  # fmt: skip
_WITH_LENGTH = ("Text", "LongTextArea", "Html", "EncryptedText")


def components(org: SalesforceOrg, kind: str) -> list[dict[str, Any]]:
    """Return the fileProperties of every component of a type."""
    when = org.moment(org.clock.now()).replace("+0000", "Z")
    who = {"Id": org.admin_id, "Name": org.user(org.admin_id)["Name"], "Date": when}
    touched = {f"{act}By{key}": who[key] for act in ("created", "lastModified")
               for key in ("Id", "Name")}  # fmt: skip
    return [
        _ordered(
            {
                **touched,
                "createdDate": when,
                "lastModifiedDate": when,
                "fileName": file_name,
                "fullName": full_name,
                "id": record_id,
                "manageableState": "unmanaged",
                "type": kind,
            }
        )
        for full_name, file_name, record_id in _known(org, kind)
    ]


def _known(org: SalesforceOrg, kind: str) -> Iterator[tuple[str, str, str]]:
    """Yield (fullName, fileName, id)."""
    engine = org.engine
    for sobject in engine.schema.objects.values():
        file_name = f"objects/{sobject.name}.object"
        if kind == "CustomObject":
            yield sobject.name, file_name, ""
        if kind == "CustomField":
            for field in sobject.fields.values():
                if field.about["custom"]:
                    record_id = custom_field_id(engine, sobject.name, field.name)
                    yield f"{sobject.name}.{field.name}", file_name, record_id
    if kind == "PermissionSet":
        for row in engine.tables["PermissionSet"].live.values():
            if not row.get("ProfileId"):
                yield row["Name"], f"permissionsets/{row['Name']}.permissionset", row["Id"]


def custom_field(org: SalesforceOrg, full_name: str) -> dict[str, Any] | None:
    """Return a custom field as metadata, None when there is none of that name."""
    owner, _, name = full_name.partition(".")
    found = [holder.field(name) for holder in org.engine.schema.holders(owner)]
    field = next((one for one in found if one and one.about["custom"]), None)
    return _as_metadata(full_name, field) if field else None


def _as_metadata(full_name: str, field: Field) -> dict[str, Any]:
    about, kind = field.about, _kind(field)
    shown: dict[str, Any] = {"label": field.label, "type": kind}
    if about["inlineHelpText"]:
        shown["inlineHelpText"] = about["inlineHelpText"]
    if kind in _WITH_LENGTH:
        shown["length"] = field.length
    if kind in ("Text", "Number", "Email"):
        shown.update(externalId=about["externalId"], unique=field.unique)
    if kind in ("Number", "Currency", "Percent"):
        shown.update(precision=about["precision"], scale=about["scale"])
    if kind == "Checkbox":
        shown["defaultValue"] = "true" if field.default else "false"
    elif kind not in ("LongTextArea", "Html"):
        shown["required"] = not about["nillable"]
    if field.type == "reference":
        name = (field.relationship or "").removesuffix("__r")
        shown.update(referenceTo=field.reference_to[0], relationshipName=name)
    if field.type in ("picklist", "multipicklist"):
        shown["valueSet"] = _value_set(field)
    return {xml.TYPE: "CustomField", "fullName": full_name, **_ordered(shown)}


def _kind(field: Field) -> str:
    about = field.about
    if about["autoNumber"]:
        return "AutoNumber"
    if field.type == "textarea":
        if about["htmlFormatted"]:
            return "Html"
        return "LongTextArea" if field.length > LONG_TEXT else "TextArea"
    if field.type == "reference":
        return "Lookup" if about["relationshipOrder"] is None else "MasterDetail"
    return _TYPES.get(field.type, "Text")


def _value_set(field: Field) -> dict[str, Any]:
    values = [
        {"fullName": one["value"], "default": one["defaultValue"],
         "isActive": one["active"], "label": one["label"]}
        for one in field.about["picklistValues"]
    ]  # fmt: skip
    definition = {"sorted": False, "value": values}
    return {"restricted": field.restricted, "valueSetDefinition": definition}


def _ordered(shown: dict[str, Any]) -> dict[str, Any]:
    """The schema of the metadata API lists elements by name; strict readers insist on it."""
    return dict(sorted(shown.items()))
