"""Opening and closing the steps of a run, under the run's own lease."""

from __future__ import annotations

import math
from contextlib import closing
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min, Q
from django.utils import timezone

from mapping.core.schema import problems
from mapping.core.spec import MapSpec
from qontakmig.connectors.errors import StopError
from runs.engine import ports, undo
from runs.engine.context import Context
from runs.engine.crashpoints import crashpoint
from runs.engine.leases import Lease
from runs.engine.tuning import rows, tuned
from runs.models import Batch, Record, Run, RunStep
from runs.reconciliation import phase_counts

KIND = RunStep.Kind


def steps_plan(run: Run, spec: MapSpec) -> list[RunStep]:
    """Return the unsaved steps of a load: read each object, fill each phase, verify each phase."""
    steps: list[RunStep] = []

    def add(kind: str, name: str, needs: list[int], source: str = "", target: str = "") -> int:
        position = len(steps) + 1
        steps.append(
            RunStep(
                run=run,
                position=position,
                kind=kind,
                name=name,
                source_object=source,
                target_object=target,
                needs=sorted(set(needs)),
            )
        )
        return position

    read = {
        name: add(KIND.EXTRACT, name, [], name)
        for name in dict.fromkeys(phase.source_object for phase in spec.phases)
    }
    filled: dict[str, int] = {}
    for phase in spec.phases:
        kind = KIND.MATCH if phase.mode == "match_users" else KIND.LOAD
        needs = [read[phase.source_object]] + [
            filled[name] for name in phase.depends_on if name in filled
        ]
        filled[phase.name] = add(kind, phase.name, needs, phase.source_object, phase.target_object)
    for phase in spec.phases:
        if phase.mode == "load":
            add(
                KIND.VERIFY,
                phase.name,
                list(filled.values()),
                phase.source_object,
                phase.target_object,
            )
    return steps


def run_move(context: Context, lease: Lease) -> bool:
    """Close what is finished, open what has become possible, or end the run.

    Returns whether anything changed. The caller holds the run's lease.
    """
    steps = list(RunStep.objects.filter(run=context.run))
    moved = False
    for step in steps:
        if step.state == RunStep.State.OPEN and not _unfinished(step):
            moved |= _next_round_or_close(context, lease, step)
    closed = {s.position for s in steps if s.state == RunStep.State.CLOSED}
    for step in steps:
        if step.state == RunStep.State.PENDING and closed.issuperset(step.needs):
            _open(context, lease, step)
            moved = True
    if all(step.state == RunStep.State.CLOSED for step in steps):
        _finish(context, lease)
        return True
    return moved


def _unfinished(step: RunStep) -> bool:
    return Batch.objects.filter(step=step, state=Batch.State.READY).exists()


# ---------------------------------------------------------------- opening


def _open(context: Context, lease: Lease, step: RunStep) -> None:
    if step.kind in (KIND.LOAD, KIND.MATCH, KIND.VERIFY):
        context.__dict__.pop("stand_ins", None)
    if step.kind == KIND.LOAD:
        _refuse_drift(context, lease, step)
    if step.kind == KIND.UNDO:
        undo.jobs_settle(context, lease)
    with lease.commit():
        if step.kind == KIND.LOAD:
            Run.objects.filter(pk=context.run.pk).update(written_as=context.our_user)
        if step.kind == KIND.UNDO:
            undo.records_take_over(context.run, step)
        _cut(context, step)
        step.state, step.started_at = RunStep.State.OPEN, step.started_at or timezone.now()
        step.save(update_fields=["state", "started_at"])
        state = Run.State.VERIFYING if step.kind == KIND.VERIFY else Run.State.RUNNING
        Run.objects.filter(pk=context.run.pk).update(state=state)
    crashpoint("step.opened")
    context.cpu_charge(step)


def _refuse_drift(context: Context, lease: Lease, step: RunStep) -> None:
    """Compare the phase with the destination's describe; raises StopError on a difference."""
    document = context.run.map_version.document
    part = document | {"phases": [p for p in document["phases"] if p["name"] == step.name]}
    lease.hold(tuned("REQUEST_SECONDS"))
    # A connector keeps the describes it has read; a fresh one sees what people changed since.
    with closing(ports.open_target(context.run, context.calls)) as target:
        describe = target.describe(step.target_object)
    found = problems(part, {step.target_object: describe})
    if found:
        raise StopError(
            " ".join(problem.message for problem in found[:5]),
            code="schema_changed",
            advice=f"Nothing of {step.name} was written since. Put the schema right, then resume.",
        )


def _cut(context: Context, step: RunStep) -> None:
    """Make the batches of a step that opens (or of its next round)."""
    if step.kind in (KIND.EXTRACT, KIND.SCHEMA):
        Batch.objects.create(step=step, position=1)
    elif step.kind == KIND.VERIFY:
        _cut_verification(step)
    elif step.kind == KIND.MATCH:
        _cut_records(step, Q(state=Record.State.STAGED), 1 << 40, "ready")
    else:
        _cut_records(step, Q(state=Record.State.STAGED), batch_rows(context, step), "ready")


def batch_rows(context: Context, step: RunStep) -> int:
    """Return how many records a batch of this step gets.

    Big phases get the size of an ingest job; smaller ones are cut so that the workers share them.
    """
    total = Record.objects.filter(step=step, state=Record.State.STAGED).count()
    if total >= tuned("BIG_PHASE"):
        return rows("BIG_BATCH")
    shared = math.ceil(total / max(1, context.run.workers))
    return max(200, min(rows("SMALL_BATCH"), shared))


