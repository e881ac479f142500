"""What source values are: empty or not, an option, a reference, a list of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from qontakmig.connectors.base import SourceRecord, SourceValue


def is_empty(value: SourceValue) -> bool:
    """True for None, blank text, an empty list, and a choice with neither id nor name.

    Qontak uses ``""``, null and ``[]`` for 'no value', even in the same field
    (CRM API reference 5.6).
    """
    if value is None:
        return True
    if isinstance(value, str):
        return not value or value.isspace()
    if isinstance(value, dict):
        return is_empty(value.get("id")) and is_empty(value.get("name"))
    if isinstance(value, list):
        return all(is_empty(item) for item in value)
    return False


def choice_key(value: SourceValue) -> str:
    """Return what a value map is keyed by: the option's id, else its label or the text itself."""
    if isinstance(value, dict):
        return _text(value.get("id")) or _text(value.get("name"))
    return _text(value)


def choice_label(value: SourceValue) -> str:
    """Return the text that people see: the option's name, else its id."""
    if isinstance(value, dict):
        return _text(value.get("name")) or _text(value.get("id"))
    return _text(value)


def choices(value: SourceValue) -> list[SourceValue]:
    """Return the filled members of a multiple choice; one choice counts as a list of one."""
    members: list[SourceValue] = list(value) if isinstance(value, list) else [value]
    return [member for member in members if not is_empty(member)]


def reference_ids(value: SourceValue) -> list[str]:
    """Return the ids that a reference or a list of references holds, in order, without repeats.

    A parent company comes in the 'ancestry' style, all ancestors from the root down and
    separated by slashes; the parent is the last (CRM API reference 7.2).
    """
    if value is None:
        return []
    if isinstance(value, dict) and isinstance(single := value.get("id"), str) and single.isalnum():
        return [single]
    found: dict[str, None] = {}
    for member in choices(value):
        key = _text(member.get("id")) if isinstance(member, dict) else _text(member)
        last = key.rstrip("/").rpartition("/")[2].strip()
        if last:
            found[last] = None
    return list(found)


def _text(value: SourceValue) -> str:
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


@dataclass(frozen=True)
class Condition:
    """One test on one field of a record. ``values`` are option ids or labels."""

    field: str
    op: Literal["in", "not_in", "is_empty", "not_empty"]
    values: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.op not in ("in", "not_in", "is_empty", "not_empty"):
            raise ValueError(f"op={self.op!r}")

    @cached_property
    def _wanted(self) -> frozenset[str]:
        return frozenset(value.strip().casefold() for value in self.values)

    def holds(self, record: SourceRecord) -> bool:
        """True when the record meets the condition; an empty value is ``not_in`` anything."""
        value = record.values.get(self.field)
        if self.op == "is_empty":
            return is_empty(value)
        if self.op == "not_empty":
            return not is_empty(value)
        hit = any(
            choice_key(member).casefold() in self._wanted
            or choice_label(member).casefold() in self._wanted
            for member in choices(value)
        )
        return hit if self.op == "in" else not hit
