"""From one source record to the row that the destination gets, or to everything against it.

Previews, dry runs, real runs, verification and spot-checks all call ``plan_row``, so they can
never disagree. Nothing here reads a clock, the network or a database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from mapping.core.conversions import Notes, compile_conversion, source_value
from mapping.core.document import canonical_json
from mapping.core.spec import FieldRule, PhaseSpec, Reference
from mapping.core.transforms import TransformError, instant_text
from mapping.core.values import is_empty, reference_ids
from qontakmig.connectors.base import FieldType, SourceRecord, SourceValue, WireValue


@dataclass(frozen=True, slots=True)
class RowIssue:
    """One thing about one field of a row. ``message`` holds no personal value."""

    code: str
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A row to write. ``fields`` is without the key and holds None where the source is empty.

    ``insert_only`` names the fields that no update may carry. ``deferred`` names references to
    records of the same object that had no target id yet: plan the record again once the phase
    has loaded and update it where the hash then differs.
    """

    key: str
    fields: dict[str, WireValue]
    warnings: tuple[RowIssue, ...] = ()
    insert_only: frozenset[str] = frozenset()
    deferred: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a record has no row: in error, or held until ``waiting_for`` are in the destination.

    ``issues`` are all that were found, warnings included; a record with an error is ``errored``
    even when it would also have to wait.
    """

    kind: Literal["errored", "held", "skipped"]
    issues: tuple[RowIssue, ...]
    waiting_for: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class Lookups:
    """What is known about the records that planned ones point to.

    ids            target id of each known record
    blocked        records of the source without a target id (in error, held, parked owner)
    default_owner  target user for records without an owner or with one unknown to the source;
                   None holds those with an unknown owner and leaves out OwnerId of the others
    final          True once every record of the phase has been written: references within the
                   object are then judged like all others instead of deferred
    """

    ids: Mapping[Reference, str] = field(default_factory=dict)
    blocked: Set[Reference] = frozenset()
    default_owner: str | None = None
    final: bool = False


class _Draft:
    """A row being made."""

    __slots__ = ("deferred", "errors", "fields", "holds", "lookups", "notes", "record", "warnings")

    def __init__(self, record: SourceRecord, lookups: Lookups) -> None:
        self.record = record
        self.lookups = lookups
        self.fields: dict[str, WireValue] = {}
        self.notes = Notes()
        self.errors: list[RowIssue] = []
        self.warnings: list[RowIssue] = []
        self.holds: list[tuple[Reference, RowIssue]] = []
        self.deferred: list[str] = []


_Step = Callable[[_Draft], None]


@dataclass(frozen=True, slots=True)
class _Plan:
    steps: tuple[_Step, ...]
    insert_only: frozenset[str]


def plan_row(record: SourceRecord, phase: PhaseSpec, lookups: Lookups) -> PlannedRow | RowProblem:
    """Return the row for a record that was routed to ``phase``, or all problems found.

    The key is the source id as text. Values are ISO text for dates, decimal text for money.
    Never raises for any record; raises ValueError for a phase that the map does not load.
    """
    plan = _compiled(phase)
    draft = _Draft(record, lookups)
    for step in plan.steps:
        step(draft)
    if draft.errors:
        return RowProblem("errored", (*draft.errors, *(i for _, i in draft.holds), *draft.warnings))
    if draft.holds:
        issues = (*(issue for _, issue in draft.holds), *draft.warnings)
        return RowProblem("held", issues, tuple(dict.fromkeys(ref for ref, _ in draft.holds)))
    return PlannedRow(
        record.id, draft.fields, tuple(draft.warnings), plan.insert_only, tuple(draft.deferred)
    )


def row_hash(planned: PlannedRow) -> str:
    """Return the sha256 (hex) of key and fields: the same row has the same hash for ever."""
    return hashlib.sha256(canonical_json([planned.key, planned.fields]).encode()).hexdigest()


def insert_row(planned: PlannedRow, phase: PhaseSpec) -> dict[str, WireValue]:
    """Return the row for an insert: the key and every filled field; empty ones are left out."""
    row: dict[str, WireValue] = {phase.key_field: planned.key}
    row.update((name, value) for name, value in planned.fields.items() if value is not None)
    return row


def update_row(planned: PlannedRow, phase: PhaseSpec) -> dict[str, WireValue]:
    """Return the row for an update: the key and every field, None to empty it, without those that
    only an insert may carry. The caller adds the target id under ``Id``."""
    row: dict[str, WireValue] = {phase.key_field: planned.key}
    row.update(
        (name, value) for name, value in planned.fields.items() if name not in planned.insert_only
    )
    return row


@lru_cache(maxsize=64)
def _compiled(phase: PhaseSpec) -> _Plan:
    if phase.mode != "load":
        raise ValueError(f"The phase {phase.name} loads no rows.")
    steps = tuple(_step_for(rule, phase) for rule in phase.fields)
    return _Plan(steps, frozenset(rule.target for rule in phase.fields if rule.when == "insert"))


def _step_for(rule: FieldRule, phase: PhaseSpec) -> _Step:
    if rule.references:
        return _reference_step(rule, phase)
    own_date = rule.sources in (("@created_at",), ("@updated_at",))
    if own_date and rule.conversion.kind == "datetime" and not rule.required:
        return _own_date_step(rule)
    return _value_step(rule, phase)


def _own_date_step(rule: FieldRule) -> _Step:
    """The record's own dates are aware already: no text is read, only written."""
    target, created = rule.target, rule.source == "@created_at"

    def step(draft: _Draft) -> None:
        moment = draft.record.created_at if created else draft.record.updated_at
        try:
            draft.fields[target] = instant_text(moment) if moment is not None else None
        except TransformError as exc:
            draft.errors.append(RowIssue(exc.code, target, str(exc)))

    return step


