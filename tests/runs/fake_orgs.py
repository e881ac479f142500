"""A strict source and destination in a file, so that several processes can share them.

The destination refuses a second row with the same key, as Salesforce does, and misbehaves on
request: ``fault("lose_answer", 2)`` commits and then loses the answer, twice.
"""

from __future__ import annotations

import json
import random
import sqlite3
import time
from contextlib import contextmanager
from datetime import UTC, datetime

from qontakmig.connectors.base import (
    DeployState,
    Evidence,
    FieldDescribe,
    FieldType,
    Identity,
    ObjectDescribe,
    ReadPage,
    SourcePage,
    SourceRecord,
    TargetRow,
    TargetUser,
    WriteResult,
)
from qontakmig.connectors.errors import RateLimitedError, RejectedError, TransientError

KEY = "Qontak_Id__c"
US = "005US"
PREFIX = {"Account": "001", "Contact": "003", "Lead": "00Q", "Opportunity": "006"}
FIELDS = {
    "Account": ("Name", "OwnerId", "ParentId", "CreatedDate"),
    "Contact": ("LastName", "AccountId", "OwnerId", "CreatedDate"),
    "Lead": ("LastName", "OwnerId", "CreatedDate"),
    "Opportunity": ("Name", "AccountId", "Contact__c", "OwnerId", "Amount", "CreatedDate"),
}
REFERENCES = {
    "OwnerId": None,
    "ParentId": "Account",
    "AccountId": "Account",
    "Contact__c": "Contact",
}
SCHEMA = """
CREATE TABLE IF NOT EXISTS row (object TEXT, id TEXT PRIMARY KEY, k TEXT, v TEXT, created_by TEXT,
  modified_by TEXT, modified_at REAL);
CREATE UNIQUE INDEX IF NOT EXISTS row_key ON row (object, k) WHERE k IS NOT NULL;
CREATE TABLE IF NOT EXISTS job (id INTEGER PRIMARY KEY, object TEXT, operation TEXT, state TEXT,
  ticks INTEGER, results TEXT);
CREATE TABLE IF NOT EXISTS fault (name TEXT PRIMARY KEY, left INTEGER);
CREATE TABLE IF NOT EXISTS journal (n INTEGER PRIMARY KEY, what TEXT, object TEXT, keys TEXT);
CREATE TABLE IF NOT EXISTS serial (n INTEGER PRIMARY KEY);
"""


