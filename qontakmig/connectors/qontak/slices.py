"""Reading past a limit of the list: search engines often stop at row 10,000.

Where the limit shows, contacts are read in spans of their creation date and deals stage by stage;
each slice is a list of its own below the limit. Qontak has no such filter for companies.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from qontakmig.connectors.base import Pipeline
from qontakmig.connectors.errors import RejectedError
from qontakmig.connectors.qontak.paging import Fetch, Position, read

Params = dict[str, str]
FIRST_DAY = date(2000, 1, 1)
_FORMAT = "%d/%m/%Y"
_START, _END = "created_between_start", "created_between_end"


@dataclass(slots=True)
class Sliced:
    """Slices still to read, the present one last, and the place in it."""

    window: int
    stack: list[Params]
    inner: str | None = None

    def dump(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def load(cls, cursor: str | None) -> Sliced | None:
        """Return the place of a sliced reading, None for any other cursor."""
        if not cursor or '"stack"' not in cursor:
            return None
        return cls(**json.loads(cursor))


def begin(
    object_name: str,
    cursor: str | None,
    refusal: RejectedError,
    pipelines: Callable[[], Sequence[Pipeline]],
    today: date,
) -> Sliced:
    """Return how to go on after ``refusal`` of a deep page; raise it when it was no such limit.

    Raises RejectedError ``window_limit`` for objects that cannot be sliced.
    """
    position = Position.load(cursor) if cursor else Position()
    window = (position.page - 1) * position.per_page
    if refusal.code == "not_found" or not window:
        raise refusal
    if object_name == "contacts":
        last = (today + timedelta(days=1)).strftime(_FORMAT)
        return Sliced(window, [{_START: FIRST_DAY.strftime(_FORMAT), _END: last}])
    if object_name == "deals":
        stages = [{"stage_id": stage.id} for line in pipelines() for stage in line.stages]
        return Sliced(window, list(stages))
    raise _limit(object_name, window)


def read_slice(
    object_name: str, place: Sliced, fetch_for: Callable[[Params], Fetch]
) -> tuple[Sequence[Any], str | None]:
    """Return some rows (possibly none) and the next cursor."""
    params = place.stack[-1]
    fetch = fetch_for(params)
    if place.inner is None:
        total = fetch(1, 1).total
        if total is not None and total > place.window:
            place.stack[-1:] = _halves(object_name, params, place.window)
            return (), place.dump()
    rows, place.inner, _ = read(fetch, place.inner)
    if place.inner is None:
        place.stack.pop()
    return rows, place.dump() if place.stack else None


def _halves(object_name: str, params: Params, window: int) -> list[Params]:
    if _START not in params:
        raise _limit(object_name, window)
    start, end = (datetime.strptime(params[name], _FORMAT).date() for name in (_START, _END))
    if start >= end:
        raise _limit(object_name, window)
    middle = start + (end - start) // 2
    later = {_START: (middle + timedelta(days=1)).strftime(_FORMAT), _END: params[_END]}
    return [{_START: params[_START], _END: middle.strftime(_FORMAT)}, later]


def _limit(object_name: str, window: int) -> RejectedError:
    return RejectedError(
        f"Qontak lists only the first {window:,} {object_name}; the rest cannot be reached.",
        system="qontak",
        code="window_limit",
        advice="Ask Mekari to lift the limit for the migration, or use Qontak's export files.",
    )
