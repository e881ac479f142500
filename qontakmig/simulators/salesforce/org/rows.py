"""Rows of one object, with the hash indexes that make lookups and IN lists quick.

A row is a dict of the fields that are set. Rows are never changed in place: an update stores a
new dict, so that queries, rollbacks and snapshots may keep the old one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

Row = dict[str, Any]
BIN_KEY = "_deleted_with"  # id of the row whose deletion took this one along


class HashIndex:
    """Value to id, or to a dict of ids (kept in order) when several rows share the value."""

    __slots__ = ("entries", "field", "fold")

    def __init__(self, field: str, fold: bool):
        self.field = field
        self.fold = fold
        self.entries: dict[Any, str | dict[str, None]] = {}

    def key(self, value: Any) -> Any:
        return value.lower() if self.fold and type(value) is str else value

    def ids(self, value: Any) -> Iterable[str]:
        found = self.entries.get(self.key(value))
        if found is None:
            return ()
        return (found,) if type(found) is str else found

    def add(self, value: Any, record_id: str) -> None:
        key = self.key(value)
        found = self.entries.setdefault(key, record_id)
        if found is record_id:
            return
        if type(found) is str:
            self.entries[key] = {found: None, record_id: None}
        else:
            found[record_id] = None

    def remove(self, value: Any, record_id: str) -> None:
        key = self.key(value)
        found = self.entries.get(key)
        if type(found) is dict:
            found.pop(record_id, None)
            if len(found) == 1:
                self.entries[key] = next(iter(found))
        elif found == record_id:
            del self.entries[key]


class Table:
    """Live rows, the Recycle Bin, and indexes made when first asked for and kept after."""

    def __init__(self, name: str):
        self.name = name
        self.live: dict[str, Row] = {}
        self.bin: dict[str, Row] = {}
        self.indexes: dict[str, HashIndex] = {}
        self.taken: dict[str, set[str]] = {}  # deleted root row -> ids here that went with it

    def index(self, field: str, fold: bool) -> HashIndex:
        found = self.indexes.get(field)
        if found is None:
            found = HashIndex(field, fold)
            for record_id, row in self.live.items():
                value = row.get(field)
                if value is not None:
                    found.add(value, record_id)
            self.indexes[field] = found
        return found

    def get(self, record_id: str) -> Row | None:
        """A row, live or in the bin."""
        return self.live.get(record_id) or self.bin.get(record_id)

    def put(self, record_id: str, row: Row | None) -> Row | None:
        """Store a row (None purges it) and return what was there before."""
        before = self.live.get(record_id)
        if before is not None:
            deleted = row is None or row.get("IsDeleted")
            for field, index in self.indexes.items():
                old = before.get(field)
                new = None if deleted else row.get(field)
                if old != new or deleted:
                    if old is not None:
                        index.remove(old, record_id)
                    if new is not None:
                        index.add(new, record_id)
            if deleted:
                del self.live[record_id]
                if row is not None:
                    self._bin(record_id, row)
            else:
                self.live[record_id] = row
            return before
        before = self.bin.pop(record_id, None)
        if before is not None:
            self.taken.get(before.get(BIN_KEY), set()).discard(record_id)
        if row is None:
            return before
        if row.get("IsDeleted"):
            self._bin(record_id, row)
            return before
        for field, index in self.indexes.items():
            value = row.get(field)
            if value is not None:
                index.add(value, record_id)
        self.live[record_id] = row
        return before

    def _bin(self, record_id: str, row: Row) -> None:
        self.bin[record_id] = row
        self.taken.setdefault(row.get(BIN_KEY, ""), set()).add(record_id)

    def clear(self) -> None:
        for part in (self.live, self.bin, self.indexes, self.taken):
            part.clear()

    def every(self) -> Iterator[Row]:
        yield from self.live.values()
        yield from self.bin.values()
