"""A folder of files exported from Qontak's pages as ``SourceConnector``.

The columns of these exports are not published and follow the account's language: a field is named
for its header, typed by a sample, and mapped by a person. References are names only.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path

from qontakmig.connectors.base import (
    FieldDescribe,
    FieldType,
    Identity,
    ObjectDescribe,
    Permission,
    Pipeline,
    SourcePage,
    SourceRecord,
    SourceValue,
    Stage,
)
from qontakmig.connectors.errors import RejectedError
from qontakmig.connectors.qontak.columns import SAMPLE_ROWS, column_field, moment
from qontakmig.connectors.qontak.tables import SUFFIXES, Cell, rows
from qontakmig.connectors.qontak.templates import LABELS

PAGE_ROWS = 500
_WORDS = {
    "users": ("user", "pengguna", "agent", "agen"),
    "companies": ("compan", "perusahaan"),
    "contacts": ("contact", "kontak", "lead", "pelanggan", "customer"),
    "deals": ("deal", "tawaran", "opportunit", "peluang"),
}
_ID_HEADERS = re.compile(r"(?:(?:contact|company|deal|user|kontak|perusahaan|tawaran)\s*)?id", re.I)

_CREATED = re.compile(r"(?:created (?:at|on|date)|(?:tanggal )?dibuat(?: pada)?)", re.I)
_UPDATED = re.compile(r"(?:updated (?:at|on)|(?:tanggal )?(?:diubah|diperbarui)(?: pada)?)", re.I)


class ExportFilesSource:
    """Files of one folder. A file belongs to the object that its name speaks of.

    Several files of one object are read one after the other; rows with an id seen before are left
    out. Raises RejectedError ``folder_unreadable``, ``file_refused``, ``no_files``.
    """

    system = "qontak_files"

    def __init__(self, folder: str | Path) -> None:
        self._folder = Path(folder)
        self._tables = {name: _Table(name, paths) for name, paths in self._files().items()}
        self._reading: dict[str, tuple[int, Iterator[SourceRecord]]] = {}

    def close(self) -> None:
        self._reading.clear()

    def identify(self) -> Identity:
        """Return which files serve which object. Raises RejectedError ``no_files``."""
        self._need_files()
        return Identity(
            organization_id="",
            organization_name=self._folder.name,
            user_id="",
            user_name="",
            host=str(self._folder.name),
            permissions=tuple(
                Permission(f"Read {name}", name in self._tables, f"A file named {name}.csv")
                for name in _WORDS
            ),
            notes=tuple(
                f"{LABELS[name]}: " + ", ".join(path.name for path in table.paths)
                for name, table in self._tables.items()
            ),
        )

    def objects(self) -> Sequence[str]:
        self._need_files()
        return tuple(self._tables)

    def describe(self, object_name: str) -> ObjectDescribe:
        return self._table(object_name).describe()

    def count(self, object_name: str) -> int | None:
        return sum(1 for _ in self._table(object_name).records())

    def read_page(self, object_name: str, cursor: str | None = None) -> SourcePage:
        """Return up to 500 records. Going on where the last page ended costs no second reading."""
        start = _start(cursor)
        at, records = self._reading.pop(object_name, (-1, iter(())))
        if at != start:
            records = islice(self._table(object_name).records(), start, None)
        page = list(islice(records, PAGE_ROWS))
        if len(page) < PAGE_ROWS:
            return SourcePage(page, None)
        following = start + len(page)
        self._reading[object_name] = (following, records)
        return SourcePage(page, json.dumps({"row": following}))

    def pipelines(self) -> Sequence[Pipeline]:
        """Return pipelines and stages as far as the deals name them; no probabilities are known."""
        if "deals" not in self._tables:
            return ()
        names = {f.label.casefold(): f.name for f in self.describe("deals").fields}
        pipeline, stage = names.get("pipeline"), names.get("stage") or names.get("tahap")
        if stage is None:
            return ()
        found: dict[str, dict[str, None]] = {}
        for record in self._table("deals").records():
            owner = _shown(record.values.get(pipeline)) if pipeline else ""
            found.setdefault(owner, {})[_shown(record.values.get(stage))] = None
        return [
            Pipeline(
                id=name or "-",
                name=name or "Pipeline",
                active=True,
                stages=tuple(
                    Stage(label, label, place, None) for place, label in enumerate(stages) if label
                ),
            )
            for name, stages in found.items()
        ]

    def _files(self) -> dict[str, list[Path]]:
        try:
            root = self._folder.resolve(strict=True)
            paths = sorted(path for path in root.iterdir() if path.suffix.lower() in SUFFIXES)
        except OSError:
            raise RejectedError(
                "The folder with the exported files cannot be read.",
                system=self.system,
                code="folder_unreadable",
                advice="Check the path, and that this program may read it.",
            ) from None
        found: dict[str, list[Path]] = {}
        for name in _WORDS:
            for path in paths:
                # A link could lead out of the folder.
                if path.is_symlink() or not path.is_file():
                    continue
                if _object_of(path) == name:
                    found.setdefault(name, []).append(path)
        return found

    def _need_files(self) -> None:
        if not self._tables:
            raise RejectedError(
                "The folder holds no exported files of contacts, companies or deals.",
                system=self.system,
                code="no_files",
                advice="Name the files for what they hold: contacts.csv, companies.xlsx.",
            )

    def _table(self, object_name: str) -> _Table:
        if object_name not in self._tables:
            raise RejectedError(
                f"The folder has no file of {object_name}.", system=self.system, code="not_found"
            )
        return self._tables[object_name]


class _Table:
    """All files of one object as one table, its columns those of all headers."""

    def __init__(self, name: str, paths: Sequence[Path]) -> None:
        self.name = name
        self.paths = paths
        self._fields: dict[str, FieldDescribe] | None = None
        self._id_column: str | None = None
        self._created_column: str | None = None
        self._updated_column: str | None = None

    def describe(self) -> ObjectDescribe:
        return ObjectDescribe(self.name, LABELS[self.name], tuple(self._described().values()))

    def records(self) -> Iterator[SourceRecord]:
        """Yield each record once, in the order of the files."""
        fields = self._described()
        seen: set[str] = set()
        for path in self.paths:
            repeats: dict[str, int] = {}
            for named in _named(path):
                record_id = self._id(named, repeats)
                if record_id not in seen:
                    seen.add(record_id)
                    values = {key: _value(fields[key], cell) for key, cell in named.items()}
                    yield SourceRecord(
                        self.name,
                        record_id,
                        values,
                        self._moment(named, self._created_column),
                        self._moment(named, self._updated_column),
                    )

    def _moment(self, named: dict[str, Cell], column: str | None) -> datetime | None:
        if column is None or self._fields is None:
            return None
        return moment(named.get(column), self._fields[column].native_type)

    def _id(self, named: dict[str, Cell], repeats: dict[str, int]) -> str:
        """Return the id cell, else a hash of the row; equal rows of one file are numbered."""
        cell = named.get(self._id_column) if self._id_column else None
        if cell not in (None, ""):
            return str(cell).strip()
        joined = "\x1f".join(str(value) for value in named.values() if value is not None)
        made = "row-" + hashlib.sha256(joined.encode()).hexdigest()[:20]
        repeats[made] = repeats.get(made, 0) + 1
        return made if repeats[made] == 1 else f"{made}-{repeats[made]}"

    def _described(self) -> dict[str, FieldDescribe]:
        if self._fields is None:
            columns: dict[str, list[Cell]] = {}
            for path in self.paths:
                header = next(rows(path), [])
                for key in _keys(header):
                    columns.setdefault(key, [])
                for named in islice(_named(path), SAMPLE_ROWS):
                    for key, cell in named.items():
                        columns[key].append(cell)
            self._id_column = next((k for k in columns if _is_id(k, columns[k])), None)
            self._created_column = _first(columns, _CREATED)
            self._updated_column = _first(columns, _UPDATED)
            self._fields = {key: column_field(key, key, cells) for key, cells in columns.items()}
        return self._fields


def _object_of(path: Path) -> str | None:
    """Return the object whose word comes first in the file's name."""
    name = path.stem.lower()
    places = [
        (name.find(word), kind) for kind, words in _WORDS.items() for word in words if word in name
    ]
    return min(places)[1] if places else None


