"""Transactions: what changed, how to take it back, and what of it goes into the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
