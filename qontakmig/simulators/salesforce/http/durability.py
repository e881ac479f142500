"""Job events in the engine's own log, so that rows and the job they belong to survive together."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from qontakmig.simulators.salesforce.org import Org


class JoinedLog:
    """Stands in front of the engine's log: entries made inside ``joined`` become one line.

    A line is the engine's entry with our events under "events"; the engine does not read those.
    """

    def __init__(self, engine: Org) -> None:
        self._engine = engine
        self._log = engine.log
        self._depth = 0
        self._entries: list[dict[str, Any]] = []
        self._events: list[Any] = []
        if self._log is not None:
            engine.log = self._Tap(self)  # type: ignore[assignment]

    class _Tap:
        """What the engine writes to."""

        def __init__(self, owner: JoinedLog) -> None:
            self._owner = owner

        def append(self, entry: dict[str, Any]) -> None:
            self._owner._entries.append(entry)
            self._owner._write()

    def append(self, event: Any) -> None:
        """Add one event."""
        if self._log is not None:
            self._events.append(event)
            self._write()

    @contextmanager
    def joined(self) -> Iterator[None]:
        """Hold back what is appended inside and write it as one line at the end."""
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            self._write()

    def events(self, path: Path) -> Iterator[Any]:
        """Yield the events in a log, oldest first."""
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                if '"events":' in line:
                    yield from json.loads(line).get("events", ())

    def _write(self) -> None:
        if self._depth or self._log is None or not (self._entries or self._events):
            return
        if len(self._entries) > 1 or not self._entries:
            for entry in self._entries:
                self._log.append(entry)
            self._entries = []
        if self._events or self._entries:
            line = self._entries[0] if self._entries else self._blank()
            if self._events:
                line = {**line, "events": self._events}
            self._log.append(line)
        self._entries, self._events = [], []

    def _blank(self) -> dict[str, Any]:
        numbers = {prefix: ids.number for prefix, ids in self._engine.sequences.items()}
        return {"rows": {}, "numbers": numbers, "auto": self._engine.counters}
