"""Sheets that open clean in Excel and LibreOffice, written row by row in constant memory.

Every sheet is a real Excel table with filters and a frozen header. Text stays text: what looks
like a formula is stored as a string, ids keep their zeros, nothing is cut silently.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ERROR_CODES, ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table, TableStyleInfo

MAX_ROWS = 1_048_576
"""Rows of an Excel sheet. Source: Microsoft, Excel specifications and limits."""
MAX_TEXT = 32_767
"""Characters of a cell, same source. openpyxl would cut longer text without a word."""
BODY_ROWS = MAX_ROWS - 1

Kind = Literal["text", "number", "percent", "datetime", "date", "formula"]
WIDTHS: dict[str, int] = {"number": 12, "percent": 10, "datetime": 19, "date": 12, "formula": 14}
FORMATS: dict[str, str] = {
    "number": "#,##0",
    "percent": "0.0%",
    "datetime": "yyyy-mm-dd hh:mm:ss",
    "date": "yyyy-mm-dd",
    "formula": "#,##0",
}
HEAD_FONT = Font(name="Calibri", size=11, bold=True, color="FFFFFF")
HEAD_FILL = PatternFill("solid", fgColor="0E6F66")
HEAD_ALIGNMENT = Alignment(vertical="center", wrap_text=True)


@dataclass(frozen=True)
class Column:
    """A column's header, the kind of its values and its width in characters."""

    title: str
    kind: Kind = "text"
    width: int = 0

    @property
    def width_shown(self) -> int:
        return max(self.width or WIDTHS.get(self.kind, 24), len(self.title) + 3)


class Book:
    """One workbook being written. ``zone`` is the reader's: Excel knows no time zones."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._workbook = Workbook(write_only=True)
        self._names: set[str] = set()
        self._tables = 0

    def sheet(self, title: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> int:
        """Write ``rows`` under ``columns`` and return how many they were.

        A list longer than a sheet goes on in "title (2)", "title (3)" …
        """
        total, part = 0, 0
        source = iter(rows)
        following = next(source, None)
        while part == 0 or following is not None:
            part += 1
            sheet = self._open(title if part == 1 else f"{title} ({part})", columns)
            written = 0
            while following is not None and written < BODY_ROWS:
                sheet.append(self._row(sheet, columns, following))
                written += 1
                following = next(source, None)
            if written == 0:
                sheet.append(["Nothing"] + [None] * (len(columns) - 1))
            self._make_table(sheet, columns, max(written, 1))
            total += written
        return total

    def save(self, path: Any) -> None:
        self._workbook.save(path)

    def _open(self, title: str, columns: Sequence[Column]) -> Any:
        sheet = self._workbook.create_sheet(_sheet_name(title, self._names))
        sheet.freeze_panes = "A2"
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.fitToHeight = 0  # as many pages as it takes, each as wide as the table
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.print_title_rows = "1:1"
        for position, column in enumerate(columns, 1):
            sheet.column_dimensions[get_column_letter(position)].width = column.width_shown
        sheet.append([_head(sheet, column.title) for column in columns])
        return sheet

    def _row(self, sheet: Any, columns: Sequence[Column], values: Sequence[Any]) -> list[Any]:
        return [
            self._cell(sheet, column.kind, value)
            for column, value in zip(columns, values, strict=True)
        ]

    def _cell(self, sheet: Any, kind: Kind, value: Any) -> Any:
        if value is None or value == "":
            return None
        if kind == "formula":
            return _styled(sheet, f"={value}", FORMATS["formula"])
        if isinstance(value, datetime):
            local = value.astimezone(self.zone).replace(tzinfo=None, microsecond=0)
            return _styled(sheet, local, FORMATS["datetime"])
        if isinstance(value, date):
            return _styled(sheet, value, FORMATS["date"])
        if isinstance(value, bool):
            return text_cell(sheet, "yes" if value else "no")
        if isinstance(value, int | float | Decimal) and kind in FORMATS:
            return _styled(sheet, value, FORMATS[kind])
        return text_cell(sheet, str(value))

    def _make_table(self, sheet: Any, columns: Sequence[Column], body_rows: int) -> None:
        self._tables += 1
        reference = f"A1:{get_column_letter(len(columns))}{body_rows + 1}"
        name = "T{}_{}".format(self._tables, re.sub(r"\W+", "_", sheet.title))
        table = Table(displayName=name, ref=reference)
        table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
        table._initialise_columns()  # in write-only mode the headings are not read back
        for heading, column in zip(table.tableColumns, columns, strict=True):
            heading.name = column.title
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it reminds of the headings given above
            sheet.add_table(table)


def text_cell(sheet: Any, text: str) -> Any:
    """Return a cell that holds ``text`` as text, whatever it looks like.

    Control characters that XML cannot carry are shown as U+FFFD; text over Excel's limit is cut
    and says so.
    """
    text = ILLEGAL_CHARACTERS_RE.sub("�", text)
    if len(text) > MAX_TEXT:
        mark = f" … [cut: {len(text)} characters]"
        text = text[: MAX_TEXT - len(mark)] + mark
    if not text.startswith("=") and text not in ERROR_CODES:
        return text
    cell = WriteOnlyCell(sheet)
    cell.value = text
    cell.data_type = "s"  # openpyxl makes live formulas of "=…" and errors of "#N/A" by default
    return cell


def _styled(sheet: Any, value: Any, number_format: str) -> Any:
    cell = WriteOnlyCell(sheet, value=value)
    cell.number_format = number_format
    return cell


def _head(sheet: Any, title: str) -> Any:
    cell = WriteOnlyCell(sheet, value=title)
    cell.font, cell.fill, cell.alignment = HEAD_FONT, HEAD_FILL, HEAD_ALIGNMENT
    return cell


def _sheet_name(title: str, taken: set[str]) -> str:
    """Return a sheet name that Excel accepts: 31 characters, none of ``[]:*?/\\``, unique."""
    base = re.sub(r"[\[\]:*?/\\]", " ", title).strip()[:31] or "Sheet"
    name, number = base, 2
    while name.casefold() in taken:
        suffix = f" {number}"
        name, number = base[: 31 - len(suffix)] + suffix, number + 1
    taken.add(name.casefold())
    return name
