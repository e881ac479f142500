"""Runs a parsed query: finds candidate rows through an index, filters, orders, prints."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ..describing import attributes, value
from ..errors import OrgError
from ..rows import Row
from .aggregates import Aggregates
from .conditions import Check, Conditions
from .lexer import place
from .parser import parse_condition
from .paths import Paths, Resolved
from .result import QueryResult
from .tree import Call, Comparison, Logic, Order, Path, Query

if TYPE_CHECKING:
    from ..org import Org
    from ..schema import SObject

LINK_FILTERS = frozenset(("id", "contentdocumentid", "linkedentityid"))


def run(
    org: Org, query: Query, user_id: str, *, all_rows: bool = False, version: str = "66.0"
) -> QueryResult:
    """Raises OrgError for unknown objects, fields and unsuitable values."""
    return Runner(org, query, user_id, all_rows or query.all_rows, version).result()


def condition(org: Org, sobject: SObject, text: str) -> Check:
    """A condition on rows of an object, as in WHERE, that sees every field."""
    paths = Paths(org, sobject, org.user_id, text, None)
    return Conditions(org, paths, lambda query: set()).compile(parse_condition(text))


class Runner:
    def __init__(self, org: Org, query: Query, user_id: str, all_rows: bool, version: str):
        self.org = org
        self.query = query
        self.user_id = user_id
        self.all_rows = all_rows
        self.version = version
        self.sobject = self._sobject()
        self.table = org.tables[self.sobject.name]
        self.paths = Paths(org, self.sobject, user_id, query.text, query.alias)
        self.conditions = Conditions(org, self.paths, self._semi_join)

    def _sobject(self) -> SObject:
        found = self.org.schema.get(self.query.sobject)
        if found is None or not found.about["queryable"]:
            name = self.query.sobject
            text = (
                f"sObject type '{name}' is not supported. If you are attempting to use a custom "
                "object, be sure to append the '__c' after the entity name. Please reference "
                "your WSDL or the describe call for the appropriate names."
            )
            where = place(self.query.text, self.query.sobject_at)
            raise OrgError(400, "INVALID_TYPE", where + text)
        return found

    def result(self) -> QueryResult:
        query = self.query
        if query.fields_call:
            self._expand_fields()
        aggregates = [s for s in query.select if isinstance(s, Call) and s.function != "TOLABEL"]
        if aggregates or query.group_by:
            return self._aggregate()
        printed = [self._printed(item) for item in query.select]
        rows = self.rows()
        columns = [".".join(p.names) for p in printed if isinstance(p, Resolved)]
        resolved = [p for p in printed if isinstance(p, Resolved)]
        return QueryResult(
            len(rows), self.sobject.name, columns, rows, self._printer(printed), _cells(resolved)
        )

    def _expand_fields(self) -> None:
        query = self.query
        if query.fields_call == "ALL" and (query.limit is None or query.limit > 200):
            text = "The SOQL FIELDS function must have a LIMIT of at most 200"
            raise OrgError(400, "MALFORMED_QUERY", text)
        custom = {"ALL": (True, False), "CUSTOM": (True,), "STANDARD": (False,)}
        kept = custom.get(query.fields_call or "", (False,))
        query.select = [
            Path([f.name], 0)
            for f in self.sobject.fields.values()
            if f.about["custom"] in kept and self.org.access.readable(self.user_id, self.sobject, f)
        ]

    def rows(self) -> list[Row]:
        query = self.query
        candidates: Iterable[Row]
        check: Check | None = None
        if query.where is not None:
            check = self.conditions.compile(query.where)
        self._check_link_filter()
        found = self._indexed(query.where) if not self.all_rows else None
        if found is not None:
            candidates = found
        elif self.all_rows:
            candidates = self.table.every()
        else:
            candidates = self.table.live.values()
        rows = [row for row in candidates if check(row)] if check else list(candidates)
        for order in reversed(query.order_by):
            self._sort(rows, order)
        rows = rows[query.offset :] if query.offset else rows
        return rows if query.limit is None else rows[: query.limit]

    def _check_link_filter(self) -> None:
        if self.sobject.name != "ContentDocumentLink":
            return
        parts = (
            self.query.where.parts if isinstance(self.query.where, Logic) else [self.query.where]
        )
        for part in parts:
            usable = isinstance(part, Comparison) and part.operator in ("=", "IN")
            if usable and isinstance(part.path, Path) and part.path.text.lower() in LINK_FILTERS:
                return
        text = (
            "Implementation restriction: ContentDocumentLink requires a filter by a single Id on "
            "ContentDocumentId or LinkedEntityId using the equals operator or multiple Id's using "
            "the IN operator."
        )
        raise OrgError(400, "MALFORMED_QUERY", text)

    def _indexed(self, where: Any) -> list[Row] | None:
        """Candidates by the most selective indexed equality among the ANDed conditions."""
        parts = where.parts if isinstance(where, Logic) and where.operator == "AND" else [where]
        best: list[Row] | None = None
        for part in parts:
            if not isinstance(part, Comparison) or part.operator not in ("=", "IN"):
                continue
            if not isinstance(part.path, Path):
                continue
            rows = self._by_index(part, part.path)
            if rows is not None and (best is None or len(rows) < len(best)):
                best = rows
        return best

    def _by_index(self, part: Comparison, path: Path) -> list[Row] | None:
        resolved = self.paths.resolve(path)
        field = resolved.field
        if resolved.links:
            return None
        if part.operator == "IN":
            values = self.conditions.values(part, field)
        elif getattr(part.value, "kind", "") in ("string", "number"):
            values = {self.conditions.value(part.value, field)}  # type: ignore[arg-type]
        else:
            return None
        if None in values:
            return None
        live = self.table.live
        if field.name == "Id":
            return [live[v] for v in values if v in live]
        if field.type != "reference" and not field.lookup_key and not field.unique:
            return None
        index = self.table.index(field.name, field.type != "reference" and not field.case_sensitive)
        return [live[i] for v in values for i in index.ids(v)]

    def _sort(self, rows: list[Row], order: Order) -> None:
        if isinstance(order.path, Call):
            raise OrgError(400, "MALFORMED_QUERY", "aggregate in ORDER BY needs GROUP BY")
        resolved = self.paths.resolve(order.path)
        if not resolved.field.about["sortable"]:
            text = f"field '{resolved.field.name}' can not be sorted in a query call"
            raise OrgError(400, "INVALID_FIELD", place(self.query.text, order.path.at) + text)
        sort_rows(rows, resolved.get, order)

    def _semi_join(self, query: Query) -> set[Any]:
        runner = Runner(self.org, query, self.user_id, False, self.version)
        if len(query.select) != 1 or not isinstance(query.select[0], Path):
            raise OrgError(400, "MALFORMED_QUERY", "semi join needs exactly one field")
        get = runner.paths.resolve(query.select[0]).get
        return {v for v in map(get, runner.rows()) if v is not None}

    def _printed(self, item: Any) -> Any:
        if isinstance(item, Query):
            return self._child(item)
        if isinstance(item, Call):
            if item.path is None:
                raise OrgError(400, "MALFORMED_QUERY", "bad call")
            return self.paths.resolve(item.path)
        return self.paths.resolve(item)

    def _child(self, query: Query) -> tuple[str, Callable[[Row], Any]]:
        """A child subquery: its relationship name and what it prints under a parent row."""
        for child in self.sobject.about["childRelationships"]:
            name = child["relationshipName"]
            if name and name.lower() == query.sobject.lower():
                break
        else:
            text = f"Didn't understand relationship '{query.sobject}' in FROM part of query call."
            raise OrgError(400, "INVALID_TYPE", place(self.query.text, query.sobject_at) + text)
        query.sobject = child["childSObject"]
        query.text = self.query.text
        runner = Runner(self.org, query, self.user_id, False, self.version)
        printer = runner._printer([runner._printed(item) for item in query.select])
        index = runner.table.index(child["field"], False)
        check = runner.conditions.compile(query.where) if query.where is not None else None

        def print_children(row: Row) -> dict[str, Any] | None:
            rows = [runner.table.live[i] for i in index.ids(row["Id"])]
            if check:
                rows = [r for r in rows if check(r)]
            for order in reversed(query.order_by):
                runner._sort(rows, order)
            rows = rows[: query.limit] if query.limit is not None else rows
            if not rows:
                return None
            return {"totalSize": len(rows), "done": True, "records": [printer(r) for r in rows]}

        return name, print_children

    def _printer(self, printed: list[Any]) -> Callable[[Row], dict[str, Any]]:
        sobject, version = self.sobject, self.version
        own = [p.field for p in printed if isinstance(p, Resolved) and not p.links]
        parents = [p for p in printed if isinstance(p, Resolved) and p.links]
        children = [p for p in printed if isinstance(p, tuple)]

        def show(row: Row) -> dict[str, Any]:
            out: dict[str, Any] = {"attributes": attributes(sobject.name, row["Id"], version)}
            for field in own:
                out[field.name] = value(sobject, field, row, version)
            for path in parents:
                self._nest(out, path, row)
            for name, print_children in children:
                out[name] = print_children(row)
            return out

        return show

    def _nest(self, out: dict[str, Any], path: Resolved, row: Row) -> None:
        """Put a parent's field into nested objects; a missing parent is null."""
        for link, name in zip(path.links, path.names, strict=False):
            parent = self.org.parent(row.get(link.name))
            if parent is None:
                out[name] = None
                return
            row = parent
            inner = out.get(name)
            if inner is None:
                kind = self.org.schema.by_prefix[row["Id"][:3]].name
                inner = out[name] = {"attributes": attributes(kind, row["Id"], self.version)}
            out = inner
        field = path.field
        out[field.name] = (
            self.org.schema.by_prefix[row["Id"][:3]].name
            if field.name == "Type" and path.owner.field("Type") is not field
            else value(path.owner, field, row, self.version)
        )

    def _aggregate(self) -> QueryResult:
        query = self.query
        only = query.select[0]
        alone = len(query.select) == 1 and not query.group_by
        if alone and isinstance(only, Call) and only.path is None:
            return QueryResult(len(self.rows()), self.sobject.name, [])
        limit, offset, order_by = query.limit, query.offset, query.order_by
        query.limit, query.offset, query.order_by = None, 0, []
        rows = self.rows()
        query.limit, query.offset, query.order_by = limit, offset, order_by
        aggregates = Aggregates(query, self.paths)
        found = aggregates.groups(rows)
        return QueryResult(len(found), "AggregateResult", aggregates.names, found, dict)


def sort_rows(rows: list[Any], get: Callable[[Any], Any], order: Order) -> None:
    """Stable sort by one key; missing values first, or last where the query says so."""

    def folded(item: Any) -> Any:
        found = get(item)
        return found.lower() if isinstance(found, str) else found

    empty = [r for r in rows if get(r) is None]
    filled = [r for r in rows if get(r) is not None]
    filled.sort(key=folded, reverse=order.descending)
    rows[:] = filled + empty if order.nulls_last else empty + filled


def _cells(resolved: list[Resolved]) -> Callable[[Row], list[str]]:
    getters = [p.get for p in resolved]

    def cells(row: Row) -> list[str]:
        return [_cell(get(row)) for get in getters]

    return cells


def _cell(found: Any) -> str:
    if type(found) is str:
        return found
    if found is None:
        return ""
    if found is True or found is False:
        return "true" if found else "false"
    return str(found)
