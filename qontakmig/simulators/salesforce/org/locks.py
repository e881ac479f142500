"""Rows that another transaction holds: a fault switched on by `row_locks`."""

from __future__ import annotations

import random

from .errors import RowProblem


class RowLocks:
    """Refuses a share of the rows written, or the next few, with UNABLE_TO_LOCK_ROW."""

    def __init__(self, seed: int, wanted: str):
        self._random = random.Random(f"row locks {seed}")
        self.set(wanted)

    def set(self, wanted: str) -> None:
        """Take "0.1" for every tenth row by chance, "3" for the next three, "" for none."""
        self._left = int(wanted) if wanted.isdigit() else 0
        self._share = float(wanted) if "." in wanted else 0.0

    def check(self, record_id: str | None) -> None:
        """Raise RowProblem when the row, or one it hangs on, is held."""
        if self._left:
            self._left -= 1
        elif not self._share or self._random.random() >= self._share:
            return
        named = f" or 1 records: {record_id}" if record_id else ""
        text = f"unable to obtain exclusive access to this record{named}"
        raise RowProblem("UNABLE_TO_LOCK_ROW", text)
