"""What every connector speaks: source records, describes, write plans and results.

The engine, the pages and the workbook know only these types. What is peculiar to a vendor
stays inside its connector package or, when it is about meaning, in the destination's blueprint.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, Protocol

# ---------------------------------------------------------------- describe


class FieldType(StrEnum):
    """The field types that mapping reasons about; ``native_type`` keeps the vendor's own word."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    RICH_TEXT = "rich_text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    CURRENCY = "currency"
    PERCENT = "percent"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    PICKLIST = "picklist"
    MULTIPICKLIST = "multipicklist"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    REFERENCE = "reference"
    ID = "id"
    FILE = "file"
    LOCATION = "location"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class FieldOption:
    """One value of a picklist. ``value`` is what is stored and sent, ``label`` what people read."""

    value: str
    label: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class FieldDescribe:
    """One field as its system describes it to the connected user.

    For a Qontak field the ``name`` is the key in ``SourceRecord.values``: the API name for
    built-in fields, ``cf_<id>`` for custom ones, because two custom fields may share a slug.
    """

    name: str
    label: str
    type: FieldType
    native_type: str
    custom: bool = False
    required: bool = False
    createable: bool = True
    updateable: bool = True
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    options: tuple[FieldOption, ...] = ()
    restricted: bool = False
    multiple: bool = False
    reference_to: tuple[str, ...] = ()
    unique: bool = False
    external_id: bool = False


@dataclass(frozen=True, slots=True)
class ObjectDescribe:
    """One object with its fields in the vendor's order. ``record_types`` is developer name → id."""

    name: str
    label: str
    fields: tuple[FieldDescribe, ...]
    record_types: Mapping[str, str] = field(default_factory=dict)

    def field(self, name: str) -> FieldDescribe | None:
        """Return the field of that API name, or None; names are compared without regard to case."""
        wanted = name.casefold()
        return next((f for f in self.fields if f.name.casefold() == wanted), None)


# ---------------------------------------------------------------- source side


@dataclass(frozen=True, slots=True)
class Choice:
    """A picked option or a reference as the source holds it: the id it stores, the name it shows.

    ``id`` is None where the source gives only a name (export files, currency).
    """

    id: str | None
    name: str | None


Scalar = str | int | float | bool | None
SourceValue = Scalar | dict[str, str | None] | list[dict[str, str | None]]
"""Values are JSON-able. A choice or reference is ``{"id": "12", "name": "Servis"}``, a
multi-select or a list of references a list of those; everything else is as received."""


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One record as read, flattened: ``values`` is keyed by ``FieldDescribe.name``.

    ``updated_at`` is the source's own text parsed to aware UTC, None where it has none.
    """

    object: str
    id: str
    values: dict[str, SourceValue]
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SourcePage:
    """Some records and the cursor that continues after them; ``next_cursor`` None at the end.

    ``total`` is what the source claims to hold, where it says so.
    """

    records: Sequence[SourceRecord]
    next_cursor: str | None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    id: str
    name: str
    order: int
    win_probability: float | None
    active: bool = True


@dataclass(frozen=True, slots=True)
class Pipeline:
    id: str
    name: str
    active: bool
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class Permission:
    """Something the connected user may or may not do; ``where`` tells how to grant it."""

    name: str
    granted: bool
    where: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are on the other side and what is left there. Empty string or None: it did not say."""

    organization_id: str
    organization_name: str
    user_id: str
    user_name: str
    host: str
    edition: str = ""
    sandbox: bool | None = None
    permissions: tuple[Permission, ...] = ()
    calls_left: int | None = None
    calls_max: int | None = None
    storage_left_mb: int | None = None
    storage_max_mb: int | None = None
    notes: tuple[str, ...] = ()


class SourceConnector(Protocol):
    """Reading one Qontak account. Methods raise only the errors of ``connectors.errors``."""

    system: str

    def identify(self) -> Identity: ...

    def objects(self) -> Sequence[str]:
        """Names of the objects that this connection can read, users first: ``users``,
        ``companies``, ``contacts``, ``deals`` …"""

    def describe(self, object_name: str) -> ObjectDescribe: ...

    def count(self, object_name: str) -> int | None:
        """Records that the source claims to hold, or None where it gives no total."""

    def read_page(self, object_name: str, cursor: str | None = None) -> SourcePage:
        """Return the page at ``cursor`` (None: the first).

        Rows may shift between pages while people work: pages overlap, so callers de-duplicate
        by id and compare with ``count`` at the end.
        """

    def pipelines(self) -> Sequence[Pipeline]: ...

    def close(self) -> None: ...


# ---------------------------------------------------------------- target side

WireValue = str | int | float | bool | None
"""What a planned row holds: ISO text for dates, decimal text for money, None for 'no value'."""

Operation = Literal["insert", "update", "delete"]


