"""Bulk API 2.0 ingest: ``/jobs/ingest`` and the work behind it.

Job-level messages are the vendor's; where none is recorded the code is its upper-case name.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qontakmig.simulators.salesforce.http import bulk_results
from qontakmig.simulators.salesforce.http.bulk_csv import DELIMITERS, LINE_ENDINGS, BadUpload, Row
from qontakmig.simulators.salesforce.http.calls import Call, Reply
from qontakmig.simulators.salesforce.http.ingest_job import DONE, ROWS_A_BATCH, IngestJob
from qontakmig.simulators.salesforce.org.errors import OrgError, SaveResult

if TYPE_CHECKING:
    from qontakmig.simulators.salesforce.http.practice_org import SalesforceOrg

MAX_BASE64_BYTES = 150_000_000
ROWS_A_SLICE = 200
KEPT_SECONDS = 7 * 86400
OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")


class Ingest:
    """All ingest jobs of one org and the queue of those whose rows wait to be saved."""

    def __init__(self, org: SalesforceOrg) -> None:
        self.org = org
        self.jobs: dict[str, IngestJob] = {}
        self.folder: Path | None = None
        self._queue: deque[IngestJob] = deque()

    # Endpoints

    def answer(self, call: Call, parts: Sequence[str]) -> Reply:
        """Answer ``/jobs/ingest[/<id>[/<what>]]``; ``parts`` follow ``ingest``."""
        method = call.request.method
        if not parts:
            if method == "POST":
                return self._create(call)
            if method == "GET":
                return Reply(200, self._list(call))
            raise not_allowed(method)
        job = self._find(parts[0])
        what = parts[1].lower() if len(parts) > 1 else ""
        if what == "batches" and method == "PUT":
            return self._upload(call, job)
        if what in bulk_results.LISTS and method == "GET":
            return bulk_results.ingest_results(call, job, what)
        if what:
            raise OrgError(404, "NOT_FOUND", "The requested resource does not exist")
        if method == "GET":
            return Reply(200, self.info(job))
        if method == "PATCH":
            return self._patch(call, job)
        if method == "DELETE":
            return self._delete(job)
        raise not_allowed(method)

    def info(self, job: IngestJob) -> dict[str, Any]:
        """Return the job as GET answers it."""
        info = self._basics(job)
        info["jobType"] = "V2Ingest"
        info["lineEnding"] = job.line_ending
        info["columnDelimiter"] = job.delimiter
        if job.state in ("Open", "UploadComplete") and job.upload is None:
            info["contentUrl"] = self._content_url(job)
        if job.state not in ("Open", "UploadComplete") or job.processed:
            milliseconds = int(job.busy_seconds * 1000)
            info.update(
                numberRecordsProcessed=job.processed,
                numberRecordsFailed=len(job.failures),
                retries=0,
                totalProcessingTime=milliseconds if job.state in DONE else 0,
                apiActiveProcessingTime=milliseconds,
                apexProcessingTime=0,
            )
        if job.error_message:
            info["errorMessage"] = job.error_message
        return info

    def _basics(self, job: IngestJob) -> dict[str, Any]:
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
        }
        if job.external_id:
            info["externalIdFieldName"] = job.external_id
        if job.assignment_rule_id:
            info["assignmentRuleId"] = job.assignment_rule_id
        return info

    def _content_url(self, job: IngestJob) -> str:
        return f"services/data/v{job.version}/jobs/ingest/{job.id}/batches"

    def _find(self, job_id: str) -> IngestJob:
        job = self.jobs.get(job_id[:15])
        if job is None:
            raise OrgError(404, "NOT_FOUND", "The requested resource does not exist")
        if job.state in DONE and self.org.clock.now() > job.changed_at + KEPT_SECONDS:
            self._forget(job)
            raise OrgError(404, "NOT_FOUND", "The requested resource does not exist")
        return job

    def _create(self, call: Call) -> Reply:
        body = call.json_object()
        operation = str(body.get("operation", ""))
        if operation not in OPERATIONS:
            raise OrgError(400, "INVALIDOPERATION", f"InvalidOperation : {operation!r}")
        delimiter = str(body.get("columnDelimiter") or "COMMA").upper()
        line_ending = str(body.get("lineEnding") or "LF").upper()
        if delimiter not in DELIMITERS or line_ending not in LINE_ENDINGS:
            raise OrgError(400, "INVALIDJOB", "InvalidJob : unknown columnDelimiter or lineEnding")
        if str(body.get("contentType") or "CSV").upper() != "CSV":
            raise OrgError(400, "INVALIDJOB", "InvalidJob : Only CSV content is supported")
        external_id = str(body.get("externalIdFieldName") or "")
        if operation == "upsert" and not external_id:
            message = "InvalidJob : External ID field name is required for upsert"
            raise OrgError(400, "INVALIDJOB", message)
        name = known_entity(self.org, str(body.get("object", "")))
        now = self.org.clock.now()
        job = IngestJob(
            id=self.org.next_id("750"),
            object=name,
            operation=operation,
            external_id=external_id,
            delimiter=delimiter,
            line_ending=line_ending,
            version=call.version,
            user_id=call.session.user_id,
            created_at=now,
            changed_at=now,
            assignment_rule_id=str(body.get("assignmentRuleId") or ""),
        )
        self.jobs[job.id[:15]] = job
        self._record(job, "created")
        info = self._basics(job)
        info["contentUrl"] = self._content_url(job)
        info["lineEnding"] = job.line_ending
        info["columnDelimiter"] = job.delimiter
        return Reply(200, info)

    def _upload(self, call: Call, job: IngestJob) -> Reply:
        if job.state != "Open":
            raise bad_state(f"Job is not open for uploads, it is {job.state}")
        if job.upload is not None:
            raise OrgError(
                400,
                "CLIENTINPUTERROR",
                f"Found multiple contents for job: <{job.id}>, please 'Close' / 'Abort' / 'Delete' "
                "the current Job then create a new Job and make sure you only do 'PUT' once on a "
                "given Job.",
            )
        body = call.body()
        if (len(body) + 2) // 3 * 4 > MAX_BASE64_BYTES:
            message = "ClientInputError : The data is larger than 150 MB after base64 encoding"
            raise OrgError(400, "CLIENTINPUTERROR", message)
        job.upload = body
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            job.upload = self.folder / f"{job.id}.csv"
            job.upload.write_bytes(body)
        self._record(job, "uploaded")
        return Reply(201)

    def _patch(self, call: Call, job: IngestJob) -> Reply:
        wanted = str(call.json_object().get("state", ""))
        if wanted == "UploadComplete" and job.state == "Open":
            if job.upload is None:
                raise bad_state("Unable to find uploaded content for the job")
            job.state = "UploadComplete"
            job.changed_at = self.org.clock.now()
            job.ready_at = time.monotonic() + float(self.org.switches["bulk_delay_seconds"])
            self._queue.append(job)
            self._record(job, "closed")
        elif wanted == "Aborted" and job.state not in DONE:
            self._finish(job, "Aborted")
        else:
            raise bad_state(f"Job state transition from {job.state} to {wanted!r} is not allowed")
        return Reply(200, self._basics(job))

    def _delete(self, job: IngestJob) -> Reply:
        if job.state not in DONE:
            raise bad_state(f"A job in state {job.state} cannot be deleted")
        self._forget(job)
        return Reply(204)

    def _forget(self, job: IngestJob) -> None:
        del self.jobs[job.id[:15]]
        if isinstance(job.upload, Path):
            job.upload.unlink(missing_ok=True)
        self._record(job, "deleted")

    def _list(self, call: Call) -> dict[str, Any]:
        wanted = call.request.param("jobType") or "V2Ingest"
        jobs = [self.info(job) for job in self.jobs.values()] if wanted == "V2Ingest" else []
        return {"done": True, "records": jobs[::-1][:1000], "nextRecordsUrl": None}

    # The work behind

    def work(self, deadline: float) -> bool:
        """Save rows of the oldest waiting jobs until the deadline; return True when more wait."""
        while self._queue:
            job = self._queue[0]
            if job.state in DONE:
                self._queue.popleft()
                continue
            now = time.monotonic()
            if now < job.ready_at:
                return False
            if now >= deadline:
                return True
            self._save_slice(job)
        return False

    def _save_slice(self, job: IngestJob) -> None:
        begun = time.monotonic()
        try:
            if job.reader is None:
                job.open_upload()
                job.state, job.changed_at = "InProgress", self.org.clock.now()
                self._check_header(job)
            if job.processed % ROWS_A_BATCH == 0:
                self.org.engine.allowances.use("DailyBulkApiBatches")
            with self.org.one_change():
                outcomes = job.save_next(ROWS_A_SLICE, lambda *rows: self._save(job, *rows))
                if outcomes is not None:
                    self.org.record({"ingest": "saved", "id": job.id, "outcomes": outcomes})
        except BadUpload as problem:
            self._finish(job, "Failed", str(problem))
            return
        except OrgError as problem:
            text = problem.message
            known = text.startswith("InvalidBatch")
            self._finish(job, "Failed", text if known else f"{problem.code} : {text}")
            return
        job.busy_seconds += time.monotonic() - begun
        if outcomes is None:
            self._finish(job, "JobComplete")

    def _check_header(self, job: IngestJob) -> None:
        if job.operation not in ("delete", "hardDelete"):
            self.org.engine.open_csv(
                job.operation, job.object, job.header, job.user_id, job.external_id or None
            )

    def _save(self, job: IngestJob, header: Sequence[str], rows: list[Row]) -> list[SaveResult]:
        return self.org.engine.save_csv(
            job.operation,
            job.object,
            header,
            rows,
            job.user_id,
            external_id_field=job.external_id or None,
        )

    def _finish(self, job: IngestJob, state: str, error: str = "") -> None:
        job.finish(state, self.org.clock.now(), error)
        self._record(job, "finished")

    # Durability

    def _record(self, job: IngestJob, event: str) -> None:
        kept = {
            name: getattr(job, name)
            for name in (
                "id", "object", "operation", "external_id", "delimiter", "line_ending", "version",
                "user_id", "created_at", "assignment_rule_id", "state", "changed_at",
                "error_message",
            )
        }  # fmt: skip
        uploaded = isinstance(job.upload, Path)
        self.org.record({"ingest": event, "id": job.id, "job": kept, "uploaded": uploaded})

    def replay(self, change: dict[str, Any]) -> None:
        """Take over one recorded event of a job."""
        key = change["id"][:15]
        if change["ingest"] == "saved":
            self.jobs[key].renote(change["outcomes"])
            self.jobs[key].state = "InProgress"
            return
        if change["ingest"] == "deleted":
            self.jobs.pop(key, None)
            return
        job = self.jobs.setdefault(key, IngestJob(**_only_new(change["job"])))
        if change["uploaded"] and job.upload is None and self.folder is not None:
            job.upload = self.folder / f"{job.id}.csv"
        if change["ingest"] == "finished":
            kept = change["job"]
            job.finish(kept["state"], kept["changed_at"], kept["error_message"])
        else:
            job.state, job.changed_at = change["job"]["state"], change["job"]["changed_at"]

    def resume(self) -> None:
        """Queue the jobs that a restart interrupted."""
        self._queue.extend(
            j for j in self.jobs.values() if j.state in ("UploadComplete", "InProgress")
        )


def _only_new(kept: dict[str, Any]) -> dict[str, Any]:
    return {**kept, "state": "Open", "error_message": ""}


def known_entity(org: SalesforceOrg, name: str) -> str:
    """Return an object's name as the org spells it. Raises OrgError INVALIDENTITY."""
    found = org.engine.schema.get(name)
    if found is None:
        message = f"Entity '{name}' is not supported by the Bulk API."
        raise OrgError(400, "INVALIDENTITY", message)
    return found.name


def bad_state(message: str) -> OrgError:
    return OrgError(400, "INVALIDJOBSTATE", f"InvalidJobState : {message}")


def not_allowed(method: str) -> OrgError:
    return OrgError(405, "METHOD_NOT_ALLOWED", f"HTTP Method '{method}' not allowed.")
