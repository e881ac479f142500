"""Which phase a record belongs to: filters first, then the split rule."""

from __future__ import annotations

from dataclasses import dataclass

from mapping.core.spec import MapSpec
from qontakmig.connectors.base import SourceRecord


@dataclass(frozen=True, slots=True)
class Routed:
    """Where a record goes. ``phase`` None: nowhere, for ``reason``.

    For a split object ``reason`` is ``rule 2`` (counted from 1) or ``otherwise``.
    """

    phase: str | None
    reason: str


def route(record: SourceRecord, spec: MapSpec) -> Routed:
    """Return the phase of a record. Never raises: an object without a phase is filtered."""
    for rule in spec.filters:
        if rule.object == record.object and all(c.holds(record) for c in rule.conditions):
            return Routed(None, rule.reason)
    split = spec.splits.get(record.object)
    if split is not None:
        for number, (phase, conditions) in enumerate(split.rules, start=1):
            if all(condition.holds(record) for condition in conditions):
                return Routed(phase, f"rule {number}")
        return Routed(split.otherwise, "otherwise")
    for candidate in spec.phases:
        if candidate.source_object == record.object:
            return Routed(candidate.name, "")
    return Routed(None, "This object is not part of the map.")
