"""Field templates (``*/info``) as ``ObjectDescribe``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from qontakmig.connectors.base import (
    FieldDescribe,
    FieldOption,
    FieldType,
    ObjectDescribe,
    Pipeline,
)

LABELS = {"users": "User", "contacts": "Contact", "companies": "Company", "deals": "Deal"}

_TYPES = {
    "single-line text": FieldType.TEXT,
    "text area": FieldType.LONG_TEXT,
    "number": FieldType.DECIMAL,
    "percentage": FieldType.PERCENT,
    "date": FieldType.DATE,
    "date time": FieldType.DATETIME,
    "dropdown select": FieldType.PICKLIST,
    "multiple select": FieldType.MULTIPICKLIST,
    "upload": FieldType.FILE,
    "photo": FieldType.FILE,
    "signature": FieldType.FILE,
    "gps": FieldType.LOCATION,
    "checkin": FieldType.LOCATION,
    "url": FieldType.URL,
    "telephone": FieldType.PHONE,
    "assoc": FieldType.REFERENCE,
}
_BUILT_IN = {
    "email": FieldType.EMAIL,
    "crm_phones": FieldType.PHONE,
    "website": FieldType.URL,
    "upload_id": FieldType.FILE,
    "address": FieldType.LONG_TEXT,
    "income": FieldType.CURRENCY,
    "annual_revenue": FieldType.CURRENCY,
    "size": FieldType.CURRENCY,
    "number_of_employees": FieldType.INTEGER,
    "crm_deal_status": FieldType.TEXT,
}
"""What the template calls text or number though its content is more special."""
RENAMED = {
    "deals": {
        "crm_contact": "crm_lead_ids",
        "crm_company": "crm_company_id",
        "crm_deal_status_id": "crm_deal_status",
    }
}
"""Template name → name on the records, where they differ."""
REFERENCES: Mapping[str, Mapping[str, tuple[str, bool]]] = {
    "contacts": {
        "creator_id": ("users", False),
        "crm_company_id": ("companies", False),
        "crm_deal_ids": ("deals", True),
    },
    "companies": {
        "creator_id": ("users", False),
        "ancestry": ("companies", False),
        "crm_deal_ids": ("deals", True),
        "crm_person_ids": ("contacts", True),
    },
    "deals": {
        "creator_id": ("users", False),
        "crm_company_id": ("companies", True),
        "crm_lead_ids": ("contacts", True),
        "product_association_ids": ("product_associations", True),
    },
}
"""Object → field → (object referred to, several). A deal's company is a list on the wire."""
_EXTRA_LABELS = {
    "crm_deal_ids": "Deals",
    "crm_person_ids": "Contacts",
    "crm_pipeline_id": "Pipeline",
    "product_association_ids": "Products",
    "created_at": "Created at",
    "updated_at": "Updated at",
}


def describe_object(
    name: str, template: Sequence[Mapping[str, Any]], seen: Mapping[str, Any]
) -> ObjectDescribe:
    """Return the template's fields and those that records have beside them.

    seen   values of one flattened record by field name, {} when there is no record
    """
    fields = [_field(name, item) for item in template]
    known = {field.name for field in fields}
    extras = ["created_at", "updated_at", *(["crm_pipeline_id"] if name == "deals" else [])]
    extras += [key for key in seen if not key.startswith("cf_")]
    fields += [_extra(name, key) for key in dict.fromkeys(extras) if key not in known]
    return ObjectDescribe(name, LABELS[name], tuple(fields))


def _field(object_name: str, item: Mapping[str, Any]) -> FieldDescribe:
    custom = bool(item.get("additional_field"))
    raw_name = str(item["name"])
    name = RENAMED.get(object_name, {}).get(raw_name, raw_name)
    native = str(item.get("type") or "")
    target, several = REFERENCES[object_name].get(name, ("", False)) if not custom else ("", False)
    kind = _TYPES.get(native.strip().casefold(), FieldType.OTHER)
    if not custom:
        kind = FieldType.REFERENCE if target else _BUILT_IN.get(name, kind)
    return FieldDescribe(
        name=f"cf_{item['id']}" if custom else name,
        label=str(item.get("name_alias") or "").strip() or spoken(raw_name),
        type=kind,
        native_type=native,
        custom=custom,
        required=bool(item.get("required")),
        options=_options(item.get("dropdown")),
        multiple=several or kind is FieldType.MULTIPICKLIST,
        reference_to=(target,) if target else (),
    )


def _options(dropdown: Any) -> tuple[FieldOption, ...]:
    if not isinstance(dropdown, list):
        return ()
    options = []
    for entry in dropdown:
        if isinstance(entry, Mapping):
            label = str(entry.get("name") or "")
            # Currencies have no id: their name is what a record stores.
            value = label if entry.get("id") is None else str(entry["id"])
        else:
            label = value = str(entry)
        options.append(FieldOption(value, label))
    return tuple(options)


def _extra(object_name: str, name: str) -> FieldDescribe:
    target, several = REFERENCES[object_name].get(name, ("", False))
    kind = FieldType.TEXT
    if target:
        kind = FieldType.REFERENCE
    elif name.endswith("_at"):
        kind = FieldType.DATETIME
    elif name == "crm_pipeline_id":
        kind = FieldType.PICKLIST
    return FieldDescribe(
        name=name,
        label=_EXTRA_LABELS.get(name) or spoken(name),
        type=kind,
        native_type="",
        createable=False,
        multiple=several,
        reference_to=(target,) if target else (),
    )


def with_pipeline_options(deals: ObjectDescribe, pipelines: Sequence[Pipeline]) -> ObjectDescribe:
    """Return the deals with the options of pipeline and stage, which the template leaves out.

    Two stages may share a label: their ids, and the pipeline, tell them apart.
    """
    stages = tuple(
        FieldOption(stage.id, stage.name, stage.active)
        for pipeline in pipelines
        for stage in pipeline.stages
    )
    options = {
        "crm_pipeline_id": tuple(FieldOption(p.id, p.name, p.active) for p in pipelines),
        "crm_stage_id": stages,
    }
    fields = tuple(
        replace(field, options=options[field.name]) if field.name in options else field
        for field in deals.fields
    )
    return replace(deals, fields=fields)


def spoken(name: str) -> str:
    """Return a label for a field without one: ``crm_company_id`` → ``Company``."""
    words = name.removeprefix("crm_").removesuffix("_ids").removesuffix("_id").split("_")
    return " ".join(word for word in words if word).capitalize() or name


def users_describe() -> ObjectDescribe:
    """Return the object ``users``, which Qontak has no template for."""
    text = (("name", "Name"), ("role", "Role"), ("sso_id", "SSO id"))
    fields = [FieldDescribe(key, label, FieldType.TEXT, "") for key, label in text]
    fields.insert(1, FieldDescribe("email", "E-mail", FieldType.EMAIL, ""))
    fields += [
        FieldDescribe("active", "Active", FieldType.BOOLEAN, ""),
        FieldDescribe("in_dropdown", "Can own CRM records", FieldType.BOOLEAN, ""),
    ]
    return ObjectDescribe("users", LABELS["users"], tuple(fields))


def custom_types(template: Iterable[Mapping[str, Any]]) -> dict[int, FieldType]:
    """Return custom field id → type."""
    return {
        item["id"]: _TYPES.get(str(item.get("type") or "").strip().casefold(), FieldType.OTHER)
        for item in template
        if item.get("additional_field") and item.get("id") is not None
    }