class FakeTarget:
    system = "fake"
    retry_codes = frozenset({"ROW_LOCKED"})

    def __init__(self, path, job_threshold=10_000):
        self.path, self.job_threshold = str(path), job_threshold
        with self._open() as db:
            db.executescript("PRAGMA journal_mode=WAL;" + SCHEMA)

    @contextmanager
    def _open(self):
        db = sqlite3.connect(self.path, timeout=20, isolation_level=None)
        try:
            db.execute("PRAGMA synchronous=OFF")
            yield db
        finally:
            db.close()

    # ---- what tests do to it

    def fault(self, name, times=1):
        with self._open() as db:
            db.execute("INSERT OR REPLACE INTO fault VALUES (?, ?)", (name, times))

    def _hit(self, name, db=None):
        sql = "UPDATE fault SET left = left - 1 WHERE name = ? AND left > 0"
        if db is not None:
            return bool(db.execute(sql, (name,)).rowcount)
        with self._open() as own:
            return bool(own.execute(sql, (name,)).rowcount)

    def add(self, object_name, key=None, by="005CUSTOMER", **values):
        with self._open() as db:
            return self._insert(db, object_name, key, values, by)

    def edit(self, target_id, by="005CUSTOMER", **values):
        with self._open() as db:
            old = json.loads(
                db.execute("SELECT v FROM row WHERE id = ?", (target_id,)).fetchone()[0]
            )
            db.execute(
                "UPDATE row SET v = ?, modified_by = ?, modified_at = ? WHERE id = ?",
                (json.dumps(old | values), by, time.time(), target_id),
            )

    def remove(self, target_id):
        with self._open() as db:
            db.execute("DELETE FROM row WHERE id = ?", (target_id,))

    def dump(self):
        """Everything in it: {object: {id: (key, values)}}."""
        with self._open() as db:
            rows = db.execute("SELECT object, id, k, v FROM row").fetchall()
        found = {}
        for object_name, row_id, key, values in rows:
            filled = {n: v for n, v in json.loads(values).items() if v not in (None, "")}
            found.setdefault(object_name, {})[row_id] = (key, filled)
        return found

    def writes(self):
        with self._open() as db:
            return db.execute("SELECT what, object, keys FROM journal ORDER BY n").fetchall()

    def count(self, object_name):
        return len(self.dump().get(object_name, {}))

    # ---- reading

    def identify(self):
        return Identity("00D1", "PT Tujuan", US, "Migrasi", "fake.example", sandbox=True)

    def describe(self, object_name):
        fields = [
            FieldDescribe(
                name,
                name,
                FieldType.REFERENCE
                if name in REFERENCES
                else FieldType.DATETIME
                if name == "CreatedDate"
                else FieldType.CURRENCY
                if name == "Amount"
                else FieldType.TEXT,
                "x",
                length=255,
                updateable=name != "CreatedDate",
            )
            for name in FIELDS[object_name]
        ]
        if not self._has("no_key_field"):
            fields.append(
                FieldDescribe(
                    KEY,
                    KEY,
                    FieldType.TEXT,
                    "x",
                    custom=True,
                    length=64,
                    unique=True,
                    external_id=True,
                )
            )
        return ObjectDescribe(object_name, object_name, tuple(fields))

    def _has(self, name):
        with self._open() as db:
            row = db.execute("SELECT left FROM fault WHERE name = ?", (name,)).fetchone()
        return bool(row and row[0])

    def users(self):
        yield TargetUser("005A", "Sari", "SARI@x.id", "sari", True)
        yield TargetUser("005B", "Budi", "budi@x.id", "budi", True)
        yield TargetUser("005C", "Lama", "lama@x.id", "lama", False)

    def _row(self, row, fields):
        values = json.loads(row[2])
        return TargetRow(row[0], row[1], {name: values.get(name) for name in fields})

    def find_by_key(self, object_name, key_field, keys, fields):
        found = {}
        with self._open() as db:
            sql = (
                "SELECT id, k, v FROM row WHERE object = ? "
                "AND k IN (SELECT value FROM json_each(?))"
            )
            for row in db.execute(sql, (object_name, json.dumps(list(keys)))):
                found.setdefault(row[1], []).append(self._row(row, fields))
        return found

    def find_by_id(self, object_name, ids, fields, key_field):
        with self._open() as db:
            sql = "SELECT id, k, v FROM row WHERE id IN (SELECT value FROM json_each(?))"
            rows = db.execute(sql, (json.dumps(list(ids)),)).fetchall()
        return {row[0]: self._row(row, fields) for row in rows}

    def read_open(self, object_name, key_field, fields):
        return json.dumps([object_name, list(fields)])

    def read_page(self, job_id, cursor, key_field):
        if self._hit("read_works"):
            return None
        object_name, fields = json.loads(job_id)
        with self._open() as db:
            rows = db.execute(
                "SELECT id, k, v FROM row WHERE object = ? AND k IS NOT NULL AND id > ? "
                "ORDER BY id LIMIT 70",
                (object_name, cursor or ""),
            ).fetchall()
        return ReadPage(
            [self._row(r, fields) for r in rows], rows[-1][0] if len(rows) == 70 else None
        )

    def count_keyed(self, object_name, key_field):
        return sum(1 for key, _ in self.dump().get(object_name, {}).values() if key)

    def evidence(self, object_name, key_field, ids):
        with self._open() as db:
            sql = (
                "SELECT id, k, created_by, modified_by, modified_at FROM row "
                "WHERE id IN (SELECT value FROM json_each(?))"
            )
            rows = db.execute(sql, (json.dumps(list(ids)),)).fetchall()
        return {
            r[0]: Evidence(r[0], r[1], r[2], r[3], datetime.fromtimestamp(r[4], UTC)) for r in rows
        }

    def last_change(self, object_name, key_field, user_id):
        with self._open() as db:
            sql = "SELECT max(modified_at) FROM row WHERE object = ? AND modified_by = ?"
            latest = db.execute(sql, (object_name, user_id)).fetchone()[0]
        return datetime.fromtimestamp(latest, UTC) if latest else None

    def dependents(self, object_name, ids):
        counts = dict.fromkeys(ids, 0)
        for rows in self.dump().values():
            for _, values in rows.values():
                for name in REFERENCES:
                    if values.get(name) in counts:
                        counts[values[name]] += 1
        return counts

    # ---- writing

    def _insert(self, db, object_name, key, values, by):
        db.execute("INSERT INTO serial DEFAULT VALUES")
        number = db.execute("SELECT max(n) FROM serial").fetchone()[0]
        row_id = f"{PREFIX[object_name]}{number:012d}"
        db.execute(
            "INSERT INTO row VALUES (?, ?, ?, ?, ?, ?, ?)",
            (object_name, row_id, key, json.dumps(values), by, by, time.time()),
        )
        return row_id

    def _apply(self, plan):
        """Commit what is valid; return one result a row."""
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            keys = [row.get(KEY) or row.get("Id") for row in plan.rows]
            db.execute(
                "INSERT INTO journal (what, object, keys) VALUES (?, ?, ?)",
                (plan.operation, plan.object, json.dumps(keys)),
            )
            results = [self._apply_row(db, plan, dict(row)) for row in plan.rows]
            db.execute("COMMIT")
        return results

    def _apply_row(self, db, plan, row):
        if plan.operation == "delete":
            gone = db.execute("DELETE FROM row WHERE id = ?", (row["Id"],)).rowcount
            code = "" if gone else "ENTITY_IS_DELETED"
            return WriteResult(row["Id"], bool(gone), row["Id"], code=code, message="deleted")
        key = row.pop(KEY)
        unknown = set(row) - set(FIELDS[plan.object]) - {"Id"}
        if unknown:
            return WriteResult(key, False, code="INVALID_FIELD", message=str(unknown))
        if "BAD" in (row.get("Name"), row.get("LastName")):
            return WriteResult(key, False, code="FIELD_CUSTOM_VALIDATION", message="bad name")
        if self._hit("row_lock", db):
            return WriteResult(key, False, code="ROW_LOCKED", message="unable to lock row")
        if plan.operation == "insert":
            try:
                row_id = self._insert(db, plan.object, key, row, US)
            except sqlite3.IntegrityError:
                return WriteResult(key, False, code="DUPLICATE_VALUE", message="duplicate value")
            return WriteResult(key, True, row_id, created=True)
        row_id = row.pop("Id")
        if "CreatedDate" in row:
            return WriteResult(key, False, code="INVALID_FIELD_FOR_INSERT_UPDATE", message="audit")
        old = db.execute("SELECT v FROM row WHERE id = ?", (row_id,)).fetchone()
        if old is None:
            return WriteResult(key, False, code="ENTITY_IS_DELETED", message="deleted")
        db.execute(
            "UPDATE row SET v = ?, modified_by = ?, modified_at = ?, k = ? WHERE id = ?",
            (json.dumps(json.loads(old[0]) | row), US, time.time(), key, row_id),
        )
        return WriteResult(key, True, row_id)

    def _before(self, plan):
        keys = {row.get(KEY) for row in plan.rows}
        with self._open() as db:
            names = [n for (n,) in db.execute("SELECT name FROM fault WHERE left > 0")]
        for name in names:
            if name.startswith("poison:") and name[7:] in keys:
                raise TransientError("no answer", maybe_done=True)
            if name.startswith("reject:") and (name[7:] in keys or name == "reject:*"):
                raise RejectedError("request refused", code="malformed")
        if self._hit("outage"):
            raise TransientError("not answering")
        if self._hit("cut_before"):
            raise TransientError("cut", maybe_done=True)
        if self._hit("rate_limited"):
            raise RateLimitedError("slow down", retry_after=0.1)

    def _after(self, results):
        if self._hit("lose_answer"):
            raise TransientError("answer lost", maybe_done=True)
        if self._hit("shuffle"):
            random.Random(4).shuffle(results)
        if self._hit("drop_results"):
            del results[::3]
        if self._hit("double_results"):
            results = results + results
        if self._hit("same_id"):
            results = [
                WriteResult(r.key, True, results[0].target_id, created=True) for r in results
            ]
        return results

    def write(self, plan):
        assert len(plan.rows) < self.job_threshold
        self._before(plan)
        return self._after(self._apply(plan))

    def job_open(self, plan):
        self._before(plan)
        with self._open() as db:
            done = db.execute(
                "INSERT INTO job (object, operation, state, ticks) VALUES (?, ?, 'open', 1)",
                (plan.object, plan.operation),
            )
            return str(done.lastrowid)

    def _job(self, job_id):
        with self._open() as db:
            return db.execute(
                "SELECT state, ticks, results FROM job WHERE id = ?", (job_id,)
            ).fetchone()

    def job_send(self, job_id, plan):
        assert self._job(job_id)[0] == "open"
        if self._hit("job_failed"):
            half = type(plan)(plan.object, plan.operation, plan.key_field, plan.rows[::2])
            self._apply(half)
            state, results = "failed", []
        else:
            state, results = "sent", self._apply(plan)
        text = json.dumps(
            [[r.key, r.ok, r.target_id, r.created, r.code, r.message] for r in results]
        )
        with self._open() as db:
            db.execute("UPDATE job SET state = ?, results = ? WHERE id = ?", (state, text, job_id))
        if self._hit("lose_answer"):
            raise TransientError("answer lost", maybe_done=True)

    def job_sent(self, job_id):
        return self._job(job_id)[0] in ("sent", "failed")

    def job_results(self, job_id, plan):
        state, ticks, results = self._job(job_id)
        if state in ("aborted", "failed"):
            raise RejectedError("the job failed", code="job_failed")
        if ticks:
            with self._open() as db:
                db.execute("UPDATE job SET ticks = ticks - 1 WHERE id = ?", (job_id,))
            return None
        return self._after([WriteResult(*r) for r in json.loads(results)])

    def job_abort(self, job_id):
        with self._open() as db:
            db.execute("UPDATE job SET state = 'aborted' WHERE id = ?", (job_id,))

    # ---- schema

    def deploy_start(self, items, *, check_only):
        return "deploy-1"

    def deploy_state(self, deploy_id, items):
        return DeployState(True, True)

    def grant_access(self, items):
        self.granted = items

    def schema_remove(self, items):
        return DeployState(True, True)

    def close(self):
        pass


