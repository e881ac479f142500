"""Proposals for the lines of one phase: what is known beforehand first, then the proposer.

A decision is JSON::

    {"action": "field" | "custom" | "carried" | "skip", "target": "Name", "conversion": {…},
     "fallbacks": [], "custom": CUSTOM | null, "new_values": {value: facts}, "reason": "…"}

CUSTOM, ``conversion`` and ``fallbacks`` are those of ``mapping.core.document``. ``new_values``
are picklist values that the destination is to get, with facts for stages (probability, closed,
won), empty otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, override

from mapping.blueprints.base import Blueprint, Known, Phase
from mapping.core import custom_fields, transforms
from mapping.core.custom_fields import api_name
from mapping.proposer.case import Case, DestField, Option, SourceField
from mapping.proposer.proposals import CUSTOM, SKIP, FieldProposal, propose
from mapping.proposer.value_maps import value_map
from qontakmig.connectors.base import FieldDescribe, FieldType, ObjectDescribe

CLEAR_VALUE = 0.75
"""From this confidence on a proposed value is taken; below it the original value is created, so
that "WhatsApp" does not become "Phone Inquiry" for want of a better one."""
LIKELY_VALUE = 0.6
"""The same for a restricted picklist, where creating a value is not ours to propose."""

CHOICES = (FieldType.PICKLIST, FieldType.MULTIPICKLIST)
NUMBERS = (FieldType.DECIMAL, FieldType.CURRENCY, FieldType.PERCENT)


@dataclass(frozen=True)
class Frame:
    """What the lines of one phase are drafted against. ``pipelines`` as discovery stored them."""

    blueprint: Blueprint
    phase: Phase
    describe: ObjectDescribe
    pipelines: Sequence[Mapping[str, Any]] = ()


def draft_lines(frame: Frame, sources: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a proposal for each source field, in order.

    sources  field facts: {"name", "label", "type", "native_type", "options", "samples", …}

    A proposal is {"candidates": [{"action", "target", "confidence", "reason", "reason_id"}, …]
    best first, "values": {option: [[value, confidence], …]}, "decision": decision of the first}.
    """
    known = {s["name"]: k for s in sources if (k := _known(frame, s)) is not None}
    taken_targets = {item.target for item in known.values()}
    taken_targets |= {companion.custom.name for companion in frame.phase.companions}
    open_sources = [source for source in sources if source["name"] not in known]
    proposals = propose(_case(frame, open_sources, taken_targets)) if open_sources else {}
    names = {field.name for field in frame.describe.fields}
    names |= {companion.custom.name for companion in frame.phase.companions}
    names |= {item.custom.name for item in known.values() if item.custom}
    names.add(frame.phase.key_field)
    drafted = []
    for source in sources:
        if source["name"] in known:
            proposal = _known_proposal(frame, source, known[source["name"]])
        else:
            proposal = _proposal(frame, source, proposals[source["name"]], names)
        if proposal["decision"]["action"] == "custom":
            names.add(proposal["decision"]["custom"]["name"])
        drafted.append(proposal)
    return drafted


def source_facts(field: Any) -> dict[str, Any]:
    """Return the facts of a DiscoveredField that a line keeps."""
    return {
        "name": field.name,
        "label": field.label.strip(),
        "type": field.type,
        "native_type": field.native_type,
        "custom": field.custom,
        "required": field.required,
        "multiple": field.multiple,
        "reference_to": field.reference_to,
        "filled": field.filled,
        "fill_rate": field.fill_rate,
        "distinct": field.distinct,
        "length_max": field.length_max,
        "samples": field.samples,
        "options": field.options,
        "meaning": field.meaning,
    }


# ---------------------------------------------------------------- decisions


def decision_field(
    frame: Frame,
    source: Mapping[str, Any],
    target: str,
    *,
    values: Mapping[str, Sequence[Sequence[Any]]] | None = None,
    reason: str = "",
) -> dict[str, Any]:
    """Return the decision that brings a source field into a field of the destination.

    Raises ValueError with a sentence when the destination has no such field or cannot take it.
    """
    field = frame.describe.field(target)
    if field is None:
        raise ValueError(f"{frame.describe.label} has no field {target}.")
    if not field.createable:
        raise ValueError(f"{field.label or target} cannot be written.")
    known = frame.phase.knows(source["name"])
    decision = _empty("field", reason)
    decision["target"] = field.name
    if known is not None and known.action == "field" and known.target == field.name:
        decision["conversion"] = _known_conversion(known, field)
        decision["fallbacks"] = list(known.fallbacks)
    else:
        decision["conversion"] = _conversion(frame, source, field)
    if decision["conversion"]["kind"] in ("picklist", "multipicklist"):
        _fill_values(frame, source, field, decision, values or {})
    return decision


