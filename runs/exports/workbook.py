"""The reconciliation workbook of a run, written row by row in constant memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone

from mapping.blueprints import blueprint_get
from projects.models import Connection, DiscoveredField
from runs import reconciliation
from runs.causes import meaning, record_name
from runs.exports.sheets import Book, Column
from runs.models import Finding, OwnerDecision, Record, Run, RunStep
from runs.owners import owner_queue
from runs.selectors import record_values, source_labels

CHUNK = 2000
TELL_EVERY = 1000
NOT_ARRIVED = ("held", "skipped", "filtered", "merged")
Tell = Callable[[int], Any]
Rows = Iterator[tuple[Any, ...]]


def workbook_write(run: Run, path: Path, zone: ZoneInfo, tell: Tell = lambda rows: None) -> int:
    """Write the workbook of ``run`` to ``path``; return the number of data rows.

    Times are in ``zone``. ``tell`` is called now and then with the rows written so far. The counts
    are those of ``runs.reconciliation``; the check totals on the first sheet are formulas over
    the second one.
    """
    book = Book(zone)
    counted = _Counter(tell)
    labels = source_labels(run)
    steps = {s.name: s for s in run.steps.filter(kind__in=RunStep.PHASES)}
    counts = reconciliation.equation(run)
    for title, columns, rows in (
        ("Summary", SUMMARY, _summary(counts, steps, labels)),
        ("Phases", PHASES, _phases(counts, steps, labels)),
        ("Errors", ERRORS, _errors(run, labels)),
        ("Skipped & held", LEFT, _left(run, labels)),
        ("Owner queue", OWNERS, _owners(run)),
        ("Id map", ID_MAP, _id_map(run, labels)),
        ("Field verification", VERIFICATION, _verification(run)),
        ("Value maps", VALUES, _values(run)),
        ("About", ABOUT, _about(run, zone)),
    ):
        book.sheet(title, columns, counted(rows))
    book.save(path)
    return counted.rows


class _Counter:
    """Passes rows on and tells how many there were."""

    def __init__(self, tell: Tell) -> None:
        self.rows, self._tell = 0, tell

    def __call__(self, rows: Rows) -> Rows:
        for row in rows:
            yield row
            self.rows += 1
            if self.rows % TELL_EVERY == 0:
                self._tell(self.rows)


# ---------------------------------------------------------------- the equation

SUMMARY = (
    Column("Phase", width=18),
    Column("Source", width=18),
    Column("Destination", width=18),
    Column("Extracted", "formula"),
    Column("With an outcome", "formula", 18),
    Column("To go", "formula"),
    Column("Unexplained", "formula"),
    Column("In the destination", "formula", 20),
    Column("Balances", "formula", 12),
)
PHASES = (
    Column("Phase", width=18),
    Column("Source", width=18),
    Column("Destination", width=18),
    Column("Extracted", "number"),
    *(Column(name.capitalize(), "number") for name in reconciliation.OUTCOMES),
    Column("To go", "number"),
    Column("Unexplained", "number", 14),
    Column("Read back", "number", 12),
    Column("Fields equal", "number", 14),
    Column("Fields normalised", "number", 18),
    Column("Fields different", "number", 16),
    Column("Records missing", "number", 16),
    Column("Began", "datetime"),
    Column("Ended", "datetime"),
    Column("Seconds", "number"),
)
FIRST_OUTCOME, LAST_OUTCOME, TO_GO = "E", "L", "M"
"""Columns of the sheet Phases that the sums on Summary are made of."""


def _summary(counts: list[Any], steps: dict[str, RunStep], labels: dict[str, str]) -> Rows:
    for row, phase in enumerate(counts, start=2):
        step = steps[phase.name]
        yield (
            phase.name,
            labels.get(step.source_object, step.source_object),
            step.target_object,
            f"Phases!D{row}",
            f"SUM(Phases!{FIRST_OUTCOME}{row}:{LAST_OUTCOME}{row})",
            f"Phases!{TO_GO}{row}",
            f"D{row}-E{row}-F{row}",
            f"SUM(Phases!E{row}:G{row})",
            f'IF(AND(F{row}=0,G{row}=0),"yes","no")',
        )
    last = len(counts) + 1
    sums = [f"SUM({letter}2:{letter}{last})" for letter in "DEFGH"]
    total = last + 1
    yield ("All phases", "", "", *sums, f'IF(AND(F{total}=0,G{total}=0),"yes","no")')


def _phases(counts: list[Any], steps: dict[str, RunStep], labels: dict[str, str]) -> Rows:
    for phase in counts:
        step = steps[phase.name]
        read = reconciliation.verification(step.run, phase.name)
        yield (
            phase.name,
            labels.get(step.source_object, step.source_object),
            step.target_object,
            phase.extracted,
            *(getattr(phase, name) for name in reconciliation.OUTCOMES),
            phase.to_go,
            phase.unexplained,
            read.records,
            read.equal,
            read.normalised,
            read.different,
            read.missing,
            step.started_at,
            step.finished_at,
            phase.seconds,
        )


# ---------------------------------------------------------------- records

ERRORS = (
    Column("Phase", width=16),
    Column("Source", width=14),
    Column("Source id", width=14),
    Column("Name", width=34),
    Column("What happened", width=40),
    Column("Reason", width=60),
    Column("What to do", width=60),
    Column("Code", width=24),
    Column("Sends", "number", 8),
)
LEFT = (
    Column("Outcome", width=12),
    Column("Phase", width=16),
    Column("Source", width=14),
    Column("Source id", width=14),
    Column("Name", width=34),
    Column("Reason", width=70),
    Column("Code", width=24),
)
ID_MAP = (
    Column("Source", width=14),
    Column("Source id", width=14),
    Column("Destination", width=16),
    Column("Destination id", width=22),
    Column("Outcome", width=12),
    Column("Read back", width=12),
    Column("Warnings", width=40),
)


def _records(run: Run, states: tuple[str, ...], *, payload: bool) -> Iterator[Record]:
    found: QuerySet[Record] = Record.objects.filter(run=run, state__in=states)
    found = found.select_related("step").order_by("pk")
    return (found if payload else found.defer("payload")).iterator(chunk_size=CHUNK)


def _errors(run: Run, labels: dict[str, str]) -> Rows:
    for record in _records(run, ("errored",), payload=True):
        means = meaning(record.reason_code, record.reason)
        yield (
            record.step.name,
            labels.get(record.source_object, record.source_object),
            record.source_id,
            record_name(record_values(record)),
            means.title,
            record.reason,
            means.todo,
            record.reason_code,
            record.attempt,
        )


def _left(run: Run, labels: dict[str, str]) -> Rows:
    for record in _records(run, NOT_ARRIVED, payload=True):
        yield (
            record.get_state_display(),
            record.step.name,
            labels.get(record.source_object, record.source_object),
            record.source_id,
            record_name(record_values(record)),
            record.reason,
            record.reason_code,
        )


def _id_map(run: Run, labels: dict[str, str]) -> Rows:
    for record in _records(run, tuple(Record.IN_DESTINATION), payload=False):
        yield (
            labels.get(record.source_object, record.source_object),
            record.source_id,
            record.step.target_object,
            record.target_id,
            record.get_state_display(),
            record.verdict,
            record.warnings.replace(",", ", "),
        )


# ---------------------------------------------------------------- owners, fields, values

OWNERS = (
    Column("Owner in the source", width=30),
    Column("E-mail", width=34),
    Column("Source id", width=14),
    Column("Why", width=60),
    Column("Records", "number"),
    Column("Decision", width=20),
    Column("Destination user", width=22),
    Column("Decided by", width=20),
    Column("Decided at", "datetime"),
)
VERIFICATION = (
    Column("Phase", width=16),
    Column("Field", width=32),
    Column("Verdict", width=14),
    Column("Records with it", "number", 17),
    Column("Source id", width=14),
    Column("Destination id", width=22),
    Column("Meant", width=40),
    Column("Read back", width=40),
)
VALUES = (
    Column("Phase", width=16),
    Column("Source field", width=28),
    Column("Destination field", width=28),
    Column("Source value", width=34),
    Column("Source label", width=34),
    Column("Destination value", width=34),
)


def _owners(run: Run) -> Rows:
    for line in owner_queue(run.project, run.environment):
        decision = line.decision
        yield (
            decision.source_name,
            decision.source_email,
            decision.source_user_id,
            line.sentence,
            line.records,
            _decision(decision),
            decision.target_user_id,
            _person(decision.decided_by),
            decision.decided_at,
        )


def _decision(decision: OwnerDecision) -> str:
    if not decision.decided:
        return "open"
    return "fallback owner" if decision.fallback else "another user"


def _person(user: Any) -> str:
    return (user.get_full_name() or user.get_username()) if user else ""


def _verification(run: Run) -> Rows:
    found = Finding.objects.filter(step__run=run).select_related("step")
    for finding in found.order_by("cause", "step__position", "-count").iterator(CHUNK):
        for example in finding.examples:
            yield (
                finding.step.name,
                finding.field,
                finding.cause,
                finding.count,
                example["source_id"],
                example["target_id"],
                example.get("expected"),
                example.get("actual"),
            )


def _values(run: Run) -> Rows:
    labels = _option_labels(run)
    for phase in run.map_version.document["phases"]:
        for rule in phase.get("fields", ()):
            values = (rule.get("conversion") or {}).get("values")
            if not isinstance(values, dict):
                continue
            known = labels.get((phase["source"], rule.get("source")), {})
            for value, target in values.items():
                shown = ", ".join(target) if isinstance(target, list) else target
                yield (
                    phase["name"],
                    rule.get("source"),
                    rule["target"],
                    value,
                    known.get(value, ""),
                    shown,
                )


def _option_labels(run: Run) -> dict[tuple[str, str], dict[str, str]]:
    found = DiscoveredField.objects.filter(object__discovery=run.map_version.discovery_id)
    rows = found.exclude(options=[]).values_list("object__name", "name", "options")
    return {
        (name, field): {str(option["value"]): str(option["label"]) for option in options}
        for name, field, options in rows
    }


# ---------------------------------------------------------------- about

ABOUT = (Column("What", width=30), Column("Value", "datetime", 80))


def _about(run: Run, zone: ZoneInfo) -> Rows:
    connection = Connection.objects.filter(project=run.project, side=run.environment).first()
    version = run.map_version
    identity = connection.identity if connection else {}
    yield ("Customer", run.project.name)
    yield ("Status", "unsigned draft" if run.signed_off_at is None else "signed off")
    yield ("Kind", f"{run.get_kind_display()} ({run.environment.upper()})")
    yield ("Destination", str(blueprint_get(run.project.destination).label))
    yield ("Organisation", identity.get("organization_name", ""))
    yield ("Organisation id", identity.get("organization_id", ""))
    yield ("Host", connection.host if connection else "")
    yield ("Run", str(run.pk))
    yield ("State of the run", run.get_state_display())
    yield ("Started by", _person(run.created_by))
    yield ("Started at", run.started_at)
    yield ("Ended at", run.finished_at)
    yield ("Map version", str(version.number))
    yield ("Map confirmed by", _person(version.confirmed_by))
    yield ("Map confirmed at", version.confirmed_at)
    yield ("Map hash (SHA-256)", run.map_hash)
    yield ("Workbook made at", timezone.now())
    yield ("Times are in zone", zone.key)
