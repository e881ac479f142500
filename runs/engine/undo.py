"""Taking a run back: children before parents, each record judged again just before it is touched.

Records that were absent before the run and are ours by the destination's own word are deleted;
fields that we changed are put back where they still hold what we wrote. Everything else is kept and
listed. Deleting and restoring may both be repeated, so a lost answer is settled by looking again.
"""

from __future__ import annotations

from collections.abc import Sequence

from qontakmig.connectors.base import WritePlan, WriteResult
from qontakmig.connectors.errors import RejectedError, TransientError
from runs.engine import jobs
from runs.engine.answers import Sent, results_by_key, sent_of_batch
from runs.engine.context import Context, Work
from runs.engine.crashpoints import crashpoint
from runs.engine.evidence import (
    SENTENCES,
    delete_verdict,
    edited_of,
    last_write_bound,
    pre_images,
    restoration,
)
from runs.engine.leases import Lease
from runs.engine.ledger import results_write
from runs.engine.sql import (
    ID_MAP,
    PRE_IMAGE,
    RECORD,
    database_now,
    execute,
    execute_many,
    later,
    values_in,
)
from runs.engine.tuning import RETRY_ATTEMPTS, request_seconds, tuned
from runs.models import Batch, IngestJob, Record, Run, RunStep

TAKEN_OVER = (
    "(o.state IN ('created', 'updated', 'sending', 'uncertain') "
    "OR (o.state IN ('errored', 'ready') AND o.attempt > 0) "
    "OR (o.state = 'matched' AND EXISTS (SELECT 1 FROM {pre} p WHERE p.record_id = o.id)))"
)
"""Records of a run that may have touched the destination, answered or not."""

_TAKE_OVER = (
    f"INSERT INTO {RECORD} (run_id, step_id, source_object, source_id, payload, payload_hash, "  # noqa: S608
    "state, operation, preimage, attempt, key, target_id, row_hash, reason_code, reason, warnings, "
    "verdict, deferred) "
    "SELECT %s, %s, o.source_object, o.source_id, '', '', 'staged', "
    "CASE WHEN o.preimage = 'present' OR o.state IN ('updated', 'matched') THEN 'update' "
    "ELSE 'delete' END, o.preimage, 0, o.key, o.target_id, o.row_hash, '', '', '', '', %s "
    f"FROM {RECORD} o WHERE o.step_id = %s AND {{which}} "
    "ON CONFLICT (run_id, source_object, source_id) DO NOTHING"
)
_Row = tuple[str, str, str, str, int]


def records_take_over(run: Run, step: RunStep) -> None:
    """Give the undo step a line for each record that the run may have touched."""
    original = RunStep.objects.get(run=run.reverses, kind=RunStep.Kind.LOAD, name=step.name)
    statement = _TAKE_OVER.format(which=TAKEN_OVER.format(pre=PRE_IMAGE))
    execute(statement, (run.pk, step.pk, False, original.pk))
    step.extracted = Record.objects.filter(step=step).count()
    step.save(update_fields=["extracted"])


def undo(work: Work) -> bool:
    """Take one step with an undo batch; return whether more can be done at once."""
    job = jobs.live_job(work)
    if job is not None and not jobs.follow(work, job, _delete_keys, _deletes_record):
        return False
    execute(
        f"UPDATE {RECORD} SET state = 'ready' WHERE batch_id = %s AND state = 'sending'",  # noqa: S608
        (work.batch.pk,),
    )
    rows = sent_of_batch(work.batch.pk, "ready")
    if not rows:
        with work.lease.commit():
            work.update(state=Batch.State.DONE)
        return False
    if not _located(work, rows):
        return True
    doomed = _judge_deletes(work, [row for row in rows if row.operation == "delete"])
    if doomed and not _delete(work, doomed):
        return False
    _restore(work, [row for row in rows if row.operation == "update"])
    return not _waits(work)


def _waits(work: Work) -> bool:
    not_before = Batch.objects.values_list("not_before", flat=True).get(pk=work.batch.pk)
    return not_before is not None and not_before > database_now()


