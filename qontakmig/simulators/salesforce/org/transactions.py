"""Transactions: what changed, how to take it back, and the durable log of it.

One line of the log is one committed transaction: `{"rows": {object: {id: row or null}}}` plus
numbers of the id sequences, or one schema change or switch. Replaying the lines gives the org.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from .org import Org

from .access import GRANTING
from .rows import Row, Table


class Transaction:
    """`with org.transaction() as t:` commits at the end, undoes everything on an exception."""

    def __init__(self, org: Org):
        self.org = org
        self.undo: list[tuple[Table, str, Row | None]] = org.undo
        self.start = 0

    def __enter__(self) -> Transaction:
        self.start = len(self.undo)
        self.org.depth += 1
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is not None:
            self.rollback()
        self.org.depth -= 1
        if self.org.depth == 0:
            self._commit()

    def mark(self) -> int:
        return len(self.undo)

    def back_to(self, mark: int) -> None:
        """Undo everything stored after `mark`."""
        while len(self.undo) > mark:
            table, record_id, before = self.undo.pop()
            table.put(record_id, before)
            if table.name in GRANTING:
                self.org.access.forget()
                if table.name == "User" and before is not None:
                    self.org.note_user(record_id, before)

    def rollback(self) -> None:
        self.back_to(self.start)

    def _commit(self) -> None:
        if not self.undo:
            return
        self.org.changed += 1
        if self.org.log is not None:
            touched: dict[str, dict[str, Row | None]] = {}
            for table, record_id, _ in self.undo:
                touched.setdefault(table.name, {})[record_id] = table.get(record_id)
            numbers = {p: s.number for p, s in self.org.sequences.items()}
            self.org.log.append({"rows": touched, "numbers": numbers, "auto": self.org.counters})
        self.undo.clear()


class ChangeLog:
    """Append-only file of committed changes, flushed line by line (survives SIGKILL)."""

    def __init__(self, path: Path):
        self.path = path
        self._file: TextIO | None = None

    def append(self, entry: dict[str, Any]) -> None:
        if self._file is None:
            self._file = self.path.open("a", encoding="utf-8")
        self._file.write(json.dumps(entry, separators=(",", ":")) + "\n")
        self._file.flush()

    def entries(self) -> list[dict[str, Any]]:
        """Entries on disk. A last line cut short by a kill was never answered: it is dropped."""
        if not self.path.exists():
            return []
        found = []
        good = 0
        with self.path.open("rb") as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                found.append(json.loads(line))
                good += len(line)
        if good < self.path.stat().st_size:
            with self.path.open("r+b") as torn:
                torn.truncate(good)
        return found

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
