"""The reconciliation workbook tells what the ledger holds, and opens clean."""

from __future__ import annotations

import zipfile
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from mapping.models import MapVersion
from projects.models import Project
from runs import reconciliation
from runs.exports import making
from runs.exports.workbook import workbook_write
from runs.models import OwnerDecision, Record, Run
from tests.runs.conftest import _quick, bells, done_run, new_run, source, target, version

__all__ = ["_quick", "bells", "done_run", "new_run", "source", "target", "version"]

ZONE = ZoneInfo("Asia/Jakarta")
SHEETS = [
    "Summary",
    "Phases",
    "Errors",
    "Skipped & held",
    "Owner queue",
    "Id map",
    "Field verification",
    "Value maps",
    "About",
]


@pytest.fixture
def run(done_run, settings, tmp_path):
    settings.EXPORT_DIR = tmp_path / "exports"
    run = done_run()
    record = run.records.filter(state="created").first()
    Record.objects.filter(pk=record.pk).update(
        state="errored", reason_code="date_invalid", reason="=1+1 is not a date"
    )
    return run


@pytest.fixture
def book(run, tmp_path):
    path = tmp_path / "book.xlsx"
    workbook_write(run, path, ZONE)
    return load_workbook(path)


def rows(book, name):
    head, *body = book[name].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in body]


def test_it_has_every_sheet(book):
    assert book.sheetnames == SHEETS


def test_phases_are_the_equation_and_the_summary_checks_them_by_formula(book, run):
    shown = {row["Phase"]: row for row in rows(book, "Phases")}
    for phase in reconciliation.equation(run):
        for name in ("extracted", *reconciliation.OUTCOMES, "unexplained"):
            assert shown[phase.name][name.capitalize()] == getattr(phase, name)
    summary = rows(book, "Summary")
    assert [row["With an outcome"] for row in summary[:-1]] == [
        f"=SUM(Phases!E{n}:L{n})" for n in range(2, len(summary) + 1)
    ]
    assert summary[-1]["Extracted"] == f"=SUM(D2:D{len(summary)})"
    heads = [cell.value for cell in book["Phases"][1]]
    assert (heads[4], heads[11], heads[12]) == ("Created", "Errored", "To go")


def test_every_record_stands_in_exactly_one_list(book, run):
    listed = sum(
        len([row for row in rows(book, name) if row["Source"] != "Nothing"])
        for name in ("Errors", "Skipped & held", "Id map")
    )
    assert listed == run.records.count()


def test_ids_are_text_and_formulas_are_not_live(book, run, tmp_path):
    (error,) = rows(book, "Errors")
    assert error["Reason"] == "=1+1 is not a date"
    assert all(isinstance(row["Source id"], str) for row in rows(book, "Id map"))
    with zipfile.ZipFile(tmp_path / "book.xlsx") as archive:
        assert b"<f>1+1" not in archive.read("xl/worksheets/sheet3.xml")


def test_unmatched_owners_are_listed_with_their_decision(book):
    owners = {row["Source id"]: row for row in rows(book, "Owner queue")}

    assert set(owners) == set(OwnerDecision.objects.values_list("source_user_id", flat=True))
    assert {row["Decision"] for row in owners.values()} == {"open"}


def test_about_names_run_map_and_zone_and_that_nobody_signed(book, run):
    about = {row["What"]: row["Value"] for row in rows(book, "About")}

    assert about["Status"] == "unsigned draft"
    assert about["Map hash (SHA-256)"] == run.map_hash
    assert about["Kind"] == "Sandbox run (SANDBOX)"
    assert about["Times are in zone"] == "Asia/Jakarta"


@pytest.mark.parametrize(
    ("customer", "begins"),
    [
        ("PT Arunika Medika", "PT-Arunika-Medika-SANDBOX-run-4"),
        ("../../etc/passwd", "etc-passwd-SANDBOX-run-4"),
        ('Kopi "Senja" & Söhne', "Kopi-Senja-Sohne-SANDBOX-run-4"),
        ("中文", "customer-SANDBOX-run-4"),
        ("x" * 200, "x" * 60 + "-SANDBOX-run-4"),
    ],
)
def test_the_file_name_is_safe(customer, begins):
    run = Run(pk=4, environment="sandbox", project=Project(name=customer))
    run.map_version = MapVersion(number=2)

    assert making.file_name(run) == f"{begins}-map-v2.xlsx"


def test_it_is_made_once_and_again_when_something_changed(run):
    first = making.make(run, ZONE.key)
    assert first == making.make(run, ZONE.key)
    OwnerDecision.objects.update(fallback=True, decided_at=run.started_at)

    second = making.make(run, ZONE.key)
    assert second != first
    assert [path.name for path in second.parent.iterdir()] == [second.name]


def test_progress_is_told_while_it_is_made(run, monkeypatch):
    monkeypatch.setattr("runs.exports.workbook.TELL_EVERY", 10)
    seen = []
    tell = making._tell

    def listen(path, written, total):
        tell(path, written, total)
        seen.append(making.progress(run))

    monkeypatch.setattr(making, "_tell", listen)
    making.make(run, "UTC")

    assert [progress.written for progress in seen[:2]] == [10, 20]
    assert all(progress.total == run.records.count() for progress in seen)
    assert making.progress(run) is None