def decision_custom(
    frame: Frame, source: Mapping[str, Any], *, taken: set[str], reason: str = ""
) -> dict[str, Any]:
    """Return the decision that makes a custom field for a source field; ``taken`` names are
    avoided."""
    limits = frame.blueprint.limits
    name = api_name(source["label"], taken, limits, fallback=f"Qontak {source['name']}")
    definition = custom_fields.definition(source, name, limits)
    decision = _empty("custom", reason)
    decision["target"] = name
    decision["custom"] = definition
    decision["conversion"] = custom_conversion(source, definition)
    return decision


def decision_skip(reason: str = "", *, action: str = "skip") -> dict[str, Any]:
    """Return the decision that leaves a field behind (or says what carries it already)."""
    return _empty(action, reason)


def _empty(action: str, reason: str) -> dict[str, Any]:
    return {
        "action": action,
        "target": "",
        "conversion": {},
        "fallbacks": [],
        "custom": None,
        "new_values": {},
        "reason": reason,
    }


# ---------------------------------------------------------------- what is known beforehand


def _known(frame: Frame, source: Mapping[str, Any]) -> Known | None:
    """Return what the blueprint knows, where the destination can take it."""
    known = frame.phase.knows(source["name"])
    if known is None or known.action != "field":
        return known
    field = frame.describe.field(known.target)
    return known if field is not None and field.createable else None


def _known_proposal(frame: Frame, source: Mapping[str, Any], known: Known) -> dict[str, Any]:
    with override("id"):
        reason_id = gettext(known.reason)
    candidate = {
        "action": known.action,
        "target": known.target or (known.custom.name if known.custom else ""),
        "confidence": 1.0,
        "reason": known.reason,
        "reason_id": reason_id,
    }
    if known.action == "field":
        decision = decision_field(frame, source, known.target, reason=known.reason)
    elif known.custom is not None:
        decision = _empty("custom", known.reason)
        decision["target"] = known.custom.name
        decision["custom"] = known.custom.definition()
        decision["conversion"] = custom_conversion(source, decision["custom"])
    else:
        decision = decision_skip(known.reason, action=known.action)
    return {"candidates": [candidate], "values": {}, "decision": decision}


def _known_conversion(known: Known, field: FieldDescribe) -> dict[str, Any]:
    conversion = dict(known.conversion)
    if conversion["kind"] in ("text", "given_name", "family_name") and field.length:
        conversion |= {"length": field.length, "too_long": "error"}
    if conversion["kind"] in ("decimal", "currency", "percent"):
        conversion |= _digits(field)
    return conversion


# ---------------------------------------------------------------- the proposer


def _case(frame: Frame, sources: Sequence[Mapping[str, Any]], taken: set[str]) -> Case:
    dests = [
        field
        for field in frame.describe.fields
        if field.createable
        and field.updateable
        and field.type not in (FieldType.REFERENCE, FieldType.ID, FieldType.FILE)
        and field.name not in taken
        and field.name.casefold() != frame.phase.key_field.casefold()
        and not any(field.name == audit.target for audit in frame.phase.audit_fields)
    ]
    return Case(
        source_system="Qontak",
        source_object=frame.phase.source_object,
        dest_system=frame.blueprint.label,
        dest_object=frame.describe.name,
        source_fields=tuple(_case_source(source) for source in sources),
        dest_fields=tuple(_case_dest(field) for field in dests),
    )


def _case_source(source: Mapping[str, Any]) -> SourceField:
    return SourceField(
        name=source["name"],
        label=source["label"],
        type=source["native_type"],
        options=_case_options(source["options"]),
        samples=tuple(source["samples"]),
        custom=source["custom"],
        fill_rate=source["fill_rate"],
        max_length=source["length_max"],
    )


def _case_dest(field: FieldDescribe) -> DestField:
    return DestField(
        name=field.name,
        label=field.label,
        type=field.native_type,
        options=tuple(Option(o.value, o.label) for o in field.options if o.active),
        length=field.length,
        required=field.required,
        createable=field.createable,
        custom=field.custom,
        reference_to=field.reference_to,
    )


