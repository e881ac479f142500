"""Bulk API 2.0 query jobs: ``/jobs/query``."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qontakmig.simulators.salesforce.http import bulk_csv, bulk_results
from qontakmig.simulators.salesforce.http.bulk_csv import DELIMITERS, LINE_ENDINGS
from qontakmig.simulators.salesforce.http.calls import Call, Reply
from qontakmig.simulators.salesforce.http.ingest import bad_state, known_entity, not_allowed
from qontakmig.simulators.salesforce.http.ingest_job import DONE
from qontakmig.simulators.salesforce.org.errors import OrgError, no_such_object
from qontakmig.simulators.salesforce.org.soql import parse, tree

if TYPE_CHECKING:
    from qontakmig.simulators.salesforce.http.practice_org import SalesforceOrg

RESULT_PAGES = 5


@dataclass(slots=True)
class QueryJob:
    """A query job; ``rows`` are text cells once it is complete. Times are epoch seconds."""

    id: str
    operation: str
    query: str
    object: str
    delimiter: str
    line_ending: str
    version: str
    user_id: str
    created_at: float
    ready_at: float
    state: str = "UploadComplete"
    changed_at: float = 0.0
    busy_seconds: float = 0.0
    error_message: str = ""
    header: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


class BulkQuery:
    """All query jobs of one org. They are not kept over a restart: they changed nothing."""

    def __init__(self, org: SalesforceOrg) -> None:
        self.org = org
        self.jobs: dict[str, QueryJob] = {}

    def answer(self, call: Call, parts: Sequence[str]) -> Reply:
        """Answer ``/jobs/query[/<id>[/results|/resultPages]]``; ``parts`` follow ``query``."""
        method = call.request.method
        if not parts:
            if method == "POST":
                return self._create(call)
            if method == "GET":
                records = [self.info(job) for job in self.jobs.values()]
                return Reply(200, {"done": True, "records": records, "nextRecordsUrl": None})
            raise not_allowed(method)
        job = self.jobs.get(parts[0][:15])
        if job is None:
            raise no_such_object()
        what = parts[1].lower() if len(parts) > 1 else ""
        if what == "results" and method == "GET":
            return self._results(call, job)
        if what == "resultpages" and method == "GET":
            return self._result_pages(call, job)
        if what:
            raise no_such_object()
        if method == "GET":
            return Reply(200, self.info(job))
        if method == "PATCH":
            return self._abort(call, job)
        if method == "DELETE":
            if job.state not in DONE:
                raise bad_state(f"A job in state {job.state} cannot be deleted")
            del self.jobs[parts[0][:15]]
            return Reply(204)
        raise not_allowed(method)

    def info(self, job: QueryJob) -> dict[str, Any]:
        """Return the job as GET answers it."""
        milliseconds = int(job.busy_seconds * 1000)
        info: dict[str, Any] = {
            "id": job.id,
            "operation": job.operation,
            "object": job.object,
            "createdById": job.user_id,
            "createdDate": self.org.moment(job.created_at),
            "systemModstamp": self.org.moment(job.changed_at),
            "state": job.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(job.version),
            "jobType": "V2Query",
            "lineEnding": job.line_ending,
            "columnDelimiter": job.delimiter,
        }
        if job.state in DONE:
            info["numberRecordsProcessed"] = len(job.rows)
            info["retries"] = 0
            info["totalProcessingTime"] = milliseconds
            info["isPkChunkingSupported"] = False
        if job.error_message:
            info["errorMessage"] = job.error_message
        return info

    def work(self) -> bool:
        """Run the next query whose time has come; return True when one ran."""
        for job in self.jobs.values():
            if job.state == "UploadComplete" and time.monotonic() >= job.ready_at:
                self._run(job)
                return True
        return False

    def _create(self, call: Call) -> Reply:
        body = call.json_object()
        operation, soql = str(body.get("operation")), body.get("query")
        if operation not in ("query", "queryAll"):
            raise OrgError(400, "INVALIDOPERATION", f"InvalidOperation : {operation!r}")
        if not isinstance(soql, str) or not soql.strip():
            raise OrgError(400, "INVALIDJOB", "InvalidJob : query is required")
        delimiter = str(body.get("columnDelimiter") or "COMMA").upper()
        line_ending = str(body.get("lineEnding") or "LF").upper()
        if delimiter not in DELIMITERS or line_ending not in LINE_ENDINGS:
            raise OrgError(400, "INVALIDJOB", "InvalidJob : unknown columnDelimiter or lineEnding")
        query = parse(soql)
        target = known_entity(self.org, query.sobject)
        self.org.engine.allowances.use("DailyBulkV2QueryJobs")
        now = self.org.clock.now()
        job = QueryJob(
            id=self.org.next_id("750"),
            operation=operation,
            query=soql,
            object=target,
            delimiter=delimiter,
            line_ending=line_ending,
            version=call.version,
            user_id=call.session.user_id,
            created_at=now,
            changed_at=now,
            ready_at=time.monotonic() + float(self.org.switches["bulk_delay_seconds"]),
        )
        self.jobs[job.id[:15]] = job
        info = self.info(job)
        del info["jobType"]
        return Reply(200, info)

    def _run(self, job: QueryJob) -> None:
        begun = time.monotonic()
        try:
            refuse_what_bulk_cannot(parse(job.query))
            header, rows = self.org.engine.query_csv_rows(
                job.query, job.user_id, job.operation == "queryAll"
            )
            job.header, job.rows = list(header), list(rows)
            job.state = "JobComplete"
        except OrgError as error:
            job.state = "Failed"
            job.error_message = (
                f"InvalidBatch : Failed to process query: {error.code}: {error.message}"
            )
        job.busy_seconds = time.monotonic() - begun
        job.changed_at = self.org.clock.now()

    def _abort(self, call: Call, job: QueryJob) -> Reply:
        if call.json_object().get("state") != "Aborted" or job.state in DONE:
            raise bad_state(f"Only a running job can be aborted, this one is {job.state}")
        job.state, job.changed_at = "Aborted", self.org.clock.now()
        return Reply(200, self.info(job))

    def _check_ready(self, call: Call, job: QueryJob) -> None:
        if call.version != job.version:
            message = (
                f"Results of a job made with API version {job.version} cannot be fetched with "
                f"version {call.version}"
            )
            raise OrgError(409, "API_VERSION_MISMATCH", message)
        if job.state != "JobComplete":
            raise bad_state(f"Results are not ready, the job is {job.state}")

    def _results(self, call: Call, job: QueryJob) -> Reply:
        self._check_ready(call, job)
        header = next(iter(bulk_csv.write([job.header], job.delimiter, job.line_ending)))
        return bulk_results.paged(call, header, job.rows, job.delimiter, job.line_ending)

    def _result_pages(self, call: Call, job: QueryJob) -> Reply:
        """Return up to five links to pages that can be fetched side by side."""
        self._check_ready(call, job)
        step = max(1, -(-len(job.rows) // RESULT_PAGES))
        pages = []
        for start in range(0, max(1, len(job.rows)), step):
            link = call.url(f"jobs/query/{job.id}/results?maxRecords={step}")
            if start:
                link += f"&locator={bulk_results.locator(start)}"
            pages.append({"resultLink": link})
        return Reply(200, {"resultPages": pages, "nextRecordsUrl": None, "done": True})


def refuse_what_bulk_cannot(query: tree.Query) -> None:
    """Raise OrgError for subqueries, aggregates and OFFSET. Source: reference section 6."""
    for item in query.select:
        if isinstance(item, tree.Query):
            message = "Aggregate Relationship not supported in Bulk Query"
            raise OrgError(400, "FUNCTIONALITY_NOT_ENABLED", message)
        if isinstance(item, tree.Call) and item.function != "TOLABEL":
            message = "Aggregate functions are not supported in Bulk Query"
            raise OrgError(400, "FUNCTIONALITY_NOT_ENABLED", message)
    if query.group_by or query.offset:
        message = "GROUP BY and OFFSET are not supported in Bulk Query"
        raise OrgError(400, "FUNCTIONALITY_NOT_ENABLED", message)
