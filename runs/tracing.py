"""One record's whole way: read, planned, sent, answered, read back, and what was there before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mapping.core.planning import Lookups, PlannedRow, RowProblem, plan_row
from mapping.core.spec import MapSpec, PhaseSpec
from projects.models import DiscoveredField
from qontakmig.connectors.base import SourceRecord
from runs.causes import Meaning, meaning, record_name
from runs.engine.staging import record_read
from runs.models import Finding, IdMap, PreImage, Record


@dataclass(frozen=True, slots=True)
class TracedField:
    """One field of the planned row beside what it was made from: (name, label, value as typed)."""

    target: str
    sources: tuple[tuple[str, str, Any], ...]
    planned: Any
    before: Any
    finding: str


@dataclass(frozen=True, slots=True)
class Trace:
    """What is known of one record. ``planned`` is None where it could not be planned."""

    record: Record
    name: str
    raw: SourceRecord | None
    planned: PlannedRow | None
    problem: RowProblem | None
    fields: Sequence[TracedField]
    pre_images: Sequence[PreImage]
    mapped: IdMap | None
    meaning: Meaning | None
    warnings: Sequence[tuple[str, Meaning]]
    earlier: Sequence[Record]


def trace(record: Record) -> Trace:
    """Plan the record again with the core that planned the write, and lay all evidence beside."""
    run = record.run
    spec = MapSpec.from_document(run.map_version.document)
    phase = spec.phase(record.step.name)
    raw = None
    if record.payload:
        raw = record_read(record.source_object, record.source_id, record.payload)
    planned: PlannedRow | RowProblem | None = None
    if raw is not None and phase.mode == "load":
        planned = plan_row(raw, phase, _lookups(record, phase, raw))
    images = list(record.pre_images.order_by("part"))
    row = planned if isinstance(planned, PlannedRow) else None
    codes = [code for code in record.warnings.split(",") if code]
    return Trace(
        record=record,
        name=record_name(raw.values) if raw else "",
        raw=raw,
        planned=row,
        problem=planned if isinstance(planned, RowProblem) else None,
        fields=_fields(record, phase, raw, row, images) if raw and row else (),
        pre_images=images,
        mapped=IdMap.objects.filter(
            project=run.project,
            environment=run.environment,
            source_object=record.source_object,
            source_id=record.source_id,
        ).first(),
        meaning=meaning(record.reason_code, record.reason) if record.reason_code else None,
        warnings=[(code, meaning(code)) for code in codes],
        earlier=list(
            Record.objects.filter(
                run__project=run.project,
                source_object=record.source_object,
                source_id=record.source_id,
            )
            .exclude(pk=record.pk)
            .select_related("run", "step")
            .order_by("-pk")[:10]
        ),
    )


def _lookups(record: Record, phase: PhaseSpec, raw: SourceRecord) -> Lookups:
    """The ids that this record's links became: of this run where it kept them (stand-ins of
    owners), else as the id map holds them now."""
    run = record.run
    wanted = phase.references(raw)
    ids = [source_id for _, source_id in wanted]
    columns = ("source_object", "source_id", "target_id")
    known = IdMap.objects.filter(
        project=run.project, environment=run.environment, source_id__in=ids
    ).values_list(*columns)
    kept = Record.objects.filter(run=run, source_id__in=ids).exclude(target_id="")
    found = {(name, source_id): target_id for name, source_id, target_id in known}
    found |= {(name, key): target_id for name, key, target_id in kept.values_list(*columns)}
    return Lookups(
        ids={reference: found[reference] for reference in wanted if reference in found},
        default_owner=run.fallback_owner or None,
        final=True,
    )


def _fields(
    record: Record,
    phase: PhaseSpec,
    raw: SourceRecord,
    planned: PlannedRow,
    images: Sequence[PreImage],
) -> list[TracedField]:
    before: dict[str, Any] = {}
    for image in images:
        before |= {k: v for k, v in json.loads(image.before).items() if k not in before}
    rules = {rule.target: rule for rule in phase.fields}
    found = _findings(record)
    labels = _labels(record)
    lines = []
    for target, value in planned.fields.items():
        rule = rules.get(target)
        sources = rule.sources if rule else ()
        lines.append(
            TracedField(
                target,
                tuple((name, labels.get(name, ""), _shown(raw, name)) for name in sources),
                value,
                before.get(target),
                found.get(target, ""),
            )
        )
    return lines


def _labels(record: Record) -> dict[str, str]:
    """What the source calls its fields, by name."""
    found = DiscoveredField.objects.filter(
        object__discovery=record.run.map_version.discovery_id, object__name=record.source_object
    )
    return dict(found.values_list("name", "label"))


def _shown(raw: SourceRecord, name: str) -> Any:
    """The source value as typed: the name of a choice, the names of several, else the text."""
    if name.startswith("@"):
        when = getattr(raw, name[1:], None)
        return when.isoformat() if when else None
    value = raw.values.get(name)
    if isinstance(value, dict):
        return value.get("name") or value.get("id")
    if isinstance(value, list):
        return ", ".join(str(v.get("name") or v.get("id")) for v in value if isinstance(v, dict))
    return value


def _findings(record: Record) -> dict[str, str]:
    """What verification said about this record's fields, where it is among the kept examples."""
    if record.verdict in ("", "equal"):
        return {}
    kept = Finding.objects.filter(
        step__run=record.run, step__name=record.step.name, step__kind="verify"
    )
    return {
        finding.field: finding.cause
        for finding in kept
        if any(example["source_id"] == record.source_id for example in finding.examples)
    }
