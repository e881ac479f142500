"""What the pages of runs read. Every count of outcomes comes from ``runs.reconciliation``."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.models import DiscoveredObject, Project
from qontakmig.told import told
from runs import reconciliation
from runs.causes import DESTINATION, MAP, PARENT, SOURCE, Meaning, meaning, record_name
from runs.models import Finding, OwnerDecision, Record, Run, RunStep
from runs.pace import Pace, pace
from runs.reconciliation import PhaseCounts, VerificationCounts

TOP_REASONS = 3
WARNINGS_COUNTED_BELOW = 200_000
"""Records of a run up to which its warnings are counted for the page; the workbook has all."""


@dataclass(frozen=True, slots=True)
class PhaseLine:
    """One line of the phase table. ``state`` is done, running or waiting, ``note`` says for what.

    ``percent`` is the share of its records with an outcome, 0 to 100.
    """

    counts: PhaseCounts
    source: str
    target: str
    state: str
    note: str
    percent: float
    finished_at: datetime | None

    @property
    def share(self) -> float:
        return self.percent / 100


@dataclass(frozen=True, slots=True)
class Quota:
    """One allowance of the destination as its last answer told it."""

    name: str
    used: int
    most: int

    @property
    def share(self) -> float:
        return self.used / self.most if self.most else 0.0


@dataclass(frozen=True, slots=True)
class Monitor:
    """The live numbers of one run."""

    phases: Sequence[PhaseLine]
    total: PhaseCounts
    expected: int
    pace: Pace | None
    quotas: Sequence[Quota]
    last_call_at: datetime | None
    read_back: tuple[int, int] | None
    undecided_owners: int

    @property
    def settled(self) -> int:
        return self.total.extracted - self.total.to_go - self.total.unexplained

    @property
    def share(self) -> float:
        return self.settled / self.expected if self.expected else 0.0

    @property
    def balanced(self) -> int:
        return sum(line.state == "done" and not line.counts.unexplained for line in self.phases)


def monitor(run: Run) -> Monitor:
    """Return the live numbers of a load (rollbacks have ``undo_lines``)."""
    steps = list(run.steps.all())
    lines = _phase_lines(run, steps)
    total = _sum([line.counts for line in lines])
    read = sum(max(s.claimed or 0, s.extracted) for s in steps if s.kind == RunStep.Kind.EXTRACT)
    expected = max(total.extracted, read)
    settled = total.extracted - total.to_go - total.unexplained
    last = run.calls.order_by("-at").values_list("at", flat=True).first()
    return Monitor(
        phases=lines,
        total=total,
        expected=expected,
        pace=pace(run, settled, expected - settled) if run.is_working else None,
        quotas=quotas(run),
        last_call_at=last,
        read_back=_read_back(run, steps, total),
        undecided_owners=owners_undecided(run.project, run.environment),
    )


def _sum(counts: Sequence[PhaseCounts]) -> PhaseCounts:
    names = [f.name for f in fields(PhaseCounts) if f.name != "name"]
    return PhaseCounts("", **{name: sum(getattr(c, name) for c in counts) for name in names})


def _phase_lines(run: Run, steps: Sequence[RunStep]) -> list[PhaseLine]:
    labels = source_labels(run)
    by_position = {step.position: step for step in steps}
    phases = {step.name: step for step in steps if step.kind in RunStep.PHASES}
    lines = []
    for counts in reconciliation.equation(run):
        step = phases[counts.name]
        lines.append(
            PhaseLine(
                counts=counts,
                source=labels.get(step.source_object, step.source_object),
                target=step.target_object,
                state=_line_state(step, counts),
                note=_waits_for(step, by_position, labels),
                percent=_percent(counts),
                finished_at=step.finished_at,
            )
        )
    return lines


def _line_state(step: RunStep, counts: PhaseCounts) -> str:
    if step.state == RunStep.State.CLOSED:
        return "attention" if counts.unexplained else "done"
    return "running" if step.state == RunStep.State.OPEN else "waiting"


def _percent(counts: PhaseCounts) -> float:
    if not counts.extracted:
        return 0.0
    return 100 * (counts.extracted - counts.to_go - counts.unexplained) / counts.extracted


def _waits_for(step: RunStep, by_position: dict[int, RunStep], labels: dict[str, str]) -> str:
    """Name the first step that must end before this one opens; empty when it is open."""
    if step.state != RunStep.State.PENDING:
        return ""
    for position in step.needs:
        other = by_position[position]
        if other.state != RunStep.State.CLOSED:
            name = labels.get(other.source_object, other.name)
            if other.kind == RunStep.Kind.EXTRACT:
                return _("reads %s") % name
            return _("waits for %s") % (other.target_object or name)
    return _("waits")


def source_labels(run: Run) -> dict[str, str]:
    """Return the names of the source's objects, as the audit behind the map found them."""
    found = DiscoveredObject.objects.filter(discovery__map_versions=run.map_version_id)
    return {name: told(label) for name, label in found.values_list("name", "label")}


