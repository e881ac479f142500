"""Making a workbook: where it lies, what it is called, how far it is.

A file belongs to the run as it was then; when records are retried or owners decided, another is
made. It appears under its name only when it is whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from runs import reconciliation
from runs.exports.workbook import workbook_write
from runs.models import OwnerDecision, Record, Run

SILENT_SECONDS = 300
"""A making that told nothing for so long was killed; another may begin."""


@dataclass(frozen=True, slots=True)
class Progress:
    written: int
    total: int

    @property
    def share(self) -> float:
        return min(1.0, self.written / self.total) if self.total else 0.0


def file_name(run: Run) -> str:
    """Return the name it is downloaded under: customer, kind, run and map version."""
    plain = unicodedata.normalize("NFKD", run.project.name).encode("ascii", "ignore").decode()
    customer = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:60] or "customer"
    kind = run.environment.upper()
    return f"{customer}-{kind}-run-{run.pk}-map-v{run.map_version.number}.xlsx"


def path_of(run: Run) -> Path:
    """Return where the workbook of the run as it is now lies, made or not."""
    return _folder(run) / f"{_mark(run)}.xlsx"


def _folder(run: Run) -> Path:
    return Path(settings.EXPORT_DIR) / f"run-{run.pk}"


def _mark(run: Run) -> str:
    """A hash of everything the workbook tells that can still change, and of the reader's zone."""
    decided = OwnerDecision.objects.filter(project=run.project, environment=run.environment)
    facts = (
        run.state,
        run.finished_at,
        run.signed_off_at,
        run.project.name,
        reconciliation.equation(run),
        reconciliation.verification(run),
        sorted(decided.values_list("source_user_id", "target_user_id", "decided_at")),
        timezone.get_current_timezone_name(),
    )
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def make(run: Run, zone_name: str) -> Path:
    """Write the workbook and return its path; earlier ones of the run are deleted."""
    zone = ZoneInfo(zone_name)
    with timezone.override(zone):
        path = path_of(run)
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(f".{os.getpid()}.half")
    total = Record.objects.filter(run=run).count()
    told = path.with_suffix(".progress")
    try:
        workbook_write(run, half, zone, lambda rows: _tell(told, rows, total))
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
        told.unlink(missing_ok=True)
    for other in path.parent.glob("*.xlsx"):
        if other != path:
            other.unlink(missing_ok=True)
    return path


def _tell(path: Path, rows: int, total: int) -> None:
    half = path.with_suffix(".told")
    half.write_text(json.dumps({"written": rows, "total": total}))
    half.replace(path)


def progress(run: Run) -> Progress | None:
    """Return how far a making is; None when nobody makes it."""
    path = path_of(run).with_suffix(".progress")
    try:
        if timezone.now().timestamp() - path.stat().st_mtime > SILENT_SECONDS:
            return None
        told = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    return Progress(told["written"], told["total"])


def make_workbook(run_id: int, zone_name: str) -> str:
    """What the queue runs."""
    run = Run.objects.select_related("project", "map_version").get(pk=run_id)
    with timezone.override(ZoneInfo(zone_name)):
        if path_of(run).exists():
            return f"Workbook of run {run_id}: there already"
    make(run, zone_name)
    return f"Workbook of run {run_id}: made"