def _case_options(options: Sequence[Mapping[str, Any]]) -> tuple[Option, ...]:
    return tuple(
        Option(str(o["value"]), str(o["label"] or o["value"]), int(o.get("count") or 0))
        for o in options
    )


def _proposal(
    frame: Frame, source: Mapping[str, Any], found: FieldProposal, names: set[str]
) -> dict[str, Any]:
    """Turn the proposer's answer into candidates and the decision of the first possible one."""
    candidates, decision = [], None
    for candidate in found.candidates:
        action = {CUSTOM: "custom", SKIP: "skip"}.get(candidate.dest, "field")
        made = _candidate_decision(frame, source, action, candidate, found, names)
        if made is None:
            continue
        decision = decision or made
        candidates.append(
            {
                "action": action,
                "target": made["target"],
                "confidence": candidate.confidence,
                "reason": candidate.reason,
                "reason_id": candidate.reason_id,
            }
        )
    values = {key: [list(pair) for pair in ranked] for key, ranked in found.values.items()}
    return {"candidates": candidates, "values": values, "decision": decision}


def _candidate_decision(
    frame: Frame,
    source: Mapping[str, Any],
    action: str,
    candidate: Any,
    found: FieldProposal,
    names: set[str],
) -> dict[str, Any] | None:
    if action == "custom":
        return decision_custom(frame, source, taken=names, reason=candidate.reason)
    if action == "skip":
        return decision_skip(candidate.reason)
    field = frame.describe.field(candidate.dest)
    if field is None or _loses_several(source, field):
        return None
    decision = decision_field(
        frame, source, candidate.dest, values=found.values, reason=candidate.reason
    )
    return None if unmapped_values(source, decision) else decision


def _loses_several(source: Mapping[str, Any], field: FieldDescribe) -> bool:
    several = source["multiple"] or source["type"] == FieldType.MULTIPICKLIST
    return several and field.type is FieldType.PICKLIST


# ---------------------------------------------------------------- conversions


def _conversion(frame: Frame, source: Mapping[str, Any], field: FieldDescribe) -> dict[str, Any]:
    if field.type is FieldType.REFERENCE:
        return _reference(frame, source, field)
    if field.type in CHOICES:
        return {"kind": field.type.value, "values": {}, "unmapped": "error"}
    if field.type in (FieldType.LONG_TEXT, FieldType.RICH_TEXT):
        return {"kind": "long_text", "length": field.length, "too_long": "error"}
    if field.type in NUMBERS:
        return {"kind": field.type.value, **_digits(field)}
    if field.type in (FieldType.PHONE, FieldType.EMAIL, FieldType.URL):
        return {"kind": field.type.value, "length": field.length}
    if field.type in (FieldType.INTEGER, FieldType.DATE, FieldType.DATETIME, FieldType.BOOLEAN):
        return {"kind": field.type.value}
    return {"kind": "text", "length": field.length, "too_long": "error"}


def _digits(field: FieldDescribe) -> dict[str, Any]:
    return {"precision": field.precision or 18, "scale": 2 if field.scale is None else field.scale}


def _reference(frame: Frame, source: Mapping[str, Any], field: FieldDescribe) -> dict[str, Any]:
    pointed = next(
        (
            phase
            for phase in frame.blueprint.phases
            if phase.target_object in field.reference_to
            and phase.source_object == source["reference_to"]
        ),
        None,
    )
    if pointed is None:
        raise ValueError(
            f"{field.label or field.name} points to {', '.join(field.reference_to)}; "
            f"{source['label'] or source['name']} does not."
        )
    conversion: dict[str, Any] = {"kind": "reference", "object": pointed.source_object}
    if pointed.mode == "match_users":
        conversion["owner"] = field.name == "OwnerId"
    prefix = frame.blueprint.id_prefixes.get(pointed.target_object)
    return conversion | ({"id_prefix": prefix} if prefix else {})


def custom_conversion(source: Mapping[str, Any], definition: Mapping[str, Any]) -> dict[str, Any]:
    """Return the conversion of a source field into a custom field of that definition."""
    kind = FieldType(definition["type"])
    if kind in CHOICES:
        values = {
            str(o["value"]): transforms.text(str(o["label"] or o["value"]))
            for o in source["options"]
        }
        return {"kind": kind.value, "values": values, "unmapped": "error"}
    if kind in NUMBERS:
        scale, precision = definition["scale"], definition["precision"]
        return {"kind": kind.value, "precision": precision, "scale": scale}
    if kind in (FieldType.TEXT, FieldType.LONG_TEXT):
        return {"kind": kind.value, "length": definition["length"], "too_long": "error"}
    return {"kind": kind.value}


