"""One Bulk API 2.0 ingest job: its states, and the rows it has saved so far."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from qontakmig.simulators.salesforce.http.bulk_csv import BadUpload, Reader, Row, shuffled
from qontakmig.simulators.salesforce.org.errors import SaveResult

ROWS_A_BATCH = 10_000
"""Rows of one internal batch, counted against DailyBulkApiBatches. Source: reference section 6."""

DONE = ("JobComplete", "Failed", "Aborted")
Saver = Callable[[Sequence[str], list[Row]], list[SaveResult]]


@dataclass(slots=True)
class IngestJob:
    """A job as its creator asked for it, and how far it has come. Times are epoch seconds."""

    id: str
    object: str
    operation: str
    external_id: str
    delimiter: str
    line_ending: str
    version: str
    user_id: str
    created_at: float
    assignment_rule_id: str = ""
    state: str = "Open"
    changed_at: float = 0.0
    ready_at: float = 0.0
    error_message: str = ""
    upload: bytes | Path | None = None
    processed: int = 0
    busy_seconds: float = 0.0
    successes: list[Row] = field(default_factory=list)
    failures: list[Row] = field(default_factory=list)
    unprocessed: list[Row] = field(default_factory=list)
    header: Row = field(default_factory=list)
    reader: Reader | None = None

    def open_upload(self) -> None:
        """Start reading the upload. Raises BadUpload."""
        source: BinaryIO
        if isinstance(self.upload, Path):
            source = self.upload.open("rb")
        else:
            source = io.BytesIO(self.upload or b"")
        self.reader = Reader(source, self.delimiter, self.line_ending)
        self.header = self.reader.header

    def save_next(self, limit: int, save: Saver) -> list[list[Any]] | None:
        """Save up to ``limit`` more rows; return their outcomes, None when there are no more.

        An outcome is [id, created] or [error text, id], one for each row in order of upload.
        """
        assert self.reader is not None
        rows = self.reader.read(limit)
        if not rows:
            return None
        good = [row for row, reason in rows if not reason]
        results = iter(save(self.header, good) if good else [])
        outcomes = [
            [f"INVALID_CSV_ROW:{reason}:--", ""] if reason else _outcome(next(results))
            for row, reason in rows
        ]
        self.note([row for row, _ in rows], outcomes)
        return outcomes

    def note(self, rows: list[Row], outcomes: list[list[Any]]) -> None:
        """Take over the outcomes of the next rows."""
        id_column = next((i for i, name in enumerate(self.header) if name.lower() == "id"), None)
        for row, outcome in zip(rows, outcomes, strict=True):
            if isinstance(outcome[1], bool):
                self.successes.append([outcome[0], "true" if outcome[1] else "false", *row])
                continue
            known = row[id_column] if id_column is not None and id_column < len(row) else ""
            self.failures.append([outcome[1] or known, outcome[0], *row])
        self.processed += len(rows)

    def renote(self, outcomes: list[list[Any]]) -> None:
        """Take over recorded outcomes of rows already saved, reading the rows again."""
        if self.reader is None:
            self.open_upload()
        assert self.reader is not None
        rows = [row for row, _ in self.reader.read(len(outcomes))]
        self.note(rows, outcomes)

    def finish(self, state: str, now: float, error: str = "") -> None:
        """End the job; what was not read yet becomes unprocessed, results lose their order."""
        if self.upload is not None and self.reader is None:
            self._try_to_open()
        if self.reader is not None:
            self.unprocessed = self._rest()
        self.successes = shuffled(self.successes, f"{self.id} successes")
        self.failures = shuffled(self.failures, f"{self.id} failures")
        self.state, self.changed_at, self.error_message = state, now, error
        self.reader = None
        if not isinstance(self.upload, Path):
            self.upload = None

    def _try_to_open(self) -> None:
        try:
            self.open_upload()
        except BadUpload:
            self.reader = None

    def _rest(self) -> list[Row]:
        rows: list[Row] = []
        assert self.reader is not None
        while more := self.reader.read(ROWS_A_BATCH):
            rows += [row for row, _ in more]
        return rows


def _outcome(result: SaveResult) -> list[Any]:
    if result.success:
        return [result.id, result.created]
    return [result.errors[0].csv(), result.id or ""]
