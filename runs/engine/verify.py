"""Reading back every record of a phase and judging every mapped field.

The expected row is planned again from the stored payload by the same core that planned the write.
Small phases are read by id, big ones in pages of the whole object; what the pages did not show is
then asked for by id, so a missing record is really missing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from django.db.models import F

from mapping.core.compare import compare_row
from mapping.core.planning import RowProblem
from qontakmig.connectors.base import TargetRow
from qontakmig.connectors.errors import RejectedError
from runs.engine.choosing import plan
from runs.engine.context import Work
from runs.engine.crashpoints import crashpoint
from runs.engine.links import lookups_final
from runs.engine.sql import ID_MAP, RECORD, execute_many, fetch, later, values_in
from runs.engine.staging import Staged, staged_by_ids, staged_rows
from runs.engine.tuning import EXAMPLES, request_seconds, tuned
from runs.models import Batch, Finding

_UNCHECKED = "state IN ('created', 'updated', 'matched') AND verdict = ''"


def verify(work: Work) -> bool:
    """Take one step with a verification batch; return whether more can be done at once."""
    if work.batch.cursor["mode"] == "pages":
        return _page(work)
    return _by_id(work)


def _by_id(work: Work) -> bool:
    cursor = work.batch.cursor
    rows = staged_rows(
        f"step_id = %s AND id BETWEEN %s AND %s AND {_UNCHECKED}",
        (cursor["step"], cursor["first"], cursor["last"]),
    )
    found: dict[str, TargetRow] = {}
    if rows:
        phase = work.phase
        work.lease.hold(request_seconds(len(rows)))
        found = work.target.find_by_id(
            phase.target_object, [row.target_id for row in rows], _fields(work), phase.key_field
        )
    crashpoint("verify.read")
    pairs = [(row, found.get(row.target_id)) for row in rows]
    _record(work, pairs, cursor, ended=True)
    return False


def _page(work: Work) -> bool:
    """Judge the next page; a read job that the destination gave up is left to reading by id."""
    cursor, phase = work.batch.cursor, work.phase
    work.lease.hold(tuned("REQUEST_SECONDS"))
    try:
        if not cursor.get("job"):
            job = work.target.read_open(phase.target_object, phase.key_field, _fields(work))
            with work.lease.commit():
                work.update(cursor=cursor | {"job": job, "page": None, "polls": 0})
            return True
        page = work.target.read_page(cursor["job"], cursor["page"], phase.key_field)
    except RejectedError:
        with work.lease.commit():
            work.update(state=Batch.State.DONE)
        return False
    if page is None:
        wait = min(tuned("POLL_SECONDS") * 1.6 ** cursor["polls"], tuned("POLL_MAX_SECONDS"))
        with work.lease.commit():
            work.update(
                cursor=cursor | {"polls": min(cursor["polls"] + 1, 20)},
                not_before=later(wait),
                waits_for="The destination prepares its answer.",
            )
        return False
    crashpoint("verify.read")
    pairs = _unchecked(work, {row.id: row for row in page.rows})
    ended = page.next_cursor is None
    _record(work, pairs, cursor | {"page": page.next_cursor}, ended=ended)
    return not ended


def _fields(work: Work) -> list[str]:
    return [name for name in work.phase.target_fields if name != work.phase.key_field]


def _unchecked(work: Work, rows: dict[str, TargetRow]) -> list[tuple[Staged, TargetRow | None]]:
    """Return the ledger rows of this run that the page shows and that were not judged before."""
    condition, ids = values_in("m.target_id", list(rows))
    found = fetch(
        f"SELECT r.id FROM {ID_MAP} m JOIN {RECORD} r ON r.run_id = %s "  # noqa: S608
        "AND r.source_object = m.source_object AND r.source_id = m.source_id "
        "WHERE m.project_id = %s AND m.environment = %s AND m.target_object = %s "
        f"AND m.provenance IN ('created', 'existed') AND {condition} "
        "AND r.step_id = %s AND r.state IN ('created', 'updated', 'matched') AND r.verdict = ''",
        (
            work.run.pk,
            work.run.project_id,
            work.run.environment,
            work.phase.target_object,
            ids,
            work.batch.cursor["step"],
        ),
    )
    staged = staged_by_ids([row[0] for row in found])
    return [(row, rows[row.target_id]) for row in staged if row.target_id in rows]


class _Tally:
    """Counts and findings of some records."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.findings: Counter[tuple[str, str]] = Counter()
        self.examples: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)

    def note(self, field: str, cause: str, **example: Any) -> None:
        self.findings[field, cause] += 1
        if len(self.examples[field, cause]) < EXAMPLES:
            self.examples[field, cause].append(example)


def _record(
    work: Work, pairs: list[tuple[Staged, TargetRow | None]], cursor: dict, *, ended: bool
) -> None:
    tally = _Tally()
    lookups = lookups_final(work, [row for row, _ in pairs])
    verdicts = [(_judge(work, tally, row, hit, lookups), row.pk) for row, hit in pairs]
    counts = Counter(cursor.get("counts", {})) + tally.counts
    with work.lease.commit():
        execute_many(f"UPDATE {RECORD} SET verdict = %s WHERE id = %s", verdicts)  # noqa: S608
        for (field, cause), count in tally.findings.items():
            _finding_add(work, field, cause, count, tally.examples[field, cause])
        work.update(cursor=cursor | {"counts": dict(counts)}, failures=0)
        if ended:
            work.update(state=Batch.State.DONE)
    crashpoint("verify.recorded")


def _judge(work: Work, tally: _Tally, row: Staged, hit: TargetRow | None, lookups: Any) -> str:
    tally.counts["records"] += 1
    example = {"source_id": row.source_id, "target_id": row.target_id}
    if hit is None:
        tally.counts["missing"] += 1
        tally.note("", "missing", **example)
        return "missing"
    planned, _ = plan(row, work.phase, lookups)
    if isinstance(planned, RowProblem):
        tally.counts["different"] += 1
        tally.note(planned.issues[0].field, "not_planned", **example)
        return "different"
    created = row.state == "created"
    touched = not created or row.operation == "update"
    worst = "equal"
    found = compare_row(planned, hit, work.phase, inserted=created, updated=touched)
    tally.counts["fields"] += len(found)
    for verdict in found:
        tally.counts[verdict.verdict] += 1
        if verdict.verdict == "equal":
            continue
        tally.note(
            verdict.field,
            verdict.verdict,
            **example,
            expected=verdict.expected,
            actual=verdict.actual,
        )
        worst = "different" if "different" in (worst, verdict.verdict) else "normalised"
    return worst


def _finding_add(work: Work, field: str, cause: str, count: int, examples: list[dict]) -> None:
    finding, _ = Finding.objects.select_for_update().get_or_create(
        step=work.step, field=field, cause=cause
    )
    kept = (finding.examples + examples)[:EXAMPLES]
    Finding.objects.filter(pk=finding.pk).update(count=F("count") + count, examples=kept)
