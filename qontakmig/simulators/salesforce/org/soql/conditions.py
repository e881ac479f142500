"""WHERE and HAVING: a tree to a function from a row to true or false.

Text compares without regard to case (except fields made case-sensitive), missing values are
smaller than nothing: `<`, `>` and LIKE are false for them, `!=` is true.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..dates import parse_moment, print_moment
from ..errors import OrgError
from ..fields import NUMBER_TYPES, TEXT_TYPES, Field
from ..ids import id18
from ..rows import Row
from .lexer import place
from .paths import Paths
from .relative import span
from .tree import Call, Comparison, Literal, Logic, Query

if TYPE_CHECKING:
    from ..org import Org

Check = Callable[[Row], bool]
KINDS = {
    "boolean": ("boolean",),
    "int": ("number",),
    "date": ("date", "relative"),
    "datetime": ("datetime", "relative"),
}
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


class Conditions:
    """Compiles conditions for one query; `subquery` runs a semi-join and gives its values."""

    def __init__(self, org: Org, paths: Paths, subquery: Callable[[Query], set[Any]]):
        self.org = org
        self.paths = paths
        self.subquery = subquery

    def compile(self, node: Any) -> Check:
        if isinstance(node, Logic):
            parts = [self.compile(part) for part in node.parts]
            if node.operator == "NOT":
                inner = parts[0]
                return lambda row: not inner(row)
            if node.operator == "AND":
                return lambda row: all(part(row) for part in parts)
            return lambda row: any(part(row) for part in parts)
        if isinstance(node, Comparison):
            return self._comparison(node)
        raise TypeError(node)

    def error(self, at: int, code: str, text: str) -> OrgError:
        return OrgError(400, code, place(self.paths.text, at) + text)

    def _comparison(self, node: Comparison) -> Check:
        if isinstance(node.path, Call):
            raise self.error(node.path.at, "MALFORMED_QUERY", "aggregate not allowed in WHERE")
        resolved = self.paths.resolve(node.path)
        field, get = resolved.field, resolved.get
        if not field.about["filterable"]:
            text = f"field '{field.name}' can not be filtered in a query call"
            raise self.error(node.path.at, "INVALID_FIELD", text)
        fold = _folds(field)
        if node.operator in ("IN", "NOT IN"):
            wanted = self.values(node, field)
            if node.operator == "IN":
                return lambda row: fold(get(row)) in wanted
            # rows without a value are not matched by NOT IN of a semi-join, but are by a list
            return lambda row: fold(get(row)) not in wanted
        if node.operator in ("INCLUDES", "EXCLUDES"):
            return self._includes(node, get)
        literal = node.value
        assert isinstance(literal, Literal)
        if node.operator == "LIKE":
            return self._like(node, field, get, literal)
        if literal.kind == "relative":
            return self._relative(node.operator, field, get, literal)
        target = fold(self.value(literal, field))
        if node.operator == "=":
            return lambda row: fold(get(row)) == target
        if node.operator == "!=":
            return lambda row: fold(get(row)) != target
        if target is None or field.type == "boolean":
            raise self.error(literal.at, "INVALID_FIELD", f"invalid operator on {field.type} field")
        compare = COMPARE[node.operator]

        def ordered(row: Row) -> bool:
            found = get(row)
            return found is not None and compare(fold(found), target)

        return ordered

    def values(self, node: Comparison, field: Field) -> set[Any]:
        """The folded values of an IN list or a semi-join."""
        fold = _folds(field)
        if isinstance(node.value, Query):
            return {fold(v) for v in self.subquery(node.value)}
        assert isinstance(node.value, list)
        return {fold(self.value(literal, field)) for literal in node.value}

    def value(self, literal: Literal, field: Field) -> Any:
        """A literal in the form the org stores it; OrgError when it does not suit the field."""
        kind = literal.kind
        if kind == "null":
            return False if field.type == "boolean" else None
        if field.type in ("id", "reference"):
            return self._id(literal, field)
        if field.type in NUMBER_TYPES:
            wanted: tuple[str, ...] = ("number",)
        elif field.type in TEXT_TYPES:
            wanted = ("string",)
        else:
            wanted = KINDS.get(field.type, ("string",))
        if kind not in wanted:
            shown = self.paths.text[literal.at : literal.at + 30].split(")")[0].split(",")[0]
            # only text fields want quotes
            quotes = (
                "should be enclosed in quotes"
                if wanted == ("string",)
                else (
                    "should not be enclosed in quotes" if kind == "string" else "has a wrong type"
                )
            )
            text = (
                f"value of filter criterion for field '{field.name}' must be of type "
                f"{field.type} and {quotes}: {shown}"
            )
            raise self.error(literal.at, "INVALID_FIELD", text)
        if kind == "datetime":
            moment = parse_moment(literal.value)
            if moment is None:
                raise self.error(literal.at, "MALFORMED_QUERY", f"invalid dateTime {literal.value}")
            return print_moment(moment)
        if kind == "string":
            return literal.value.replace("\\%", "%").replace("\\_", "_")
        return literal.value

    def _id(self, literal: Literal, field: Field) -> str | None:
        if literal.kind != "string":
            raise self.error(literal.at, "INVALID_FIELD", f"invalid ID field: {literal.value}")
        if literal.value == "":
            return None
        whole = id18(literal.value)
        if whole is None:
            raise self.error(
                literal.at, "INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {literal.value}"
            )
        return whole

    def _includes(self, node: Comparison, get: Callable[[Row], Any]) -> Check:
        assert isinstance(node.value, list)
        wanted = [
            {part.strip().lower() for part in str(literal.value).split(";")}
            for literal in node.value
        ]

        def includes(row: Row) -> bool:
            chosen = {part.lower() for part in (get(row) or "").split(";")}
            return any(group <= chosen for group in wanted)

        if node.operator == "INCLUDES":
            return includes
        return lambda row: not includes(row)

    def _like(
        self, node: Comparison, field: Field, get: Callable[[Row], Any], literal: Literal
    ) -> Check:
        if field.type not in TEXT_TYPES or literal.kind != "string":
            raise self.error(literal.at, "INVALID_FIELD", "invalid operator on " + field.type)
        match = like(literal.value)

        def matches(row: Row) -> bool:
            found = get(row)
            return found is not None and match(found)

        return matches

    def _relative(
        self, operator: str, field: Field, get: Callable[[Row], Any], literal: Literal
    ) -> Check:
        if field.type not in ("date", "datetime"):
            raise self.error(literal.at, "INVALID_FIELD", f"invalid date for field {field.name}")
        first, after = span(literal.value, literal.count, self.org.now().date())
        if field.type == "datetime":
            low, high = (
                print_moment(datetime(d.year, d.month, d.day, tzinfo=UTC)) for d in (first, after)
            )
        else:
            low, high = first.isoformat(), after.isoformat()
        tests: dict[str, Callable[[str], bool]] = {
            "=": lambda v: low <= v < high,
            "!=": lambda v: not low <= v < high,
            "<": lambda v: v < low,
            ">": lambda v: v >= high,
            "<=": lambda v: v < high,
            ">=": lambda v: v >= low,
        }
        test = tests[operator]

        def check(row: Row) -> bool:
            found = get(row)
            return found is not None and test(found)

        return check


def like(text: str) -> Callable[[str], bool]:
    """A LIKE text as a check: % any run, _ one character, a backslash escapes both.

    Matches the pieces between the % one after the other, so no pattern is slow.
    """
    pieces = [""]
    at = 0
    while at < len(text):
        char = text[at]
        if char == "\\" and text[at + 1 : at + 2] in ("%", "_", "\\"):
            pieces[-1] += re.escape(text[at + 1])
            at += 2
            continue
        if char == "%":
            pieces.append("")
        else:
            pieces[-1] += "." if char == "_" else re.escape(char)
        at += 1
    flags = re.IGNORECASE | re.DOTALL
    if len(pieces) == 1:
        whole = re.compile(pieces[0], flags).fullmatch
        return lambda value: whole(value) is not None
    first = re.compile(pieces[0], flags).match
    inner = [re.compile(piece, flags) for piece in pieces[1:-1] if piece]
    last = re.compile(pieces[-1] + r"\Z", flags).search

    def match(value: str) -> bool:
        found = first(value)
        for piece in inner:
            if found is None:
                return False
            found = piece.search(value, found.end())
        return found is not None and last(value[found.end() :]) is not None

    return match


def _folds(field: Field) -> Callable[[Any], Any]:
    if field.type in TEXT_TYPES and not field.case_sensitive:
        return lambda value: value.lower() if value is not None else None
    return lambda value: value
