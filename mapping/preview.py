"""Before → after on real records, by the same core that runs use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mapping.core.planning import Lookups, PlannedRow, RowIssue, plan_row
from mapping.core.spec import FieldRule, PhaseSpec
from mapping.core.values import choice_label, choices
from mapping.models import ObjectDraft
from qontakmig.connectors.base import SourceRecord, SourceValue, WireValue

PREVIEW_RECORDS = 5
UNRESOLVED = "(linked at the run)"
"""Shown for a lookup: target ids exist only once a run has written the parents."""


@dataclass(frozen=True, slots=True)
class PreviewField:
    """One destination field of one record. ``issues``: what is lost, odd or in error."""

    target: str
    before: str
    after: WireValue
    issues: tuple[RowIssue, ...]


@dataclass(frozen=True, slots=True)
class PreviewRecord:
    """One record: ``outcome`` is ``row``, ``errored`` or ``held``."""

    source_id: str
    outcome: str
    fields: tuple[PreviewField, ...]
    issues: tuple[RowIssue, ...]


def preview_record(record: SourceRecord, phase: PhaseSpec) -> PreviewRecord:
    """Plan one record as if everything that it points to were in the destination."""
    pretended = Lookups(
        ids={ref: _pretended_id(phase, ref[0]) for ref in phase.references(record)},
        default_owner=UNRESOLVED,
    )
    planned = plan_row(record, phase, pretended)
    whole = isinstance(planned, PlannedRow)
    issues = planned.warnings if isinstance(planned, PlannedRow) else planned.issues
    values = planned.fields if isinstance(planned, PlannedRow) else {}
    fields = tuple(
        PreviewField(
            rule.target,
            _before(record, rule),
            UNRESOLVED if rule.references and values.get(rule.target) else values.get(rule.target),
            tuple(issue for issue in issues if issue.field == rule.target),
        )
        for rule in phase.fields
    )
    outcome = "row" if whole else planned.kind  # type: ignore[union-attr]
    return PreviewRecord(record.id, outcome, fields, issues)


def sample(draft: ObjectDraft) -> list[SourceRecord]:
    """Return the records kept beside a draft."""
    return [_record(item) for item in draft.sample_records]


def _record(item: dict[str, Any]) -> SourceRecord:
    moments = {
        key: datetime.fromisoformat(item[key]) if item[key] else None
        for key in ("created_at", "updated_at")
    }
    return SourceRecord(item["object"], item["id"], item["values"], **moments)


def _before(record: SourceRecord, rule: FieldRule) -> str:
    return " · ".join(
        shown for source in rule.sources if (shown := _shown(record.values.get(source)))
    )


def _shown(value: SourceValue) -> str:
    return ", ".join(choice_label(member) for member in choices(value))


def _pretended_id(phase: PhaseSpec, source_object: str) -> str:
    """Return an id that every field pointing to that object takes."""
    prefixes = {
        str(rule.conversion.options.get("id_prefix", ""))
        for rule in phase.reference_rules
        if rule.references == source_object
    }
    return next(iter(prefixes), "") + UNRESOLVED
