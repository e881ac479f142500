"""Faults by name: what goes wrong, how often, and where."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import Any

from qontakmig.simulators.kit.messages import Request

NAMES = {
    "status": "answer with this HTTP status and do not handle the request",
    "drop_before": "close the connection before the request is handled",
    "drop_after": "handle the request, then close the connection without an answer",
    "truncate": "send half of the body, then close",
    "html_200": "answer 200 with an HTML page instead, without handling the request",
    "drip": "send the body one byte each so many seconds (5 unless given)",
    "slow": "wait this many seconds before handling the request",
}
_TAKES_NUMBER = {"status", "drip", "slow"}
_VALUE = re.compile(
    r"(?P<what>[^:x@]*)(?::(?P<share>[0-9.]+)|x(?P<count>[0-9]+))?"
    r"(?:@(?:(?P<method>[A-Z]+)@)?(?P<path>/.*))?"
)


class BadFault(ValueError):
    """A fault that cannot be understood; the message says what would be."""


@dataclass(slots=True)
class Fault:
    """One active fault. ``remaining`` counts down to 0; None means no such bound."""

    name: str
    value: float
    share: float
    remaining: int | None
    method: str
    path: str
    text: str

    def matches(self, request: Request) -> bool:
        return (
            self.remaining != 0
            and (not self.method or self.method == request.method)
            and self.path.lower() in request.path.lower()
        )


def parse(text: str) -> Fault:
    """Read ``NAME=VALUE``.

    VALUE is ``[NUMBER][:SHARE | xCOUNT][@[METHOD@]/path-substring]``: ``status=503:0.1`` fails a
    tenth of all requests, ``drop_after=x2@POST@/composite`` the next two POSTs to such a path,
    ``slow=2`` delays everything by two seconds. Without a number, a bare fraction is the share.

    Raises BadFault.
    """
    name, _, value = text.partition("=")
    match = _VALUE.fullmatch(value)
    if name not in NAMES or match is None:
        raise BadFault(
            f"cannot understand fault {text!r}: write NAME=[NUMBER][:SHARE|xCOUNT]"
            f"[@[METHOD@]/path], NAME one of {', '.join(NAMES)}"
        )
    what, share, count = match["what"], match["share"], match["count"]
    if name not in _TAKES_NUMBER and what not in ("", "on"):
        share, what = share or what, ""
    try:
        number = float(what) if what and what != "on" else 5.0
        fraction = float(share) if share else 1.0
    except ValueError:
        raise BadFault(f"fault {text!r}: {what or share!r} is not a number") from None
    if name == "status" and not 200 <= number <= 599:
        raise BadFault(f"fault {text!r}: a status between 200 and 599 is needed")
    return Fault(
        name,
        number,
        fraction,
        int(count) if count else None,
        match["method"] or "",
        match["path"] or "",
        text,
    )


class Faults:
    """The faults in force, tried in the order given; chance is seeded and so repeatable."""

    def __init__(self, seed: int, texts: list[str] | None = None) -> None:
        self._random = random.Random(f"faults {seed}")
        self._active = [parse(text) for text in texts or []]

    def pick(self, request: Request) -> Fault | None:
        """Return the fault this request meets, if any, and count it."""
        for fault in self._active:
            if not fault.matches(request):
                continue
            if fault.share < 1.0 and self._random.random() >= fault.share:
                continue
            if fault.remaining is not None:
                fault.remaining -= 1
            return fault
        return None

    def add(self, texts: list[str]) -> None:
        """Put more faults in force. Raises BadFault and then adds none."""
        self._active += [parse(text) for text in texts]

    def clear(self) -> None:
        self._active.clear()

    def listing(self) -> list[dict[str, Any]]:
        """Return the faults in force with what is left of each."""
        return [
            {"fault": fault.text, "name": fault.name, "remaining": fault.remaining}
            for fault in self._active
        ]
