"""What to do with each row of a load batch: nothing, insert, update, hold, or refuse it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mapping.core.compare import compare_row
from mapping.core.planning import (
    Lookups,
    PlannedRow,
    RowIssue,
    RowProblem,
    insert_row,
    plan_row,
    row_hash,
    update_row,
)
from mapping.core.spec import PhaseSpec
from qontakmig.connectors.base import TargetRow
from runs.engine.context import Work
from runs.engine.ledger import Intent, Outcome
from runs.engine.staging import Staged
from runs.engine.tuning import request_seconds

STAND_IN = "owner_stand_in"


@dataclass
class Choice:
    """One batch decided. ``mapped`` are id map rows of records that need no request."""

    outcomes: list[Outcome] = field(default_factory=list)
    mapped: list[tuple[str, str, str, str]] = field(default_factory=list)
    inserts: list[Intent] = field(default_factory=list)
    updates: list[Intent] = field(default_factory=list)


@dataclass(slots=True)
class _Candidate:
    row: Staged
    planned: PlannedRow
    digest: str
    warnings: str
    known: tuple[str, str, str, str] | None
    same: bool


def choose(work: Work, rows: Sequence[Staged]) -> Choice:
    """Plan ``rows``, look each up in the destination by key, and decide.

    The look-up is the pre-image (rule R2): rows that already hold what we would write count as
    matched, rows present without our doing are updated where they differ, and a row that was
    absent before our first attempt and is there now was created by us.
    """
    choice = Choice()
    candidates = _candidates(work, rows, choice)
    found = _found(work, candidates)
    for candidate in candidates:
        _decide(work, candidate, found.get(candidate.planned.key, []), choice)
    return choice


def _candidates(work: Work, rows: Sequence[Staged], choice: Choice) -> list[_Candidate]:
    phase, context = work.phase, work.context
    lookups = context.lookups(phase, [row.record for row in rows])
    known = context.known(phase.source_object, [row.source_id for row in rows])
    candidates = []
    for row in rows:
        entry = known.get(row.source_id)
        if entry and entry[0] != phase.target_object:
            choice.outcomes.append(
                Outcome(
                    row.pk,
                    "skipped",
                    code="moved_elsewhere",
                    reason=f"It is in the destination already, as {entry[0]}.",
                )
            )
            continue
        planned, digest = plan(row, phase, lookups)
        if isinstance(planned, RowProblem):
            issue = planned.issues[0]
            choice.outcomes.append(
                Outcome(row.pk, planned.kind, code=issue.code, reason=_sentence(issue))
            )
            continue
        same = entry is not None and entry[2] == digest and not planned.deferred
        warnings = warning_codes(work, row, planned)
        candidates.append(_Candidate(row, planned, digest, warnings, entry, same))
    return candidates


def plan(row: Staged, phase: PhaseSpec, lookups: Lookups) -> tuple[PlannedRow | RowProblem, str]:
    """Return the planned row and its hash. A record that no rule foresaw is in error by itself
    and does not stop the others."""
    try:
        planned = plan_row(row.record, phase, lookups)
        return planned, row_hash(planned) if isinstance(planned, PlannedRow) else ""
    except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError) as exc:
        text = f"The record cannot be converted ({type(exc).__name__})."
        return RowProblem("errored", (RowIssue("not_plannable", "", text),)), ""


def _sentence(issue: Any) -> str:
    return f"{issue.field}: {issue.message}" if issue.field else issue.message


def warning_codes(work: Work, row: Staged, planned: PlannedRow) -> str:
    """Return the codes of what a row was written in spite of, each once."""
    codes = dict.fromkeys(issue.code for issue in planned.warnings)
    if row.source_id in work.context.stood_in_for:
        codes[STAND_IN] = None
    return ",".join(codes)


def _found(work: Work, candidates: Sequence[_Candidate]) -> dict[str, list[TargetRow]]:
    """Look the rows up: without fields where only existence matters, else with all we may write.

    A record of ours that lost its key is found by its id.
    """
    phase, target = work.phase, work.target
    found: dict[str, list[TargetRow]] = {}
    fields = [name for name in phase.target_fields if name != phase.key_field]
    same = [c.planned.key for c in candidates if c.same]
    other = [c.planned.key for c in candidates if not c.same]
    for keys, wanted in ((same, []), (other, fields)):
        if keys:
            work.lease.hold(request_seconds(len(keys)))
            found.update(target.find_by_key(phase.target_object, phase.key_field, keys, wanted))
    lost = {
        c.known[1]: c.planned.key for c in candidates if c.known and not found.get(c.planned.key)
    }
    if lost:
        work.lease.hold(request_seconds(len(lost)))
        rows = target.find_by_id(phase.target_object, list(lost), fields, phase.key_field)
        for target_id, row in rows.items():
            found[lost[target_id]] = [row]
    return found


def _decide(work: Work, candidate: _Candidate, hits: list[TargetRow], choice: Choice) -> None:
    row, planned = candidate.row, candidate.planned
    if len(hits) > 1:
        choice.outcomes.append(duplicate(row.pk, len(hits)))
    elif not hits:
        choice.inserts.append(_insert(work, candidate))
    elif row.preimage == "absent":
        _settle(candidate, hits[0], "created", "created", choice)
    elif candidate.same and hits[0].key == planned.key:
        _settle(candidate, hits[0], _nothing_left(row), "", choice)
    else:
        _update(work, candidate, hits[0], choice)


def duplicate(pk: int, count: int) -> Outcome:
    return Outcome(
        pk,
        "errored",
        code="duplicate_key",
        reason=f"{count} records of the destination carry the key of this one. "
        "Merge them there, then retry.",
    )


def _nothing_left(row: Staged) -> str:
    """Nothing differs: matched, or updated when an earlier, unanswered attempt of ours did it."""
    return "updated" if row.preimage == "present" and row.attempt else "matched"


def _settle(
    candidate: _Candidate, hit: TargetRow, state: str, provenance: str, choice: Choice
) -> None:
    row = candidate.row
    choice.outcomes.append(
        Outcome(
            row.pk,
            state,
            target_id=hit.id,
            row_hash=candidate.digest,
            warnings=candidate.warnings,
            deferred=bool(candidate.planned.deferred),
        )
    )
    if provenance:
        choice.mapped.append((row.source_id, hit.id, provenance, candidate.digest))


def _insert(work: Work, candidate: _Candidate) -> Intent:
    row, planned = candidate.row, candidate.planned
    warnings = candidate.warnings
    if candidate.known:
        warnings = ",".join(filter(None, (warnings, "created_again")))
    return Intent(
        row.pk,
        row.source_id,
        "insert",
        planned.key,
        insert_row(planned, work.phase),
        candidate.digest,
        warnings=warnings,
        deferred=bool(planned.deferred),
        attempt=row.attempt + 1,
    )


def _update(work: Work, candidate: _Candidate, hit: TargetRow, choice: Choice) -> None:
    row, planned = candidate.row, candidate.planned
    changed = differing(work, planned, hit)
    if not changed:
        provenance = candidate.known[3] if candidate.known else "existed"
        _settle(candidate, hit, _nothing_left(row), provenance, choice)
        return
    choice.updates.append(
        Intent(
            row.pk,
            row.source_id,
            "update",
            planned.key,
            {work.phase.key_field: planned.key, "Id": hit.id} | changed,
            candidate.digest,
            target_id=hit.id,
            before=_before(work, hit, changed),
            warnings=candidate.warnings,
            deferred=bool(planned.deferred),
            attempt=row.attempt + 1,
        )
    )


def _before(work: Work, hit: TargetRow, changed: Mapping[str, Any]) -> dict[str, Any]:
    key_field = work.phase.key_field
    return {name: hit.key if name == key_field else hit.values.get(name) for name in changed}


def differing(work: Work, planned: PlannedRow, hit: TargetRow) -> dict[str, Any]:
    """Return the fields, with our values, in which the destination's row is not as planned.

    Fields that only an insert carries and links that come later are left out; the key is among
    them when the row lost it.
    """
    phase = work.phase
    ours = update_row(planned, phase)
    verdicts = compare_row(planned, hit, phase, inserted=False, updated=True)
    return {
        v.field: ours[v.field]
        for v in verdicts
        if v.verdict == "different" and v.field in ours and v.field not in planned.deferred
    }
