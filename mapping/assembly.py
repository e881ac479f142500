"""A version under review put together as the map document that would be confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mapping.blueprints import blueprint_get
from mapping.blueprints.base import Blueprint, Phase, SplitProposal
from mapping.core import transforms
from mapping.core.document import FORMAT
from mapping.describes import describe_from_json
from mapping.models import FieldLine, MapVersion, ObjectDraft
from qontakmig.connectors.base import FieldType, ObjectDescribe

NEGATIONS = frozenset({"not", "non", "belum", "bukan", "tidak"})


def document_build(version: MapVersion) -> dict[str, Any]:
    """Return the document that the present decisions make; unreviewed lines count as proposed.

    One query for the phases and one for all lines.
    """
    blueprint = blueprint_get(version.blueprint)
    drafts = {d.phase: d for d in version.objects_drafted.prefetch_related("lines")}
    return {
        "format": FORMAT,
        "blueprint": {"key": blueprint.key, "version": blueprint.version},
        "settings": {
            "country_code": version.project.country_code,
            "timezone": version.project.timezone,
            "day_first": True,
        },
        "filters": version.filters,
        "splits": version.splits,
        "phases": [
            phase_document(blueprint, phase, drafts.get(phase.name)) for phase in blueprint.phases
        ],
    }


def phase_document(blueprint: Blueprint, phase: Phase, draft: ObjectDraft | None) -> dict[str, Any]:
    """Return PHASE of the document; a phase that only matches has no draft and no fields."""
    document: dict[str, Any] = {
        "name": phase.name,
        "source": phase.source_object,
        "target": phase.target_object,
        "mode": phase.mode,
        "depends_on": list(phase.depends_on),
        "match_by": phase.match_by,
        "key_field": phase.key_field,
        "fields": [],
        "skipped": [],
        "create_fields": [],
        "create_values": [],
    }
    if draft is None or phase.key is None:
        return document
    describe = describe_from_json(draft.target_describe)
    document["create_fields"].append(phase.key.definition())
    lines = list(draft.lines.all())
    for line in lines:
        _add_line(document, line, draft, describe)
    _add_defaults(document, phase, draft, describe, {line.source_field for line in lines})
    _add_companions(document, phase, {line.source_field for line in lines})
    if draft.audit_dates:
        _add_audit_dates(document, phase)
    return document


def _add_line(
    document: dict[str, Any], line: FieldLine, draft: ObjectDraft, describe: ObjectDescribe
) -> None:
    decision = line.outcome
    if decision["action"] in ("skip", "carried"):
        document["skipped"].append({"source": line.source_field, "reason": decision["reason"]})
        return
    target, custom = decision["target"], decision["custom"]
    field = describe.field(target)
    if custom is not None:
        document["create_fields"].append(custom)
        kind = FieldType(custom["type"])
    else:
        kind = field.type if field is not None else FieldType.OTHER
    once = field is not None and field.createable and not field.updateable
    document["fields"].append(
        field_document(
            target,
            kind,
            line.source_field,
            decision["conversion"],
            fallbacks=decision["fallbacks"],
            stand_in=draft.stand_ins.get(target),
            required=field is not None and field.required,
            when="insert" if once else "always",
            origin="line",
        )
    )
    document["create_values"].extend(
        {"field": target, "value": value, "label": value, **facts}
        for value, facts in decision["new_values"].items()
        if value in decision["conversion"]["values"].values()
    )


def field_document(
    target: str,
    kind: FieldType,
    source: str | None,
    conversion: Mapping[str, Any],
    *,
    fallbacks: list[str] | tuple[str, ...] = (),
    stand_in: str | None = None,
    required: bool = False,
    when: str = "always",
    moves: bool = False,
    origin: str = "blueprint",
) -> dict[str, Any]:
    """Return FIELD of the document."""
    return {
        "target": target,
        "type": kind.value,
        "source": source,
        "fallbacks": list(fallbacks),
        "stand_in": stand_in,
        "conversion": dict(conversion),
        "required": required,
        "when": when,
        "moves": moves,
        "origin": origin,
    }


def _add_defaults(
    document: dict[str, Any],
    phase: Phase,
    draft: ObjectDraft,
    describe: ObjectDescribe,
    sources: set[str],
) -> None:
    """Fill required fields that no line fills, from what the blueprint names and the source has."""
    filled = {field["target"] for field in document["fields"]}
    for default in phase.defaults:
        field = describe.field(default.target)
        if default.target in filled or field is None or not field.createable:
            continue
        present = [s for s in default.sources if s in sources or s.startswith("@")]
        if not present and default.target not in draft.stand_ins:
            continue
        conversion = dict(default.conversion)
        if field.length and conversion["kind"] in ("text", "given_name", "family_name"):
            conversion |= {"length": field.length, "too_long": "error"}
        document["fields"].append(
            field_document(
                field.name,
                field.type,
                present[0] if present else None,
                conversion,
                fallbacks=present[1:],
                stand_in=draft.stand_ins.get(field.name),
                required=field.required,
            )
        )


def _add_companions(document: dict[str, Any], phase: Phase, sources: set[str]) -> None:
    filled = {field["target"].casefold() for field in document["fields"]}
    for companion in phase.companions:
        custom = companion.custom
        if not companion.source.startswith("@") and companion.source not in sources:
            continue
        if custom.name.casefold() in filled:
            continue
        document["create_fields"].append(custom.definition())
        document["fields"].append(
            field_document(custom.name, custom.type, companion.source, companion.conversion)
        )


def _add_audit_dates(document: dict[str, Any], phase: Phase) -> None:
    for audit in phase.audit_fields:
        document["fields"].append(
            field_document(
                audit.target,
                FieldType.DATETIME,
                audit.source,
                {"kind": "datetime"},
                when="insert",
                moves=audit.moves,
            )
        )


def split_propose(
    blueprint: Blueprint, fields: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the proposed split rule as ``splits`` of the document; [] without a split.

    fields  facts of the source object's fields by name. First the status, where it is filled;
    then everybody with a deal stays what is qualified; then the last channel; then a company.
    """
    split = blueprint.split
    if split is None:
        return []
    rules: list[dict[str, Any]] = []

    def rule(phase: str, field: str, op: str, values: list[str] | None = None) -> None:
        condition: dict[str, Any] = {"field": field, "op": op, "values": values or []}
        rules.append({"phase": phase, "all": [condition]})

    if split.status_field in fields:
        early = _early_options(fields[split.status_field], split)
        if early:
            rule(split.unqualified, split.status_field, "in", early)
        rule(split.qualified, split.status_field, "not_empty")
    if split.deals_field in fields:
        rule(split.qualified, split.deals_field, "not_empty")
    if split.channel_field in fields:
        inbound = [
            str(option["value"])
            for option in fields[split.channel_field]["options"]
            if _words(option) & split.inbound_words
        ]
        if inbound:
            rule(split.unqualified, split.channel_field, "in", inbound)
        rule(split.qualified, split.channel_field, "not_empty")
    if split.company_field in fields:
        rule(split.qualified, split.company_field, "not_empty")
    otherwise = split.unqualified if rules else split.qualified
    return [{"object": split.object, "rules": rules, "otherwise": otherwise}]


def _early_options(field: Mapping[str, Any], split: SplitProposal) -> list[str]:
    return [str(option["value"]) for option in field["options"] if _is_early(_words(option), split)]


def _is_early(words: set[str], split: SplitProposal) -> bool:
    """True for statuses of people who are not qualified, "belum qualified" included."""
    if words & split.qualified_words:
        return bool(words & NEGATIONS)
    return bool(words & split.unqualified_words)


def _words(option: Mapping[str, Any]) -> set[str]:
    label = transforms.text(str(option["label"] or option["value"])).casefold()
    return set("".join(c if c.isalnum() else " " for c in label).split())
