"""The org's whole content: as a dump for comparisons, and as a log that outlives the process.

One line of the log is one committed transaction: `{"rows": {object: {id: row or null}}}` plus the
numbers of the id sequences, or one schema change. Replaying the lines gives the org.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from .ids import IdSequence

if TYPE_CHECKING:
    from .org import Org
    from .rows import Row


def dump(org: Org) -> dict[str, Any]:
    """Rows, Recycle Bin and custom fields; private bookkeeping (names with _) left out."""

    def shown(rows: dict[str, Row]) -> dict[str, Row]:
        return {i: {k: v for k, v in r.items() if k[0] != "_"} for i, r in rows.items()}

    return {
        "rows": {n: shown(t.live) for n, t in org.tables.items() if t.live},
        "bin": {n: shown(t.bin) for n, t in org.tables.items() if t.bin},
        "fields": {
            s.name: {f.name: f.about for f in s.fields.values() if f.about["custom"]}
            for s in org.schema.objects.values()
            if s.custom or any(f.about["custom"] for f in s.fields.values())
        },
    }


def open_log(org: Org, path: Path) -> None:
    """Replay what is on disk, then log every further change of this org there."""
    log = ChangeLog(path)
    fresh = True
    for entry in log.entries():
        fresh = False
        if "schema" in entry:
            org.schema.apply(entry["schema"])
        else:
            _replay_rows(org, entry)
    org.access.forget()
    org.log = log
    if fresh:
        # seeded rows carry the time they were made, so they belong into the log
        rows = {n: dict(t.live) for n, t in org.tables.items() if t.live}
        numbers = {p: s.number for p, s in org.sequences.items()}
        log.append({"clear": True, "rows": rows, "numbers": numbers, "auto": org.counters})


def _replay_rows(org: Org, entry: dict[str, Any]) -> None:
    if "clear" in entry:
        for table in org.tables.values():
            table.clear()
    for name, rows in entry["rows"].items():
        table = org.tables[name]
        for record_id, row in rows.items():
            table.put(record_id, row)
            if name == "User" and row is not None:
                org.note_user(record_id, row)
    for prefix, number in entry["numbers"].items():
        sequence = org.sequences.setdefault(prefix, IdSequence(prefix, org.instance))
        sequence.number = max(number, sequence.number)
    org.counters.update(entry["auto"])


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
