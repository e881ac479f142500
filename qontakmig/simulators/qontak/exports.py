"""The download files of the product's screens: CSV (two dialects) and XLSX.

No export's columns are published. Ours: the template's labels in template order, custom fields
last, dates DD/MM/YYYY HH:mm, several values joined by comma, names in place of ids.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from qontakmig.simulators.qontak import templates as t
from qontakmig.simulators.qontak.content import Content
from qontakmig.simulators.qontak.rows import KINDS, Row

BOM = "\ufeff"
FORMATS = ("csv", "semicolon.csv", "xlsx")
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_COLUMN_OF = {
    "crm_phones": "telephone", "crm_contact": "crm_lead_name", "crm_company": "crm_company_name",
    "crm_deal_status_id": "crm_deal_status",
}  # fmt: skip
_EXTRA = {"deals": (("Pipeline", "crm_pipeline_name"),)}
_STAMPS = (("Created At", "created_at"), ("Updated At", "updated_at"))


def write_files(content: Content, folder: Path, *, with_id: bool = True) -> list[Path]:
    """Write every object in every format into a folder; return the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for kind in KINDS:
        for form in FORMATS:
            path = folder / f"{kind}.{form}"
            with path.open("wb") as file:
                file.writelines(export(content, kind, form, with_id=with_id))
            paths.append(path)
    return paths


def export(content: Content, kind: str, form: str, *, with_id: bool = True) -> Iterator[bytes]:
    """Yield the file of one object in pieces; CSV of any size takes no memory.

    form   "csv" (UTF-8 with BOM, comma), "semicolon.csv" (Indonesian Excel) or "xlsx"
    """
    lines = _lines(content, kind, with_id)
    if form == "xlsx":
        yield _xlsx(kind, lines)
    else:
        yield from _csv(lines, ";" if form == "semicolon.csv" else ",")


def _lines(content: Content, kind: str, with_id: bool) -> Iterator[list[Any]]:
    fields = t.fields_of(kind, content.rows.seed)
    built_in = [field for field in fields if not field.custom]
    custom = [field for field in fields if field.custom]
    extra = [*_EXTRA.get(kind, ()), *_STAMPS]
    header = [field.label or "Company" for field in built_in]
    header += [label for label, _ in extra] + [str(field.label) for field in custom]
    yield ["ID", *header] if with_id else header
    for record_id in content.shelves[kind].ids():
        row = content.read(kind, record_id)
        if row is None:
            continue
        values = {entry["id"]: entry["value_name"] for entry in row["additional_fields"]}
        line = [_built_in(row, field) for field in built_in]
        line += [_shown(row.get(name)) for _, name in extra]
        line += [_shown(values.get(field.id)) for field in custom]
        yield [record_id, *line] if with_id else line


def _built_in(row: Row, field: t.Field) -> Any:
    named = f"{field.name.removesuffix('_id')}_name"
    if field.name in _COLUMN_OF:
        return _shown(row.get(_COLUMN_OF[field.name]))
    return _shown(
        row[named] if field.name.endswith("_id") and named in row else row.get(field.name)
    )


def _shown(value: Any) -> Any:
    """Return a cell: lists joined by comma, times as DD/MM/YYYY HH:mm, the rest as it is."""
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if isinstance(value, str) and value.endswith("+07:00") and value[10:11] == "T":
        return f"{value[8:10]}/{value[5:7]}/{value[:4]} {value[11:16]}"
    return "" if value is None else value


def _csv(lines: Iterable[list[Any]], delimiter: str) -> Iterator[bytes]:
    buffer = io.StringIO(BOM)
    buffer.seek(0, io.SEEK_END)
    writer = csv.writer(buffer, delimiter=delimiter)
    for line in lines:
        writer.writerow(line)
        if buffer.tell() > 65_536:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _xlsx(kind: str, lines: Iterable[list[Any]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(kind)
    for line in lines:
        sheet.append([_cell(sheet, value) for value in line])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _cell(sheet: Any, value: Any) -> Any:
    """Return a cell value without control characters; a formula's beginning stays text."""
    if isinstance(value, str):
        value = ILLEGAL_CHARACTERS_RE.sub("", value)
    if not isinstance(value, str) or not value.startswith("="):
        return value
    cell = WriteOnlyCell(sheet, value=value)
    cell.data_type = "s"
    return cell