def _located(work: Work, rows: Sequence[Sent]) -> bool:
    """Find by key the records whose answer was never recorded; False when lines changed."""
    lost = [row for row in rows if not row.target_id]
    if not lost:
        return True
    phase = work.phase
    keys = [row.key for row in lost if row.key]
    work.lease.hold(request_seconds(len(keys)))
    found = work.target.find_by_key(phase.target_object, phase.key_field, keys, [])
    states: list[_Row] = []
    for row in lost:
        hits = found.get(row.key, [])
        if len(hits) == 1:
            states.append(("ready", hits[0].id, "", "", row.pk))
        elif hits:
            states.append(_kept(row, "created_by_other"))
        else:
            states.append(("skipped", "", "never_arrived", SENTENCES["never_arrived"], row.pk))
    with work.lease.commit():
        results_write(states)
    return False


def _kept(row: Sent, why: str, more: str = "") -> _Row:
    return ("kept", row.target_id, why, SENTENCES[why] + more, row.pk)


# ---------------------------------------------------------------- deleting


def _judge_deletes(work: Work, rows: Sequence[Sent]) -> list[Sent]:
    """Return the rows that may be deleted now; the others get their outcome or wait a round."""
    if not rows:
        return []
    phase, original = work.phase, work.run.reverses
    ids = [row.target_id for row in rows]
    work.lease.hold(request_seconds(len(rows)))
    found = work.target.evidence(phase.target_object, phase.key_field, ids)
    bound = last_write_bound(original)
    states: list[_Row] = []
    ours: list[Sent] = []
    doubtful: dict[str, str] = {}
    for row in rows:
        evidence = found.get(row.target_id)
        if evidence is None:
            states.append(("reversed", row.target_id, "gone", SENTENCES["gone"], row.pk))
            continue
        why = delete_verdict(evidence, row.key, original.written_as, bound)
        if why and why != "compare":
            states.append(_kept(row, why))
            continue
        ours.append(row)
        if why:
            doubtful[row.source_id] = row.target_id
    if doubtful:
        work.lease.hold(request_seconds(len(doubtful)))
        edited = edited_of(original, work.target, phase, doubtful)
        states.extend(_kept(row, "edited") for row in ours if row.source_id in edited)
        ours = [row for row in ours if row.source_id not in edited]
    doomed, blocked = _without_dependents(work, ours)
    states.extend(
        ("staged", row.target_id, "dependents", SENTENCES["dependents"], row.pk) for row in blocked
    )
    with work.lease.commit():
        results_write(states)
        _id_map_forget(work, [row.pk for row in rows])
    return doomed


def _without_dependents(work: Work, rows: list[Sent]) -> tuple[list[Sent], list[Sent]]:
    if not rows:
        return [], []
    work.lease.hold(request_seconds(len(rows)))
    hanging = work.target.dependents(work.phase.target_object, [row.target_id for row in rows])
    doomed = [row for row in rows if not hanging.get(row.target_id)]
    return doomed, [row for row in rows if hanging.get(row.target_id)]


def _delete(work: Work, rows: list[Sent]) -> bool:
    """Delete; return False when an ingest job does it and the batch waits."""
    plan = WritePlan(
        work.phase.target_object,
        "delete",
        work.phase.key_field,
        [{"Id": row.target_id} for row in rows],
    )
    with work.lease.commit():
        condition, ids = values_in("id", [row.pk for row in rows])
        execute(
            f"UPDATE {RECORD} SET state = 'sending', attempt = attempt + 1 WHERE {condition}",  # noqa: S608
            (ids,),
        )
        work.update(starts=work.batch.starts + 1)
    crashpoint("undo.intent")
    by_job = len(rows) >= work.target.job_threshold and not work.batch.cursor.get("rejected")
    try:
        if by_job:
            jobs.start(work, plan)
            return False
        work.lease.hold(request_seconds(len(rows)))
        results = work.target.write(plan)
    except RejectedError as exc:
        if by_job:
            with work.lease.commit():
                work.update(cursor=work.batch.cursor | {"rejected": [exc.code, str(exc)]})
            return True
        results = [
            WriteResult(row.target_id, False, code=exc.code, message=str(exc)) for row in rows
        ]
    crashpoint("undo.answered")
    _deletes_record(work, rows, results)
    return True


