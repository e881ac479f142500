"""Insert, update, upsert: rows are read and checked in chunks of 200, then stored.

Within a chunk all lookups and upsert matches are resolved before any row is stored, as the
platform does: a parent in the same chunk is not found, an external id given twice is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from . import rules
from .errors import ROLLED_BACK, OrgError, RowError, RowProblem, SaveResult, required_missing
from .fields import Field
from .ids import id15
from .intake import CSV_NULL, NEVER, Compiler, Plan, not_a_key, row_id
from .rows import Row

if TYPE_CHECKING:
    from .org import Org
    from .schema import SObject

CHUNK = 200
Prepared = tuple[str | None, Row]  # id of the row to update (None: insert), row or changes


class Upload:
    """One operation on one object by one user; plans are kept per header."""

    def __init__(
        self,
        org: Org,
        operation: str,
        sobject: SObject,
        user_id: str,
        *,
        key: str | None = None,
        bulk: bool = False,
    ):
        self.org = org
        self.operation = operation
        self.sobject = sobject
        self.user_id = user_id
        self.bulk = bulk
        self.update_only = False
        self.compiler = Compiler(org, sobject, user_id, bulk)
        self.table = org.tables[sobject.name]
        self.rule = rules.for_object(sobject.name)
        self.skip: Any = "" if bulk else NEVER
        self.null: Any = CSV_NULL if bulk else None
        self.key = self._key_field(key) if operation == "upsert" else None
        self._plans: dict[tuple[str, Sequence[str]], Plan] = {}
        self._version = (0, 0)
        flag = "createable" if operation == "insert" else "updateable"
        if not sobject.about[flag]:
            text = f"entity type {sobject.name} does not support {operation}"
            raise OrgError(405, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", text)

    def _key_field(self, name: str | None) -> Field:
        found = self.sobject.field(name or "Id")
        if not found or not self.org.access.readable(self.user_id, self.sobject, found):
            if self.bulk:
                text = f"InvalidBatch : Field name not found : {name}"
                raise OrgError(400, "InvalidBatch", text)
            text = f"Provided external ID field does not exist or is not accessible: {name}"
            raise OrgError(404, "NOT_FOUND", text)
        if not found.lookup_key:
            raise not_a_key(found.name, self.sobject.name)
        return found

    def plan(self, header: Sequence[str], mode: str) -> Plan:
        version = (self.org.schema.version, self.org.access.version)
        if version != self._version:
            self._plans.clear()
            self._version = version
        key = (mode, header)
        found = self._plans.get(key)
        if found is None:
            name = self.key.name if self.key else None
            found = self._plans[key] = self.compiler.plan(header, mode, name)
        return found

    def check_header(self, header: Sequence[str]) -> None:
        """Raise OrgError when a column is unknown, before any row is read."""
        for mode in self._modes():
            plan = self.plan(header, mode)
            if self.operation == "update" and plan.id_column is None:
                raise OrgError(400, "InvalidBatch", "InvalidBatch : Field name not found : Id")
            key_missing = self.key and self.key.name != "Id" and plan.key_column is None
            if key_missing and self.bulk:
                text = f"InvalidBatch : Field name not found : {self.key.name}"  # type: ignore[union-attr]
                raise OrgError(400, "InvalidBatch", text)

    def _modes(self) -> tuple[str, ...]:
        return ("insert", "update") if self.operation == "upsert" else (self.operation,)

    def save(
        self, rows: Iterable[tuple[Sequence[str], Sequence[Any]]], all_or_none: bool
    ) -> list[SaveResult]:
        """Rows are (header, values). Results in the same order."""
        results: list[SaveResult] = []
        chunk: list[tuple[Sequence[str], Sequence[Any]]] = []
        for row in rows:
            chunk.append(row)
            if len(chunk) == CHUNK and not all_or_none:
                results += self._save_chunk(chunk, False)
                chunk = []
        if chunk:
            results += self._save_chunk(chunk, all_or_none)
        return results

    def _save_chunk(
        self, chunk: list[tuple[Sequence[str], Sequence[Any]]], all_or_none: bool
    ) -> list[SaveResult]:
        prepared = self._prepare_chunk(chunk)
        results: list[SaveResult] = []
        with self.org.transaction() as changes:
            room = self.org.allowances.rows_left(self.sobject.name)
            failed = False
            if all_or_none and any(isinstance(p, RowError) for p in prepared):
                return [_rolled_back(p) for p in prepared]
            for item in prepared:
                if isinstance(item, RowError):
                    results.append(SaveResult(errors=[item]))
                    continue
                mark = changes.mark()
                try:
                    self.org.locks.check(item[0] or item[1].get("AccountId"))
                    if item[0] is None:
                        if room <= 0:
                            raise RowProblem("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded")
                        record_id = self._insert(item[1])
                        room -= 1
                        results.append(SaveResult(record_id, True, True))
                    else:
                        self._update(item[0], item[1])
                        results.append(SaveResult(item[0], True, False))
                except RowProblem as problem:
                    changes.back_to(mark)
                    failed = True
                    results.append(SaveResult(errors=[problem.error]))
            if failed and all_or_none:
                changes.rollback()
                return [r if r.errors else _rolled_back(None) for r in results]
        return results

    def _prepare_chunk(
        self, chunk: list[tuple[Sequence[str], Sequence[Any]]]
    ) -> list[Prepared | RowError]:
        keys: set[Any] = set()
        prepared: list[Prepared | RowError] = []
        for header, values in chunk:
            try:
                if self.operation == "insert":
                    prepared.append((None, self._new(self.plan(header, "insert"), values)))
                elif self.operation == "update":
                    prepared.append(self._changed(self.plan(header, "update"), values))
                else:
                    prepared.append(self._upserted(header, values, keys))
            except RowProblem as problem:
                prepared.append(problem.error)
        return prepared

    def _new(self, plan: Plan, values: Sequence[Any]) -> Row:
        self._check_width(plan, values)
        if plan.refused:
            raise _Refused(plan.refused)
        row = plan.defaults.copy()
        skip, null = self.skip, self.null
        for position, name, read in plan.columns:
            value = values[position]
            if value == skip:
                continue
            row[name] = None if value == null else read(value)
        for name in plan.required:
            if row.get(name) is None:
                missing = [n for n in plan.required if row.get(n) is None]
                raise _Refused(required_missing(missing))
        return row

    def _changed(self, plan: Plan, values: Sequence[Any], record_id: str | None = None) -> Prepared:
        self._check_width(plan, values)
        if record_id is None:
            if plan.id_column is None:
                raise RowProblem("MISSING_ARGUMENT", "Id not specified in an update call")
            record_id = self._existing_id(values[plan.id_column])
        if plan.refused:
            raise _Refused(plan.refused)
        changes: Row = {}
        skip, null = self.skip, self.null
        for position, name, read in plan.columns:
            value = values[position]
            if value == skip:
                continue
            changes[name] = None if value == null else read(value)
        missing = [n for n in plan.not_null if n in changes and changes[n] is None]
        if missing:
            raise _Refused(required_missing(missing))
        return record_id, changes

    def _existing_id(self, value: Any) -> str:
        record_id = row_id(value)
        if record_id in self.table.live:
            return record_id
        if record_id in self.table.bin:
            raise RowProblem("ENTITY_IS_DELETED", "entity is deleted")
        raise RowProblem("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")

    def _check_width(self, plan: Plan, values: Sequence[Any]) -> None:
        if len(values) != plan.width:
            text = f"Row has {len(values)} values, the header has {plan.width}"
            raise RowProblem("INVALID_FIELD", text)

    def _upserted(self, header: Sequence[str], values: Sequence[Any], keys: set[Any]) -> Prepared:
        plan = self.plan(header, "update")
        key = self.key
        if key is None or key.name == "Id":
            given = values[plan.id_column] if plan.id_column is not None else None
            if given is None or given == "":
                return None, self._new(self.plan(header, "insert"), values)
            return self._changed(plan, values)
        if plan.key_column is None or plan.key_read is None:
            raise RowProblem("MISSING_ARGUMENT", f"{key.name} not specified", key.name)
        self._check_width(plan, values)
        raw = values[plan.key_column]
        wanted = None if raw in ("", None, CSV_NULL) else plan.key_read(raw)
        if wanted is None:
            raise RowProblem("MISSING_ARGUMENT", f"{key.name} not specified", key.name)
        folded = wanted.lower() if isinstance(wanted, str) and not key.case_sensitive else wanted
        if folded in keys:
            text = f"Duplicate external id specified: {raw}"
            raise RowProblem("DUPLICATE_VALUE", text, key.name)
        keys.add(folded)
        ids = list(self.org.finder(self.sobject, key)(wanted))
        if len(ids) > 1:
            shown = ", ".join(ids)
            text = f"{key.name}: more than one record found for external id field: [{shown}]"
            raise RowProblem("DUPLICATE_EXTERNAL_ID", text, key.name)
        if ids:
            record_id, changes = self._changed(plan, values, ids[0])
            changes.pop(key.name, None)
            return record_id, changes
        if self.update_only:
            raise RowProblem("NOT_FOUND", "The requested resource does not exist")
        row = self._new(self.plan(header, "insert"), values)
        row[key.name] = wanted
        return None, row

    def _insert(self, row: Row) -> str:
        org = self.org
        moment = org.now_text()
        user_id = self.user_id
        given = row.copy() if self.rule else row
        if row.get("OwnerId") is None and "ownerid" in self.sobject.fields:
            row["OwnerId"] = user_id
        elif row.get("OwnerId") in org.inactive_users:
            raise inactive_owner(row["OwnerId"], self.sobject.name)
        if row.get("RecordTypeId"):
            org.check_record_type(self.sobject.name, row["RecordTypeId"], user_id)
        if self.rule:
            self.rule.before_insert(org, row, given, user_id)
        org.check_validation_rules(self.sobject.name, row)
        self._check_unique(row, None)
        record_id = org.sequence(self.sobject).next()
        if None in row.values():
            row = {name: value for name, value in row.items() if value is not None}
        row["Id"] = record_id
        row.setdefault("CreatedDate", moment)
        row.setdefault("CreatedById", user_id)
        row.setdefault("LastModifiedDate", moment)
        row.setdefault("LastModifiedById", user_id)
        row["SystemModstamp"] = moment
        org.store(self.table, record_id, row)
        if self.rule:
            self.rule.after_insert(org, row, given, user_id)
        return record_id

    def _update(self, record_id: str, changes: Row) -> None:
        org = self.org
        old = self.table.live.get(record_id)
        if old is None:
            raise RowProblem("ENTITY_IS_DELETED", "entity is deleted")
        new = {**old, **changes}
        owner = new.get("OwnerId")
        if owner in org.inactive_users and (
            owner != old.get("OwnerId") or org.switches["audit_fields"] != "on"
        ):
            raise inactive_owner(owner, self.sobject.name)
        record_type = changes.get("RecordTypeId")
        if record_type and record_type != old.get("RecordTypeId"):
            org.check_record_type(self.sobject.name, record_type, self.user_id)
        if self.rule:
            self.rule.before_update(org, old, new, changes, self.user_id)
        org.check_validation_rules(self.sobject.name, new)
        self._check_unique(new, old)
        moment = org.now_text()
        if None in new.values():
            new = {name: value for name, value in new.items() if value is not None}
        new["LastModifiedDate"] = new["SystemModstamp"] = moment
        new["LastModifiedById"] = self.user_id
        org.store(self.table, record_id, new)
        if self.rule:
            self.rule.after_update(org, old, new, self.user_id)

    def _check_unique(self, row: Row, old: Row | None) -> None:
        for field in self.org.unique_fields(self.sobject):
            value = row.get(field.name)
            if value is None or (old is not None and old.get(field.name) == value):
                continue
            for other in self.table.index(field.name, not field.case_sensitive).ids(value):
                if old is None or other != old["Id"]:
                    text = (
                        f"duplicate value found: {field.name} duplicates value on record with "
                        f"id: {id15(other)}"
                    )
                    raise RowProblem("DUPLICATE_VALUE", text, field.name)


class _Refused(RowProblem):
    """A RowProblem around an error that was made once for the whole plan."""

    def __init__(self, error: RowError):
        Exception.__init__(self, error.message)
        self.error = error


def inactive_owner(owner: str, sobject: str) -> RowProblem:
    text = f"operation performed with inactive user [{id15(owner)}] as owner of {sobject.lower()}"
    return RowProblem("INACTIVE_OWNER_OR_USER", text, "OwnerId")


def _rolled_back(item: Any) -> SaveResult:
    if isinstance(item, RowError):
        return SaveResult(errors=[item])
    return SaveResult(errors=[RowError("ALL_OR_NONE_OPERATION_ROLLED_BACK", ROLLED_BACK)])
