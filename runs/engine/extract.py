"""Reading one source object into the ledger, page by page, each record into its phase."""

from __future__ import annotations

import time
from collections import Counter

from django.db.models import F

from mapping.core.routing import route
from qontakmig.connectors.base import SourcePage, SourceRecord
from runs.engine.context import Work
from runs.engine.crashpoints import crashpoint
from runs.engine.sql import RECORD, execute_many, fetch, values_in
from runs.engine.staging import payload_hash, payload_text
from runs.engine.tuning import rows, tuned
from runs.models import Batch, RunStep

_INSERT = (
    f"INSERT INTO {RECORD} (run_id, step_id, source_object, source_id, payload, payload_hash, "  # noqa: S608
    "state, reason_code, reason, operation, preimage, attempt, key, target_id, row_hash, warnings, "
    "verdict, deferred) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, '', '', 0, '', '', '', '', '', "
    "%s)"
)


def extract(work: Work) -> bool:
    """Read the next pages of the object; the cursor moves in the commit of the rows it covers.

    Pages may overlap or shift while people work, so records count once by id. At the end the
    source is asked again how many it holds: when fewer were read the object is read a second
    time, and what still differs is noted on the step.
    """
    cursor = work.batch.cursor
    if _not_in_the_account(work):
        with work.lease.commit():
            work.update(cursor={"finished": True}, state=Batch.State.DONE)
        return False
    if "claimed" not in cursor:
        work.lease.hold(tuned("REQUEST_SECONDS"))
        cursor = {"page": None, "pass": 1, "repeated": 0}
        cursor["claimed"] = work.context.source.count(work.step.name)
    records, page_cursor, ended = _read(work, cursor["page"])
    crashpoint("extract.read")
    cursor = cursor | {"page": page_cursor}
    claimed_after = None
    if ended:
        work.lease.hold(tuned("REQUEST_SECONDS"))
        claimed_after = work.context.source.count(work.step.name)
    with work.lease.commit():
        cursor["repeated"] += _stage(work, records)
        if ended:
            cursor = _ended(work, cursor, claimed_after)
        work.update(cursor=cursor, failures=0)
        if cursor.get("finished"):
            work.update(state=Batch.State.DONE)
    crashpoint("extract.recorded")
    return not cursor.get("finished")


def _not_in_the_account(work: Work) -> bool:
    """True when the audit behind the map found other objects but not this one, as with a folder
    of exported files without one of users. What the audit found must be there to be read."""
    found = set(work.run.map_version.discovery.objects_found.values_list("name", flat=True))
    return bool(found) and work.step.name not in found


def _read(work: Work, cursor: str | None) -> tuple[list[SourceRecord], str | None, bool]:
    """Read pages until they make one commit; return records, next cursor, whether ended."""
    found: list[SourceRecord] = []
    began = time.monotonic()
    while True:
        work.lease.hold(tuned("REQUEST_SECONDS"))
        page: SourcePage = work.context.source.read_page(work.step.name, cursor)
        found.extend(page.records)
        cursor = page.next_cursor
        if cursor is None:
            return found, None, True
        if len(found) >= rows("EXTRACT_ROWS") or time.monotonic() - began > 2 or work.stop_asked():
            return found, cursor, False


def _stage(work: Work, records: list[SourceRecord]) -> int:
    """Insert the records that are new to this run; return how many had been read before."""
    fresh = {record.id: record for record in records}
    condition, ids = values_in("source_id", list(fresh))
    present = fetch(
        f"SELECT source_id FROM {RECORD} WHERE run_id = %s AND source_object = %s AND {condition}",  # noqa: S608
        (work.run.pk, work.step.name, ids),
    )
    for (source_id,) in present:
        del fresh[source_id]
    steps = {
        step.name: step.pk for step in RunStep.objects.filter(run=work.run, kind__in=RunStep.PHASES)
    }
    spec = work.context.spec
    home = steps[spec.phases_of(work.step.name)[0].name]
    counts: Counter[int] = Counter()
    values = []
    for record in fresh.values():
        routed = route(record, spec)
        text = payload_text(record)
        filtered = routed.phase is None
        step = home if filtered else steps[routed.phase]
        counts[step] += 1
        values.append(
            (
                work.run.pk,
                step,
                work.step.name,
                record.id,
                text,
                payload_hash(text),
                "filtered" if filtered else "staged",
                "filtered" if filtered else "",
                routed.reason if filtered else "",
                False,
            )
        )
    execute_many(_INSERT, values)
    for step, count in counts.items():
        RunStep.objects.filter(pk=step).update(extracted=F("extracted") + count)
    RunStep.objects.filter(pk=work.step.pk).update(extracted=F("extracted") + len(values))
    return len(records) - len(values)


def _ended(work: Work, cursor: dict, claimed_after: int | None) -> dict:
    """Decide after the last page whether to read once more, and note what differs."""
    read = RunStep.objects.values_list("extracted", flat=True).get(pk=work.step.pk)
    if claimed_after is not None and read < claimed_after and cursor["pass"] == 1:
        return cursor | {"page": None, "pass": 2}
    notes = {
        "claimed_before": cursor["claimed"],
        "claimed_after": claimed_after,
        "read": read,
        "repeated": cursor["repeated"],
        "passes": cursor["pass"],
    }
    if claimed_after is not None and claimed_after != read:
        notes["difference"] = (
            f"The source says it holds {claimed_after}, {read} different ones came"
            f"{' in two readings' if cursor['pass'] == 2 else ''}. "
            + (
                "Records were deleted while they were read."
                if read > claimed_after
                else "The others were counted but not given out."
            )
        )
    RunStep.objects.filter(pk=work.step.pk).update(claimed=claimed_after, notes=notes)
    return cursor | {"finished": True}