def _delete_keys(work: Work, job: IngestJob, sent: list[Sent]) -> WritePlan:
    rows = [{"Id": row.target_id} for row in sent]
    return WritePlan(work.phase.target_object, "delete", work.phase.key_field, rows)


def _deletes_record(
    work: Work, sent: Sequence[Sent], results: Sequence[WriteResult], job: IngestJob | None = None
) -> None:
    """Record deletions; what was refused but is gone all the same is done."""
    answers = results_by_key(results)
    refused = [r.target_id for r in sent if (a := answers.get(r.target_id)) and not a.ok]
    still_there: set[str] = set()
    if refused:
        work.lease.hold(request_seconds(len(refused)))
        phase = work.phase
        still_there = set(work.target.evidence(phase.target_object, phase.key_field, refused))
    retry_codes = work.target.retry_codes
    states: list[_Row] = []
    again = False
    for row in sent:
        answer = answers.get(row.target_id)
        if answer is not None and (answer.ok or row.target_id not in still_there):
            states.append(("reversed", row.target_id, "", "", row.pk))
        elif answer is None or (answer.code in retry_codes and row.attempt < RETRY_ATTEMPTS):
            again = True
            states.append(("ready", row.target_id, "", "", row.pk))
        else:
            states.append(("failed", row.target_id, answer.code[:80], answer.message, row.pk))
    with work.lease.commit():
        results_write(states)
        _id_map_forget(work, [row.pk for row in sent])
        if job is not None:
            IngestJob.objects.filter(pk=job.pk).update(state=IngestJob.State.DONE)
        work.update(starts=0, failures=0, waits_for="")
        if again:
            work.update(not_before=later(tuned("BACKOFF_SECONDS")))
    crashpoint("undo.recorded")


def _id_map_forget(work: Work, pks: Sequence[int]) -> None:
    """Take the reversed ones among ``pks`` out of the id map."""
    condition, ids = values_in("r.id", pks)
    execute(
        f"DELETE FROM {ID_MAP} WHERE project_id = %s AND environment = %s "  # noqa: S608
        f"AND source_object = %s AND source_id IN (SELECT r.source_id FROM {RECORD} r "
        f"WHERE {condition} AND r.state = 'reversed')",
        (work.run.project_id, work.run.environment, work.step.source_object, ids),
    )


# ---------------------------------------------------------------- restoring


def _restore(work: Work, rows: Sequence[Sent]) -> None:
    """Write back what we changed, where it still is as we left it."""
    if not rows:
        return
    phase = work.phase
    images = pre_images(work.run.reverses, phase.source_object, [row.source_id for row in rows])
    names = sorted({name for before, _ in images.values() for name in before} - {phase.key_field})
    work.lease.hold(request_seconds(len(rows)))
    found = work.target.find_by_id(
        phase.target_object, [row.target_id for row in rows], names, phase.key_field
    )
    states: list[_Row] = []
    planned: list[tuple[Sent, dict, list[str]]] = []
    for row in rows:
        hit = found.get(row.target_id)
        if hit is None:
            states.append(_kept(row, "gone"))
            continue
        before, written = images.get(row.source_id, ({}, {}))
        todo = restoration(hit, before, written, phase)
        edited = todo.edited + ([phase.key_field] if phase.key_field in before else [])
        if todo.fields:
            planned.append((row, {phase.key_field: hit.key, "Id": hit.id} | todo.fields, edited))
        else:
            states.append(_restored(row, todo.edited, phase.key_field in before))
    most = max(1, work.target.job_threshold - 1)
    for start in range(0, len(planned), most):
        states.extend(_write_back(work, planned[start : start + most]))
    with work.lease.commit():
        results_write(states)
        _id_map_unsettle(work, rows)
        work.update(failures=0)
        if any(state[0] == "ready" for state in states):
            work.update(not_before=later(tuned("BACKOFF_SECONDS")))
    crashpoint("undo.recorded")


