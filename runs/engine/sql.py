"""Statements that touch thousands of rows at once, in the words of SQLite and PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, ExpressionWrapper
from django.db.models.functions import Now

from runs.models import IdMap, PreImage, Record

RECORD = Record._meta.db_table
ID_MAP = IdMap._meta.db_table
PRE_IMAGE = PreImage._meta.db_table


def values_in(column: str, values: Sequence[str] | Sequence[int]) -> tuple[str, Any]:
    """Return ``(condition, parameter)`` for "column is one of values", any number of values."""
    if connection.vendor == "postgresql":
        return f"{column} = ANY(%s)", list(values)
    return f"{column} IN (SELECT value FROM json_each(%s))", json.dumps(list(values))  # noqa: S608


def fetch(statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def execute(statement: str, parameters: Sequence[Any]) -> int:
    """Run one statement; return how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.rowcount


def execute_many(statement: str, rows: Iterable[Sequence[Any]]) -> None:
    """Run one statement for each of ``rows``; nothing for none."""
    rows = list(rows)
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(statement, rows)


def stamp(moment: datetime) -> Any:
    """Return a time as the database stores it."""
    return connection.ops.adapt_datetimefield_value(moment)


def later(seconds: float) -> Any:
    """Return an expression: the database's clock plus ``seconds``."""
    return ExpressionWrapper(Now() + timedelta(seconds=seconds), output_field=DateTimeField())


def database_now() -> datetime:
    """Return the database's clock (rule R10: workers' clocks may differ)."""
    if connection.vendor == "postgresql":
        return fetch("SELECT clock_timestamp()", ())[0][0]
    text = fetch("SELECT strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now')", ())[0][0]
    return datetime.fromisoformat(text + "+00:00")
