"""The base class of every practice org."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from qontakmig.simulators.kit.change_log import ChangeLog
from qontakmig.simulators.kit.clock import Clock
from qontakmig.simulators.kit.messages import Request, Response


@dataclass(frozen=True, slots=True)
class Switch:
    """A named behaviour: its default, what it does, and the values it takes (empty: any text)."""

    default: str
    help: str
    values: tuple[str, ...] = ()


class UnknownSwitch(ValueError):
    """The org has no such switch, or the switch does not take the value; the message lists both."""


class PracticeOrg:
    """One practice org. The server calls it from a single thread: it needs no locks.

    Subclasses set ``name``, ``SWITCHES`` and ``tls`` and implement ``handle``; those that change
    something call ``record`` for each committed change and ``replay`` what they recorded.
    """

    name: str = ""
    tls: bool = False
    SWITCHES: ClassVar[dict[str, Switch]] = {}

    def __init__(
        self,
        *,
        seed: int = 1,
        sizes: Mapping[str, int] | None = None,
        switches: Mapping[str, str] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.seed = seed
        self.sizes = dict(sizes or {})
        self.clock = clock or Clock()
        self.changes = 0
        self.log: ChangeLog | None = None
        self.base_url = ""
        self.switches = {name: switch.default for name, switch in self.SWITCHES.items()}
        for name, value in (switches or {}).items():
            self.set_switch(name, value)

    # What an org is asked

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        raise NotImplementedError

    def work(self, budget_seconds: float) -> bool:
        """Do background work for about the budget; return True when more is waiting now."""
        return False

    def dump(self) -> dict[str, Any]:
        """Return the whole live content: {object: {id: {field: value}}}, and schema if any."""
        return {}

    def stats(self) -> dict[str, int]:
        """Return the number of live rows of each object."""
        return {name: len(rows) for name, rows in self.dump().items() if isinstance(rows, dict)}

    def credentials(self) -> dict[str, Any]:
        """Return what a client needs to log in."""
        return {}

    def details(self) -> dict[str, Any]:
        """Return what else belongs in the org's entry of the first output line."""
        return {}

    def act(self, action: Mapping[str, Any]) -> Any:
        """Do something a person would do in the vendor's own screens; return JSON."""
        raise UnknownSwitch(f"{self.name} has no actions")

    def rate_limited(self, retry_after_seconds: int) -> Response:
        """Return the vendor's answer to too many requests."""
        headers = {"retry-after": str(retry_after_seconds)}
        return Response.json({"error": "too many requests"}, 429, headers)

    def failure(self, status: int) -> Response:
        """Return the vendor's answer for an injected status such as 500 or 503."""
        return Response.json({"error": f"injected failure {status}"}, status)

    # Switches

    def set_switch(self, name: str, value: str) -> None:
        """Set a named behaviour. Raises UnknownSwitch with the names or values there are."""
        switch = self.SWITCHES.get(name)
        if switch is None:
            known = ", ".join(sorted(self.SWITCHES)) or "none"
            raise UnknownSwitch(f"{self.name} has no switch {name!r}; it has: {known}")
        if switch.values and value not in switch.values:
            choices = ", ".join(switch.values)
            raise UnknownSwitch(f"{self.name}.{name} takes {choices}; not {value!r}")
        before = self.switches[name]
        self.switches[name] = value
        try:
            self.switch_changed(name, value)
        except UnknownSwitch:
            self.switches[name] = before
            raise

    def switch_changed(self, name: str, value: str) -> None:
        """Hear of a switch that was set, also while the org is being built."""

    # Durability

    def load(self, state_dir: Path) -> None:
        """Replay ``state_dir/<name>.log`` when there is one and append to it from now on."""
        log = ChangeLog(state_dir / f"{self.name}.log")
        for change in log.entries():
            self.replay(change)
        self.log = log

    def record(self, change: Any) -> None:
        """Note one committed change, a JSON value that ``replay`` understands."""
        self.changes += 1
        if self.log is not None:
            self.log.append(change)

    def replay(self, change: Any) -> None:
        """Make a recorded change again."""
        raise NotImplementedError

    def flush(self) -> None:
        """Make what was recorded survive the process."""
        if self.log is not None:
            self.log.flush()
