"""What the destination must have before the first record, against what it has.

Works on a map document and the describes of its target objects. Nothing is contacted here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from qontakmig.connectors.base import FieldDescribe, FieldType, ObjectDescribe, SchemaItem

State = Literal["create", "exists", "conflict"]

Describes = Mapping[str, ObjectDescribe]
"""Target object name → its describe."""

TEXTS = frozenset({FieldType.TEXT, FieldType.LONG_TEXT, FieldType.RICH_TEXT})


@dataclass(frozen=True, slots=True)
class SchemaLine:
    """One item of the schema plan. ``message`` says what stands in the way of a conflict."""

    item: SchemaItem
    state: State
    message: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that must be settled before writing. ``code`` is stable, ``message`` showable."""

    code: str
    phase: str
    field: str
    message: str


def schema_items(document: Mapping[str, Any], describes: Describes) -> list[SchemaLine]:
    """Return every field and value that the map needs, compared with the describes.

    Items of the kind ``field`` have ``definition`` = CUSTOM of the map document without its
    name; those of the kind ``value`` have ``name`` = the value and ``definition`` = field, label
    and, for opportunity stages, probability, closed and won. The same field wanted by two phases
    of one object is listed once.
    """
    lines: dict[tuple[str, str, str], SchemaLine] = {}
    for phase in document["phases"]:
        describe = describes.get(phase["target"])
        for custom in phase["create_fields"]:
            line = _field_line(phase["target"], custom, describe)
            lines.setdefault(("field", phase["target"], custom["name"].casefold()), line)
        for value in phase["create_values"]:
            line = _value_line(phase["target"], value, describe)
            place = f"{value['field']}/{value['value']}".casefold()
            lines.setdefault(("value", phase["target"], place), line)
    return list(lines.values())


def _field_line(
    target: str, custom: Mapping[str, Any], describe: ObjectDescribe | None
) -> SchemaLine:
    definition = {key: value for key, value in custom.items() if key != "name"}
    item = SchemaItem("field", target, custom["name"], definition)
    present = describe.field(custom["name"]) if describe else None
    if present is None:
        return SchemaLine(item, "create")
    obstacle = _obstacle(custom, present)
    return SchemaLine(item, "conflict" if obstacle else "exists", obstacle)


def _obstacle(custom: Mapping[str, Any], present: FieldDescribe) -> str:
    """Return why a present field cannot serve as the wanted one, empty when it can."""
    wanted = FieldType(custom["type"])
    name = custom["name"]
    if not _same_type(wanted, present):
        return f"{name} exists with the type {present.native_type}; {wanted} is needed."
    length = custom["length"]
    if wanted in TEXTS and length and present.length is not None and present.length < length:
        return f"{name} exists with {present.length} characters; {length} are needed."
    if custom["external_id"] and not present.external_id:
        return f"{name} exists but is not an external id."
    if custom["unique"] and not present.unique:
        return f"{name} exists but is not unique."
    if present.restricted:
        known = {option.value for option in present.options if option.active}
        missing = [option for option in custom["options"] if option not in known]
        if missing:
            return f"{name} exists, is restricted and lacks {len(missing)} of the needed values."
    return ""


def _same_type(wanted: FieldType, present: FieldDescribe) -> bool:
    numbers = {FieldType.INTEGER, FieldType.DECIMAL}
    if wanted in numbers and present.type in numbers:
        return wanted is FieldType.INTEGER or present.type is FieldType.DECIMAL
    return wanted is present.type


def _value_line(
    target: str, value: Mapping[str, Any], describe: ObjectDescribe | None
) -> SchemaLine:
    definition = {key: item for key, item in value.items() if key != "value"}
    item = SchemaItem("value", target, value["value"], definition)
    field = describe.field(value["field"]) if describe else None
    if field is None:
        if value["field"].endswith("__c"):
            return SchemaLine(item, "create")
        return SchemaLine(item, "conflict", f"{target} has no field {value['field']}.")
    known = {option.value.casefold() for option in field.options if option.active}
    return SchemaLine(item, "exists" if value["value"].casefold() in known else "create")


