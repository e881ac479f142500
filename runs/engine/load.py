"""One load batch: choose, note the intent, send, record. Killed at any line, it continues.

The order of the commits is the whole point: pre-image and intent before the request (R1, R2), the
remote job's id before its upload (R6), the attempt before it is made (R7).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.db.models import F

from qontakmig.connectors.base import WritePlan
from qontakmig.connectors.errors import RateLimitedError, RejectedError, StopError, TransientError
from runs.engine import jobs
from runs.engine.answers import answers_record, sent_of_intents, uncertain_probe
from runs.engine.choosing import Choice, choose
from runs.engine.context import Work
from runs.engine.crashpoints import crashpoint
from runs.engine.ledger import (
    Intent,
    Outcome,
    id_map_write,
    intents_write,
    interrupted_settle,
    outcomes_write,
)
from runs.engine.sql import RECORD, database_now, execute, values_in
from runs.engine.staging import Staged, staged_in_batch
from runs.engine.tuning import (
    REJECTIONS_BEFORE_STOP,
    STARTS_BEFORE_POISON,
    STARTS_BEFORE_SPLIT,
    request_seconds,
)
from runs.models import Batch, Record


def load(work: Work) -> bool:
    """Take one step with a load batch; return whether more can be done at once."""
    job = jobs.live_job(work)
    if job is not None and not jobs.follow(work, job, jobs.load_keys, answers_record):
        return False
    interrupted_settle(work.batch.pk)
    uncertain_probe(work)
    rows = staged_in_batch(work.batch.pk, "ready")
    if not rows:
        with work.lease.commit():
            work.update(state=Batch.State.DONE)
        return False
    if _refused_or_poisoned(work, rows):
        return False
    choice = choose(work, rows)
    crashpoint("load.chosen")
    _record_choice(work, choice)
    for operation, intents in (("insert", choice.inserts), ("update", choice.updates)):
        if not intents:
            continue
        plan = WritePlan(
            work.phase.target_object,
            operation,  # type: ignore[arg-type]
            work.phase.key_field,
            [intent.row for intent in intents],
        )
        _note_intent(work, intents)
        if len(intents) >= work.target.job_threshold:
            _guarded(work, lambda plan=plan: jobs.start(work, plan))
            return False
        _guarded(work, lambda plan=plan, intents=intents: _write(work, plan, intents))
    return not _must_wait(work)


def _must_wait(work: Work) -> bool:
    not_before = Batch.objects.values_list("not_before", flat=True).get(pk=work.batch.pk)
    return not_before is not None and not_before > database_now()


def _record_choice(work: Work, choice: Choice) -> None:
    if choice.outcomes:
        now = database_now()
        with work.lease.commit():
            outcomes_write(choice.outcomes)
            id_map_write(work, choice.mapped, now)


def _note_intent(work: Work, intents: Sequence[Intent]) -> None:
    digest = hashlib.sha256("\n".join(intent.row_hash for intent in intents).encode()).hexdigest()
    now = database_now()
    with work.lease.commit():
        intents_write(intents, now)
        work.update(starts=work.batch.starts + 1, request_hash=digest)
    crashpoint("load.intent")


def _write(work: Work, plan: WritePlan, intents: Sequence[Intent]) -> None:
    work.lease.hold(request_seconds(len(intents)))
    results = work.target.write(plan)
    crashpoint("load.answered")
    answers_record(work, sent_of_intents(intents), results)


def _guarded(work: Work, act) -> None:
    """Run one request. What came of its rows is asked by key later; only the reason is kept."""
    try:
        act()
    except RejectedError as exc:
        with work.lease.commit():
            work.update(starts=0, cursor=work.batch.cursor | {"rejected": [exc.code, str(exc)]})
    except TransientError as exc:
        if isinstance(exc, RateLimitedError) or not exc.maybe_done:
            Batch.objects.filter(pk=work.batch.pk, starts__gt=0).update(starts=F("starts") - 1)
        raise


def _refused_or_poisoned(work: Work, rows: Sequence[Staged]) -> bool:
    """Halve a batch that was refused as a whole or never answered; a single row is in error."""
    rejected = work.batch.cursor.get("rejected")
    if rejected:
        _stop_when_all_is_refused(work, rejected)
    elif work.batch.starts < (STARTS_BEFORE_SPLIT if len(rows) > 1 else STARTS_BEFORE_POISON):
        return False
    if len(rows) > 1:
        _split(work, rows)
        return True
    code, reason = rejected or (
        "poison",
        f"The destination gave no answer {work.batch.starts} times for this record alone.",
    )
    with work.lease.commit():
        outcomes_write([Outcome(rows[0].pk, "errored", code=code, reason=reason)])
        work.update(state=Batch.State.DONE)
    return True


def _stop_when_all_is_refused(work: Work, rejected: Sequence[str]) -> None:
    refused = Batch.objects.filter(step=work.step, state=Batch.State.SPLIT).count()
    arrived = Record.objects.filter(
        step=work.step, state__in=(Record.State.CREATED, Record.State.UPDATED)
    ).exists()
    if refused >= REJECTIONS_BEFORE_STOP and not arrived:
        raise StopError(
            f"The destination refuses every request of {work.step.name}: {rejected[1]}",
            code=rejected[0],
            advice="Nothing of this step was written. Correct the cause, then resume.",
        )


def _split(work: Work, rows: Sequence[Staged]) -> None:
    """Cut the batch in two. Halves of a batch that gave no answer get one start each."""
    middle = len(rows) // 2
    last = work.step.batches.order_by("-position").values_list("position", flat=True)[0]
    with work.lease.commit():
        for number, part in enumerate((rows[:middle], rows[middle:]), start=1):
            single = len(part) == 1 or "rejected" in work.batch.cursor
            child = Batch.objects.create(
                step=work.step,
                position=last + number,
                parent=work.batch,
                starts=0 if single else STARTS_BEFORE_SPLIT - 1,
            )
            condition, ids = values_in("id", [row.pk for row in part])
            execute(
                f"UPDATE {RECORD} SET batch_id = %s WHERE {condition}",  # noqa: S608
                (child.pk, ids),
            )
        work.update(state=Batch.State.SPLIT)
