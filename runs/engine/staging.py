"""A source record as text in the ledger and back, and the rows of a batch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from qontakmig.connectors.base import SourceRecord
from runs.engine.sql import RECORD, fetch, values_in

_encode = json.JSONEncoder(separators=(",", ":"), sort_keys=True).encode
"""Plain ASCII: half a surrogate pair, which a database refuses, comes back as it was read."""


def payload_text(record: SourceRecord) -> str:
    """Return a record's values and times as JSON; ``record_read`` is the way back."""
    body = {"v": record.values}
    if record.created_at is not None:
        body["c"] = record.created_at.isoformat()
    if record.updated_at is not None:
        body["u"] = record.updated_at.isoformat()
    return _encode(body)


def payload_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def record_read(source_object: str, source_id: str, text: str) -> SourceRecord:
    body = json.loads(text)
    created, updated = body.get("c"), body.get("u")
    return SourceRecord(
        source_object,
        source_id,
        body["v"],
        datetime.fromisoformat(created) if created else None,
        datetime.fromisoformat(updated) if updated else None,
    )


@dataclass(slots=True)
class Staged:
    """One ledger row with its source record, as the load works on it."""

    pk: int
    source_id: str
    record: SourceRecord
    state: str
    operation: str
    preimage: str
    attempt: int
    key: str
    target_id: str
    row_hash: str


_COLUMNS = (
    "id, source_object, source_id, payload, state, operation, preimage, attempt, key, target_id, "
    "row_hash"
)


def staged_rows(condition: str, parameters: Sequence[object]) -> list[Staged]:
    """Return ledger rows with their records, in the order they were read."""
    rows = fetch(
        f"SELECT {_COLUMNS} FROM {RECORD} WHERE {condition} ORDER BY id",  # noqa: S608
        parameters,
    )
    return [Staged(row[0], row[2], record_read(row[1], row[2], row[3]), *row[4:]) for row in rows]


def staged_in_batch(batch_id: int, state: str) -> list[Staged]:
    return staged_rows("batch_id = %s AND state = %s", (batch_id, state))


def staged_by_ids(ids: Sequence[int]) -> list[Staged]:
    condition, parameter = values_in("id", ids)
    return staged_rows(condition, (parameter,))
