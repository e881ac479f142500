"""Writing outcomes: thousands of ledger and id map rows in one commit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from runs.engine.context import Work
from runs.engine.sql import ID_MAP, PRE_IMAGE, RECORD, execute, execute_many, stamp

_OUTCOME = (
    f"UPDATE {RECORD} SET state = %s, target_id = %s, row_hash = %s, reason_code = %s, "  # noqa: S608
    "reason = %s, warnings = %s, deferred = %s WHERE id = %s"
)
_INTENT = (
    f"UPDATE {RECORD} SET state = 'sending', attempt = attempt + 1, operation = %s, "  # noqa: S608
    "preimage = %s, key = %s, target_id = %s, row_hash = %s, warnings = %s, deferred = %s "
    "WHERE id = %s"
)
_RESULT = (
    f"UPDATE {RECORD} SET state = %s, target_id = %s, reason_code = %s, reason = %s "  # noqa: S608
    "WHERE id = %s"
)
_ID_MAP = (
    f"INSERT INTO {ID_MAP} (project_id, environment, source_object, source_id, target_object, "  # noqa: S608
    "target_id, provenance, row_hash, run_id, written_at) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
    "ON CONFLICT (project_id, environment, source_object, source_id) DO UPDATE SET "
    "target_object = excluded.target_object, target_id = excluded.target_id, "
    "provenance = excluded.provenance, row_hash = excluded.row_hash, run_id = excluded.run_id, "
    "written_at = excluded.written_at"
)
_PRE_IMAGE = (
    f"INSERT INTO {PRE_IMAGE} (record_id, part, target_id, before, written, taken_at) "  # noqa: S608
    "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (record_id, part) DO NOTHING"
)


@dataclass(slots=True)
class Outcome:
    """What became of a record that needed no request."""

    pk: int
    state: str
    target_id: str = ""
    row_hash: str = ""
    code: str = ""
    reason: str = ""
    warnings: str = ""
    deferred: bool = False


def outcomes_write(outcomes: Iterable[Outcome]) -> None:
    execute_many(
        _OUTCOME,
        [
            (o.state, o.target_id, o.row_hash, o.code, o.reason, o.warnings, o.deferred, o.pk)
            for o in outcomes
        ],
    )


@dataclass(slots=True)
class Intent:
    """One row about to be sent. ``before`` is set for rows that are in the destination."""

    pk: int
    source_id: str
    operation: str
    key: str
    row: dict[str, Any]
    row_hash: str
    target_id: str = ""
    before: Mapping[str, Any] | None = None
    warnings: str = ""
    deferred: bool = False
    part: int = 1
    attempt: int = 1


def intents_write(intents: Iterable[Intent], now: datetime) -> None:
    """Rows → sending with attempt + 1 (rule R7), pre-images before the first write (rule R2)."""
    intents = list(intents)
    execute_many(
        _INTENT,
        [
            (
                i.operation,
                "absent" if i.before is None else "present",
                i.key,
                i.target_id,
                i.row_hash,
                i.warnings,
                i.deferred,
                i.pk,
            )
            for i in intents
        ],
    )
    pre_images_write(intents, now)


def pre_images_write(intents: Iterable[Intent], now: datetime) -> None:
    at = stamp(now)
    execute_many(
        _PRE_IMAGE,
        [
            (
                i.pk,
                i.part,
                i.target_id,
                json.dumps(i.before, separators=(",", ":")),
                json.dumps({name: i.row.get(name) for name in i.before}, separators=(",", ":")),
                at,
            )
            for i in intents
            if i.before is not None
        ],
    )


def results_write(rows: Iterable[tuple[str, str, str, str, int]]) -> None:
    """Rows of (state, target id, reason code, reason, record pk)."""
    execute_many(_RESULT, rows)


def id_map_write(
    work: Work, rows: Iterable[tuple[str, str, str, str]], written_at: datetime
) -> None:
    """Rows of (source id, target id, provenance, row hash) of the step's objects."""
    run, step = work.run, work.step
    at = stamp(written_at)
    execute_many(
        _ID_MAP,
        [
            (
                run.project_id,
                run.environment,
                step.source_object,
                source_id,
                step.target_object,
                target_id,
                provenance,
                digest,
                run.pk,
                at,
            )
            for source_id, target_id, provenance, digest in rows
        ],
    )


def interrupted_settle(batch_id: int) -> int:
    """Rows of a batch that were being sent by nobody any more → uncertain."""
    return execute(
        f"UPDATE {RECORD} SET state = 'uncertain' WHERE batch_id = %s AND state = 'sending'",  # noqa: S608
        (batch_id,),
    )