def quotas(run: Run) -> list[Quota]:
    """Return what the destination's last answer told of its allowances ("name=used/most")."""
    logged = run.calls.exclude(quota={}).order_by("-at").values_list("quota", flat=True).first()
    text = " ".join(str(value) for value in (logged or {}).values())
    return [
        Quota(name.replace("-", " "), int(used), int(most))
        for name, used, most in re.findall(r"([\w-]+)=(\d+)/(\d+)", text)
    ]


def _read_back(run: Run, steps: Sequence[RunStep], total: PhaseCounts) -> tuple[int, int] | None:
    """Return (records read back, records to read back) while a run is verified."""
    if run.state != Run.State.VERIFYING:
        return None
    loaded = [step.pk for step in steps if step.kind == RunStep.Kind.LOAD]
    written = Record.objects.filter(step__in=loaded, state__in=Record.IN_DESTINATION).count()
    return reconciliation.verification(run).records, written


def owners_undecided(project: Project, environment: str) -> int:
    return OwnerDecision.objects.filter(
        project=project, environment=environment, target_user_id="", fallback=False
    ).count()


# ---------------------------------------------------------------- causes and warnings


@dataclass(frozen=True, slots=True)
class CauseLine:
    """One reason why records did not arrive, with one of them as example."""

    code: str
    count: int
    meaning: Meaning
    phases: tuple[str, ...]
    reasons: tuple[tuple[str, int], ...]
    example: Record | None
    example_name: str

    @property
    def may_retry(self) -> bool:
        """Retrying sends the same values again; it helps when the destination was mended."""
        return self.meaning.mended in (DESTINATION, PARENT)

    @property
    def mended_in_map(self) -> bool:
        """Another decision in the map can let these through, in a new run."""
        return self.meaning.mended in (MAP, SOURCE)


def cause_lines(run: Run, state: str = Record.State.ERRORED) -> list[CauseLine]:
    """Return the reasons of one state, the one with most records first."""
    found: dict[str, list[tuple[str, int]]] = {}
    for phase, _state, code, count in reconciliation.causes(run, (state,)):
        found.setdefault(code, []).append((phase, count))
    lines = [_cause_line(run, state, code, places) for code, places in found.items()]
    return sorted(lines, key=lambda line: -line.count)


def _cause_line(run: Run, state: str, code: str, places: list[tuple[str, int]]) -> CauseLine:
    records = Record.objects.filter(run=run, state=state, reason_code=code)
    example = records.order_by("pk").first()
    reasons = records.order_by().values_list("reason").annotate(n=Count("pk")).order_by("-n")
    return CauseLine(
        code=code,
        count=sum(count for _, count in places),
        meaning=meaning(code, example.reason if example else ""),
        phases=tuple(phase for phase, _ in places),
        reasons=tuple(reasons[:TOP_REASONS]),
        example=example,
        example_name=record_name(record_values(example)) if example else "",
    )


def record_values(record: Record) -> dict[str, Any]:
    """Return a record's values as read; {} where the payload was purged."""
    return json.loads(record.payload)["v"] if record.payload else {}


@dataclass(frozen=True, slots=True)
class WarningLine:
    code: str
    count: int
    meaning: Meaning


def warning_lines(run: Run, records: int) -> list[WarningLine] | None:
    """Return what records were written in spite of; None when there are too many to count here."""
    if records > WARNINGS_COUNTED_BELOW:
        return None
    counts: Counter[str] = Counter()
    groups = Record.objects.filter(run=run).exclude(warnings="").order_by().values_list("warnings")
    for codes, count in groups.annotate(n=Count("pk")):
        for code in codes.split(","):
            counts[code] += count
    return [WarningLine(code, count, meaning(code)) for code, count in counts.most_common()]


def healed(run: Run) -> int:
    """Return how many requests failed or were put off, and were sent again by themselves."""
    return run.calls.filter(Q(status=0) | Q(status=429) | Q(status__gte=500)).count()


# ---------------------------------------------------------------- where records went

OUTCOME_NODES = (
    ("created", gettext_lazy("Created"), ("created",), ""),
    ("matched", gettext_lazy("Matched, updated"), ("matched", "updated"), "mid"),
    ("merged", gettext_lazy("Merged"), ("merged",), "mid"),
    ("filtered", gettext_lazy("Filtered, skipped"), ("filtered", "skipped"), "grey"),
    ("held", gettext_lazy("Held"), ("held",), "grey"),
    ("to_go", gettext_lazy("To go"), ("to_go",), "grey"),
    ("errored", gettext_lazy("Errored"), ("errored",), "red"),
)


