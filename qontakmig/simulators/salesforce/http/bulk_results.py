"""Result lists of Bulk API 2.0 jobs: CSV, paged by locator."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

from qontakmig.simulators.salesforce.http import bulk_csv
from qontakmig.simulators.salesforce.http.calls import Call, Reply
from qontakmig.simulators.salesforce.http.ingest_job import DONE, IngestJob
from qontakmig.simulators.salesforce.org.errors import OrgError

LISTS = ("successfulresults", "failedresults", "unprocessedrecords")


def ingest_results(call: Call, job: IngestJob, which: str) -> Reply:
    """Return one of the three result lists of a finished job."""
    if job.state not in DONE:
        message = f"InvalidJobState : Results are not ready, the job is {job.state}"
        raise OrgError(400, "INVALIDJOBSTATE", message)
    own, rows = {
        "successfulresults": (("sf__Id", "sf__Created"), job.successes),
        "failedresults": (("sf__Id", "sf__Error"), job.failures),
        "unprocessedrecords": ((), job.unprocessed),
    }[which]
    header = bulk_csv.header_line(own, job.header, job.delimiter, job.line_ending)
    return paged(call, header, rows, job.delimiter, job.line_ending)


def paged(
    call: Call, header: bytes, rows: Sequence[Sequence[str]], delimiter: str, line_ending: str
) -> Reply:
    """Return the page asked for by ``locator`` and ``maxRecords``, all rows without them."""
    start = _position(call.request.param("locator"))
    most = call.request.param("maxRecords")
    if most is not None and not (most.isdigit() and int(most)):
        raise OrgError(400, "INVALID_ARGUMENT", f"maxRecords is not a positive number: {most}")
    stop = min(len(rows), start + int(most)) if most else len(rows)
    page = rows[start:stop]
    headers = {
        "content-type": "text/csv",
        "sforce-locator": "null" if stop >= len(rows) else locator(stop),
        "sforce-numberofrecords": str(len(page)),
    }

    def body() -> object:
        yield header
        yield from bulk_csv.write(page, delimiter, line_ending)

    return Reply(200, body(), headers)


def locator(position: int) -> str:
    """Return an opaque text that stands for a position."""
    return base64.urlsafe_b64encode(f"row {position}".encode()).decode().rstrip("=")


def _position(text: str | None) -> int:
    if not text or text == "null":
        return 0
    try:
        word, _, number = (
            base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition(" ")
        )
        if word == "row" and number.isdigit():
            return int(number)
    except (ValueError, binascii.Error):
        pass
    raise OrgError(400, "INVALID_QUERY_LOCATOR", f"invalid locator: {text}")
