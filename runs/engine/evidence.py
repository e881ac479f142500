"""What may be deleted or put back: judged on the destination's own word, never on ours alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_noop

from mapping.core.compare import compare_row
from mapping.core.planning import Lookups, PlannedRow, RowProblem
from mapping.core.spec import PhaseSpec, Reference
from qontakmig.connectors.base import Evidence, TargetConnector, TargetRow
from runs.engine.choosing import plan
from runs.engine.sql import PRE_IMAGE, RECORD, fetch, values_in
from runs.engine.staging import staged_rows
from runs.models import Run

CLOCK_TOLERANCE = timedelta(minutes=2)
"""Only for runs that ended before the destination's clock was read after their last write."""

NEAR_THE_END = timedelta(minutes=1)
"""The last write is read from a few rows; others of its batch may be this much younger."""

SENTENCES = {
    "gone": gettext_noop("It is not in the destination any more."),
    "key_changed": gettext_noop("It does not carry our key any more."),
    "created_by_other": gettext_noop("The destination says that somebody else created it."),
    "edited": gettext_noop("It was changed in the destination since the run."),
    "dependents": gettext_noop("Records that we did not create hang on it."),
    "never_arrived": gettext_noop("It never arrived in the destination."),
    "key_stays": gettext_noop("Our key was missing before the run and stays on it."),
}


def delete_verdict(
    found: Evidence, key: str, written_as: str, last_write_at: datetime | None
) -> str:
    """Return empty when a record that was absent before is still as we made it, else why not.

    The destination must say that our user created it and changed it last, that our key is still
    on it, and that nothing happened to it after our last write. ``compare``: changed as our user
    around our last write, whose moment is known from a sample; ``edited_of`` looks at its values.
    """
    if found.key is None or found.key.casefold() != key.casefold():
        return "key_changed"
    if found.created_by is not None and found.created_by != written_as:
        return "created_by_other"
    if found.modified_by is not None and found.modified_by != written_as:
        return "edited"
    if last_write_at is not None and found.modified_at and found.modified_at > last_write_at:
        near = found.modified_at <= last_write_at + NEAR_THE_END
        return "compare" if near else "edited"
    return ""


class _Anyone(dict[Reference, str]):
    """An id map that knows everybody: links are not compared, so any id will do."""

    def __contains__(self, reference: object) -> bool:
        return True

    def __missing__(self, reference: Reference) -> str:
        return "?"


def edited_of(
    run: Run, target: TargetConnector, phase: PhaseSpec, target_ids: Mapping[str, str]
) -> set[str]:
    """Return those of ``target_ids`` (source id → target id) whose values are not as we wrote them.

    Planned again from the run's payloads; links are left out, because what they point to may be
    gone from the id map already.
    """
    condition, ids = values_in("source_id", list(target_ids))
    rows = staged_rows(
        f"run_id = %s AND source_object = %s AND {condition}", (run.pk, phase.source_object, ids)
    )
    links = {rule.target for rule in phase.reference_rules}
    names = [name for name in phase.target_fields if name not in links | {phase.key_field}]
    found = target.find_by_id(
        phase.target_object, list(target_ids.values()), names, phase.key_field
    )
    edited = set()
    for row in rows:
        planned, _ = plan(row, phase, Lookups(_Anyone()))
        hit = found.get(target_ids[row.source_id])
        if hit is None or isinstance(planned, RowProblem):
            continue
        verdicts = compare_row(planned, hit, phase, updated=True)
        if any(v.verdict == "different" and v.field not in links for v in verdicts):
            edited.add(row.source_id)
    return edited


@dataclass(slots=True)
class Restoration:
    """What to write back on one record, and which fields people changed since."""

    fields: dict[str, Any] = field(default_factory=dict)
    edited: list[str] = field(default_factory=list)


def restoration(
    hit: TargetRow, before: Mapping[str, Any], written: Mapping[str, Any], phase: PhaseSpec
) -> Restoration:
    """Return the previous values of those of our fields that still hold what we wrote."""
    found = Restoration()
    names = [name for name in written if name != phase.key_field]
    ours = _verdicts(hit, {name: written[name] for name in names}, phase)
    theirs = _verdicts(hit, {name: before[name] for name in names}, phase)
    for name in names:
        if theirs.get(name, "different") != "different":
            continue
        if ours.get(name, "different") != "different":
            found.fields[name] = before[name]
        else:
            found.edited.append(name)
    return found


def _verdicts(hit: TargetRow, values: dict[str, Any], phase: PhaseSpec) -> dict[str, str]:
    row = PlannedRow(hit.key or "", values)
    return {v.field: v.verdict for v in compare_row(row, hit, phase)}


def pre_images(
    run: Run, source_object: str, source_ids: Iterable[str]
) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Return source id → (values before, values written) of a loaded run, its parts joined."""
    condition, ids = values_in("r.source_id", list(source_ids))
    rows = fetch(
        f"SELECT r.source_id, p.before, p.written FROM {RECORD} r "  # noqa: S608
        f"JOIN {PRE_IMAGE} p ON p.record_id = r.id WHERE r.run_id = %s AND r.source_object = %s "
        f"AND {condition} ORDER BY p.part",
        (run.pk, source_object, ids),
    )
    found: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
    for source_id, before, written in rows:
        earlier = found.setdefault(source_id, ({}, {}))
        for values, text in zip(earlier, (before, written), strict=True):
            for name, value in json.loads(text).items():
                values.setdefault(name, value)
    return found


def last_write_bound(run: Run) -> datetime | None:
    """Return the moment after which a change is not ours.

    By the destination's clock where the run came to its end; else by our own, with a tolerance.
    """
    if run.last_write_at is not None:
        return run.last_write_at
    last = run.mapped.order_by("-written_at").values_list("written_at", flat=True).first()
    return last + CLOCK_TOLERANCE if last else None
