"""What became of everything: the one source of counts for page, JSON and workbook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields

from django.db.models import Count

from qontakmig.connectors.base import TargetConnector
from runs.models import Batch, Record, Run, RunStep

OUTCOMES = (
    "created",
    "updated",
    "matched",
    "merged",
    "filtered",
    "skipped",
    "held",
    "errored",
)
REVERSALS = ("reversed", "restored", "kept", "failed")


@dataclass(frozen=True, slots=True)
class PhaseCounts:
    """One phase: ``extracted = outcomes + to_go + unexplained``, whatever happens.

    ``extracted`` was counted while reading and does not come from the ledger, so a record that
    got lost there shows as unexplained. ``seconds`` is wall time from opening to closing.
    """

    name: str
    extracted: int = 0
    created: int = 0
    updated: int = 0
    matched: int = 0
    merged: int = 0
    filtered: int = 0
    skipped: int = 0
    held: int = 0
    errored: int = 0
    to_go: int = 0
    unexplained: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0

    @property
    def written(self) -> int:
        return self.created + self.updated


@dataclass(frozen=True, slots=True)
class UndoCounts:
    """One phase of a rollback: ``records = reversed + restored + kept + failed + left``."""

    name: str
    records: int = 0
    reversed: int = 0
    restored: int = 0
    kept: int = 0
    failed: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class VerificationCounts:
    """Records read back, and their fields by verdict; ``missing`` counts records."""

    records: int = 0
    fields: int = 0
    equal: int = 0
    normalised: int = 0
    different: int = 0
    missing: int = 0


def equation(run: Run) -> list[PhaseCounts]:
    """Return the counts of every phase of a load in load order."""
    steps = run.steps.filter(kind__in=(RunStep.Kind.MATCH, RunStep.Kind.LOAD)).order_by("position")
    states = _states(step.pk for step in steps)
    return [_phase(step, states.get(step.pk, Counter())) for step in steps]


def phase_counts(step: RunStep) -> PhaseCounts:
    """Return the counts of one phase; of an undo step as well, its reversals in ``updated``."""
    return _phase(step, _states([step.pk]).get(step.pk, Counter()))


def _states(steps: Iterable[int]) -> dict[int, Counter[str]]:
    found: dict[int, Counter[str]] = {}
    groups = Record.objects.filter(step__in=list(steps)).values_list("step", "state")
    for step, state, count in groups.order_by().annotate(n=Count("pk")):
        found.setdefault(step, Counter())[state] = count
    return found


def _phase(step: RunStep, states: Counter[str]) -> PhaseCounts:
    counts = {name: states[name] for name in OUTCOMES}
    counts["updated"] += sum(states[name] for name in REVERSALS)
    to_go = sum(states[state] for state in Record.TO_GO)
    seconds = 0.0
    if step.started_at and step.finished_at:
        seconds = (step.finished_at - step.started_at).total_seconds()
    return PhaseCounts(
        name=step.name,
        extracted=step.extracted,
        **counts,
        to_go=to_go,
        unexplained=step.extracted - sum(counts.values()) - to_go,
        seconds=round(seconds, 3),
        cpu_seconds=round(step.cpu_seconds, 3),
    )


def balanced(run: Run) -> bool:
    """True when every phase adds up and nothing is left to do."""
    return all(not phase.unexplained and not phase.to_go for phase in equation(run))


def verification(run: Run, phase: str | None = None) -> VerificationCounts:
    """Return what reading back showed, of the whole run or of one phase."""
    batches = Batch.objects.filter(step__run=run, step__kind=RunStep.Kind.VERIFY)
    if phase is not None:
        batches = batches.filter(step__name=phase)
    total: Counter[str] = Counter()
    for cursor in batches.values_list("cursor", flat=True):
        total.update(cursor.get("counts", {}))
    return VerificationCounts(**{f.name: total[f.name] for f in fields(VerificationCounts)})


def causes(run: Run, states: Iterable[str] = ("errored", "held", "skipped", "filtered")) -> list:
    """Return ``(phase, state, code, count)`` of everything that did not arrive, most first."""
    groups = Record.objects.filter(run=run, state__in=list(states)).values_list(
        "step__name", "state", "reason_code"
    )
    return list(groups.annotate(n=Count("pk")).order_by("-n", "step__name"))


def in_destination(run: Run, target: TargetConnector) -> dict[str, int]:
    """Ask the destination how many records carry our key, by object."""
    keys = {
        phase["target"]: phase["key_field"]
        for phase in run.map_version.document["phases"]
        if phase["mode"] == "load"
    }
    return {name: target.count_keyed(name, key) for name, key in keys.items()}


def undo_counts(run: Run) -> list[UndoCounts]:
    """Return the counts of every phase of a rollback, in the order undone."""
    steps = run.steps.filter(kind=RunStep.Kind.UNDO).order_by("position")
    states = _states(step.pk for step in steps)
    return [
        UndoCounts(
            step.name,
            step.extracted,
            *(states.get(step.pk, Counter())[name] for name in REVERSALS),
            left=sum(states.get(step.pk, Counter())[state] for state in Record.TO_GO),
        )
        for step in steps
    ]


def rollback_result(run: Run) -> dict[str, bool | int]:
    """Return what a rollback did: ``{restored, reversed, kept, failed, left}``.

    restored  the destination is as it was before the run
    reversed  records deleted again or put back
    kept      records that people changed since, left alone
    left      records of ours that are still in the destination
    """
    counts = undo_counts(run)
    reversed_ = sum(c.reversed + c.restored for c in counts)
    kept, failed = sum(c.kept for c in counts), sum(c.failed for c in counts)
    to_go = sum(c.left for c in counts)
    return {
        "restored": run.state == Run.State.DONE and not (kept or failed or to_go),
        "reversed": reversed_,
        "kept": kept,
        "failed": failed,
        "left": kept + failed + to_go,
    }
