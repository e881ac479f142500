"""Recording what the destination answered: by key, never by position (rule R5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qontakmig.connectors.base import WriteResult
from runs.engine.choosing import duplicate
from runs.engine.context import Work
from runs.engine.crashpoints import crashpoint
from runs.engine.ledger import Intent, id_map_write, outcomes_write, results_write
from runs.engine.sql import RECORD, database_now, fetch, later
from runs.engine.tuning import RETRY_ATTEMPTS, request_seconds, tuned
from runs.models import IngestJob


@dataclass(slots=True)
class Sent:
    """One row that was sent. ``attempt`` counts this sending."""

    pk: int
    source_id: str
    operation: str
    key: str
    target_id: str
    row_hash: str
    attempt: int


def sent_of_intents(intents: Iterable[Intent]) -> list[Sent]:
    return [
        Sent(i.pk, i.source_id, i.operation, i.key, i.target_id, i.row_hash, i.attempt)
        for i in intents
    ]


def sent_of_batch(batch_id: int, state: str) -> list[Sent]:
    rows = fetch(
        "SELECT id, source_id, operation, key, target_id, row_hash, attempt "  # noqa: S608
        f"FROM {RECORD} WHERE batch_id = %s AND state = %s ORDER BY id",
        (batch_id, state),
    )
    return [Sent(*row) for row in rows]


def results_by_key(results: Iterable[WriteResult]) -> dict[str, WriteResult | None]:
    """Return one result for each key; None where the answer contradicts itself.

    Lists may be shuffled, doubled or incomplete. Two successes with different ids, or one id for
    two keys, prove nothing: those rows are asked for by key.
    """
    found: dict[str, WriteResult | None] = {}
    keys_of: dict[str, str] = {}
    for result in results:
        earlier = found.get(result.key, result)
        if earlier is None:
            continue
        if result.ok and earlier.ok and earlier.target_id != result.target_id:
            found[result.key] = None
            continue
        found[result.key] = result if result.ok else earlier
        if result.ok and result.target_id:
            other = keys_of.setdefault(result.target_id, result.key)
            if other != result.key:
                found[other] = found[result.key] = None
    return found


def answers_record(
    work: Work, sent: Sequence[Sent], results: Iterable[WriteResult], job: IngestJob | None = None
) -> None:
    """Record one answer in one commit: outcomes, id map, end of the job."""
    answers = results_by_key(results)
    appeared = _appeared(work, sent, answers)
    retry_codes = work.target.retry_codes
    rows: list[tuple[str, str, str, str, int]] = []
    mapped: list[tuple[Sent, str]] = []
    again = False
    for row in sent:
        answer = answers.get(row.key)
        target_id = appeared.get(row.key) or (answer.target_id if answer and answer.ok else None)
        if row.operation == "update" and answer and answer.ok:
            target_id = row.target_id
        if target_id:
            done = "created" if row.operation == "insert" else "updated"
            rows.append((done, target_id, "", "", row.pk))
            mapped.append((row, target_id))
        elif answer is None or answer.ok:
            rows.append(("uncertain", row.target_id, "", "", row.pk))
        elif answer.code in retry_codes and row.attempt < RETRY_ATTEMPTS:
            again = True
            rows.append(("ready", row.target_id, answer.code, answer.message, row.pk))
        else:
            rows.append(("errored", row.target_id, answer.code[:80], _message(answer), row.pk))
    now = database_now()
    with work.lease.commit():
        results_write(rows)
        crashpoint("load.in_record")
        id_map_write(work, _with_provenance(work, mapped), now)
        if job is not None:
            IngestJob.objects.filter(pk=job.pk).update(state=IngestJob.State.DONE)
        work.update(starts=0, failures=0, waits_for="")
        if again:
            work.update(
                not_before=later(tuned("BACKOFF_SECONDS")),
                waits_for="The destination was busy with some of these records.",
            )
    crashpoint("load.recorded")


def _message(answer: WriteResult) -> str:
    return f"{', '.join(answer.fields)}: {answer.message}" if answer.fields else answer.message


def _appeared(
    work: Work, sent: Sequence[Sent], answers: dict[str, WriteResult | None]
) -> dict[str, str]:
    """Ask for repeated inserts that were refused: an earlier, unanswered one may have arrived.

    The pre-image said absent, so what is there under our key was created by us (rule R2).
    """
    doubtful = [
        row.key
        for row in sent
        if row.operation == "insert"
        and row.attempt > 1
        and (answer := answers.get(row.key)) is not None
        and not answer.ok
    ]
    if not doubtful:
        return {}
    work.lease.hold(request_seconds(len(doubtful)))
    phase = work.phase
    found = work.target.find_by_key(phase.target_object, phase.key_field, doubtful, [])
    return {key: rows[0].id for key, rows in found.items() if len(rows) == 1}


def _with_provenance(
    work: Work, mapped: Sequence[tuple[Sent, str]]
) -> list[tuple[str, str, str, str]]:
    updated = [row.source_id for row, _ in mapped if row.operation == "update"]
    known = work.context.known(work.step.source_object, updated) if updated else {}
    entries = []
    for row, target_id in mapped:
        provenance = "created"
        if row.operation == "update":
            entry = known.get(row.source_id)
            provenance = entry[3] if entry and entry[1] == target_id else "existed"
        entries.append((row.source_id, target_id, provenance, row.row_hash))
    return entries


def uncertain_probe(work: Work) -> None:
    """Ask the destination about rows whose answer was lost, before anything is sent again.

    Inserts: there under our key → created by us; not there → ready. Updates are repeatable.
    """
    rows = sent_of_batch(work.batch.pk, "uncertain")
    if not rows:
        return
    phase = work.phase
    keys = [row.key for row in rows if row.operation == "insert"]
    found = {}
    if keys:
        work.lease.hold(request_seconds(len(keys)))
        found = work.target.find_by_key(phase.target_object, phase.key_field, keys, [])
    states: list[tuple[str, str, str, str, int]] = []
    mapped, doubled = [], []
    for row in rows:
        hits = found.get(row.key, []) if row.operation == "insert" else []
        if len(hits) == 1:
            states.append(("created", hits[0].id, "", "", row.pk))
            mapped.append((row.source_id, hits[0].id, "created", row.row_hash))
        elif hits:
            doubled.append(duplicate(row.pk, len(hits)))
        else:
            states.append(("ready", row.target_id, "", "", row.pk))
    now = database_now()
    with work.lease.commit():
        results_write(states)
        outcomes_write(doubled)
        id_map_write(work, mapped, now)