@dataclass(frozen=True, slots=True)
class WritePlan:
    """Rows of one object and one operation. Each insert/update row carries ``key_field``.

    Rows to update also carry the target id under ``"Id"``; rows to delete carry only that.
    """

    object: str
    operation: Operation
    key_field: str
    rows: Sequence[Mapping[str, WireValue]]


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What became of one row. ``key`` is its external id value (for deletes: the target id)."""

    key: str
    ok: bool
    target_id: str | None = None
    created: bool = False
    code: str = ""
    message: str = ""
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A row read back: values as text in the target's own spelling, None where empty."""

    id: str
    key: str | None
    values: Mapping[str, WireValue]


@dataclass(frozen=True, slots=True)
class ReadPage:
    rows: Sequence[TargetRow]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class TargetUser:
    id: str
    name: str
    email: str
    username: str
    active: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """The destination's own word about a record, asked before it is deleted or restored.

    ``modified_at`` is the system's time stamp that no import can set.
    """

    id: str
    key: str | None
    created_by: str | None
    modified_by: str | None
    modified_at: datetime | None


@dataclass(frozen=True, slots=True)
class SchemaItem:
    """One thing to create in the destination: a custom field, the migration key, a stage.

    ``kind`` is ``field``, ``record_type``, ``sales_process`` or ``value``; ``definition`` holds
    what the connector's metadata writer needs (label, type, length, options …), JSON-able.
    """

    kind: str
    object: str
    name: str
    definition: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SchemaOutcome:
    """How one item of a deployment ended. ``ok`` without ``created``: it was there already."""

    item: SchemaItem
    ok: bool
    created: bool = False
    message: str = ""


@dataclass(frozen=True, slots=True)
class DeployState:
    done: bool
    ok: bool
    outcomes: tuple[SchemaOutcome, ...] = ()
    message: str = ""


class TargetConnector(Protocol):
    """Writing one destination. Methods raise only the errors of ``connectors.errors``."""

    system: str
    job_threshold: int
    """Rows from which a plan goes as an ingest job instead of direct calls."""
    retry_codes: frozenset[str]
    """Codes of ``WriteResult`` that pass by themselves, such as a row lock: sent again later."""

    def identify(self) -> Identity: ...

    def describe(self, object_name: str) -> ObjectDescribe: ...

    def users(self) -> Iterator[TargetUser]: ...

    # schema
    def deploy_start(self, items: Sequence[SchemaItem], *, check_only: bool) -> str:
        """Start creating ``items`` (all or none); return the deploy id to store before waiting."""

    def deploy_state(self, deploy_id: str, items: Sequence[SchemaItem]) -> DeployState: ...

    def grant_access(self, items: Sequence[SchemaItem]) -> None:
        """Make the fields among ``items`` visible and editable to the connected user.

        Repeatable; the whole set is given each time.
        """

    def schema_remove(self, items: Sequence[SchemaItem]) -> DeployState:
        """Take back what ``deploy_start`` and ``grant_access`` made. Used by rollback only."""

    # writing
    def write(self, plan: WritePlan) -> list[WriteResult]:
        """Write a plan below ``job_threshold`` with direct calls; a row without a result is
        uncertain."""

    def job_open(self, plan: WritePlan) -> str:
        """Create an ingest job without data; the caller stores the id before any upload."""

    def job_send(self, job_id: str, plan: WritePlan) -> None:
        """Upload the rows and close the upload."""

    def job_sent(self, job_id: str) -> bool:
        """True when the upload of that job was closed; asked after a crash in between."""

    def job_results(self, job_id: str, plan: WritePlan) -> list[WriteResult] | None:
        """Results by key once the job has ended, None while it works. Rows that the job left
        unprocessed have no result. Raises RejectedError when the job failed as a whole."""

    def job_abort(self, job_id: str) -> None: ...

    # reading back
    def find_by_key(
        self, object_name: str, key_field: str, keys: Sequence[str], fields: Sequence[str]
    ) -> dict[str, list[TargetRow]]:
        """Rows whose key is one of ``keys``, any number: key → rows (two rows: a duplicate)."""

    def find_by_id(
        self, object_name: str, ids: Sequence[str], fields: Sequence[str], key_field: str
    ) -> dict[str, TargetRow]: ...

    def read_open(self, object_name: str, key_field: str, fields: Sequence[str]) -> str:
        """Start reading back every row that carries our key; return the job id."""

    def read_page(self, job_id: str, cursor: str | None, key_field: str) -> ReadPage | None:
        """The page at ``cursor``, or None while the job works."""

    def count_keyed(self, object_name: str, key_field: str) -> int: ...

    def evidence(self, object_name: str, key_field: str, ids: Sequence[str]) -> dict[str, Evidence]:
        """Evidence for those of ``ids`` that still exist."""

    def last_change(self, object_name: str, key_field: str, user_id: str) -> datetime | None:
        """When ``user_id`` last changed any record that carries our key, by the destination's own
        clock; None when there is none."""

    def dependents(self, object_name: str, ids: Sequence[str]) -> dict[str, int]:
        """How many live records would be deleted or orphaned along with each of ``ids``."""

    def close(self) -> None: ...