def _restored(row: Sent, edited: Sequence[str], key_stays: bool) -> _Row:
    if edited:
        return _kept(row, "edited", f" Fields left alone: {', '.join(edited)}.")
    if key_stays:
        return _kept(row, "key_stays")
    return ("restored", row.target_id, "", "", row.pk)


def _write_back(work: Work, planned: Sequence[tuple[Sent, dict, list[str]]]) -> list[_Row]:
    phase = work.phase
    plan = WritePlan(phase.target_object, "update", phase.key_field, [row for _, row, _ in planned])
    with work.lease.commit():
        execute_many(
            f"UPDATE {RECORD} SET attempt = attempt + 1 WHERE id = %s",  # noqa: S608
            [(sent.pk,) for sent, _, _ in planned],
        )
    crashpoint("undo.intent")
    work.lease.hold(request_seconds(len(planned)))
    try:
        answers = results_by_key(work.target.write(plan))
    except RejectedError as exc:
        answers = {
            row[phase.key_field]: WriteResult(
                row[phase.key_field], False, code=exc.code, message=str(exc)
            )
            for _, row, _ in planned
        }
    crashpoint("undo.answered")
    retry_codes = work.target.retry_codes
    states = []
    for sent, row, edited in planned:
        answer = answers.get(row[phase.key_field])
        if answer is not None and answer.ok:
            key_stays = phase.key_field in edited
            states.append(_restored(sent, [n for n in edited if n != phase.key_field], key_stays))
        elif answer is None or (answer.code in retry_codes and sent.attempt < RETRY_ATTEMPTS):
            states.append(("ready", sent.target_id, "", "", sent.pk))
        else:
            states.append(("failed", sent.target_id, answer.code[:80], answer.message, sent.pk))
    return states


def _id_map_unsettle(work: Work, rows: Sequence[Sent]) -> None:
    """A restored record is not as planned any more: its next run must look at it again."""
    condition, ids = values_in("source_id", [row.source_id for row in rows])
    execute(
        f"UPDATE {ID_MAP} SET row_hash = '' WHERE project_id = %s AND environment = %s "  # noqa: S608
        f"AND source_object = %s AND {condition}",
        (work.run.project_id, work.run.environment, work.step.source_object, ids),
    )


# ---------------------------------------------------------------- rounds, jobs, end


def blocked_again(step: RunStep) -> bool:
    """True when records with dependents are worth another round: some dependents are gone now.

    Without progress since the last round they are kept for good.
    """
    waiting = Record.objects.filter(step=step, state=Record.State.STAGED)
    if not waiting.exists():
        return False
    done = Record.objects.filter(step=step, state=Record.State.REVERSED).count()
    if done == step.notes.get("reversed_in_rounds", 0):
        waiting.update(state=Record.State.KEPT)
        return False
    step.notes["reversed_in_rounds"] = done
    step.save(update_fields=["notes"])
    return True


def jobs_settle(context: Context, lease: Lease) -> None:
    """Wait for ingest jobs of the reversed run; raises TransientError while one still writes."""
    live = IngestJob.objects.filter(
        batch__step__run=context.run.reverses, state__in=jobs.LIVE
    ).select_related("batch__step")
    for job in live:
        lease.hold(tuned("REQUEST_SECONDS"))
        phase = context.spec.phase(job.batch.step.name)
        try:
            if context.target.job_sent(job.remote_id):
                plan = WritePlan(phase.target_object, job.operation, phase.key_field, [])  # type: ignore[arg-type]
                if context.target.job_results(job.remote_id, plan) is None:
                    raise TransientError("The destination still works on a job of the run.")
            else:
                context.target.job_abort(job.remote_id)
        except RejectedError:
            pass
        IngestJob.objects.filter(pk=job.pk).update(state=IngestJob.State.ABORTED)


def original_mark(run: Run) -> None:
    """The reversed run is rolled back now; what was kept is told by the rollback's own lines."""
    Run.objects.filter(pk=run.reverses_id).update(state=Run.State.ROLLED_BACK)
