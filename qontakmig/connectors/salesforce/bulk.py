"""Bulk API 2.0 in small steps, so that a run can stop between any two of them.

simple-salesforce's low-level calls are used; its convenience calls hide the job id until the end.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simple_salesforce.api import Salesforce
from simple_salesforce.bulk2 import Operation as BulkOperation

from qontakmig.connectors.base import ReadPage, TargetRow, WireValue, WritePlan, WriteResult
from qontakmig.connectors.errors import RejectedError, TransientError
from qontakmig.connectors.http import bad_answer
from qontakmig.connectors.salesforce.faults import SYSTEM, parse_row_error, without_values
from qontakmig.connectors.salesforce.session import Session

MAX_JOB_BYTES = 100_000_000
"""CSV bytes per ingest job before Salesforce's base64. Source: Bulk API 2.0 limits, 2026."""
PAGE_ROWS = 4_000
NULL = "#N/A"
"""On update an empty cell means 'leave it'; this means 'no value'."""
_WORKING = ("Open", "UploadComplete", "InProgress")

csv.field_size_limit(10_000_000)
# The default of 131,072 characters is less than a long text area holds.


def _api(sf: Salesforce, object_name: str) -> Any:
    # The getters on ``bulk2.X`` cannot create a job without running it to its end.
    return getattr(sf.bulk2, object_name)._client


def job_create(session: Session, plan: WritePlan) -> str:
    """Create an ingest job without data and return its id."""
    operation = BulkOperation(plan.operation)
    job = session.call(
        lambda sf: _api(sf, plan.object).create_job(operation=operation), writes=True
    )
    return str(job["id"])


def job_upload(session: Session, job_id: str, plan: WritePlan) -> None:
    """Upload the rows of ``plan`` and close the upload.

    Raises RejectedError ``job_too_large`` before anything is sent.
    """
    text = rows_csv(plan)
    # UTF-8 needs at most 4 bytes a character: most jobs need not be encoded to know.
    if len(text) * 4 > MAX_JOB_BYTES and len(text.encode()) > MAX_JOB_BYTES:
        raise RejectedError(
            f"The job of {len(plan.rows):,} rows is larger than Salesforce takes (100 MB).",
            system=SYSTEM,
            code="job_too_large",
            advice="Make the batches of this run smaller.",
        )
    session.call(lambda sf: _api(sf, plan.object).upload_job_data(job_id, text), writes=True)
    session.call(lambda sf: _api(sf, plan.object).close_job(job_id), writes=True)


def job_info(session: Session, job_id: str, *, query: bool = False) -> dict[str, Any] | None:
    """Return what Salesforce says about a job; None when it does not know the job (any more)."""
    try:
        return dict(session.call(lambda sf: _api(sf, "Account").get_job(job_id, query)))
    except RejectedError as error:
        if error.code == "not_found":
            return None
        raise


def job_closed(session: Session, job_id: str) -> bool:
    """True when the upload of the job was closed."""
    info = job_info(session, job_id)
    return info is not None and info.get("state") not in ("Open", "Aborted")


def job_abort(session: Session, job_id: str) -> None:
    """Abort a job; harmless when it has ended or is gone."""
    try:
        session.call(lambda sf: _api(sf, "Account").abort_job(job_id, False), writes=True)
    except RejectedError:
        return


def job_results(session: Session, job_id: str, plan: WritePlan) -> list[WriteResult] | None:
    """Return results by key, None while the job works.

    Rows on no list have no result: unprocessed ones, and all of a job that was aborted or that
    Salesforce no longer knows.

    Raises RejectedError when the job failed before it touched a row.
    """
    info = job_info(session, job_id)
    if info is None:
        return []
    if info.get("state") in _WORKING:
        return None
    key = "Id" if plan.operation == "delete" else plan.key_field
    created = plan.operation == "insert"
    results = [
        WriteResult(row_key, True, target_id, created or flag == "true")
        for row_key, target_id, flag in _list(session, job_id, "successfulResults", key)
    ]
    for row_key, target_id, error in _list(session, job_id, "failedResults", key):
        code, message, fields = parse_row_error(error)
        results.append(
            WriteResult(
                row_key, False, target_id or None, code=code, message=message, fields=fields
            )
        )
    if info["state"] == "Failed" and not results:
        message = without_values(str(info.get("errorMessage") or "no reason given"))
        raise RejectedError(
            f"Salesforce refused the whole job: {message}.",
            system=SYSTEM,
            code="job_failed",
            advice="Compare the mapping with the org: a field may be gone or hidden.",
        )
    return results


