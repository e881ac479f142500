"""SOQL: quoting, paging, and IN lists cut to what a URL can hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote_plus

from simple_salesforce.api import Salesforce

from qontakmig.connectors.base import TargetRow, WireValue
from qontakmig.connectors.salesforce.session import Session

URL_BYTES = 14_000
"""Salesforce answers 414 above 16,384 bytes of URL; host, path and headers take their part."""
_ESCAPES = str.maketrans(
    {"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
)


def soql_text(value: str) -> str:
    """Return ``value`` as a SOQL string literal with its quotes."""
    return "'" + value.translate(_ESCAPES) + "'"


def query(session: Session, soql: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a query, page by page, as Salesforce sends them."""
    page = session.call(lambda sf: sf.query(soql))
    while True:
        yield from page["records"]
        if page.get("done", True):
            return
        page = session.call(partial(_following, url=page["nextRecordsUrl"]))


def _following(sf: Salesforce, url: str) -> Any:
    return sf.query_more(url, identifier_is_url=True)


def count(session: Session, soql: str) -> int:
    """Return the number of a ``SELECT COUNT()`` query."""
    return int(session.call(lambda sf: sf.query(soql))["totalSize"])


def in_lists(head: str, values: Sequence[str], tail: str = "") -> Iterator[str]:
    """Yield queries ``head IN (…)tail`` that together cover ``values`` once each."""
    room = URL_BYTES - len(quote_plus(head + " IN ()" + tail))
    literals: list[str] = []
    used = 0
    for value in dict.fromkeys(values):
        literal = soql_text(value)
        size = len(quote_plus(literal)) + 3
        if literals and used + size > room:
            yield f"{head} IN ({','.join(literals)}){tail}"
            literals, used = [], 0
        literals.append(literal)
        used += size
    if literals:
        yield f"{head} IN ({','.join(literals)}){tail}"


def select(object_name: str, key_field: str, fields: Sequence[str]) -> str:
    """Return ``SELECT Id, key, fields FROM object`` with each name once."""
    names = {name.casefold(): name for name in ("Id", key_field, *fields) if name}
    return f"SELECT {','.join(names.values())} FROM {object_name}"  # noqa: S608 names of a describe


def as_text(value: Any) -> WireValue:
    """Return a REST value in the spelling of the CSV lists: text, or None."""
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def target_row(row: dict[str, Any], key_field: str, fields: Sequence[str]) -> TargetRow:
    """Return a row of a REST query as ``TargetRow``; names are matched without regard to case."""
    found = {name.casefold(): value for name, value in row.items()}
    key = found.get(key_field.casefold())
    return TargetRow(
        id=str(found["id"]),
        key=None if key is None else str(as_text(key)),
        values={name: as_text(found.get(name.casefold())) for name in fields},
    )