class FakeSource:
    """Users, companies (some with a parent), contacts (a third are leads) and deals."""

    system = "fake_source"

    def __init__(self, companies=20, contacts=30, deals=20, changes=None):
        self.sizes = {"users": 4, "companies": companies, "contacts": contacts, "deals": deals}
        self.changes = changes or {}
        self.faults = []

    def _record(self, name, n):
        moment = datetime(2023, 5, 1, 3, n % 60, tzinfo=UTC)
        owner = {"id": str(n % 4 + 1), "name": "x"}
        values = {"name": f"{name} {n}", "owner": owner}
        if name == "users":
            emails = ("sari@X.id", "budi@x.id", "lama@x.id", "tanpa@x.id")
            values = {"name": f"User {n}", "email": emails[n - 1]}
        if name == "companies" and n % 5 == 0:
            values["parent"] = {"id": str(n % self.sizes["companies"] + 1), "name": "x"}
        if name == "contacts":
            values |= {"company": {"id": str((n - 1) % self.sizes["companies"] + 1), "name": "x"}}
            values |= {"status": "baru" if n % 3 == 0 else "pelanggan"}
        if name == "deals":
            values |= {"company": {"id": str((n - 1) % self.sizes["companies"] + 1), "name": "x"}}
            values |= {
                "contact": {"id": str((n - 1) % max(1, self.sizes["contacts"]) + 1), "name": "x"}
            }
            values |= {"amount": f"{n}000000"}
        values |= self.changes.get((name, str(n)), {})
        return SourceRecord(name, str(n), values, moment, moment)

    def count(self, name):
        return self.sizes[name]

    def read_page(self, name, cursor=None):
        if self.faults:
            raise self.faults.pop(0)
        start = int(cursor or 0)
        size = 40
        first = max(start - 2, 0)  # pages overlap, as when rows shift
        last = min(start + size, self.sizes[name])
        records = [self._record(name, n + 1) for n in range(first, last)]
        return SourcePage(records, str(last) if last < self.sizes[name] else None, self.sizes[name])

    def close(self):
        pass
