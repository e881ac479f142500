"""How Bulk API 1.0 reads rows and job requests, and writes infos and results.

Shapes of the XML: the vendor's asyncapi schema. JSON carries the same names.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from defusedxml.ElementTree import fromstring

from qontakmig.simulators.salesforce.http import xml
from qontakmig.simulators.salesforce.http.bulk_csv import BadUpload, Reader, write
from qontakmig.simulators.salesforce.http.calls import Reply
from qontakmig.simulators.salesforce.org.errors import SaveResult

NAMESPACE = "http://www.force.com/2009/06/asyncapi/dataload"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
NOTHING_FOUND = "Records not found for this query"
"""What the CSV of a query without rows says, instead of a header."""

_NIL = f"{{{XSI}}}nil"
_DECLARED = f'xmlns="{NAMESPACE}" xmlns:xsi="{XSI}"'


def read_info(body: bytes, *, as_json: bool) -> dict[str, Any]:
    """Return a jobInfo request as a dict. Raises ValueError when it is none."""
    if as_json:
        info = json.loads(body)
        if not isinstance(info, dict):
            raise ValueError("not a JSON object")
        return info
    root = _root(body.strip())
    return {xml.local(item): (item.text or "").strip() for item in root}


def _root(body: bytes) -> Element:
    try:
        return fromstring(body)
    except Exception as error:
        raise ValueError(f"Unable to parse the XML: {error}") from None


def info_reply(name: str, info: Any, *, as_json: bool, status: int = 200) -> Reply:
    """Return an info, or a list of them, the way the format wants it.

    Header values carry no charset: one client compares them with ``==``.
    """
    if as_json:
        shown = {"batchInfo": info} if isinstance(info, list) else info
        text = json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
        return Reply(status, text.encode(), {"content-type": "application/json"})
    inner = (
        "".join(f"<batchInfo>{_fields(item)}</batchInfo>" for item in info)
        if isinstance(info, list)
        else _fields(info)
    )
    return xml_reply(name, inner, status)


def _fields(info: dict[str, Any]) -> str:
    shown = {name: _xml_value(name, value) for name, value in info.items() if value is not None}
    return "".join(xml.from_data(name, value) for name, value in shown.items())


def _xml_value(name: str, value: Any) -> Any:
    """XML prints moments as 2009-04-14T18:15:59.000Z, JSON with +0000."""
    moment = name in ("createdDate", "systemModstamp")
    return value.replace("+0000", "Z") if moment else value


def xml_reply(name: str, inner: str, status: int = 200) -> Reply:
    text = f'<?xml version="1.0" encoding="UTF-8"?><{name} {_DECLARED}>{inner}</{name}>'
    return Reply(status, text.encode("utf-8", "replace"), {"content-type": "application/xml"})


# Rows of a batch: a header and text cells for CSV and XML, objects for JSON


def csv_rows(body: bytes) -> tuple[list[str], list[tuple[list[str], str]]]:
    """Return header and rows with the reason a row is no valid CSV. Raises BadUpload."""
    first = body.split(b"\n", 1)[0]
    ending = "CRLF" if first.endswith(b"\r") else "LF"
    reader = Reader(io.BytesIO(body), "COMMA", ending)
    return reader.header, reader.read(len(body))


def xml_rows(body: bytes) -> tuple[list[str], list[tuple[list[str], str]]]:
    """Return sObjects as the CSV of the same rows would be. Raises BadUpload."""
    try:
        root = _root(body)
    except ValueError as error:
        raise BadUpload(f"InvalidBatch : {error}") from None
    rows = [_cells(item) for item in root if xml.local(item) == "sObject"]
    header = list(dict.fromkeys(name for row in rows for name in row))
    return header, [([row.get(name, "") for name in header], "") for row in rows]


def _cells(item: Element) -> dict[str, str]:
    cells: dict[str, str] = {}
    for field in item:
        name = xml.local(field)
        if len(field):
            [parent] = list(field)[:1]
            cells.update({f"{name}.{key}": text for key, text in _cells(parent).items()})
        elif field.get(_NIL) == "true":
            cells[name] = "#N/A"
        else:
            cells[name] = field.text or ""
    return cells


def json_rows(body: bytes) -> list[dict[str, Any]]:
    """Return the objects of a batch. Raises BadUpload."""
    try:
        rows = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadUpload(f"InvalidBatch : Unable to parse the JSON: {error}") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadUpload("InvalidBatch : A batch in JSON is a list of objects")
    return rows


# Results


def save_results(results: Sequence[SaveResult], content_type: str) -> Reply:
    """Return what became of the rows of a batch, in their order."""
    if content_type == "JSON":
        return _json([_json_result(result) for result in results])
    if content_type == "XML":
        return xml_reply("results", "".join(_xml_result(result) for result in results))
    rows = [["Id", "Success", "Created", "Error"], *map(_csv_result, results)]
    return _csv(rows)


def _json_result(result: SaveResult) -> dict[str, Any]:
    errors = [
        {"message": e.message, "fields": e.fields, "statusCode": e.code,
         "extendedErrorDetails": None}
        for e in result.errors
    ]  # fmt: skip
    return {
        "success": result.success,
        "created": result.created,
        "id": result.id if result.success else None,
        "errors": errors,
    }


def _xml_result(result: SaveResult) -> str:
    errors = [
        {"fields": e.fields, "message": e.message, "statusCode": e.code} for e in result.errors
    ]
    row: dict[str, Any] = {
        "errors": errors,
        "id": result.id if result.success else None,
        "success": result.success,
        "created": result.created,
    }
    return xml.from_data("result", row)


def _csv_result(result: SaveResult) -> list[str]:
    said = "true" if result.success else "false"
    made = "true" if result.created else "false"
    if result.success:
        return [str(result.id), said, made, ""]
    return ["", said, made, result.errors[0].csv()]


def result_list(ids: Sequence[str], content_type: str) -> Reply:
    """Return the ids of a query batch's results."""
    if content_type == "JSON":
        return _json(list(ids))
    return xml_reply("result-list", "".join(f"<result>{one}</result>" for one in ids))


def query_rows(
    header: list[str], rows: list[list[str]], records: list[dict[str, Any]], content_type: str
) -> Reply:
    """Return the rows of a query: cells for CSV, records as REST prints them otherwise."""
    if content_type == "JSON":
        return _json(records)
    if content_type == "XML":
        inner = "".join(f'<records xsi:type="sObject">{_record(row)}</records>' for row in records)
        return xml_reply("queryResult", inner)
    if not rows:
        return Reply(200, f"{NOTHING_FOUND}\n".encode(), {"content-type": "text/csv"})
    return _csv([header, *rows])


def _record(record: dict[str, Any]) -> str:
    parts = []
    for name, value in record.items():
        if name == "attributes":
            parts.append(f"<type>{escape(value['type'])}</type>")
        elif isinstance(value, dict):
            parts.append(f'<{name} xsi:type="sObject">{_record(value)}</{name}>')
        else:
            parts.append(xml.from_data(name, value))
    return "".join(parts)


def _json(data: Any) -> Reply:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Reply(200, text.encode("utf-8", "replace"), {"content-type": "application/json"})


def _csv(rows: Sequence[Sequence[str]]) -> Reply:
    return Reply(200, b"".join(write(rows, "COMMA", "LF")), {"content-type": "text/csv"})