def flows(lines: Sequence[PhaseLine]) -> dict[str, list[dict[str, Any]]]:
    """Return nodes and links from source objects over destinations to outcomes."""
    nodes: dict[str, dict[str, Any]] = {}
    links = []
    for line in lines:
        source, target = f"s-{line.source}", f"t-{line.target}"
        nodes[source] = {"id": source, "label": line.source, "column": 0, "kind": "source"}
        nodes[target] = {"id": target, "label": line.target, "column": 1, "kind": ""}
        links.append(_flow(source, target, line.counts.extracted - line.counts.unexplained, ""))
    for key, label, names, kind in OUTCOME_NODES:
        nodes[f"o-{key}"] = {"id": f"o-{key}", "label": label, "column": 2, "kind": kind}
        for line in lines:
            value = sum(getattr(line.counts, name) for name in names)
            links.append(_flow(f"t-{line.target}", f"o-{key}", value, kind))
    return {"nodes": list(nodes.values()), "links": links}


def _flow(source: str, target: str, value: int, kind: str) -> dict[str, Any]:
    return {"source": source, "target": target, "value": value, "kind": kind}


# ---------------------------------------------------------------- verification


@dataclass(frozen=True, slots=True)
class Verified:
    """What reading back showed; ``findings`` are differences, those that need a person first."""

    counts: VerificationCounts
    findings: Sequence[Finding]
    normalised: Sequence[Finding]

    @property
    def clean(self) -> bool:
        return not self.counts.different and not self.counts.missing


def verified(run: Run) -> Verified:
    found = list(Finding.objects.filter(step__run=run).select_related("step").order_by("-count"))
    return Verified(
        reconciliation.verification(run),
        [finding for finding in found if finding.cause != "normalised"],
        [finding for finding in found if finding.cause == "normalised"],
    )


# ---------------------------------------------------------------- lists of runs and records


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run in a list. ``total`` is its whole equation; None for drafts and rollbacks."""

    run: Run
    total: PhaseCounts | None
    undone: int | None


def run_lines(project: Project, environment: str, most: int = 10) -> list[RunLine]:
    """Return the newest runs of one environment."""
    runs = (
        project.runs.filter(environment=environment)
        .exclude(state=Run.State.DRAFT)
        .select_related("map_version", "created_by")
        .defer("map_version__document", "preview")[:most]
    )
    return [_run_line(run) for run in runs]


def _run_line(run: Run) -> RunLine:
    if run.kind == Run.Kind.ROLLBACK:
        return RunLine(run, None, reconciliation.rollback_result(run)["reversed"])
    return RunLine(run, _sum(reconciliation.equation(run)), None)


def total_of(run: Run) -> PhaseCounts:
    """Return the equation of a whole run."""
    return _sum(reconciliation.equation(run))


def outcome_counts(run: Run) -> dict[str, int]:
    """Return how many records of a run have each outcome, what needs a person first."""
    if run.kind == Run.Kind.ROLLBACK:
        undone = reconciliation.undo_counts(run)
        return {
            name: sum(getattr(counts, name) for counts in undone)
            for name in reversed(reconciliation.REVERSALS)
        }
    total = total_of(run)
    return {name: getattr(total, name) for name in LISTED}


LISTED = ("errored", "held", "skipped", "filtered", "merged", "updated", "matched", "created")


def records(
    run: Run, *, state: str = "", phase: str = "", code: str = "", search: str = ""
) -> QuerySet[Record]:
    """Return the records of a run in the order read; ``search`` is a source or target id."""
    found = Record.objects.filter(run=run).select_related("step").order_by("pk")
    if state:
        found = found.filter(state=state)
    if phase:
        found = found.filter(step__name=phase)
    if code:
        found = found.filter(reason_code=code)
    if search:
        found = found.filter(Q(source_id=search) | Q(target_id=search) | Q(key=search))
    return found


@dataclass(frozen=True, slots=True)
class UndoLine:
    """One phase of a rollback with its progress."""

    counts: reconciliation.UndoCounts
    step: RunStep
    percent: float


def undo_lines(run: Run) -> list[UndoLine]:
    steps = {s.name: s for s in run.steps.filter(kind=RunStep.Kind.UNDO)}
    return [
        UndoLine(c, steps[c.name], 100 * (c.records - c.left) / c.records if c.records else 100)
        for c in reconciliation.undo_counts(run)
    ]
