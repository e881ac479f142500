"""Reading a whole list while people work on it.

Lists come newest change first, in numbered pages. A record that is changed moves to the front, a
deleted one lets the rest move up. So:

* when the total shrank, the pages before are read again: rows may have moved up into them;
* after the last page the front is read once more, until a page holds nothing that changed since the
  reading began.

Records come more than once; callers de-duplicate by id.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from qontakmig.connectors.errors import RejectedError
from qontakmig.connectors.http import parse_time

PER_PAGE = 100
"""The most that any public client asks for; the maximum is not published."""
SMALLER = {100: 50, 50: 25}
MAX_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class RawPage:
    """``total`` and ``pages`` are what the answer claims, None where it does not."""

    rows: Sequence[Mapping[str, Any]]
    pages: int | None
    total: int | None


@dataclass(slots=True)
class Position:
    """Where a reading stands. ``mark``: newest change on page 1 when it began."""

    page: int = 1
    per_page: int = PER_PAGE
    size: int = 0
    total: int | None = None
    mark: str = ""
    next_mark: str = ""
    front: bool = False
    rounds: int = 0

    def dump(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def load(cls, text: str) -> Position:
        """Raises RejectedError ``cursor_unreadable`` for anything that is no position."""
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError):
            raise RejectedError(
                "The place where reading stopped cannot be understood.",
                system="qontak",
                code="cursor_unreadable",
                advice="Start the reading of this object again.",
            ) from None


Fetch = Callable[[int, int], RawPage]
"""(page, per_page) → the page."""


def read(
    fetch: Fetch, cursor: str | None
) -> tuple[Sequence[Mapping[str, Any]], str | None, int | None]:
    """Return rows, the next cursor (None at the end) and the total."""
    position = Position.load(cursor) if cursor else Position()
    if position.front:
        return _read_front(fetch, position)
    page = _fetch(fetch, position)
    rows = page.rows
    if position.page == 1 and not position.mark:
        position.mark = _newest(rows)
        position.size = len(rows) or position.per_page
    shrank = (
        position.total is not None
        and page.total is not None
        and page.total < position.total
        and position.page > 1
    )
    if shrank and position.total is not None and page.total is not None:
        moved = position.total - page.total
        back = -(-moved // max(position.size, 1))
        position.page = max(1, position.page - back)
    elif _is_last(page, position):
        position.page, position.front = 1, True
    else:
        position.page += 1
    position.total = page.total
    return rows, position.dump(), page.total


def _fetch(fetch: Fetch, position: Position) -> RawPage:
    while True:
        try:
            return fetch(position.page, position.per_page)
        except RejectedError as error:
            smaller = SMALLER.get(position.per_page)
            if error.code == "not_found" or position.page > 1 or smaller is None:
                raise
            position.per_page = smaller


def _is_last(page: RawPage, position: Position) -> bool:
    """A page is the last when both the page count and the total say so, or when it is empty.

    The page count alone is not trusted: a server that gives fewer rows than asked may still have
    counted pages by what was asked.
    """
    if not page.rows:
        return True
    if page.total is None:
        return len(page.rows) < position.size
    by_count = page.pages is None or position.page >= page.pages
    return by_count and position.page * position.size >= page.total


def _read_front(
    fetch: Fetch, position: Position
) -> tuple[Sequence[Mapping[str, Any]], str | None, int | None]:
    page = _fetch(fetch, position)
    if position.page == 1:
        position.next_mark = max(_newest(page.rows), position.mark)
    mark = parse_time(position.mark)
    stamps = [_stamp(row) for row in page.rows]
    rows = [
        row
        for row, stamp in zip(page.rows, stamps, strict=True)
        if mark is None or stamp is None or stamp >= mark
    ]
    more = mark is not None and any(stamp is not None and stamp > mark for stamp in stamps)
    if more:
        position.page += 1
        return rows, position.dump(), page.total
    position.rounds += 1
    if position.page == 1 or position.rounds >= MAX_ROUNDS:
        return rows, None, page.total
    position.page, position.mark = 1, position.next_mark
    return rows, position.dump(), page.total


def _stamp(row: Mapping[str, Any]) -> datetime | None:
    return parse_time(row.get("updated_at")) or parse_time(row.get("created_at"))


def _newest(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the newest change among rows as ISO text in UTC, empty without any."""
    stamps = [stamp for stamp in map(_stamp, rows) if stamp is not None]
    return max(stamps).isoformat(timespec="microseconds") if stamps else ""
