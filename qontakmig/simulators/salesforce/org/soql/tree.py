"""The tree of a parsed query."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Path:
    """`Account.Owner.Name`; `at` is its place in the text."""

    parts: list[str]
    at: int

    @property
    def text(self) -> str:
        return ".".join(self.parts)


@dataclass(slots=True)
class Call:
    """An aggregate or `toLabel(...)`: function name in upper case and its path (None: count())."""

    function: str
    path: Path | None
    alias: str | None
    at: int


@dataclass(slots=True)
class Literal:
    """`kind`: string, number, date, datetime, boolean, null or relative (TODAY, LAST_N_DAYS)."""

    kind: str
    value: Any
    at: int
    count: int | None = None


@dataclass(slots=True)
class Comparison:
    path: Path | Call
    operator: str  # = != < <= > >= LIKE IN NOT IN INCLUDES EXCLUDES
    value: Literal | list[Literal] | Query


@dataclass(slots=True)
class Logic:
    """`operator` is AND, OR or NOT."""

    operator: str
    parts: list[Any]


@dataclass(slots=True)
class Order:
    path: Path | Call
    descending: bool
    nulls_last: bool


@dataclass(slots=True)
class Query:
    text: str
    select: list[Path | Call | Query] = field(default_factory=list)
    sobject: str = ""
    sobject_at: int = 0
    alias: str | None = None
    where: Any = None
    group_by: list[Path] = field(default_factory=list)
    having: Any = None
    order_by: list[Order] = field(default_factory=list)
    limit: int | None = None
    offset: int = 0
    all_rows: bool = False
    fields_call: str | None = None  # ALL, STANDARD or CUSTOM