def _value_step(rule: FieldRule, phase: PhaseSpec) -> _Step:
    convert = compile_conversion(rule, phase.settings)
    read = _reader(rule.sources)
    target, stand_in = rule.target, rule.stand_in
    always = rule.conversion.kind in ("constant", "given_name", "family_name")
    checkbox = rule.type is FieldType.BOOLEAN
    optional = not (rule.required or checkbox or stand_in is not None)

    def step(draft: _Draft) -> None:
        record, notes = draft.record, draft.notes
        value = read(record)
        result: WireValue = None
        if value is not None or always:
            try:
                result = convert(value, record, notes)
            except TransformError as exc:
                draft.errors.append(RowIssue(exc.code, target, str(exc)))
                notes.found.clear()
                return
        if result is None and not optional:
            result = _nothing(draft, rule, checkbox, stand_in)
        if notes.found:
            draft.warnings.extend(RowIssue(code, target, text) for code, text in notes.found)
            notes.found.clear()
        draft.fields[target] = result

    return step


def _reader(sources: tuple[str, ...]) -> Callable[[SourceRecord], SourceValue]:
    """Return the function that finds the first filled value of some sources, else None."""
    if len(sources) == 1 and not sources[0].startswith("@"):
        source = sources[0]

        def only(record: SourceRecord) -> SourceValue:
            value = record.values.get(source)
            if value is None or value == "":
                return None
            if isinstance(value, str):
                return None if value.isspace() else value
            return None if is_empty(value) else value

        return only

    def first(record: SourceRecord) -> SourceValue:
        for source in sources:
            value = source_value(record, source)
            if not is_empty(value):
                return value
        return None

    return first


def _nothing(draft: _Draft, rule: FieldRule, checkbox: bool, stand_in: str | None) -> WireValue:
    """Return what an empty field gets; notes the stand-in, or the error of a required field."""
    if checkbox:
        return False
    if stand_in is not None:
        draft.notes.add("stand_in", "Empty in the source: the stand-in of the map is written.")
        return stand_in
    if rule.required:
        message = "Empty in the source, and the destination requires it."
        draft.errors.append(RowIssue("required_empty", rule.target, message))
    return None


def _reference_step(rule: FieldRule, phase: PhaseSpec) -> _Step:
    target, object_name = rule.target, rule.references
    options = rule.conversion.options
    owner, prefix = bool(options.get("owner")), str(options.get("id_prefix", ""))
    own = object_name == phase.source_object

    def step(draft: _Draft) -> None:
        wanted = [
            (object_name, source_id)
            for source in rule.sources
            for source_id in reference_ids(source_value(draft.record, source))
        ]
        if not wanted:
            _unreferenced(draft, rule, owner)
            return
        ids, blocked = draft.lookups.ids, draft.lookups.blocked
        found = [(ref, ids[ref]) for ref in wanted if ref in ids]
        fitting = [target_id for _, target_id in found if target_id.startswith(prefix)]
        if fitting:
            draft.fields[target] = fitting[0]
            if len(wanted) > 1:
                _warn(draft, target, "reference_several", f"One of {len(wanted)} links is kept.")
            return
        waiting = [ref for ref in wanted if ref in blocked]
        if waiting:
            text = f"Waits for {object_name} {waiting[0][1]}, which is not in the destination."
            code = "owner_parked" if owner else "parent_blocked"
            draft.holds.extend((ref, RowIssue(code, target, text)) for ref in waiting)
        elif own and not draft.lookups.final:
            draft.deferred.append(target)
            draft.fields[target] = None
        elif owner:
            _unknown_owner(draft, target, wanted[0])
        else:
            _unresolved(draft, rule, wanted[0], bool(found))

    return step


def _unreferenced(draft: _Draft, rule: FieldRule, owner: bool) -> None:
    if owner:
        if draft.lookups.default_owner is not None:
            draft.fields[rule.target] = draft.lookups.default_owner
        text = "The source names no owner."
        _warn(draft, rule.target, "owner_missing", text)
        return
    draft.fields[rule.target] = _nothing(draft, rule, checkbox=False, stand_in=None)


def _unknown_owner(draft: _Draft, target: str, reference: Reference) -> None:
    text = f"The owner, user {reference[1]}, is not in the source any more."
    if draft.lookups.default_owner is None:
        draft.holds.append((reference, RowIssue("owner_unknown", target, text)))
        return
    draft.fields[target] = draft.lookups.default_owner
    _warn(draft, target, "owner_unknown", f"{text} The default owner takes over.")


def _unresolved(draft: _Draft, rule: FieldRule, reference: Reference, elsewhere: bool) -> None:
    if elsewhere:
        code, text = "reference_other_object", "went to another object than this field points to"
    else:
        code, text = "reference_unknown", "does not exist in the source"
    sentence = f"{reference[0]} {reference[1]} {text}; the field is left empty."
    _warn(draft, rule.target, code, sentence)
    draft.fields[rule.target] = _nothing(draft, rule, checkbox=False, stand_in=None)


def _warn(draft: _Draft, target: str, code: str, message: str) -> None:
    draft.warnings.append(RowIssue(code, target, message))
