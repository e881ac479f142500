"""A run in numbers, as commands print it. Counts come from ``runs.reconciliation`` only."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from mapping.blueprints import blueprint_get
from runs import reconciliation
from runs.models import Run

PHASE_KEYS = (
    "name",
    "extracted",
    *reconciliation.OUTCOMES,
    "unexplained",
    "seconds",
    "cpu_seconds",
)


def run_summary(run: Run) -> dict[str, Any]:
    """Return the destination, whether the run balances, its matrix, phases and verification."""
    phases = reconciliation.equation(run)
    return {
        "destination": run.project.destination,
        "balanced": reconciliation.balanced(run),
        "matrix": matrix(run.project.destination),
        "phases": [{key: getattr(phase, key) for key in PHASE_KEYS} for phase in phases],
        "verification": asdict(reconciliation.verification(run)),
    }


def matrix(destination: str) -> list[dict[str, Any]]:
    """Return one entry for each row of the destination's object matrix.

    ``inventory`` is the path of a documented row's file; None as long as none was written.
    ``moved`` says whether this release carries the row out.
    """
    return [
        {
            "row": row.row,
            "source": str(row.source),
            "target": str(row.target),
            "kind": row.kind,
            "phases": list(row.phases),
            "inventory": None,
            "moved": row.moved,
        }
        for row in blueprint_get(destination).rows
    ]


def records_in_error(run: Run) -> int:
    return sum(phase.errored + phase.held for phase in reconciliation.equation(run))
