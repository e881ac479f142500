"""Creating and changing CRM records through the API, with the documented 422s."""

from copy import deepcopy
from math import isfinite
from typing import Any

from qontakmig.simulators.qontak import identities, pipelines
from qontakmig.simulators.qontak import templates as t
from qontakmig.simulators.qontak.content import Content
from qontakmig.simulators.qontak.people import User, users
from qontakmig.simulators.qontak.rows import Row
from qontakmig.simulators.qontak.timeline import iso

_DERIVED = (
    "id", "slug", "created_at", "updated_at", "crm_deal_ids", "crm_deal_name", "crm_person_ids",
    "crm_person_name",
)  # fmt: skip
_TEXT = {
    "contacts": ("first_name", "last_name", "job_title", "email", "telephone", "date_of_birth",
                 "income", "customer_id", "address", "country", "province", "city", "zipcode"),
    "companies": ("name", "website", "telephone", "address", "country", "province", "city",
                  "zipcode", "number_of_employees", "annual_revenue", "business_reg_number",
                  "ancestry"),
    "deals": ("name", "currency", "size", "closed_date", "start_date", "expired_date",
              "crm_deal_status"),
}  # fmt: skip
_AMOUNTS = ("income", "number_of_employees", "annual_revenue", "size")
_NULLS = ("ancestry", "date_of_birth", "closed_date", "start_date", "expired_date",
          "crm_deal_status")  # fmt: skip
_UNIQUE = {"contacts": "unique_lead_id", "companies": "unique_company_id",
           "deals": "unique_deal_id"}  # fmt: skip
_REQUIRED = {"contacts": ("first_name",), "companies": ("name",), "deals": ("name",)}


class Rejected(ValueError):
    """A 422; the message is the developer_message."""


def blank(content: Content, kind: str) -> Row:
    """Return a record without values, with every key of its kind."""
    keys = content.rows.build[kind](0)
    row: Row = {name: [] if isinstance(value, list) else None for name, value in keys.items()}
    return row | dict.fromkeys(set(_TEXT[kind]) - set(_AMOUNTS) - set(_NULLS), "")


def create(content: Content, kind: str, body: Row, user: User, now_ms: int) -> Row:
    """Keep a new record and return it. Raises Rejected."""
    for name in _REQUIRED[kind]:
        if not str(body.get(name) or "").strip():
            raise Rejected(f"{name.replace('_', ' ').capitalize()} can't be blank")
    shelf = content.shelves[kind]
    row = blank(content, kind)
    row["id"] = shelf.next_id
    row[_UNIQUE[kind]] = f"{row['id']:010X}"
    row["created_at"] = iso(max(now_ms, shelf.last_change_ms + 1))
    _own(row, user)
    if kind == "deals":
        _set_stage(row, {"crm_stage_id": body.get("crm_stage_id") or 3101})
    apply(content, kind, row, body, user)
    title = str(row.get("name") or row.get("first_name")).lower().replace(" ", "-")
    row["slug"] = f"{title[:40]}-{row['id']:08x}"
    return content.write(kind, row, now_ms)


def update(content: Content, kind: str, row: Row, body: Row, user: User, now_ms: int) -> Row:
    """Change a record as read and return it. Raises Rejected."""
    row = deepcopy(row)
    for name in _REQUIRED[kind]:
        if name in body and not str(body[name] or "").strip():
            raise Rejected(f"{name.replace('_', ' ').capitalize()} can't be blank")
    apply(content, kind, row, body, user)
    return content.write(kind, row, now_ms)


def apply(content: Content, kind: str, row: Row, body: Row, user: User) -> None:
    """Put the given values into a record; names that the object has not are ignored."""
    body = {name: value for name, value in body.items() if name not in _DERIVED}
    if kind == "contacts" and body.get("email"):
        _refuse_known_email(content, row, str(body["email"]))
    for name in _TEXT[kind]:
        if name in body:
            row[name] = _plain(name, body[name])
    for field in t.fields_of(kind, content.rows.seed):
        if field.name == "creator_id" and "creator_id" in body:
            _own(row, _user(content, body["creator_id"]) or user)
        elif not field.custom and field.options and field.name in body:
            _set_option(row, field, body[field.name])
    if "crm_company_id" in body:
        _set_companies(content, kind, row, body["crm_company_id"])
    if kind == "deals":
        if "crm_lead_ids" in body:
            row["crm_lead_ids"] = _known(content, "contacts", body["crm_lead_ids"])
        if body.get("crm_stage_id") is not None:
            _set_stage(row, body)
    if body.get("additional_fields"):
        row["additional_fields"] = _set_custom(kind, row, body["additional_fields"])


def _plain(name: str, value: Any) -> Any:
    """Return a value for a plain field: numbers stay numbers only where amounts stand."""
    if not _storable(value):
        raise Rejected(f"{name.replace('_', ' ').capitalize()} is invalid")
    return value if value is None or name in _AMOUNTS else str(value)


