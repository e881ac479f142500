"""The other component types: objects, record types, sales processes, value sets, permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..fields import complete
from ..picklists import FORECAST_NAMES, VALUE_SETS, picklist_values, replaced
from .custom_fields import Problem, put_field
from .package import Node, flag, text

if TYPE_CHECKING:
    from ..org import Org

NEEDS_PROCESS = {"Opportunity": "OpportunityStage", "Lead": "LeadStatus", "Case": "CaseStatus"}
PERCENTAGES = frozenset(str(n) for n in range(101))
Outcome = tuple[bool, bool]  # created, changed


def _need(node: Node, name: str) -> str:
    found = text(node, name)
    if found is None:
        raise Problem(f"Required field is missing: {name}", "REQUIRED_FIELD_MISSING")
    return found


def put_object(org: Org, name: str, node: Node) -> Outcome:
    known = org.schema.get(name)
    if known and not known.custom:
        return False, False
    if not known and not name.endswith("__c"):
        raise Problem(f"Entity Enumeration Or ID: bad value for restricted picklist field: {name}")
    if known and text(node, "label") is None:
        return False, False
    label = _need(node, "label")
    plural = text(node, "pluralLabel", label)
    named = node.get("nameField", [])
    auto = bool(named and isinstance(named[0], dict) and text(named[0], "type") == "AutoNumber")
    fields = [complete(f) for f in _system_fields(label, auto)]
    org.schema.apply(
        {"op": "put_object", "name": name, "label": label, "plural": plural, "fields": fields}
    )
    return known is None, True


def _system_fields(label: str, auto: bool) -> list[dict[str, Any]]:
    reference = {"type": "reference", "nillable": False}
    user = {**reference, "referenceTo": ["User"]}
    return [
        {"name": "Id", "label": "Record ID", "type": "id", "nillable": False},
        {"name": "OwnerId", "label": "Owner ID", "createable": True, "updateable": True, **user,
         "referenceTo": ["Group", "User"], "relationshipName": "Owner"},
        {"name": "IsDeleted", "label": "Deleted", "type": "boolean"},
        {"name": "Name", "label": f"{label} Name", "type": "string", "length": 80,
         "nameField": True, "idLookup": True, "createable": not auto, "updateable": not auto,
         "autoNumber": auto, "defaultedOnCreate": auto, "nillable": not auto},
        {"name": "CreatedDate", "label": "Created Date", "type": "datetime", "nillable": False},
        {"name": "CreatedById", "label": "Created By ID", **user, "relationshipName": "CreatedBy"},
        {"name": "LastModifiedDate", "label": "Last Modified Date", "type": "datetime",
         "nillable": False},
        {"name": "LastModifiedById", "label": "Last Modified By ID", **user,
         "relationshipName": "LastModifiedBy"},
        {"name": "SystemModstamp", "label": "System Modstamp", "type": "datetime",
         "nillable": False},
    ]  # fmt: skip


def put_value_set(org: Org, name: str, node: Node) -> Outcome:
    """StandardValueSet: the list given is the whole list."""
    if name not in VALUE_SETS:
        raise Problem(f"Value set {name} is not supported by the practice org")
    values = [v for v in node.get("standardValue", []) if isinstance(v, dict)]
    if not values:
        raise Problem("Required field is missing: standardValue", "REQUIRED_FIELD_MISSING")
    names = [_need(v, "fullName").lower() for v in values]
    for value in values:
        if names.count((text(value, "fullName") or "").lower()) > 1:
            raise Problem(f"Duplicate value: {text(value, 'fullName')}", "DUPLICATE_VALUE")
        if name == "OpportunityStage":
            _check_stage(value)
    items = picklist_values([{k: v[0] for k, v in value.items()} for value in values])
    table, places = VALUE_SETS[name]
    for sobject, field_name in places:
        holder = org.schema.get(sobject)
        field = holder.field(field_name) if holder else None
        if holder and field:
            org.schema.apply({
                "op": "put_field", "sobject": holder.name, "about": replaced(field, items),
                "always_visible": True,
            })  # fmt: skip
    if table:
        _status_rows(org, name, table, values)
    return False, True


def _check_stage(value: Node) -> None:
    probability = _need(value, "probability")
    if probability not in PERCENTAGES:
        raise Problem(f"Invalid probability: {probability}")
    if _need(value, "forecastCategory") not in FORECAST_NAMES:
        raise Problem(f"'{text(value, 'forecastCategory')}' is not a valid value for the enum "
                      "'ForecastCategories'")  # fmt: skip
    if flag(value, "won") and not flag(value, "closed"):
        raise Problem("A won stage must be closed")


def _status_rows(org: Org, name: str, table: str, values: list[Node]) -> None:
    known = {row["ApiName"].lower(): i for i, row in org.tables[table].live.items()}
    for order, value in enumerate(values, 1):
        label = text(value, "fullName") or ""
        row: dict[str, Any] = {
            "MasterLabel": text(value, "label", label), "ApiName": label, "SortOrder": order,
        }  # fmt: skip
        if name == "OpportunityStage":
            forecast = text(value, "forecastCategory") or "Pipeline"
            row.update(
                IsActive=True, IsClosed=flag(value, "closed"), IsWon=flag(value, "won"),
                DefaultProbability=float(text(value, "probability") or 0),
                ForecastCategory=forecast, ForecastCategoryName=FORECAST_NAMES[forecast],
            )  # fmt: skip
        else:
            row["IsDefault"] = flag(value, "default")
            key = {"LeadStatus": "IsConverted", "TaskPriority": "IsHighPriority"}.get(name)
            element = {"LeadStatus": "converted", "TaskPriority": "highPriority"}.get(name)
            row[key or "IsClosed"] = flag(value, element or "closed")
        record_id = known.pop(label.lower(), None)
        if record_id:
            org.change(table, record_id, row)
        else:
            org.add(table, row)
    for record_id in known.values():
        if name == "OpportunityStage":
            org.change(table, record_id, {"IsActive": False})
        else:
            org.store(org.tables[table], record_id, None)


def _row(org: Org, table: str, **wanted: Any) -> str | None:
    for record_id, row in org.tables[table].live.items():
        if all(row.get(name) == value for name, value in wanted.items()):
            return record_id
    return None


def _put_row(org: Org, table: str, record_id: str | None, row: dict[str, Any]) -> Outcome:
    if record_id is None:
        org.add(table, {k: v for k, v in row.items() if v is not None})
        return True, True
    old = org.tables[table].live[record_id]
    if all(old.get(k) == v for k, v in row.items()):
        return False, False
    org.change(table, record_id, row)
    return False, True


def put_business_process(org: Org, full_name: str, node: Node) -> Outcome:
    sobject, _, name = full_name.partition(".")
    value_set = NEEDS_PROCESS.get(sobject)
    if value_set is None or org.schema.get(sobject) is None:
        raise Problem(f"Entity type: '{sobject}' does not support business processes")
    values = [_need(v, "fullName") for v in node.get("values", []) if isinstance(v, dict)]
    if not values:
        raise Problem("Required field is missing: values", "REQUIRED_FIELD_MISSING")
    holder, field_name = VALUE_SETS[value_set][1][0]
    field = org.schema.objects[holder.lower()].fields[field_name.lower()]
    for value in values:
        # names in metadata are percent-encoded where they hold reserved characters
        if value.replace("%2F", "/").replace("%25", "%").lower() not in field.values:
            raise Problem(f"Picklist value: {value} in picklist: {field_name} not found")
    known = _row(org, "BusinessProcess", Name=name, TableEnumOrId=sobject)
    row = {
        "Name": name, "TableEnumOrId": sobject, "IsActive": flag(node, "isActive"),
        "Description": text(node, "description"), "_values": values,
    }  # fmt: skip
    return _put_row(org, "BusinessProcess", known, row)


def put_record_type(org: Org, full_name: str, node: Node) -> Outcome:
    sobject, _, name = full_name.partition(".")
    holder = org.schema.get(sobject)
    if holder is None:
        raise Problem(
            f"Entity Enumeration Or ID: bad value for restricted picklist field: {sobject}"
        )
    label = _need(node, "label")
    process = text(node, "businessProcess")
    process_id = _row(org, "BusinessProcess", Name=process, TableEnumOrId=sobject)
    if sobject in NEEDS_PROCESS and process is None:
        raise Problem("Required field is missing: businessProcess", "REQUIRED_FIELD_MISSING")
    if process is not None and process_id is None:
        raise Problem(
            f"In field: businessProcess - no BusinessProcess named {sobject}.{process} found"
        )
    for item in node.get("picklistValues", []):
        field = holder.field(text(item, "picklist") or "") if isinstance(item, dict) else None
        if field is None:
            raise Problem(f"Picklist {text(item, 'picklist')} not found on {sobject}")
    known = _row(org, "RecordType", DeveloperName=name, SobjectType=sobject)
    row = {
        "Name": label, "DeveloperName": name, "SobjectType": sobject,
        "IsActive": flag(node, "active"), "BusinessProcessId": process_id,
        "Description": text(node, "description"),
    }  # fmt: skip
    if not holder.field("RecordTypeId"):
        org.schema.apply({"op": "record_type_field", "sobject": holder.name})
    return _put_row(org, "RecordType", known, row)


def put_permission_set(org: Org, name: str, node: Node) -> Outcome:
    """A deploy replaces the whole set, so grants it does not list are gone after it."""
    label = _need(node, "label")
    known = _row(org, "PermissionSet", Name=name)
    row = {
        "Name": name, "Label": label, "Description": text(node, "description"),
        "IsCustom": True, "IsOwnedByProfile": False, "Type": "Regular",
        "_record_types": _record_types(org, node),
    }  # fmt: skip
    grants = _grants(org, node)
    created, changed = _put_row(org, "PermissionSet", known, row)
    parent = known or _row(org, "PermissionSet", Name=name) or ""
    replaced_any = _replace_grants(org, parent, grants)
    return created, changed or replaced_any


def put_profile(org: Org, name: str, node: Node) -> Outcome:
    """Field access and record types of an existing profile; a profile deploy only adds."""
    wanted = {"Admin": "System Administrator", "Standard": "Standard User"}.get(name, name)
    profile = _row(org, "Profile", Name=wanted)
    if profile is None:
        raise Problem(f"Profile {name} is not known to the practice org")
    own = _row(org, "PermissionSet", ProfileId=profile)
    if own is None:
        raise Problem(f"Profile {name} has no permission set")
    for field, edit in _grants(org, node).items():
        _grant(org, own, field, edit)
    kept = set(org.tables["PermissionSet"].live[own].get("_record_types", ()))
    org.change(
        "PermissionSet", own, {"_record_types": sorted(kept | set(_record_types(org, node)))}
    )
    return False, True


def _record_types(org: Org, node: Node) -> list[str]:
    found = []
    for item in node.get("recordTypeVisibilities", []):
        full_name = _need(item, "recordType")
        sobject, _, name = full_name.partition(".")
        record_id = _row(org, "RecordType", DeveloperName=name, SobjectType=sobject)
        if record_id is None:
            raise Problem(f"In field: recordType - no RecordType named {full_name} found")
        if flag(item, "visible"):
            found.append(record_id)
    return sorted(found)


def _grants(org: Org, node: Node) -> dict[str, bool]:
    """'Object.Field' to whether it may be edited."""
    grants = {}
    for item in node.get("fieldPermissions", []):
        full_name = _need(item, "field")
        grants[check_grant(org, full_name)] = flag(item, "editable")
        if flag(item, "editable") and not flag(item, "readable"):
            raise Problem(f"Field {full_name} cannot be editable without being readable")
        if not flag(item, "readable"):
            del grants[check_grant(org, full_name)]
    for item in node.get("objectPermissions", []):
        if org.schema.get(_need(item, "object")) is None:
            raise Problem(f"In field: field - no CustomObject named {text(item, 'object')} found")
    return grants


def check_grant(org: Org, full_name: str) -> str:
    """The field's name as describe spells it; Problem when no access can be granted to it."""
    sobject, _, name = full_name.partition(".")
    holders = org.schema.holders(sobject)
    field = holders[0].field(name) if holders else None
    if field is None:
        raise Problem(f"In field: field - no CustomField named {full_name} found")
    if not field.about["permissionable"] or (field.about["custom"] and field.always_visible):
        raise Problem(f"You cannot deploy to a required field: {full_name}")
    owner = "Activity" if sobject.lower() == "activity" else holders[0].name
    return f"{owner}.{field.name}"