def _named(path: Path) -> Iterator[dict[str, Cell]]:
    """Yield the rows as column key → cell; short rows lack their last columns."""
    source = rows(path)
    keys = _keys(next(source, []))
    for row in source:
        yield dict(zip(keys, row, strict=False))


def _keys(header: Sequence[Cell]) -> list[str]:
    """Return a key for each column: its header, numbered when it repeats or is empty."""
    keys: list[str] = []
    for place, cell in enumerate(header, 1):
        label = " ".join(str(cell or "").split()) or f"Column {place}"
        key, number = label, 1
        while key in keys:
            number += 1
            key = f"{label} ({number})"
        keys.append(key)
    return keys


def _first(columns: Iterable[str], pattern: re.Pattern[str]) -> str | None:
    return next((key for key in columns if pattern.fullmatch(key)), None)


def _is_id(key: str, cells: Sequence[Cell]) -> bool:
    return bool(_ID_HEADERS.fullmatch(key.strip())) and any(c not in (None, "") for c in cells)


def _value(field: FieldDescribe, cell: Cell) -> SourceValue:
    if cell is None or cell == "":
        return None
    if field.type is FieldType.PICKLIST:
        return {"id": None, "name": str(cell)}
    return cell


def _shown(value: SourceValue) -> str:
    if isinstance(value, dict):
        return str(value.get("name") or "")
    return "" if value is None else str(value)


def _start(cursor: str | None) -> int:
    try:
        return int(json.loads(cursor)["row"]) if cursor else 0
    except (ValueError, TypeError, KeyError):
        raise RejectedError(
            "The place where reading stopped cannot be understood.",
            system="qontak_files",
            code="cursor_unreadable",
        ) from None
