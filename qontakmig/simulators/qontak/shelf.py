"""The live records of one object: seeded ones by arithmetic, changed ones in memory."""

from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator
from typing import Any

from qontakmig.simulators.qontak.timeline import GROUP, Timeline, milliseconds

Row = dict[str, Any]
NEWEST_CHANGE, NEWEST_RECORD = "updated", "created"


class Shelf:
    """Seeded records are built when asked for; ``changed`` holds what differs from the seed.

    The list is newest change first (``updated``) or newest record first (``created``), ties by id.
    """

    def __init__(self, timeline: Timeline, build: Callable[[int], Row]) -> None:
        self.timeline, self.build = timeline, build
        self.changed: dict[int, Row | None] = {}  # None: deleted
        self.version = 0
        self.next_id = timeline.base_id + 3 * timeline.count + 1000
        self.last_change_ms = 0
        self._front: dict[str, list[tuple[int, int]]] = {NEWEST_CHANGE: [], NEWEST_RECORD: []}
        # places counted from the newest that no longer stand where the seed put them
        self._gone: dict[str, list[int]] = {NEWEST_CHANGE: [], NEWEST_RECORD: []}

    def __len__(self) -> int:
        gone, front = self._gone[NEWEST_CHANGE], self._front[NEWEST_CHANGE]
        return self.timeline.count - len(gone) + len(front)

    def get(self, record_id: int) -> Row | None:
        """Return the record without its derived fields, or None. Not to be changed in place."""
        if record_id in self.changed:
            return self.changed[record_id]
        slot = self.timeline.slot_of(record_id)
        return None if slot is None else self.build(slot)

    def ids(self, order: str = NEWEST_CHANGE, offset: int = 0) -> Iterator[int]:
        """Yield record ids in list order from a row offset on."""
        front = self._front[order]
        for place in range(offset, len(front)):
            yield front[-1 - place][1]
        yield from self._seeded(order, max(offset - len(front), 0))

    def _seeded(self, order: str, rank: int) -> Iterator[int]:
        gone, count = self._gone[order], self.timeline.count
        place = rank
        while (later := rank + bisect_right(gone, place)) != place:
            place = later
        skip = set(gone)
        for back in range(place, count):
            if back not in skip:
                at = count - 1 - back
                yield self.timeline.id_of(self.timeline.swap(at) if order == NEWEST_CHANGE else at)

    def made_between(self, order: str, start_ms: int, end_ms: int) -> Iterator[int]:
        """Yield ids with start <= created_at < end in list order, without building the others."""
        for stamp_ms, record_id in reversed(self._front[order]):
            row = self.changed[record_id] if order == NEWEST_CHANGE else None
            made_ms = milliseconds(row["created_at"]) if row else stamp_ms
            if start_ms <= made_ms < end_ms:
                yield record_id
        slots, made_ms_of = range(self.timeline.count), self.timeline.created_ms
        low = bisect_left(slots, start_ms, key=made_ms_of)
        high = bisect_left(slots, end_ms, key=made_ms_of)
        skip, last = set(self._gone[order]), self.timeline.count - 1
        for place in range(min(high + GROUP, last + 1) - 1, max(low - GROUP, 0) - 1, -1):
            slot = self.timeline.swap(place) if order == NEWEST_CHANGE else place
            if low <= slot < high and last - place not in skip:
                yield self.timeline.id_of(slot)

    def put(self, row: Row) -> None:
        """Keep a new or changed record; its updated_at decides its place."""
        record_id = row["id"]
        before = self.changed.get(record_id)
        self._leave(record_id, before, NEWEST_CHANGE)
        changed_ms = milliseconds(row["updated_at"])
        insort(self._front[NEWEST_CHANGE], (changed_ms, record_id))
        if before is None and self.timeline.slot_of(record_id) is None:
            insort(self._front[NEWEST_RECORD], (milliseconds(row["created_at"]), record_id))
        self.changed[record_id] = row
        self.last_change_ms = max(self.last_change_ms, changed_ms)
        self.next_id = max(self.next_id, record_id + 1)
        self.version += 1

    def remove(self, record_id: int) -> None:
        """Forget a record that exists."""
        before = self.changed.get(record_id)
        self._leave(record_id, before, NEWEST_CHANGE)
        self._leave(record_id, before, NEWEST_RECORD)
        self.changed[record_id] = None
        self.version += 1

    def _leave(self, record_id: int, before: Row | None, order: str) -> None:
        slot = self.timeline.slot_of(record_id)
        stamp = "updated_at" if order == NEWEST_CHANGE else "created_at"
        if before is not None and (slot is None or order == NEWEST_CHANGE):
            self._front[order].remove((milliseconds(before[stamp]), record_id))
        elif slot is not None:
            at = self.timeline.swap(slot) if order == NEWEST_CHANGE else slot
            insort(self._gone[order], self.timeline.count - 1 - at)


class Matches:
    """Ids that pass a filter, found by one pass over a shelf and kept until something changes."""

    def __init__(self) -> None:
        self._key: Any = None
        self._ids = array("q")

    def find(self, key: Any, candidates: Iterator[int], passes: Callable[[int], bool]) -> array:
        """Return the ids among the candidates that pass; the last question is remembered."""
        if key != self._key:
            self._ids = array("q", (record_id for record_id in candidates if passes(record_id)))
            self._key = key
        return self._ids
