"""Objects and fields of the org, and the changes that deploys make to them.

Every change goes through `apply`, a JSON-able operation, so that the log can replay it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import recordings
from .fields import AUDIT_FIELDS, Field, complete

# Objects whose audit fields may be set on create (reference section 9, "Audit fields").
AUDITABLE = frozenset(
    [
        "Account",
        "Attachment",
        "CampaignMember",
        "Case",
        "CaseComment",
        "Contact",
        "ContentVersion",
        "Contract",
        "Event",
        "Lead",
        "Opportunity",
        "Task",
    ]
)
ACTIVITIES = ("Task", "Event")
RECORD_TYPE_FIELD = {
    "name": "RecordTypeId", "label": "Record Type ID", "type": "reference", "createable": True,
    "updateable": True, "nillable": True, "defaultedOnCreate": True,
    "referenceTo": ["RecordType"], "relationshipName": "RecordType", "permissionable": False,
}  # fmt: skip


class SObject:
    """One object: its describe without fields, its fields and its parent relationships."""

    def __init__(self, about: dict[str, Any]):
        self.about = about
        self.name: str = about["name"]
        self.prefix: str | None = about["keyPrefix"]
        self.fields: dict[str, Field] = {}
        self.relationships: dict[str, Field] = {}
        for field in about.pop("fields"):
            self.put(Field(field))

    @property
    def custom(self) -> bool:
        return self.about["custom"]

    def put(self, field: Field) -> None:
        self.fields[field.lower] = field
        if field.relationship:
            self.relationships[field.relationship.lower()] = field

    def drop(self, lower: str) -> None:
        field = self.fields.pop(lower)
        if field.relationship:
            del self.relationships[field.relationship.lower()]

    def field(self, name: str) -> Field | None:
        return self.fields.get(name.lower())


class Schema:
    """All objects of the org. `version` moves with every change, so compiled plans can notice."""

    def __init__(self, *, audit_fields: bool, hidden: frozenset[str]):
        self.version = 1
        self.objects: dict[str, SObject] = {}
        self.by_prefix: dict[str, SObject] = {}
        self.listeners: list[Callable[[dict[str, Any]], None]] = []
        self._draft: Draft | None = None
        self._custom_prefixes = 0
        for name in recordings.object_names():
            if name not in hidden:
                self._add(SObject(recordings.describe(name)))
        if audit_fields:
            self.set_audit_fields(True)

    def _add(self, sobject: SObject) -> None:
        self.objects[sobject.name.lower()] = sobject
        if sobject.prefix:
            self.by_prefix[sobject.prefix] = sobject

    def get(self, name: str) -> SObject | None:
        return self.objects.get(name.lower())

    def target(self, record_id: str) -> SObject | None:
        """The object an id belongs to, by its key prefix."""
        return self.by_prefix.get(record_id[:3])

    def set_audit_fields(self, on: bool) -> None:
        """The org switch 'Set Audit Fields upon Record Creation'."""
        for sobject in self.objects.values():
            if sobject.name not in AUDITABLE and not sobject.custom:
                continue
            names = [*AUDIT_FIELDS, *(("ClosedDate",) if sobject.name == "Case" else ())]
            for name in names:
                if field := sobject.field(name):
                    sobject.put(Field({**field.about, "createable": on}))
        self.version += 1

    def apply(self, change: dict[str, Any]) -> None:
        """Make one change: put_field, drop_field, put_object, drop_object or record_type_field."""
        getattr(self, f"_{change['op']}")(change)
        self.version += 1
        if self._draft is not None:
            self._draft.changes.append(change)
            return
        self.announce(change)

    def announce(self, change: dict[str, Any]) -> None:
        """Tell the org of a change that is there to stay."""
        for listener in self.listeners:
            listener(change)

    def draft(self) -> Draft:
        """`with schema.draft() as d:` changes can be taken back with `d.drop()` until the end."""
        self._draft = Draft(self)
        return self._draft

    def end_draft(self) -> None:
        self._draft = None

    def holders(self, sobject: str) -> list[SObject]:
        """Objects that carry a field made on `sobject`; Activity stands for Task and Event."""
        names = ACTIVITIES if sobject.lower() == "activity" else (sobject,)
        return [s for s in map(self.get, names) if s]

    def _put_field(self, change: dict[str, Any]) -> None:
        about = complete(change["about"])
        for holder in self.holders(change["sobject"]):
            holder.put(Field(about, always_visible=change["always_visible"]))
            self._drop_children(holder.name, about["name"])
            if about["relationshipName"]:
                self._add_children(holder.name, about, change.get("child_relationship"))

    def _add_children(self, child: str, about: dict[str, Any], name: str | None) -> None:
        for parent in map(self.get, about["referenceTo"]):
            if parent:
                parent.about["childRelationships"].append({
                    "cascadeDelete": about["cascadeDelete"], "childSObject": child,
                    "deprecatedAndHidden": False, "field": about["name"],
                    "junctionIdListNames": [], "junctionReferenceTo": [],
                    "relationshipName": f"{name}__r" if name else None,
                    "restrictedDelete": about["restrictedDelete"],
                })  # fmt: skip

    def _drop_children(self, child: str, field: str) -> None:
        for parent in self.objects.values():
            kept = [
                c
                for c in parent.about["childRelationships"]
                if (c["childSObject"], c["field"]) != (child, field)
            ]
            parent.about["childRelationships"] = kept

    def _drop_field(self, change: dict[str, Any]) -> None:
        for holder in self.holders(change["sobject"]):
            if holder.field(change["name"]):
                holder.drop(change["name"].lower())
                self._drop_children(holder.name, change["name"])

    def _put_object(self, change: dict[str, Any]) -> None:
        known = self.get(change["name"])
        if known:
            known.about.update(label=change["label"], labelPlural=change["plural"])
            return
        letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        high, low = divmod(self._custom_prefixes, len(letters))
        self._custom_prefixes += 1
        about = recordings.object_describe(
            change["name"], change["label"], custom=True, labelPlural=change["plural"],
            keyPrefix="a" + letters[high] + letters[low], layoutable=True,
        )  # fmt: skip
        about["fields"] = [complete(f) for f in change["fields"]]
        self._add(SObject(about))

    def _drop_object(self, change: dict[str, Any]) -> None:
        sobject = self.objects.pop(change["name"].lower())
        self.by_prefix.pop(sobject.prefix or "", None)
        for field in sobject.fields.values():
            self._drop_children(sobject.name, field.name)

    def _record_type_field(self, change: dict[str, Any]) -> None:
        for holder in self.holders(change["sobject"]):
            if not holder.field("RecordTypeId"):
                holder.put(Field(complete(RECORD_TYPE_FIELD)))


class Draft:
    """Schema changes of one deploy, kept or dropped as a whole."""

    def __init__(self, schema: Schema):
        self.schema = schema
        self.changes: list[dict[str, Any]] = []
        self._custom_prefixes = schema._custom_prefixes
        self._objects = {
            name: (s, dict(s.fields), dict(s.relationships), _copy(s.about))
            for name, s in schema.objects.items()
        }

    def __enter__(self) -> Draft:
        return self

    def drop(self) -> None:
        """Back to the schema of the start."""
        schema = self.schema
        schema.objects = {}
        schema.by_prefix = {}
        for name, (sobject, fields, relationships, about) in self._objects.items():
            sobject.fields, sobject.relationships, sobject.about = fields, relationships, about
            schema.objects[name] = sobject
            if sobject.prefix:
                schema.by_prefix[sobject.prefix] = sobject
        schema._custom_prefixes = self._custom_prefixes
        schema.version += 1
        self.changes.clear()

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is not None:
            self.drop()
        self.schema.end_draft()
        for change in self.changes:
            self.schema.announce(change)


def _copy(about: dict[str, Any]) -> dict[str, Any]:
    return {**about, "childRelationships": list(about["childRelationships"])}
