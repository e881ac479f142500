"""GROUP BY and the aggregate functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import OrgError
from ..fields import NUMBER_TYPES
from ..rows import Row
from .lexer import place
from .paths import Paths
from .tree import Call, Comparison, Literal, Logic, Order, Path, Query

Group = dict[str, Any]


class Aggregates:
    """Groups rows of one query; `names` are the columns of a result row."""

    def __init__(self, query: Query, paths: Paths):
        self.query = query
        self.paths = paths
        self.names: list[str] = []
        self.columns: list[tuple[str, Callable[[list[Row]], Any]]] = []
        self.grouped = {path.text.lower() for path in query.group_by}
        self.keys = [paths.resolve(path).get for path in query.group_by]
        unnamed = 0
        for item in query.select:
            if isinstance(item, Call):
                name = item.alias
                if name is None:
                    name = f"expr{unnamed}"
                    unnamed += 1
                self._add(name, self._function(item))
            elif isinstance(item, Path):
                if item.text.lower() not in self.grouped:
                    text = f"Field must be grouped or aggregated: {item.text}"
                    raise OrgError(400, "MALFORMED_QUERY", place(query.text, item.at) + text)
                resolved = paths.resolve(item)
                self._add(resolved.names[-1], _first(resolved.get))

    def _add(self, name: str, function: Callable[[list[Row]], Any]) -> None:
        self.names.append(name)
        self.columns.append((name, function))

    def _function(self, call: Call) -> Callable[[list[Row]], Any]:
        if call.path is None:
            return len
        resolved = self.paths.resolve(call.path)
        get, field = resolved.get, resolved.field
        if call.function in ("SUM", "AVG") and field.type not in NUMBER_TYPES | {"int"}:
            text = f"field {field.name} does not support aggregate operator {call.function}"
            raise OrgError(400, "MALFORMED_QUERY", place(self.query.text, call.at) + text)
        if not field.about["aggregatable"] and field.type != "boolean":
            text = f"field {field.name} does not support aggregate operator {call.function}"
            raise OrgError(400, "MALFORMED_QUERY", place(self.query.text, call.at) + text)
        if call.function not in FUNCTIONS:
            text = f"unexpected token: '{call.function}'"
            raise OrgError(400, "MALFORMED_QUERY", place(self.query.text, call.at) + text)
        compute = FUNCTIONS[call.function]

        def apply(rows: list[Row]) -> Any:
            return compute([v for v in map(get, rows) if v is not None])

        return apply

    def groups(self, rows: list[Row]) -> list[Group]:
        """Result rows, each with `attributes` of type AggregateResult."""
        parts: dict[tuple[Any, ...], list[Row]] = {}
        for row in rows:
            key = tuple(_fold(get(row)) for get in self.keys)
            parts.setdefault(key, []).append(row)
        if not self.keys:
            parts = {(): rows}
        members = list(parts.values())
        if self.query.having is not None:
            members = [m for m in members if self._having(self.query.having, m)]
        for order in reversed(self.query.order_by):
            self._sort(members, order)
        members = members[self.query.offset :]
        if self.query.limit is not None:
            members = members[: self.query.limit]
        return [self._print(m) for m in members]

    def _print(self, rows: list[Row]) -> Group:
        out: Group = {"attributes": {"type": "AggregateResult"}}
        for name, function in self.columns:
            out[name] = function(rows)
        return out

    def _of(self, item: Path | Call) -> Callable[[list[Row]], Any]:
        return self._function(item) if isinstance(item, Call) else self._named(item)

    def _named(self, path: Path) -> Callable[[list[Row]], Any]:
        for name, function in self.columns:
            if name.lower() == path.text.lower():
                return function
        return _first(self.paths.resolve(path).get)

    def _sort(self, members: list[list[Row]], order: Order) -> None:
        from .evaluation import sort_rows

        sort_rows(members, self._of(order.path), order)

    def _having(self, node: Any, rows: list[Row]) -> bool:
        if isinstance(node, Logic):
            parts = [self._having(part, rows) for part in node.parts]
            if node.operator == "NOT":
                return not parts[0]
            return all(parts) if node.operator == "AND" else any(parts)
        assert isinstance(node, Comparison)
        found = self._of(node.path)(rows)
        if not isinstance(node.value, Literal) or node.operator not in HAVING:
            raise OrgError(400, "MALFORMED_QUERY", "unsupported condition in HAVING")
        if found is None or node.value.value is None:
            same = found is None and node.value.value is None
            return same == (node.operator == "=")
        return HAVING[node.operator](_fold(found), _fold(node.value.value))


def _first(get: Callable[[Row], Any]) -> Callable[[list[Row]], Any]:
    return lambda rows: get(rows[0]) if rows else None


def _fold(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


FUNCTIONS: dict[str, Callable[[list[Any]], Any]] = {
    "COUNT": len,
    "COUNT_DISTINCT": lambda values: len({_fold(v) for v in values}),
    "SUM": lambda values: sum(values) if values else None,
    "AVG": lambda values: sum(values) / len(values) if values else None,
    "MIN": lambda values: min(values) if values else None,
    "MAX": lambda values: max(values) if values else None,
}
HAVING: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}
