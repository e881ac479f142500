"""Durability: an append-only file of committed changes, replayed when an org starts again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class ChangeLog:
    """One JSON value a line in ``DIR/<org>.log``.

    ``append`` buffers and ``flush`` hands the lines to the operating system; the server flushes
    before every answer, so what a client was told survives a killed process (not a power cut).
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._cut_torn_line()
        self._file = path.open("ab", buffering=1 << 20)
        self._dirty = False

    def entries(self) -> Iterator[Any]:
        """Yield what was appended so far, oldest first."""
        self.flush()
        with self.path.open("rb") as lines:
            for line in lines:
                yield json.loads(line)

    def append(self, change: Any) -> None:
        """Add one change; it is kept once ``flush`` has returned."""
        self._file.write(json.dumps(change, ensure_ascii=False, separators=(",", ":")).encode())
        self._file.write(b"\n")
        self._dirty = True

    def flush(self) -> None:
        """Hand everything appended to the operating system."""
        if self._dirty:
            self._file.flush()
            self._dirty = False

    def close(self) -> None:
        self._file.close()

    def _cut_torn_line(self) -> None:
        """Drop a last line without an end: the process died while writing it, unanswered."""
        if not self.path.exists():
            return
        with self.path.open("rb+") as file:
            end = file.seek(0, 2)
            keep = end
            while keep:
                start = max(0, keep - 65536)
                file.seek(start)
                newline = file.read(keep - start).rfind(b"\n")
                if newline >= 0:
                    keep = start + newline + 1
                    break
                keep = start
            if keep != end:
                file.truncate(keep)
