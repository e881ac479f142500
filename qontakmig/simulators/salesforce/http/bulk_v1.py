"""Bulk API 1.0: ``/services/async/<version>/job``, its batches and the work behind them.

Jobs live in memory: after a restart they are unknown, the rows they saved stay.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qontakmig.simulators.kit.messages import Request, Response
from qontakmig.simulators.salesforce.http import bulk_v1_formats as formats
from qontakmig.simulators.salesforce.http import versions
from qontakmig.simulators.salesforce.http.bulk_csv import BadUpload
from qontakmig.simulators.salesforce.http.bulk_query import refuse_what_bulk_cannot
from qontakmig.simulators.salesforce.http.calls import Call, Reply, write
from qontakmig.simulators.salesforce.org.errors import OrgError, RowError, SaveResult
from qontakmig.simulators.salesforce.org.soql import parse

if TYPE_CHECKING:
    from qontakmig.simulators.salesforce.http.practice_org import SalesforceOrg
    from qontakmig.simulators.salesforce.http.sessions import Session

MAX_ROWS, MAX_BYTES = 10_000, 10_000_000
ROWS_A_SLICE = 200
QUERIES = ("query", "queryAll")
OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete", *QUERIES)
CONTENT_TYPES = ("CSV", "XML", "JSON")


@dataclass(slots=True)
class Batch:
    """One batch; ``rows`` are not read before its turn. Times are epoch seconds."""

    id: str
    job: Job
    content: bytes
    created_at: float
    changed_at: float
    ready_at: float
    state: str = "Queued"
    message: str | None = None
    header: list[str] | None = None
    rows: list[Any] = field(default_factory=list)
    results: list[SaveResult] = field(default_factory=list)
    found: Reply | None = None
    result_id: str = ""
    processed: int = 0

    @property
    def failed(self) -> int:
        return sum(not result.success for result in self.results)


@dataclass(slots=True)
class Job:
    """A job as its creator asked for it."""

    id: str
    object: str
    operation: str
    content_type: str
    external_id: str | None
    concurrency: str
    version: str
    user_id: str
    created_at: float
    changed_at: float
    state: str = "Open"
    batches: list[Batch] = field(default_factory=list)


class BulkV1:
    """All jobs of one org and the queue of their batches."""

    def __init__(self, org: SalesforceOrg) -> None:
        self.org = org
        self.jobs: dict[str, Job] = {}
        self._queue: deque[Batch] = deque()

    # Endpoints

    def answer(self, request: Request, session: Session | None) -> Response:
        """Answer anything under ``/services/async/``."""
        as_json = "json" in request.headers.get("content-type", "").lower()
        try:
            if session is None:
                raise OrgError(400, "InvalidSessionId", "Invalid session id")
            self.org.engine.allowances.use()
            parts = [part for part in request.path.split("/") if part][2:]
            version = versions.parse(f"v{parts[0]}") if parts else None
            if version is None or len(parts) < 2 or parts[1].lower() != "job":
                raise OrgError(400, "InvalidUrl", f"Destination URL not reset: {request.path}")
            call = Call(self.org, request, session, version)
            return write(self._dispatch(call, parts[2:], as_json), request)
        except OrgError as error:
            info = {"exceptionCode": error.code, "exceptionMessage": error.message}
            reply = formats.info_reply("error", info, as_json=as_json, status=error.status)
            return write(reply, request)

    def _dispatch(self, call: Call, parts: Sequence[str], as_json: bool) -> Reply:
        posted = call.request.method == "POST"
        if not posted and call.request.method != "GET":
            raise OrgError(405, "MethodNotAllowed", f"{call.request.method} is not allowed here")
        if not parts:
            if not posted:
                raise OrgError(405, "MethodNotAllowed", "GET is not allowed here")
            job = self._create(call, as_json)
            return formats.info_reply("jobInfo", self.info(job), as_json=as_json, status=201)
        job = self._find(parts[0])
        if len(parts) == 1:
            if posted:
                self._change(job, _read_info(call, as_json=as_json))
            return formats.info_reply("jobInfo", self.info(job), as_json=as_json)
        if parts[1].lower() != "batch":
            raise OrgError(400, "InvalidUrl", f"No such resource: {parts[1]}")
        return self._batches(call, job, parts[2:], posted)

    def _batches(self, call: Call, job: Job, parts: Sequence[str], posted: bool) -> Reply:
        as_json = job.content_type == "JSON"
        if not parts:
            if posted:
                batch = self._add(call, job)
                shown = self.batch_info(batch)
                return formats.info_reply("batchInfo", shown, as_json=as_json, status=201)
            infos = [self.batch_info(batch) for batch in job.batches]
            return formats.info_reply("batchInfoList", infos, as_json=as_json)
        batch = _find_batch(job, parts[0])
        if len(parts) == 1:
            return formats.info_reply("batchInfo", self.batch_info(batch), as_json=as_json)
        what = parts[1].lower()
        if what == "request":
            kind = {"CSV": "text/csv", "XML": "application/xml", "JSON": "application/json"}
            return Reply(200, batch.content, {"content-type": kind[job.content_type]})
        if what != "result":
            raise OrgError(400, "InvalidUrl", f"No such resource: {parts[1]}")
        return self._result(batch, parts[2:])

    def _result(self, batch: Batch, parts: Sequence[str]) -> Reply:
        if batch.state == "Failed":
            raise OrgError(400, "InvalidBatch", "Records not processed")
        if batch.state != "Completed":
            raise OrgError(400, "InvalidBatch", f"Batch not completed, it is {batch.state}")
        job = batch.job
        if job.operation not in QUERIES:
            return formats.save_results(batch.results, job.content_type)
        if not parts:
            return formats.result_list([batch.result_id], job.content_type)
        if parts[0] != batch.result_id or batch.found is None:
            raise OrgError(400, "InvalidBatch", f"Unable to find result: {parts[0]}")
        return batch.found

    def info(self, job: Job) -> dict[str, Any]:
        """Return the jobInfo of a job."""
        states = [batch.state for batch in job.batches]
        return {
            "id": job.id,
            "operation": job.operation,
            "object": job.object,
            "createdById": job.user_id,
            "createdDate": self.org.moment(job.created_at),
            "systemModstamp": self.org.moment(job.changed_at),
            "state": job.state,
            "externalIdFieldName": job.external_id,
            "concurrencyMode": job.concurrency,
            "contentType": job.content_type,
            "numberBatchesQueued": states.count("Queued"),
            "numberBatchesInProgress": states.count("InProgress"),
            "numberBatchesCompleted": states.count("Completed"),
            "numberBatchesFailed": states.count("Failed"),
            "numberBatchesTotal": len(states),
            "numberRecordsProcessed": sum(batch.processed for batch in job.batches),
            "numberRetries": 0,
            "apiVersion": float(job.version),
            "numberRecordsFailed": sum(batch.failed for batch in job.batches),
            "totalProcessingTime": 0,
            "apiActiveProcessingTime": 0,
            "apexProcessingTime": 0,
        }

    def batch_info(self, batch: Batch) -> dict[str, Any]:
        """Return the batchInfo of a batch."""
        return {
            "id": batch.id,
            "jobId": batch.job.id,
            "state": batch.state,
            "stateMessage": batch.message,
            "createdDate": self.org.moment(batch.created_at),
            "systemModstamp": self.org.moment(batch.changed_at),
            "numberRecordsProcessed": batch.processed,
            "numberRecordsFailed": batch.failed,
            "totalProcessingTime": 0,
            "apiActiveProcessingTime": 0,
            "apexProcessingTime": 0,
        }

    def _find(self, job_id: str) -> Job:
        job = self.jobs.get(job_id[:15])
        if job is None:
            raise OrgError(400, "InvalidJob", f"Invalid job id: {job_id}")
        return job

    def _create(self, call: Call, as_json: bool) -> Job:
        body = _read_info(call, as_json=as_json)
        operation = str(body.get("operation") or "")
        content_type = str(body.get("contentType") or "XML")
        external_id = str(body.get("externalIdFieldName") or "") or None
        if operation not in OPERATIONS:
            raise OrgError(400, "InvalidOperation", f"Unknown operation: {operation!r}")
        if content_type not in CONTENT_TYPES:
            raise OrgError(400, "InvalidJob", f"Content type {content_type!r} is not supported")
        if operation == "upsert" and external_id is None:
            raise OrgError(400, "InvalidJob", "External ID was blank for an upsert job")
        if operation == "hardDelete" and self.org.engine.switches["hard_delete"] == "off":
            message = "hardDelete operation requires special user profile permission"
            raise OrgError(400, "FeatureNotEnabled", message)
        wanted = str(body.get("object") or "")
        target = self.org.engine.schema.get(wanted)
        if target is None:
            message = f"Entity '{wanted}' is not supported by the Bulk API."
            raise OrgError(400, "InvalidEntity", message)
        now = self.org.clock.now()
        job = Job(
            id=self.org.next_id("750"),
            object=target.name,
            operation=operation,
            content_type=content_type,
            external_id=external_id,
            concurrency=str(body.get("concurrencyMode") or "Parallel"),
            version=call.version,
            user_id=call.session.user_id,
            created_at=now,
            changed_at=now,
        )
        self.jobs[job.id[:15]] = job
        return job

    def _change(self, job: Job, body: dict[str, Any]) -> None:
        wanted = str(body.get("state") or "")
        if wanted not in ("Closed", "Aborted") or job.state != "Open":
            message = f"Job state transition from {job.state} to {wanted!r} is not allowed"
            raise OrgError(400, "InvalidJobState", message)
        job.state, job.changed_at = wanted, self.org.clock.now()
        if wanted == "Aborted":
            for batch in job.batches:
                if batch.state == "Queued":
                    batch.state = "Not Processed"

    def _add(self, call: Call, job: Job) -> Batch:
        self.org.engine.allowances.use("DailyBulkApiBatches")
        if job.state != "Open":
            raise OrgError(400, "InvalidJobState", f"Unable to add a batch: job is {job.state}")
        content = call.body()
        if not content.strip():
            raise OrgError(400, "InvalidBatch", "A batch must contain some content")
        if len(content) > MAX_BYTES:
            message = f"Failed to read request. Exceeded max size limit of {MAX_BYTES}"
            raise OrgError(400, "ClientInputError", message)
        now = self.org.clock.now()
        wait = float(self.org.switches["bulk_delay_seconds"])
        batch = Batch(self.org.next_id("751"), job, content, now, now, time.monotonic() + wait)
        job.batches.append(batch)
        self._queue.append(batch)
        return batch

    # The work behind

    def work(self, deadline: float) -> bool:
        """Work on the oldest batches until the deadline; return True when more wait."""
        while self._queue:
            batch = self._queue[0]
            now = time.monotonic()
            if batch.state not in ("Queued", "InProgress"):
                self._queue.popleft()
                continue
            if now < batch.ready_at:
                return False
            if now >= deadline:
                return True
            try:
                self._run(batch)
            except (OrgError, BadUpload) as problem:
                self._end(batch, "Failed", _state_message(problem))
        return False

    def _run(self, batch: Batch) -> None:
        if batch.job.operation in QUERIES:
            try:
                self._query(batch)
            except OrgError as error:
                text = f"InvalidBatch : Failed to process query: {error.code}: {error.message}"
                raise BadUpload(text) from None
            self._end(batch, "Completed")
            return
        if batch.state == "Queued":
            self._read(batch)
            batch.state = "InProgress"
        rows = batch.rows[batch.processed : batch.processed + ROWS_A_SLICE]
        if rows:
            with self.org.one_change():
                batch.results += self._save(batch, rows)
            batch.processed += len(rows)
        if batch.processed >= len(batch.rows):
            self._end(batch, "Completed")

    def _read(self, batch: Batch) -> None:
        if batch.job.content_type == "JSON":
            batch.rows = formats.json_rows(batch.content)
        elif batch.job.content_type == "XML":
            batch.header, batch.rows = formats.xml_rows(batch.content)
        else:
            batch.header, batch.rows = formats.csv_rows(batch.content)
        if len(batch.rows) > MAX_ROWS:
            # The vendor counts the header in.
            raise BadUpload(
                f"InvalidBatch : Exceeded number of records: {len(batch.rows) + 1}. "
                f"Number of records should be less than or equal to {MAX_ROWS + 1}"
            )

    def _save(self, batch: Batch, rows: list[Any]) -> list[SaveResult]:
        job, engine = batch.job, self.org.engine
        if batch.header is None:
            return engine.save(
                job.operation, job.object, rows, job.user_id, external_id_field=job.external_id
            )
        good = [row for row, reason in rows if not reason]
        saved = iter(
            engine.save_csv(
                job.operation,
                job.object,
                batch.header,
                good,
                job.user_id,
                external_id_field=job.external_id,
            )
        )
        return [
            SaveResult(errors=[RowError("INVALID_CSV_ROW", reason)]) if reason else next(saved)
            for _, reason in rows
        ]

    def _query(self, batch: Batch) -> None:
        job = batch.job
        soql = batch.content.decode("utf-8", "replace").strip()
        query = parse(soql)
        refuse_what_bulk_cannot(query)
        if query.sobject.lower() != job.object.lower():
            message = (
                f"The root entity of the requested query ({query.sobject}) does not match the "
                f"entity of the requested Bulk API Job ({job.object})."
            )
            raise OrgError(400, "INVALID_TYPE_FOR_OPERATION", message)
        all_rows = job.operation == "queryAll"
        result = self.org.engine.query(soql, job.user_id, all_rows, job.version)
        header = result.csv_header()
        cells = list(result.csv_rows()) if job.content_type == "CSV" else []
        records = result.records if job.content_type != "CSV" else []
        batch.found = formats.query_rows(header, cells, records, job.content_type)
        batch.result_id = self.org.next_id("752")
        batch.processed = len(result.rows)

    def _end(self, batch: Batch, state: str, message: str | None = None) -> None:
        batch.state, batch.message = state, message
        batch.changed_at = self.org.clock.now()
        batch.rows = []


def _find_batch(job: Job, batch_id: str) -> Batch:
    found = next((batch for batch in job.batches if batch.id[:15] == batch_id[:15]), None)
    if found is None:
        raise OrgError(400, "InvalidBatch", f"Unable to find batch: {batch_id}")
    return found


def _read_info(call: Call, *, as_json: bool) -> dict[str, Any]:
    try:
        return formats.read_info(call.body(), as_json=as_json)
    except (ValueError, RecursionError) as error:
        code = "InvalidJob" if as_json else "InvalidXML"
        raise OrgError(400, code, f"Unable to parse Job: {error}") from None


def _state_message(problem: OrgError | BadUpload) -> str:
    if isinstance(problem, BadUpload):
        return str(problem)
    if problem.message.startswith("InvalidBatch"):
        return problem.message
    return f"InvalidBatch : {problem.message}"
