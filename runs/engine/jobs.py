"""Ingest jobs: open, store the id, upload, and look at them tick by tick (rules R6, R8)."""

from __future__ import annotations

from collections.abc import Callable

from qontakmig.connectors.base import WritePlan, WriteResult
from qontakmig.connectors.errors import RejectedError
from runs.engine.answers import Sent, sent_of_batch
from runs.engine.context import Work
from runs.engine.crashpoints import crashpoint
from runs.engine.sql import later
from runs.engine.tuning import tuned
from runs.models import IngestJob

LIVE = (IngestJob.State.OPENED, IngestJob.State.SENT)


def live_job(work: Work) -> IngestJob | None:
    return IngestJob.objects.filter(batch=work.batch, state__in=LIVE).first()


def start(work: Work, plan: WritePlan) -> None:
    """Open a job, store its id, upload. The batch then waits for its first tick."""
    work.lease.hold(tuned("REQUEST_SECONDS"))
    remote_id = work.target.job_open(plan)
    crashpoint("job.created")
    with work.lease.commit():
        job = IngestJob.objects.create(
            batch=work.batch,
            operation=plan.operation,
            remote_id=remote_id,
            request_hash=work.batch.request_hash,
            rows=len(plan.rows),
        )
    crashpoint("job.stored")
    work.lease.hold(tuned("UPLOAD_SECONDS"))
    work.target.job_send(remote_id, plan)
    crashpoint("job.uploaded")
    with work.lease.commit():
        IngestJob.objects.filter(pk=job.pk).update(state=IngestJob.State.SENT)
        work.update(not_before=later(tuned("POLL_SECONDS")), waits_for="")
    crashpoint("job.sent")


def follow(
    work: Work,
    job: IngestJob,
    keys_only: Callable[[Work, IngestJob, list[Sent]], WritePlan],
    record: Callable[[Work, list[Sent], list[WriteResult], IngestJob], None],
) -> bool:
    """Look at a job once; return True when it is over and its rows are settled or uncertain.

    A job found open was interrupted between its creation and the end of its upload: when the
    destination does not confirm the upload, the job is given up and its rows are asked for by key.
    ``keys_only`` makes the plan as results need it: which rows, not what was in them.
    """
    work.lease.hold(tuned("REQUEST_SECONDS"))
    if job.state == IngestJob.State.OPENED and not work.target.job_sent(job.remote_id):
        work.target.job_abort(job.remote_id)
        with work.lease.commit():
            IngestJob.objects.filter(pk=job.pk).update(state=IngestJob.State.ABORTED)
        return True
    sent = sent_of_batch(work.batch.pk, "sending")
    try:
        results = work.target.job_results(job.remote_id, keys_only(work, job, sent))
    except RejectedError as exc:
        _failed_as_a_whole(work, job, exc)
        return True
    if results is None:
        _next_tick(work, job)
        return False
    crashpoint("job.answered")
    record(work, sent, results, job)
    return True


def load_keys(work: Work, job: IngestJob, sent: list[Sent]) -> WritePlan:
    key_field = work.phase.key_field
    if job.operation == "insert":
        rows = [{key_field: row.key} for row in sent]
    else:
        rows = [{key_field: row.key, "Id": row.target_id} for row in sent]
    return WritePlan(work.phase.target_object, job.operation, key_field, rows)  # type: ignore[arg-type]


def _failed_as_a_whole(work: Work, job: IngestJob, exc: RejectedError) -> None:
    """Some of its rows may have been written all the same: they are uncertain, then halved."""
    with work.lease.commit():
        IngestJob.objects.filter(pk=job.pk).update(state=IngestJob.State.DONE)
        work.update(starts=0, cursor=work.batch.cursor | {"rejected": [exc.code, str(exc)]})


def _next_tick(work: Work, job: IngestJob) -> None:
    wait = min(tuned("POLL_SECONDS") * 1.6 ** min(job.polls, 20), tuned("POLL_MAX_SECONDS"))
    with work.lease.commit():
        IngestJob.objects.filter(pk=job.pk).update(polls=job.polls + 1)
        work.update(not_before=later(wait), waits_for="The destination works on a job.")
