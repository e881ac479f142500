"""SOQL over REST: ``/query``, ``/queryAll``, their further pages, and column metadata."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from qontakmig.simulators.salesforce.http.calls import Call, Reply
from qontakmig.simulators.salesforce.http.ingest import not_allowed
from qontakmig.simulators.salesforce.org.errors import OrgError
from qontakmig.simulators.salesforce.org.soql import parse, tree
from qontakmig.simulators.salesforce.org.soql.result import QueryResult

SMALLEST_PAGE, LARGEST_PAGE = 200, 2000
MAX_SOQL_CHARACTERS = 100_000
OPEN_CURSORS = 200
"""Results kept for further pages; the vendor drops the oldest of a user likewise."""

_BATCH_SIZE = re.compile(r"batchSize\s*=\s*(\d+)", re.IGNORECASE)
_LOCATOR = re.compile(r"(\w{15,18})-(\d+)")


class Cursors:
    """Query results whose further pages may still be asked for."""

    def __init__(self) -> None:
        self._results: OrderedDict[str, QueryResult] = OrderedDict()

    def add(self, locator: str, result: QueryResult) -> None:
        self._results[locator] = result
        if len(self._results) > OPEN_CURSORS:
            self._results.popitem(last=False)

    def get(self, locator: str) -> QueryResult:
        """Return a kept result. Raises OrgError INVALID_QUERY_LOCATOR."""
        result = self._results.get(locator)
        if result is None:
            raise OrgError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return result


def answer(call: Call, parts: Sequence[str]) -> Reply:
    """Answer ``/query``."""
    return _answer(call, parts, all_rows=False)


def answer_all(call: Call, parts: Sequence[str]) -> Reply:
    """Answer ``/queryAll``, which sees deleted rows too."""
    return _answer(call, parts, all_rows=True)


def answer_tooling(call: Call, parts: Sequence[str]) -> Reply:
    """Answer ``/tooling/query``, which knows the schema's own objects as well."""
    return _answer(call, parts, all_rows=False, tooling=True)


def _answer(call: Call, parts: Sequence[str], *, all_rows: bool, tooling: bool = False) -> Reply:
    if call.request.method != "GET":
        raise not_allowed(call.request.method)
    if parts:
        return _further_page(call, parts[0])
    soql = call.request.param("q")
    if not soql or not soql.strip():
        raise OrgError(400, "MALFORMED_QUERY", "Request parameter 'q' is required: SOQL query")
    if len(soql) > MAX_SOQL_CHARACTERS:
        message = f"SOQL statements cannot be longer than {MAX_SOQL_CHARACTERS} characters."
        raise OrgError(400, "MALFORMED_QUERY", message)
    if (call.request.param("columns") or "").lower() == "true":
        return Reply(200, _columns(call, soql))
    result = call.org.engine.query(
        soql, call.session.user_id, all_rows, call.version, tooling=tooling
    )
    return Reply(200, _page(call, result, None, 0))


def _further_page(call: Call, text: str) -> Reply:
    match = _LOCATOR.fullmatch(text)
    if match is None:
        raise OrgError(400, "INVALID_QUERY_LOCATOR", f"invalid query locator: {text}")
    result = call.org.cursors.get(match[1])
    offset = int(match[2])
    if not 0 <= offset <= len(result.rows):
        raise OrgError(400, "INVALID_QUERY_LOCATOR", f"invalid query locator: {text}")
    return Reply(200, _page(call, result, match[1], offset))


def _page(call: Call, result: QueryResult, locator: str | None, offset: int) -> dict[str, Any]:
    size = _page_size(call)
    page: dict[str, Any] = {
        "totalSize": result.total,
        "done": offset + size >= len(result.rows),
    }
    if not page["done"]:
        if locator is None:
            locator = call.org.next_id("01g")
            call.org.cursors.add(locator, result)
        page["nextRecordsUrl"] = call.url(f"query/{locator}-{offset + size}")
    page["records"] = result.page(offset, size)
    return page


def _page_size(call: Call) -> int:
    match = _BATCH_SIZE.search(call.header("sforce-query-options"))
    if match is None:
        return LARGEST_PAGE
    return min(LARGEST_PAGE, max(SMALLEST_PAGE, int(match[1])))


def _columns(call: Call, soql: str) -> dict[str, Any]:
    """Return what the columns of a query are, without its rows."""
    call.org.engine.query(soql, call.session.user_id, False, call.version)
    query = parse(soql)
    target = call.org.engine.sobject(query.sobject)
    described = {
        field["name"].lower(): field
        for field in call.org.engine.describe(target.name, call.session.user_id)["fields"]
    }
    items = [_column(item, described) for item in query.select]
    return {
        "columnMetadata": items,
        "entityName": target.name,
        "groupBy": bool(query.group_by),
        "idSelected": any(item["columnName"].lower() == "id" for item in items),
        "keyPrefix": target.prefix,
    }


def _column(item: Any, described: dict[str, Any]) -> dict[str, Any]:
    if isinstance(item, tree.Path):
        return _nested(item.parts, described)
    if isinstance(item, tree.Call):
        name = item.alias or (item.path.text if item.path else item.function.lower())
        return {**_plain(name, None), "aggregate": True}
    inner = [_column(child, {}) for child in item.select]
    return {**_plain(item.sobject, None), "aggregate": True, "joinColumns": inner}


def _nested(parts: Sequence[str], described: dict[str, Any]) -> dict[str, Any]:
    if len(parts) == 1:
        return _plain(parts[0], described.get(parts[0].lower()))
    return {**_plain(parts[0], None), "joinColumns": [_nested(parts[1:], {})]}


def _plain(name: str, field: dict[str, Any] | None) -> dict[str, Any]:
    kind = field["type"] if field else ""
    shown = field["name"] if field else name
    return {
        "aggregate": False,
        "apexType": kind.capitalize() or None,
        "booleanType": kind == "boolean",
        "columnName": shown,
        "custom": bool(field and field["custom"]),
        "displayName": shown,
        "foreignKeyName": field["relationshipName"] if field else None,
        "insertable": bool(field and field["createable"]),
        "joinColumns": [],
        "numberType": kind in ("int", "double", "currency", "percent"),
        "textType": kind in ("string", "textarea", "picklist", "multipicklist"),
        "updatable": bool(field and field["updateable"]),
    }