def _storable(value: Any) -> bool:
    """Return whether a database could hold a value: no structures, no NUL, no infinity."""
    if isinstance(value, float):
        return isfinite(value)
    return not isinstance(value, dict | list) and "\0" not in str(value)


def set_owner(content: Content, row: Row, value: Any) -> None:
    """Change the owner alone. Raises Rejected for null and for strangers."""
    owner = _user(content, value)
    if owner is None:
        raise Rejected("Creator is invalid")
    _own(row, owner)


def _own(row: Row, owner: User) -> None:
    row["creator_id"], row["creator_name"] = owner.id, owner.name
    if "creator_email" in row:  # only contacts tell it
        row["creator_username"], row["creator_email"] = owner.username, owner.email


def _user(content: Content, value: Any) -> User | None:
    return next((u for u in users(content.rows.seed) if u.active and str(u.id) == str(value)), None)


def _set_option(row: Row, field: t.Field, value: Any) -> None:
    found: tuple[int | None, str | None] | None = (None, None)
    if value not in (None, ""):
        found = next((o for o in field.options or () if str(o[0]) == str(value)), None)
    if found is None:
        raise Rejected(f"{field.label} is not included in the list")
    row[field.name], row[f"{field.name.removesuffix('_id')}_name"] = found


def _set_stage(row: Row, body: Row) -> None:
    try:
        stage = pipelines.find_stage(int(body["crm_stage_id"]))
    except (TypeError, ValueError, OverflowError):
        stage = None
    wanted = body.get("crm_pipeline_id")
    if stage is None or (wanted and str(wanted) != str(stage.pipeline_id)):
        raise Rejected("Crm stage must exist")
    pipeline = pipelines.find_pipeline(stage.pipeline_id)
    row["crm_stage_id"], row["crm_stage_name"] = stage.id, stage.name
    row["crm_pipeline_id"] = stage.pipeline_id
    row["crm_pipeline_name"] = pipeline.name if pipeline else None


def _set_companies(content: Content, kind: str, row: Row, value: Any) -> None:
    ids = _known(content, "companies", value)
    if kind == "contacts":
        row["crm_company_id"] = ids[0] if ids else None
    elif kind == "deals":
        row["crm_company_id"] = ids


def _known(content: Content, kind: str, value: Any) -> list[int]:
    values = value if isinstance(value, list) else [] if value in (None, "") else [value]
    try:
        ids = [int(one) for one in values]
    except (TypeError, ValueError, OverflowError):
        raise Rejected(f"{kind} ids must be numbers") from None
    missing = [one for one in ids if content.name(kind, one) is None]
    if missing:
        raise Rejected(f"Couldn't find {kind} with 'id'={missing[0]}")
    return ids


def _set_custom(kind: str, row: Row, given: Any) -> list[Row]:
    """Return the record's custom entries with the given ones in place, found by id."""
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise Rejected("additional_fields must be a list of objects")
    entries = {entry["id"]: entry for entry in row["additional_fields"]}
    by_id = {str(field.id): field for field in t.FIELDS[kind] if field.custom}
    for one in given:
        field = by_id.get(str(one.get("id")))
        if field is not None:
            entries[field.id] = _custom_entry(field, one.get("value"))
    return list(entries.values())


def _custom_entry(field: t.Field, value: Any) -> Row:
    if not _storable(value):
        raise Rejected(f"{field.label} is invalid")
    label: Any = value
    options = {str(key): name for key, name in field.options or ()}
    if field.type in (t.PICK, t.MULTI) and value not in (None, ""):
        chosen = [one.strip() for one in str(value).split(",")]
        unknown = [one for one in chosen if one not in options]
        if unknown or (field.type == t.PICK and len(chosen) > 1):
            raise Rejected(f"{field.label} is not included in the list")
        label = [options[one] for one in chosen]
        value, label = ",".join(chosen), label if field.type == t.MULTI else label[0]
    entry = {"id": field.id, "name": field.name, "value": value, "value_name": label}
    if field.type == t.GPS:
        latitude, _, longitude = str(value or "").partition(",")
        entry |= {"long": longitude or None, "lat": latitude or None}
    return entry


def _refuse_known_email(content: Content, row: Row, email: str) -> None:
    """Raise Rejected when another contact has the address.

    Seeded addresses carry their slot, so no index of a million addresses is needed.
    """
    wanted = email.strip().lower()
    shelf = content.shelves["contacts"]
    slot = identities.seeded_slot_of_email(wanted)
    others = list(shelf.changed.values())
    if slot is not None and slot < shelf.timeline.count:
        others.append(shelf.get(shelf.timeline.id_of(slot)))
    for other in others:
        taken = other is not None and str(other["email"] or "").strip().lower() == wanted
        if taken and other["id"] != row["id"]:
            raise Rejected("Email has already been taken")