def _cut_records(
    step: RunStep, which: Q, size: int, state: str | None, cursor: dict[str, Any] | None = None
) -> int:
    """Put the records of ``which`` into batches of ``size`` in the order read; return how many."""
    ids = list(Record.objects.filter(which, step=step).order_by("pk").values_list("pk", flat=True))
    position = Batch.objects.filter(step=step).aggregate(last=Max("position"))["last"] or 0
    for start in range(0, len(ids), size):
        position += 1
        batch = Batch.objects.create(step=step, position=position, cursor=cursor or {})
        part = ids[start : start + size]
        changes = {"batch": batch} | ({"state": state} if state else {})
        Record.objects.filter(which, step=step, pk__gte=part[0], pk__lte=part[-1]).update(**changes)
    return len(ids)


def _written(step: RunStep) -> RunStep:
    """Return the load step that a verification step reads back."""
    return RunStep.objects.get(run=step.run_id, kind=KIND.LOAD, name=step.name)


def _unverified(load_step: RunStep) -> Any:
    return Record.objects.filter(step=load_step, state__in=Record.IN_DESTINATION, verdict="")


def _cut_verification(step: RunStep) -> int:
    load_step = _written(step)
    found = _unverified(load_step).aggregate(n=Count("pk"), first=Min("pk"), last=Max("pk"))
    position = Batch.objects.filter(step=step).aggregate(last=Max("position"))["last"] or 0
    if position == 0 and found["n"] >= rows("VERIFY_BY_PAGES"):
        cursor = {"mode": "pages", "step": load_step.pk}
        Batch.objects.create(step=step, position=1, cursor=cursor)
        return found["n"]
    ids = list(_unverified(load_step).order_by("pk").values_list("pk", flat=True))
    size = rows("SMALL_BATCH")
    for start in range(0, len(ids), size):
        position += 1
        part = ids[start : start + size]
        cursor = {"mode": "ids", "step": load_step.pk, "first": part[0], "last": part[-1]}
        Batch.objects.create(step=step, position=position, cursor=cursor)
    return len(ids)


# ---------------------------------------------------------------- closing


def _next_round_or_close(context: Context, lease: Lease, step: RunStep) -> bool:
    """Cut what is left over into another round, else close the step if it balances."""
    last_write_at = _last_write(context, lease, step) if step.kind == KIND.LOAD else None
    with lease.commit():
        if last_write_at is not None:
            Run.objects.filter(pk=context.run.pk).update(last_write_at=last_write_at)
        if not _next_round(context, step):
            _refuse_imbalance(context, step)
            step.state, step.finished_at = RunStep.State.CLOSED, timezone.now()
            step.save(update_fields=["state", "finished_at"])
    if step.state == RunStep.State.CLOSED:
        crashpoint("step.closed")
    context.cpu_charge(step)
    return True


def _next_round(context: Context, step: RunStep) -> int:
    if step.kind == KIND.LOAD:
        size = batch_rows(context, step)
        return _cut_records(step, Q(state=Record.State.STAGED), size, "ready") or _cut_records(
            step,
            Q(state__in=Record.IN_DESTINATION, deferred=True),
            rows("SMALL_BATCH"),
            None,
            {"links": True},
        )
    if step.kind == KIND.VERIFY:
        return _cut_verification(step)
    if step.kind == KIND.UNDO:
        again = undo.blocked_again(step)
        return again and _cut_records(
            step, Q(state=Record.State.STAGED), batch_rows(context, step), "ready"
        )
    return 0


def _last_write(context: Context, lease: Lease, step: RunStep) -> datetime | None:
    """Return when the destination, by its own clock, saw the run's last write so far.

    Rollback compares with it: what was modified later was modified by others. Asked over every
    record that carries our key, so the bound is exact however the answers were timed.
    """
    known = Run.objects.values_list("last_write_at", flat=True).get(pk=context.run.pk)
    lease.hold(tuned("REQUEST_SECONDS"))
    key_field = context.spec.phase(step.name).key_field
    last = context.target.last_change(step.target_object, key_field, context.our_user)
    return max((moment for moment in (known, last) if moment is not None), default=None)


def _refuse_imbalance(context: Context, step: RunStep) -> None:
    """Rule R9: a step that does not add up stays open and a person is called."""
    if step.kind not in RunStep.PHASES:
        return
    counts = phase_counts(RunStep.objects.get(pk=step.pk))
    if counts.unexplained or counts.to_go:
        raise StopError(
            f"{step.name} does not add up: {counts.extracted} read, "
            f"{counts.unexplained} unexplained, {counts.to_go} without an outcome.",
            code="unbalanced",
            advice="Nothing was lost. Resume; if it comes again, report it with the run's number.",
        )


def _finish(context: Context, lease: Lease) -> None:
    with lease.commit():
        Run.objects.filter(pk=context.run.pk).update(
            state=Run.State.DONE,
            finished_at=timezone.now(),
            problem="",
            problem_code="",
            advice="",
            request=Run.Request.NONE,
        )
        if context.run.kind == Run.Kind.ROLLBACK:
            undo.original_mark(context.run)
