"""What the services of a map refuse, each with a sentence that may be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mapping.models import FieldLine


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing to settle before the map can be confirmed. ``line`` is the line's id, None where
    it is not about one line."""

    code: str
    message: str
    phase: str = ""
    field: str = ""
    line: int | None = None


class MapError(Exception):
    """Base of what the services of a map refuse. ``str(error)`` may be shown."""


class NotEditable(MapError):
    """The version is confirmed: it never changes again."""


class DraftExists(MapError):
    """The project has a draft already."""


class NothingToMap(MapError):
    """The audit or the describes do not hold what a draft needs."""


class StaleEdit(MapError):
    """Somebody changed it in the meantime. ``line`` is as it is now; None for the split rule."""

    def __init__(self, message: str, line: FieldLine | None = None) -> None:
        super().__init__(message)
        self.line = line


class DecisionRefused(MapError):
    """The destination cannot take what was decided."""


class NotConfirmable(MapError):
    """``blockers`` are all that stand in the way."""

    def __init__(self, message: str, blockers: Sequence[Blocker] = ()) -> None:
        super().__init__(message)
        self.blockers = tuple(blockers)


class MapTampered(MapError):
    """The stored document is not the one that was confirmed."""