def _list(
    session: Session, job_id: str, name: str, key_field: str
) -> Iterator[tuple[str, str, str]]:
    """Yield (key, target id, ``sf__Created`` or ``sf__Error``) of one result list."""
    text = session.call(lambda sf: _api(sf, "Account").get_ingest_results(job_id, name))
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    header = next(reader, None)
    if not header:
        return
    places = {column.casefold(): place for place, column in enumerate(header)}
    try:
        target, outcome = places["sf__id"], 1 - places["sf__id"]
        key = places[key_field.casefold()]
    except KeyError:
        if next(reader, None) is None:
            return
        raise bad_answer(SYSTEM, f"the {name} of a job lack the column {key_field}", True) from None
    width = len(header)
    for row in reader:
        if len(row) == width:
            yield row[key], row[target], row[outcome]


def rows_csv(plan: WritePlan) -> str:
    """Return the rows as CSV text, the same for the same rows.

    Columns: key field first (deletes: only Id), the others by name. ``None`` is empty on insert
    and ``#N/A`` on update. Line ends are LF; a text with CR in it makes all cells quoted, because
    QUOTE_MINIMAL would leave a lone CR bare.
    """
    columns = _columns(plan)
    empty = NULL if plan.operation == "update" else ""
    cells = [[_cell(row.get(column), empty) for column in columns] for row in plan.rows]
    text = _write(columns, cells, csv.QUOTE_MINIMAL)
    return _write(columns, cells, csv.QUOTE_ALL) if "\r" in text else text


def _columns(plan: WritePlan) -> list[str]:
    if plan.operation == "delete":
        return ["Id"]
    names: set[str] = set()
    for row in plan.rows:
        names.update(row)
    first = [plan.key_field] if plan.operation == "insert" else ["Id", plan.key_field]
    return first + sorted(names.difference(first))


def _cell(value: WireValue, empty: str) -> str | int | float:
    if value is None or value == "":
        return empty
    if value is True:
        return "true"
    if value is False:
        return "false"
    return value


def _write(columns: Sequence[str], cells: Sequence[Sequence[object]], quoting: Any) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n", quoting=quoting)
    writer.writerow(columns)
    writer.writerows(cells)
    return buffer.getvalue()


# ---------------------------------------------------------------- reading back


def query_create(session: Session, soql: str) -> str:
    """Start a query job and return its id."""
    job = session.call(
        lambda sf: _api(sf, "Account").create_job(operation=BulkOperation.query, query=soql)
    )
    return str(job["id"])


def query_page(
    session: Session, job_id: str, cursor: str | None, key_field: str
) -> ReadPage | None:
    """Return a page of a query job, None while the job works.

    Raises RejectedError when the query failed, TransientError ``job_gone`` when the job is gone:
    start it again.
    """
    if cursor is None:
        info = job_info(session, job_id, query=True)
        if info is None:
            raise _gone()
        if info["state"] in _WORKING:
            return None
        if info["state"] != "JobComplete":
            message = without_values(str(info.get("errorMessage") or info["state"]))
            raise RejectedError(
                f"Salesforce could not read the records back: {message}.",
                system=SYSTEM,
                code="read_failed",
            )
    try:
        page = session.call(
            lambda sf: _api(sf, "Account").get_query_results(
                job_id, locator=cursor or "", max_records=PAGE_ROWS
            )
        )
    except RejectedError as error:
        if error.code == "not_found":
            raise _gone() from None
        raise
    except KeyError:
        raise bad_answer(SYSTEM, "a result page lacks its row count", False) from None
    rows = list(_target_rows(page["records"], key_field))
    if len(rows) != page["number_of_records"]:
        raise bad_answer(SYSTEM, "a result page is not whole", False)
    return ReadPage(rows, page["locator"] or None)


def _gone() -> TransientError:
    return TransientError("Salesforce no longer has the query job.", system=SYSTEM, code="job_gone")


def _target_rows(text: str, key_field: str) -> Iterator[TargetRow]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    header = next(reader, None)
    if not header:
        return
    lower = [column.casefold() for column in header]
    id_place, key_place = lower.index("id"), lower.index(key_field.casefold())
    for row in reader:
        values: Mapping[str, WireValue] = {
            column: cell or None for column, cell in zip(header, row, strict=True)
        }
        yield TargetRow(row[id_place], row[key_place] or None, values)
