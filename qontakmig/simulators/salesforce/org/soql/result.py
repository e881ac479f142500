"""What a query found: rows printed page by page as REST JSON or as cells of a bulk CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Printer = Callable[[Any], dict[str, Any]]
Cells = Callable[[Any], list[str]]


@dataclass(slots=True)
class QueryResult:
    """`rows` is a snapshot: later changes of the org do not show in later pages."""

    total: int
    sobject: str
    columns: list[str]
    rows: list[Any] = field(default_factory=list)
    printer: Printer | None = None
    cells: Cells | None = None

    @property
    def records(self) -> list[dict[str, Any]]:
        return self.page(0, len(self.rows))

    def page(self, offset: int, size: int) -> list[dict[str, Any]]:
        """Records `offset` to `offset + size` as REST prints them, with `attributes`."""
        if self.printer is None:
            return []
        return [self.printer(row) for row in self.rows[offset : offset + size]]

    def csv_header(self) -> list[str]:
        return self.columns

    def csv_rows(self) -> Iterator[list[str]]:
        if self.cells is not None:
            for row in self.rows:
                yield self.cells(row)