# ---------------------------------------------------------------- is the map still possible?


def problems(
    document: Mapping[str, Any], describes: Describes, *, deployed: bool = True
) -> list[Problem]:
    """Return everything in the map that the destination, as described, would refuse.

    deployed  True before the first write: custom fields of the map must be there by now.
              False before the schema is applied: those to be created count as there.

    An empty list means that every mapped field exists, may be written, is long enough, and that
    every required field is filled.
    """
    found: list[Problem] = []
    for phase in document["phases"]:
        if phase["mode"] != "load":
            continue
        describe = describes.get(phase["target"])
        if describe is None:
            message = f"The destination shows no object {phase['target']} to this user."
            found.append(Problem("object_missing", phase["name"], "", message))
            continue
        found.extend(_phase_problems(phase, describe, deployed))
    found.extend(
        Problem("schema_conflict", line.item.object, line.item.name, line.message)
        for line in schema_items(document, describes)
        if line.state == "conflict"
    )
    return found


def _phase_problems(
    phase: Mapping[str, Any], describe: ObjectDescribe, deployed: bool
) -> Iterator[Problem]:
    name = phase["name"]
    coming = set()
    if not deployed:
        coming = {custom["name"].casefold() for custom in phase["create_fields"]}
    written = set()
    for rule in [{"target": phase["key_field"], "when": "always"}, *phase["fields"]]:
        target = rule["target"]
        written.add(target.casefold())
        field = describe.field(target)
        if field is None:
            if target.casefold() not in coming:
                message = f"{describe.label} has no field {target} that this user can see."
                yield Problem("field_missing", name, target, message)
            continue
        yield from _field_problems(name, rule, field)
    for field in describe.fields:
        if field.required and field.createable and field.name.casefold() not in written:
            message = f"{describe.label} requires {field.label or field.name}; nothing fills it."
            yield Problem("required_unfilled", name, field.name, message)


def _field_problems(phase: str, rule: Mapping[str, Any], field: FieldDescribe) -> Iterator[Problem]:
    shown = field.label or field.name
    if not field.createable:
        yield Problem("not_createable", phase, field.name, f"{shown} cannot be written.")
    elif rule["when"] == "always" and not field.updateable:
        message = f"{shown} can be written once only, at insert."
        yield Problem("not_updateable", phase, field.name, message)
    conversion = rule.get("conversion", {})
    length = conversion.get("length")
    if length and field.length and field.type in TEXTS and length > field.length:
        message = f"{shown} holds {field.length} characters; the map allows {length}."
        yield Problem("too_short", phase, field.name, message)
    if field.restricted and field.type in (FieldType.PICKLIST, FieldType.MULTIPICKLIST):
        known = {option.value for option in field.options if option.active}
        values = {value for value in conversion.get("values", {}).values() if value}
        for value in sorted(values - known):
            message = f"{shown} is restricted and has no active value “{value}”."
            yield Problem("value_refused", phase, field.name, message)
        if conversion.get("unmapped") == "keep":
            message = f"{shown} is restricted: values without a counterpart cannot be kept."
            yield Problem("value_refused", phase, field.name, message)


def field_allowance(
    document: Mapping[str, Any], describes: Describes, limits: Mapping[str, int]
) -> list[Problem]:
    """Return a problem for each object that would get more custom fields than it may have.

    limits  target object → custom fields allowed in all
    """
    wanted: dict[str, int] = {}
    for line in schema_items(document, describes):
        if line.item.kind == "field" and line.state == "create":
            wanted[line.item.object] = wanted.get(line.item.object, 0) + 1
    found = []
    for target, extra in wanted.items():
        describe = describes.get(target)
        present = sum(field.custom for field in describe.fields) if describe else 0
        limit = limits.get(target)
        if limit is not None and present + extra > limit:
            message = (
                f"{target} would have {present + extra} custom fields; this edition allows "
                f"{limit}. Leave {present + extra - limit} fields behind or ask for a larger one."
            )
            found.append(Problem("too_many_fields", target, "", message))
    return found
