"""Rows of CSV and XLSX files that people exported: encodings, delimiters, and hostile archives."""

from __future__ import annotations

import codecs
import csv
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from qontakmig.connectors.errors import RejectedError

Cell = str | int | float | bool | None
MAX_FILE_BYTES = 500_000_000
MAX_ENTRIES = 2_000
MAX_UNPACKED_BYTES = 300_000_000
MAX_RATIO = 100
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS = (",", ";", "\t", "|")
SUFFIXES = (".csv", ".xlsx")


def rows(path: Path) -> Iterator[list[Cell]]:
    """Yield the rows of the file's first table, the header first; empty rows are left out.

    Raises RejectedError ``file_refused`` for a file that is no such table, or a trap.
    """
    if path.stat().st_size > MAX_FILE_BYTES:
        raise _refused(path, "is larger than 500 MB")
    source = _xlsx(path) if path.suffix.lower() == ".xlsx" else _csv(path)
    return (row for row in source if any(cell not in (None, "") for cell in row))


def _csv(path: Path) -> Iterator[list[Cell]]:
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        delimiter = _delimiter(file.readline())
        file.seek(0)
        try:
            for row in csv.reader(file, delimiter=delimiter):
                yield list(row)
        except csv.Error:
            raise _refused(path, "is not a readable CSV file") from None


def _encoding(path: Path) -> str:
    """Return the encoding: by its mark, else UTF-8 when all of it is, else Windows-1252."""
    with path.open("rb") as file:
        head = file.read(4)
        for mark, name in _BOMS:
            if head.startswith(mark):
                return name
        decoder = codecs.getincrementaldecoder("utf-8")()
        file.seek(0)
        try:
            while part := file.read(1 << 20):
                if b"\x00" in part:
                    raise _refused(path, "is not a text file")
                decoder.decode(part)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def _delimiter(header: str) -> str:
    """Return the delimiter that the header line has most of, outside quotes."""
    bare = "".join(part for place, part in enumerate(header.split('"')) if place % 2 == 0)
    return max(_DELIMITERS, key=bare.count)


def _xlsx(path: Path) -> Iterator[list[Cell]]:
    _check_archive(path)
    try:
        sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
        for row in sheet.iter_rows():
            yield [_cell(value) for value in row]
    except (CalamineError, OSError, ValueError, IndexError):
        raise _refused(path, "is not a readable XLSX file") from None


def _check_archive(path: Path) -> None:
    """Refuse archives that unpack to far more than they seem, before anything unpacks them."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            packed = sum(entry.compress_size for entry in entries)
            if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED_BYTES:
                raise _refused(path, "unpacks to more than a spreadsheet would")
            if unpacked > MAX_RATIO * max(packed, 1):
                raise _refused(path, "unpacks to more than a spreadsheet would")
            for entry in entries:
                if entry.filename.lower().endswith((".xml", ".rels")):
                    with archive.open(entry) as part:
                        if b"<!DOCTYPE" in part.read(2048):
                            raise _refused(path, "has a document type, which spreadsheets lack")
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError):
        raise _refused(path, "is not a readable XLSX file") from None


def _cell(value: object) -> Cell:
    if isinstance(value, datetime):
        return value.isoformat(sep="T", timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value if isinstance(value, str | int | float | bool) else None


def _refused(path: Path, why: str) -> RejectedError:
    return RejectedError(
        f"The file {path.name} {why}.",
        system="qontak_files",
        code="file_refused",
        advice="Export it again from Qontak, as CSV or XLSX, and put it in place of this one.",
    )
