"""The practice org: one object that holds schema, rows, users and allowances of one Salesforce org.

It is used from one thread. Times come from the `clock` given to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from . import describing, durability, picklists, recycle, switches, users
from .access import GRANTING, Access
from .dates import print_moment
from .definitions import Definitions, is_definition
from .errors import OrgError, RowError, RowProblem, SaveResult, no_such_object
from .fields import Field
from .ids import IdSequence, id18
from .intake import flatten
from .limits import Limits
from .locks import RowLocks
from .recordings import NOT_DELETABLE
from .rows import Row, Table
from .saving import Upload
from .schema import Schema, SObject
from .soql import parse, run
from .soql.result import QueryResult
from .transactions import Transaction
from .validation import ValidationRules

LATEST = "66.0"
SERVICE_OBJECTS = frozenset(("EmailMessage", "EmailMessageRelation"))
DELETES = {"delete": recycle.delete, "undelete": recycle.undelete, "hardDelete": recycle.purge}


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Org:
    """A Salesforce org without its HTTP side.

    `extra_users` are dicts with name, email and optionally username and active. With `log_path`
    every committed change is appended there, and a log found there is replayed first.
    """

    def __init__(
        self,
        *,
        sandbox: bool,
        seed: int = 7,
        edition: str = "Enterprise Edition",
        switches: dict[str, str] | None = None,
        clock: Callable[[], datetime] = _utc_now,
        extra_users: list[dict[str, Any]] | None = None,
        log_path: Path | None = None,
    ):
        self.sandbox = sandbox
        self.clock = clock
        self.switches = {**_defaults(), "edition": edition, **(switches or {})}
        for name, value in self.switches.items():
            _check(name, value)
        pod = "bcdefghjkmnpqrstuvwxyz"[seed % 21]
        # a sandbox and a production org never share ids
        self.instance = ("d" if sandbox else "g") + pod.upper()
        self.instance_name = ("CS" if sandbox else "AP") + str(10 + seed % 80)
        hidden = SERVICE_OBJECTS if self.switches["service_cloud"] == "off" else frozenset()
        audit = self.switches["audit_fields"] == "on"
        self.schema = Schema(audit_fields=audit, hidden=hidden)
        self.tables = {s.name: Table(s.name) for s in self.schema.objects.values()}
        self.sequences: dict[str, IdSequence] = {}
        self.counters: dict[str, int] = {}
        self.undo: list[tuple[Table, str, Row | None]] = []
        self.depth = 0
        self.changed = 0  # committed changes so far; a request that moves it changed the org
        self.log: durability.ChangeLog | None = None
        self.access = Access(self)
        self.allowances = Limits(self)
        self.validation = ValidationRules(self)
        self.locks = RowLocks(seed, self.switches["row_locks"])
        self.inactive_users: set[str] = set()
        self.allow_duplicates = False  # Sforce-Duplicate-Rule-Header of the request being saved
        self.deployments: dict[str, dict[str, Any]] = {}
        self._uploads: dict[tuple[Any, ...], Upload] = {}
        self._unique: dict[str, tuple[int, list[Field]]] = {}
        self.system_user = self.org_id = ""
        self.user_id = users.seed(self, extra_users or [])
        picklists.seed(self)
        self.add(
            "Pricebook2", {"Name": "Standard Price Book", "IsActive": True, "IsStandard": True}
        )
        self._apply_inactive_users()
        self.schema.listeners.append(self._schema_changed)
        if log_path is not None:
            durability.open_log(self, log_path)

    # ---- time and ids

    def now(self) -> datetime:
        return self.clock().astimezone(UTC)

    def now_text(self) -> str:
        return print_moment(self.now())

    def sequence(self, sobject: SObject) -> IdSequence:
        prefix = sobject.prefix or "000"
        found = self.sequences.get(prefix)
        if found is None:
            found = self.sequences[prefix] = IdSequence(prefix, self.instance)
        return found

    def new_id(self, prefix: str) -> str:
        """An id of something that is no row: a job (750), a deploy (0Af), a field (00N)."""
        sequence = self.sequences.setdefault(prefix, IdSequence(prefix, self.instance))
        return sequence.next()

    def counter(self, name: str) -> int:
        self.counters[name] = self.counters.get(name, 0) + 1
        return self.counters[name]

    # ---- rows, from inside

    def transaction(self) -> Transaction:
        return Transaction(self)

    def store(self, table: Table, record_id: str, row: Row | None) -> None:
        """Put one row (None purges it), remembered so that it can be undone."""
        self.undo.append((table, record_id, table.put(record_id, row)))
        if table.name in GRANTING:
            self.access.forget()
            if table.name == "User" and row is not None:
                self.note_user(record_id, row)

    def note_user(self, record_id: str, row: Row) -> None:
        """Remember whether a user is inactive: every OwnerId is checked against it."""
        if row.get("IsActive"):
            self.inactive_users.discard(record_id)
        else:
            self.inactive_users.add(record_id)

    def add(self, sobject: str, row: Row, record_id: str | None = None) -> str:
        """Store a row as the system does, unchecked; returns its id."""
        record_id = record_id or self.sequence(self.schema.objects[sobject.lower()]).next()
        moment = self.now_text()
        full = {
            "Id": record_id, "CreatedDate": moment, "CreatedById": self.system_user,
            "LastModifiedDate": moment, "LastModifiedById": self.system_user,
            "SystemModstamp": moment, **row,
        }  # fmt: skip
        with self.transaction():
            self.store(self.tables[sobject], record_id, full)
        return record_id

    def change(self, sobject: str, record_id: str, changes: Row) -> None:
        """Change a row as the system does, unchecked; one that is so already keeps its stamp."""
        table = self.tables[sobject]
        present = table.live[record_id]
        if all(present.get(name) == value for name, value in changes.items()):
            return
        row = {**present, **changes, "SystemModstamp": self.now_text()}
        with self.transaction():
            self.store(table, record_id, {k: v for k, v in row.items() if v is not None})

    def unique_fields(self, sobject: SObject) -> list[Field]:
        known = self._unique.get(sobject.name)
        if known is None or known[0] != self.schema.version:
            fields = [f for f in sobject.fields.values() if f.unique]
            known = self._unique[sobject.name] = (self.schema.version, fields)
        return known[1]

    def finder(self, sobject: SObject, key: Field) -> Callable[[Any], Sequence[str]]:
        """Function from a key value to the ids of the live rows that carry it."""
        table = self.tables[sobject.name]
        if key.name == "Id":
            return lambda value: (value,) if value in table.live else ()
        index = table.index(key.name, not key.case_sensitive)
        return lambda value: tuple(index.ids(value))

    def check_record_type(self, sobject: str, record_type: str, user_id: str) -> None:
        row = self.tables["RecordType"].live.get(record_type, {})
        usable = record_type in describing.record_types(self, sobject, user_id)
        if row.get("SobjectType") != sobject or not row.get("IsActive") or not usable:
            text = f"Record Type ID: this ID value isn't valid for the user: {record_type}"
            raise RowProblem("INVALID_CROSS_REFERENCE_KEY", text, "RecordTypeId")

    def check_validation_rules(self, sobject: str, row: Row) -> None:
        if self.switches["validation_rule"]:
            self.validation.check(sobject, row)

    def parent(self, record_id: str | None) -> Row | None:
        """The live row an id leads to."""
        if record_id is None:
            return None
        target = self.schema.by_prefix.get(record_id[:3])
        return self.tables[target.name].live.get(record_id) if target else None

    # ---- describe

    def sobject(self, name: str) -> SObject:
        """An object by name, any case; OrgError 404 when the org has none."""
        found = self.schema.get(name)
        if found is None:
            raise no_such_object()
        return found

    def describe_global(self, user_id: str, version: str = LATEST) -> dict[str, Any]:
        return describing.describe_global(self, version)

    def describe(self, sobject: str, user_id: str, version: str = LATEST) -> dict[str, Any]:
        """Whole describe, without the fields this user may not see."""
        return describing.describe(self, self.sobject(sobject), user_id, version)

    # ---- writing

    def _upload(
        self,
        operation: str,
        sobject: str,
        user_id: str,
        key: str | None,
        bulk: bool,
    ) -> Upload:
        target = self.sobject(sobject)
        return Upload(self, operation, target, user_id, key=key, bulk=bulk)

    def save(
        self,
        operation: str,
        sobject: str,
        rows: Sequence[dict[str, Any]],
        user_id: str,
        *,
        external_id_field: str | None = None,
        all_or_none: bool = False,
        headers: dict[str, str] | None = None,
        update_only: bool = False,
    ) -> list[SaveResult]:
        """insert, update, upsert, delete, undelete or hardDelete of JSON rows, in their order.

        Rows of the last three need only `Id`. Raises OrgError for a malformed request (unknown
        object or column, JSON value of the wrong kind); nothing is stored then.
        """
        if operation in DELETES:
            ids = [str(r.get("Id") or r.get("id") or "") for r in rows]
            return self._delete(operation, sobject, ids, user_id, all_or_none)
        upload = self._upload(operation, sobject, user_id, external_id_field, False)
        upload.update_only = update_only
        flat = [flatten(row) for row in rows]
        for header, values in flat:
            _check_id_use(operation, external_id_field, header, values)
        header = {k.lower(): v for k, v in (headers or {}).items()}
        wish = header.get("sforce-duplicate-rule-header", "").replace(" ", "").lower()
        self.allow_duplicates = "allowsave=true" in wish
        try:
            with self.transaction():
                return upload.save(flat, all_or_none)
        finally:
            self.allow_duplicates = False

    def save_csv(
        self,
        operation: str,
        sobject: str,
        header: Sequence[str],
        rows: Iterable[list[str]],
        user_id: str,
        *,
        external_id_field: str | None = None,
    ) -> list[SaveResult]:
        """Rows of a bulk CSV: empty cells leave a field alone, `#N/A` clears it, text untrimmed.

        Raises OrgError with code InvalidBatch for a header the job fails on as a whole.
        """
        if operation in DELETES:
            self._check_delete_header(operation, header, user_id)
            ids = [row[0] if row else "" for row in rows]
            return self._delete(operation, sobject, ids, user_id, False)
        upload = self.open_csv(operation, sobject, header, user_id, external_id_field)
        columns = tuple(header)
        return upload.save(((columns, row) for row in rows), False)

    def open_csv(
        self,
        operation: str,
        sobject: str,
        header: Sequence[str],
        user_id: str,
        external_id_field: str | None = None,
    ) -> Upload:
        """Check a job's header once; `save_csv` may then be called for slices of its rows."""
        key = (operation, sobject.lower(), user_id, external_id_field)
        upload = self._uploads.get(key)
        if upload is None:
            upload = self._upload(operation, sobject, user_id, external_id_field, True)
            self._uploads[key] = upload
        upload.check_header(tuple(header))
        return upload

    def _check_delete_header(self, operation: str, header: Sequence[str], user_id: str) -> None:
        if [name.lower() for name in header] != ["id"]:
            text = "InvalidBatch : Delete batch must contain exactly one column with header Id"
            raise OrgError(400, "InvalidBatch", text)
        if operation == "hardDelete" and self.switches["hard_delete"] == "off":
            text = "hardDelete operation requires special user profile permission, please contact "
            raise OrgError(400, "FeatureNotEnabled", text + "your system administrator")

    def _delete(
        self, operation: str, sobject: str, ids: list[str], user_id: str, all_or_none: bool
    ) -> list[SaveResult]:
        target = self.sobject(sobject)
        if not target.about["deletable"] or target.name in NOT_DELETABLE:
            text = f"entity type {target.name} does not support {operation}"
            raise OrgError(400, "INSUFFICIENT_ACCESS_OR_READONLY", text)
        results = []
        with self.transaction() as changes:
            for value in ids:
                mark = changes.mark()
                try:
                    record_id = DELETES[operation](self, target.name, value, user_id)
                    results.append(SaveResult(record_id, True))
                except RowProblem as problem:
                    changes.back_to(mark)
                    # delete results name the id also when they failed
                    results.append(SaveResult(id18(value) or value, False, errors=[problem.error]))
            if all_or_none and any(r.errors for r in results):
                changes.rollback()
                return [r if r.errors else _not_done(r) for r in results]
        return results

    # ---- reading

    def retrieve(
        self,
        sobject: str,
        record_id: str,
        fields: Sequence[str] | None,
        user_id: str,
        version: str = LATEST,
    ) -> dict[str, Any]:
        """One row as REST prints it; all visible fields when `fields` is None."""
        target = self.sobject(sobject)
        whole = id18(record_id)
        if whole is None:
            raise OrgError(404, "NOT_FOUND", f"Provided external ID field does not exist or is "
                           f"not accessible: {record_id}")  # fmt: skip
        table = self.tables[target.name]
        row = table.live.get(whole)
        if row is None:
            if whole in table.bin:
                raise OrgError(404, "ENTITY_IS_DELETED", "entity is deleted", [])
            raise OrgError(404, "NOT_FOUND", "The requested resource does not exist")
        return describing.retrieve(self, target, row, fields, user_id, version)

    def query(
        self,
        soql: str,
        user_id: str,
        all_rows: bool = False,
        version: str = LATEST,
        *,
        tooling: bool = False,
    ) -> QueryResult:
        """Run SOQL. Raises OrgError MALFORMED_QUERY, INVALID_FIELD or INVALID_TYPE."""
        query = parse(soql)
        org: Any = self
        if is_definition(query.sobject, tooling=tooling):
            org = Definitions(self, user_id)
        return run(org, query, user_id, all_rows=all_rows, version=version)

    def query_csv_rows(
        self, soql: str, user_id: str, all_rows: bool = False
    ) -> tuple[list[str], Iterable[list[str]]]:
        """A bulk query: header with dotted parent columns, and rows of text cells."""
        result = self.query(soql, user_id, all_rows)
        return result.csv_header(), result.csv_rows()

    def blob(self, sobject: str, record_id: str, field: str) -> bytes:
        """Content of a base64 field, for example ContentVersion.VersionData."""
        return describing.blob(self, self.sobject(sobject), record_id, field)

    # ---- metadata, limits, switches

    def deploy(self, zip_bytes: bytes, options: dict[str, Any], user_id: str) -> dict[str, Any]:
        """Deploy a package; returns the finished deployResult and keeps it in `deployments`."""
        from .metadata.deploy import deploy

        return deploy(self, zip_bytes, options, user_id)

    def put_metadata(
        self, components: list[tuple[str, str, dict[str, list[Any]]]], *, all_or_none: bool = False
    ) -> list[dict[str, Any]]:
        """CRUD-based metadata calls: (type, fullName, {tag: [text or node]}) each."""
        from .metadata.deploy import put_components

        return put_components(self, components, all_or_none)

    def limits(self, user_id: str) -> dict[str, Any]:
        return self.allowances.answer()

    def set_switch(self, name: str, value: str) -> None:
        """Set a switch at run time; OrgError 400 for an unknown name or value."""
        _check(name, value)
        if name == "validation_rule":
            self.validation.compile(value)
        self.switches[name] = value
        if name == "audit_fields":
            self.schema.set_audit_fields(value == "on")
        elif name == "inactive_users":
            self._apply_inactive_users()
        elif name == "row_locks":
            self.locks.set(value)
        elif name == "service_cloud":
            raise OrgError(400, "BAD_SWITCH", "Switch 'service_cloud' can only be set at start")
        elif name == "edition":
            self.change("Organization", self.org_id, {"OrganizationType": value})

    def _apply_inactive_users(self) -> None:
        wanted = {e.strip().lower() for e in self.switches["inactive_users"].split(",")} - {""}
        for record_id, row in list(self.tables["User"].live.items()):
            if row["Email"].lower() in wanted and row["IsActive"]:
                self.change("User", record_id, {"IsActive": False})

    # ---- whole content

    def counts(self) -> dict[str, int]:
        """Live rows per object."""
        return {name: len(table.live) for name, table in self.tables.items() if table.live}

    def dump(self) -> dict[str, Any]:
        """`{"rows": {object: {id: row}}, "bin": {…}, "fields": {object: {field: describe}}}`."""
        return durability.dump(self)

    def _schema_changed(self, change: dict[str, Any]) -> None:
        for sobject in self.schema.objects.values():
            if sobject.name not in self.tables:
                self.tables[sobject.name] = Table(sobject.name)
        for sobject in self.schema.holders(change["sobject"]) if "sobject" in change else ():
            # the field's case rule may be new: its index is made again on demand
            name = change.get("about", change).get("name", "")
            self.tables[sobject.name].indexes.pop(name, None)
        self.access.forget()
        self._uploads.clear()
        self.changed += 1
        if self.log is not None:
            self.log.append({"schema": change})


def _defaults() -> dict[str, str]:
    return switches.defaults()


def _check(name: str, value: str) -> None:
    switches.check(name, value)


def _not_done(result: SaveResult) -> SaveResult:
    from .errors import ROLLED_BACK

    return SaveResult(
        result.id, False, errors=[RowError("ALL_OR_NONE_OPERATION_ROLLED_BACK", ROLLED_BACK)]
    )


def _check_id_use(
    operation: str, key: str | None, header: Sequence[str], values: Sequence[Any]
) -> None:
    names = [name.lower() for name in header]
    if "id" not in names:
        return
    given = values[names.index("id")]
    keyed_by_id = operation == "upsert" and (key or "Id").lower() == "id"
    if given is not None and operation in ("insert", "upsert") and not keyed_by_id:
        text = "The Id field should not be specified in the sobject data."
        raise OrgError(400, "INVALID_FIELD", text)
