"""Ids, list order and times of the seeded records of one object, without holding any record.

A record is known by its slot (0 = made first). Ids rise with the slot and have gaps. The list is
ordered by updated_at, which does not follow the ids exactly: within groups of 16 the order is
shuffled. Every fifth block of 150 was imported (and later touched) in bulk, so that one
updated_at covers more than a page of 100.
"""

from datetime import UTC, datetime, timedelta, timezone

from qontakmig.simulators.qontak.draws import mix

WIB = timezone(timedelta(hours=7))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).astimezone(WIB)

IMPORT_BLOCK = 150
GROUP = 16
# Below this size one slot is a longer time than the gap between making and touching a record,
# so a shuffle could put updated_at before created_at.
_SHUFFLE_FROM = 2048


def _ms(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, 9, 30, tzinfo=WIB).timestamp() * 1000)


CREATED_FROM, CREATED_TO = _ms(2018, 1, 8), _ms(2024, 12, 20)
UPDATED_FROM, UPDATED_TO = _ms(2018, 2, 19), _ms(2025, 6, 27)


def iso(ms: int) -> str:
    """Return epoch milliseconds as Qontak prints record times: ISO 8601, milliseconds, +07:00."""
    return (_EPOCH + timedelta(milliseconds=ms)).isoformat(timespec="milliseconds")


def milliseconds(text: str) -> int:
    """Return the epoch milliseconds of a printed record time."""
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(milliseconds=1)


class Timeline:
    """Order of ``count`` seeded records; ids start at ``base_id``."""

    def __init__(self, salt: int, base_id: int, count: int) -> None:
        self.salt, self.base_id, self.count = salt, base_id, count

    def id_of(self, slot: int) -> int:
        return self.base_id + 3 * slot + ((slot * 0x9E3779B1 + self.salt) >> 17) % 3

    def slot_of(self, record_id: int) -> int | None:
        """Return the slot of an id, or None when no seeded record has it."""
        slot = (record_id - self.base_id) // 3
        if 0 <= slot < self.count and self.id_of(slot) == record_id:
            return slot
        return None

    def swap(self, place: int) -> int:
        """Return the slot at a place of the updated_at order, or the place of a slot.

        The two are the same function: an exclusive-or within the group of 16.
        """
        group = place // GROUP
        if self.count < _SHUFFLE_FROM or (group + 1) * GROUP > self.count:
            return place
        first, last = group * GROUP // IMPORT_BLOCK, (group * GROUP + GROUP - 1) // IMPORT_BLOCK
        if _imported(first) or _imported(last):
            return place
        return place ^ (mix(self.salt + 1, group) % GROUP)

    def created_ms(self, slot: int) -> int:
        return self._between(CREATED_FROM, CREATED_TO, slot)

    def updated_ms(self, slot: int) -> int:
        return self._between(UPDATED_FROM, UPDATED_TO, self.swap(slot))

    def _between(self, start: int, end: int, place: int) -> int:
        block = place // IMPORT_BLOCK
        if _imported(block):
            place = block * IMPORT_BLOCK
        return start + (end - start) * place // max(self.count, 1)


def _imported(block: int) -> bool:
    return block % 5 == 1
