"""Links between records of one object, written once the whole phase is in the destination.

A company may be read before its parent company. Such rows are written without the link first; here
they are planned again with every id known, and updated where that makes a difference. An update by
id may be repeated, so a lost answer needs no probe.
"""

from __future__ import annotations

from dataclasses import replace

from mapping.core.compare import compare_row
from mapping.core.planning import Lookups, PlannedRow, row_hash
from qontakmig.connectors.base import TargetRow, WritePlan
from runs.engine.answers import results_by_key
from runs.engine.choosing import plan as planned_of
from runs.engine.choosing import warning_codes
from runs.engine.context import Work
from runs.engine.ledger import Intent, id_map_write, pre_images_write
from runs.engine.sql import RECORD, database_now, execute_many, later
from runs.engine.staging import Staged, staged_rows
from runs.engine.tuning import RETRY_ATTEMPTS, request_seconds, tuned
from runs.models import Batch

_LINKED = (
    f"UPDATE {RECORD} SET state = %s, row_hash = %s, warnings = %s, reason_code = %s, "  # noqa: S608
    "reason = %s, operation = %s, deferred = %s WHERE id = %s"
)


def lookups_final(work: Work, rows: list[Staged]) -> Lookups:
    """Return lookups that judge links within the object like all others.

    A record in error does not hold back those of its own object: they are in the destination
    already, without that link.
    """
    found = work.context.lookups(work.phase, [row.record for row in rows], final=True)
    own = work.phase.source_object
    return replace(found, blocked=frozenset(ref for ref in found.blocked if ref[0] != own))


def link(work: Work) -> bool:
    """Link the next rows of the batch; return whether more can be done at once."""
    most = max(1, min(work.target.job_threshold - 1, 1000))
    rows = staged_rows("batch_id = %s AND deferred", (work.batch.pk,))[:most]
    if not rows:
        with work.lease.commit():
            work.update(state=Batch.State.DONE)
        return False
    lookups = lookups_final(work, rows)
    planned = {row.pk: planned_of(row, work.phase, lookups)[0] for row in rows}
    work.lease.hold(request_seconds(len(rows)))
    phase, names = work.phase, _own_links(work)
    found = work.target.find_by_id(
        phase.target_object, [row.target_id for row in rows], names, phase.key_field
    )
    intents = _intents(work, rows, planned, found, names)
    now = database_now()
    with work.lease.commit():
        pre_images_write([i for row, i in intents.values() if row.state != "created"], now)
        work.update(starts=work.batch.starts + 1)
    answers = {}
    if intents:
        plan = WritePlan(
            phase.target_object, "update", phase.key_field, [i.row for _, i in intents.values()]
        )
        work.lease.hold(request_seconds(len(rows)))
        answers = results_by_key(work.target.write(plan))
    _record(work, rows, planned, intents, answers)
    return work.batch.starts == 0


def _own_links(work: Work) -> list[str]:
    phase = work.phase
    return [rule.target for rule in phase.reference_rules if rule.references == phase.source_object]


def _intents(
    work: Work,
    rows: list[Staged],
    planned: dict[int, object],
    found: dict[str, TargetRow],
    names: list[str],
) -> dict[int, tuple[Staged, Intent]]:
    """Return the updates that make a difference, by ledger row."""
    intents = {}
    for row in rows:
        plan, hit = planned[row.pk], found.get(row.target_id)
        if not isinstance(plan, PlannedRow) or hit is None:
            continue
        verdicts = compare_row(plan, hit, work.phase, inserted=False, updated=True)
        changed = {
            v.field: v.expected for v in verdicts if v.verdict == "different" and v.field in names
        }
        if changed:
            key = {work.phase.key_field: plan.key, "Id": hit.id}
            before = {name: hit.values.get(name) for name in changed}
            intents[row.pk] = (
                row,
                Intent(
                    row.pk, row.source_id, "update", plan.key, key | changed, row_hash(plan),
                    target_id=hit.id, before=before, part=2,
                ),
            )  # fmt: skip
    return intents


def _record(work: Work, rows, planned, intents, answers) -> None:
    retry_codes = work.target.retry_codes
    outcomes, mapped, again = [], [], False
    for row in rows:
        plan = planned[row.pk]
        state, operation, code, reason = row.state, row.operation, "", ""
        digest = row_hash(plan) if isinstance(plan, PlannedRow) else row.row_hash
        warnings = warning_codes(work, row, plan) if isinstance(plan, PlannedRow) else ""
        if row.pk in intents:
            answer = answers.get(plan.key)
            unclear = answer is None or (not answer.ok and answer.code in retry_codes)
            if unclear and work.batch.starts < RETRY_ATTEMPTS:
                again = True
                continue
            if answer is not None and answer.ok:
                operation = "update"
                state = "updated" if state == "matched" else state
            else:
                digest, code = row.row_hash, "link_failed"
                reason = answer.message if answer else "The destination gave no answer."
                warnings = ",".join(filter(None, (warnings, "link_failed")))
        outcomes.append((state, digest, warnings, code, reason, operation, False, row.pk))
        mapped.append((row.source_id, row.target_id, digest))
    now = database_now()
    known = work.context.known(work.step.source_object, [source_id for source_id, _, _ in mapped])
    with work.lease.commit():
        execute_many(_LINKED, outcomes)
        id_map_write(
            work,
            [(s, t, known[s][3], d) for s, t, d in mapped if s in known and known[s][2] != d],
            now,
        )
        if again:
            work.update(
                not_before=later(tuned("BACKOFF_SECONDS")),
                waits_for="The destination was busy with some of these records.",
            )
        else:
            work.update(starts=0, failures=0)
