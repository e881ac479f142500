"""Column plans: what to do with each column of an upload, worked out once and run for every row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .errors import OrgError, RowError, RowProblem, no_such_column, not_writable
from .fields import Field
from .ids import id18
from .values import Reader, csv_reader, json_reader, wrong_id

if TYPE_CHECKING:
    from .org import Org
    from .schema import SObject

CSV_NULL = "#N/A"
NEVER = object()


@dataclass(slots=True)
class Plan:
    """How to read rows of one header for one operation by one user."""

    columns: list[tuple[int, str, Reader]]
    width: int
    refused: RowError | None = None
    id_column: int | None = None
    key_column: int | None = None
    key_read: Reader | None = None
    key_field: Field | None = None
    defaults: dict[str, Any] = field(default_factory=dict)
    required: list[str] = field(default_factory=list)
    not_null: list[str] = field(default_factory=list)


class Compiler:
    """Makes the plan of one upload; `mode` is insert or update."""

    def __init__(self, org: Org, sobject: SObject, user_id: str, bulk: bool):
        self.org = org
        self.sobject = sobject
        self.user_id = user_id
        self.bulk = bulk

    def plan(self, header: Sequence[str], mode: str, key: str | None) -> Plan:
        """Raises OrgError when a column is no field of the object (or hidden from the user)."""
        plan = Plan([], len(header))
        flag = "createable" if mode == "insert" else "updateable"
        refused = []
        seen: set[str] = set()
        for position, name in enumerate(header):
            if name.lower() == "id":
                plan.id_column = position
                continue
            target, reader = self._column(name, position)
            if target.lower in seen:
                raise self._duplicate(name)
            seen.add(target.lower)
            if key and target.lower == key.lower() and "." not in name:
                plan.key_column, plan.key_read, plan.key_field = position, reader, target
            editable = self.org.access.editable(self.user_id, self.sobject, target)
            if target.about[flag] and editable:
                plan.columns.append((position, target.name, reader))
            elif plan.key_column != position:
                refused.append(target.name)
        if refused:
            plan.refused = not_writable(refused)
        self._whole_row(plan, mode)
        return plan

    def _duplicate(self, name: str) -> OrgError:
        if self.bulk:
            return OrgError(400, "InvalidBatch", f"InvalidBatch : Duplicate field name : {name}")
        return OrgError(400, "INVALID_FIELD", f"Duplicate field specified: {name}")

    def _unknown(self, name: str) -> OrgError:
        if self.bulk:
            return OrgError(400, "InvalidBatch", f"InvalidBatch : Field name not found : {name}")
        return no_such_column(name, self.sobject.name)

    def _whole_row(self, plan: Plan, mode: str) -> None:
        for item in self.sobject.fields.values():
            about = item.about
            if mode == "insert":
                if item.default is not None and item.default is not False:
                    plan.defaults[item.name] = item.default
                if item.required and item.name != "Id":
                    plan.required.append(item.name)
            if not about["nillable"] and item.type != "boolean":
                plan.not_null.append(item.name)

    def _visible(self, name: str) -> Field | None:
        found = self.sobject.field(name)
        if found and self.org.access.readable(self.user_id, self.sobject, found):
            return found
        return None

    def _column(self, name: str, position: int) -> tuple[Field, Reader]:
        if "." in name:
            return self._parent_column(name, position)
        found = self._visible(name)
        if found is None or found.type in ("address", "location"):
            raise self._unknown(name)
        reader = csv_reader(found, position) if self.bulk else json_reader(found)
        if found.type == "reference":
            reader = self._existing(found, reader)
        return found, reader

    def _existing(self, target: Field, inner: Reader) -> Reader:
        """The id must be of a row that exists, of an object the field may point to."""
        tables, schema = self.org.tables, self.org.schema
        allowed = set(target.reference_to)
        if target.name == "WhatId":
            allowed |= {s.name for s in schema.objects.values() if s.custom}
        live = {
            schema_object.prefix: tables[schema_object.name]
            for schema_object in schema.objects.values()
            if schema_object.name in allowed and schema_object.prefix
        }

        def read(value: Any) -> str | None:
            whole = inner(value)
            if whole is None:
                return None
            table = live.get(whole[:3])
            if table is None:
                raise wrong_id(target, value, "FIELD_INTEGRITY_EXCEPTION")
            if whole not in table.live:
                if whole in table.bin:
                    raise RowProblem("ENTITY_IS_DELETED", "entity is deleted", target.name)
                raise RowProblem(
                    "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", target.name
                )
            return whole

        return read

    def _parent_column(self, name: str, position: int) -> tuple[Field, Reader]:
        """`Account.Ext__c`, or `Contact:Who.Ext__c` for a lookup with several targets."""
        path, _, key = name.rpartition(".")
        kind, _, relationship = path.rpartition(":")
        link = self.sobject.relationships.get(relationship.lower())
        if link is None or not self.org.access.readable(self.user_id, self.sobject, link):
            raise self._unknown(name)
        parent = self._parent(link, kind, name)
        found = parent.field(key)
        if found is None or not self.org.access.readable(self.user_id, parent, found):
            raise self._unknown(name) if self.bulk else no_such_column(key, parent.name)
        if found.name != "Id" and not found.lookup_key:
            raise not_a_key(key, parent.name)
        inner = csv_reader(found, position) if self.bulk else json_reader(found)
        return link, self._resolver(link, parent, found, inner)

    def _parent(self, link: Field, kind: str, name: str) -> SObject:
        schema = self.org.schema
        choices = [t for t in link.reference_to if schema.get(t)]
        if kind:
            matching = [t for t in choices if t.lower() == kind.lower()]
        else:
            matching = ["User"] if link.name == "OwnerId" else choices
            if len(matching) > 1 and not self.bulk:
                raise OrgError(
                    400, "INVALID_FIELD",
                    f"The type of the foreign key {link.relationship} must be given in "
                    "attributes because it can point to several objects",
                )  # fmt: skip
        parent = schema.get(matching[0]) if len(matching) == 1 else None
        if parent is None:
            raise self._unknown(name)
        return parent

    def _resolver(self, link: Field, parent: SObject, key: Field, inner: Reader) -> Reader:
        if key.name == "Id":
            return self._existing(link, inner)
        find: Callable[[Any], Any] = self.org.finder(parent, key)

        def read(value: Any) -> str | None:
            wanted = inner(value)
            if wanted is None:
                return None
            ids = find(wanted)
            if len(ids) == 1:
                return next(iter(ids))
            if ids:
                shown = ", ".join(ids)
                text = f"{key.name}: more than one record found for external id field: [{shown}]"
                raise RowProblem("DUPLICATE_EXTERNAL_ID", text, link.name)
            text = (
                f"Foreign key external ID: {value} not found for field {key.name} in entity "
                f"{parent.name}"
            )
            raise RowProblem("INVALID_FIELD", text)

        return read


def not_a_key(name: str, sobject: str) -> OrgError:
    return OrgError(
        400,
        "INVALID_FIELD",
        f"Field name provided, {name} does not match an External ID, Salesforce Id, or indexed "
        f"field for {sobject}",
    )


def flatten(record: dict[str, Any]) -> tuple[tuple[str, ...], list[Any]]:
    """Header and values of a JSON record; nested lookups become `Parent.Key` columns.

    >>> flatten({"Name": "A", "Parent": {"Ext__c": "1"}})
    (('Name', 'Parent.Ext__c'), ['A', '1'])
    """
    if not isinstance(record, dict):
        raise OrgError(400, "JSON_PARSER_ERROR", "A record must be a JSON object")
    header, values = [], []
    for name, value in record.items():
        if name == "attributes":
            continue
        if isinstance(value, dict):
            inner = {k: v for k, v in value.items() if k != "attributes"}
            if len(inner) != 1:
                text = f"A lookup by external id needs one field, {name} has {len(inner)}"
                raise OrgError(400, "JSON_PARSER_ERROR", text)
            about = value.get("attributes")
            kind = about.get("type") if isinstance(about, dict) else None
            key, value = next(iter(inner.items()))
            name = f"{kind}:{name}.{key}" if kind else f"{name}.{key}"
        header.append(name)
        values.append(value)
    return tuple(header), values


def row_id(value: Any) -> str:
    """The 18-character id of a row to change, or RowProblem."""
    if not isinstance(value, str) or not value.strip():
        raise RowProblem("MISSING_ARGUMENT", "Id not specified in an update call")
    whole = id18(value.strip())
    if whole is None:
        raise RowProblem("MALFORMED_ID", f"malformed id {value}", "Id")
    return whole