def _replace_grants(org: Org, parent: str, grants: dict[str, bool]) -> bool:
    table = org.tables["FieldPermissions"]
    changed = False
    for record_id in list(table.index("ParentId", False).ids(parent)):
        row = table.live[record_id]
        if row["Field"] not in grants:
            org.store(table, record_id, None)
            changed = True
    for field, edit in grants.items():
        changed |= _grant(org, parent, field, edit)
    return changed


def _grant(org: Org, parent: str, field: str, edit: bool) -> bool:
    table = org.tables["FieldPermissions"]
    for record_id in table.index("ParentId", False).ids(parent):
        row = table.live[record_id]
        if row["Field"] == field:
            if bool(row.get("PermissionsEdit")) == edit:
                return False
            org.change("FieldPermissions", record_id, {"PermissionsEdit": edit})
            return True
    org.add("FieldPermissions", {
        "ParentId": parent, "SobjectType": field.split(".")[0], "Field": field,
        "PermissionsRead": True, "PermissionsEdit": edit,
    })  # fmt: skip
    return True


def put_layout(org: Org, name: str, node: Node) -> Outcome:
    """Layouts decide what people see on a page, nothing that an API answers."""
    return False, True


PUT = {
    "StandardValueSet": put_value_set,
    "CustomObject": put_object,
    "CustomField": put_field,
    "BusinessProcess": put_business_process,
    "RecordType": put_record_type,
    "PermissionSet": put_permission_set,
    "Profile": put_profile,
    "Layout": put_layout,
}