# ---------------------------------------------------------------- value maps


def source_options(
    source: Mapping[str, Any], within: str, pipelines: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the options of a source field as a value map is keyed; stages come by pipeline.

    Each is {"value", "label", "count"}, stages also {"group", "probability"}.
    """
    if not within:
        return [
            {"value": str(o["value"]), "label": str(o["label"] or o["value"]), "count": o["count"]}
            for o in source["options"]
        ]
    counts = {str(o["value"]): o["count"] for o in source["options"]}
    stages = [
        {
            "value": f"{pipeline['id']}/{stage['id']}",
            "label": stage["name"],
            "count": counts.pop(str(stage["id"]), 0),
            "group": pipeline["name"],
            "probability": stage["win_probability"],
        }
        for pipeline in pipelines
        for stage in sorted(pipeline["stages"], key=lambda stage: stage["order"])
    ]
    stray = [o for o in source["options"] if str(o["value"]) in counts]
    return stages + [
        {"value": f"*/{o['value']}", "label": str(o["label"] or o["value"]), "count": o["count"]}
        for o in stray
    ]


def unmapped_values(
    source: Mapping[str, Any],
    decision: Mapping[str, Any],
    pipelines: Sequence[Mapping[str, Any]] = (),
) -> list[dict[str, Any]]:
    """Return the options in use that the decision's value map does not know and would refuse."""
    conversion = decision["conversion"]
    if conversion.get("kind") not in ("picklist", "multipicklist"):
        return []
    if conversion.get("unmapped", "error") != "error":
        return []
    options = source_options(source, conversion.get("within", ""), pipelines)
    return [o for o in options if o["count"] and o["value"] not in conversion["values"]]


def _fill_values(
    frame: Frame,
    source: Mapping[str, Any],
    field: FieldDescribe,
    decision: dict[str, Any],
    proposed: Mapping[str, Sequence[Sequence[Any]]],
) -> None:
    """Give each option a value: the clear proposal, an equal one, else its own as a new value."""
    conversion = decision["conversion"]
    conversion.setdefault("unmapped", "error")
    options = source_options(source, conversion.get("within", ""), frame.pipelines)
    active = {o.value.casefold(): o.value for o in field.options if o.active}
    active |= {o.label.casefold(): o.value for o in field.options if o.active}
    stages = bool(conversion.get("within"))
    clear = LIKELY_VALUE if field.restricted else CLEAR_VALUE
    if not proposed and field.options:
        proposed = _proposed_values(options, field, ordered=stages)
    values: dict[str, str | None] = {}
    for option in options:
        best = next(iter(proposed.get(option["value"], ())), None)
        label = transforms.text(option["label"])
        if label.casefold() in active:
            values[option["value"]] = active[label.casefold()]
        elif best is not None and (stages or best[1] >= clear):
            values[option["value"]] = best[0]
        elif not field.restricted and label and len(label) <= (field.length or 255):
            new = active.setdefault(label.casefold(), label)
            values[option["value"]] = new
            decision["new_values"][new] = _stage_facts(option) if stages else {}
    conversion["values"] = values
    if not options and not field.restricted:
        conversion["unmapped"] = "keep"


def _proposed_values(
    options: Sequence[Mapping[str, Any]], field: FieldDescribe, *, ordered: bool
) -> dict[str, Any]:
    dests = [Option(o.value, o.label) for o in field.options if o.active]
    groups: dict[str, list[Option]] = {}
    for o in options:
        group = groups.setdefault(str(o.get("group", "")), [])
        group.append(Option(o["value"], o["label"], int(o["count"] or 0)))
    found: dict[str, Any] = {}
    for group in groups.values():
        found.update(value_map(group, dests, ordered=ordered))
    return found


def _stage_facts(option: Mapping[str, Any]) -> dict[str, Any]:
    """A new stage is open: whether it means won or lost is decided by a person."""
    chance = option.get("probability")
    percent = round(100 * float(chance)) if chance is not None else 0
    return {"probability": max(0, min(100, percent)), "closed": False, "won": False}
