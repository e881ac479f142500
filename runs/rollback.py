"""Rolling a run back: an exact preview, then a run of its own that reverses it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from mapping.core.spec import MapSpec, PhaseSpec
from mapping.core.values import reference_ids
from projects import audit
from projects.models import Connection
from qontakmig.connectors.base import TargetConnector
from runs.bell import bell_ring
from runs.engine import ports
from runs.engine.evidence import (
    SENTENCES,
    delete_verdict,
    edited_of,
    last_write_bound,
    pre_images,
    restoration,
)
from runs.engine.sql import PRE_IMAGE, RECORD, fetch
from runs.engine.staging import record_read
from runs.engine.tuning import EXAMPLES
from runs.engine.undo import TAKEN_OVER
from runs.errors import RunRefused
from runs.models import Run, RunStep

CHUNK = 2000
CLASSES = ("delete", "restore", "kept", "gone")


@dataclass
class RollbackPreview:
    """What a rollback would do now. ``counts`` is phase → class → records.

    delete   absent before the run and still as we made it
    restore  changed by us and still as we left it
    kept     changed since, or something of others hangs on it; ``reasons`` counts why
    gone     already not there any more
    """

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    @property
    def totals(self) -> dict[str, int]:
        return {name: sum(c[name] for c in self.counts.values()) for name in CLASSES}

    def as_json(self) -> dict[str, Any]:
        return {"counts": self.counts, "reasons": dict(self.reasons)}


def rollback_preview(run: Run, target: TargetConnector | None = None) -> RollbackPreview:
    """Judge every record of ``run`` by the destination's own word, writing nothing.

    Raises RunRefused when the run cannot be reversed now, NotConnected, ConnectorError.
    """
    _refuse_unless_reversible(run)
    spec = ports.spec_of(run)
    connector = target or ports.open_target(run, None)
    try:
        return _Preview(run, spec, connector).made()
    finally:
        if target is None:
            connector.close()


def _refuse_unless_reversible(run: Run) -> None:
    if run.kind == Run.Kind.ROLLBACK:
        raise RunRefused(gettext("A rollback is not rolled back; start the run again instead."))
    if run.state == Run.State.ROLLED_BACK:
        raise RunRefused(gettext("The run is rolled back already."))
    if run.state not in (Run.State.DONE, Run.State.CANCELLED):
        raise RunRefused(
            gettext("The run is %s. Wait for its end or cancel it first.")
            % run.get_state_display().lower()
        )
    later = (
        Run.objects.filter(project=run.project, environment=run.environment, pk__gt=run.pk)
        .exclude(kind=Run.Kind.ROLLBACK)
        .exclude(state__in=(Run.State.ROLLED_BACK, Run.State.DRAFT))
    )
    for other in later.order_by("-pk"):
        touched = fetch(
            f"SELECT count(*) FROM {RECORD} o WHERE o.run_id = %s AND "  # noqa: S608
            + TAKEN_OVER.format(pre=PRE_IMAGE),
            (other.pk,),
        )[0][0]
        if touched:
            raise RunRefused(gettext("Run %d wrote after this one. Roll it back first.") % other.pk)


@dataclass(slots=True)
class _Candidate:
    """A record of ours that may be deleted unless more hangs on it than is deleted too."""

    source_id: str
    target_id: str
    hanging: int
    references: tuple[tuple[str, str], ...]


class _Preview:
    """One preview on its way: phases from the last to the first, so that children count first."""

    def __init__(self, run: Run, spec: MapSpec, target: TargetConnector) -> None:
        self.run, self.spec, self.target = run, spec, target
        self.found = RollbackPreview()
        self.bound = last_write_bound(run)
        self.children: Counter[tuple[str, str]] = Counter()

    def made(self) -> RollbackPreview:
        for phase in reversed(self.spec.phases):
            if phase.mode != "load":
                continue
            counts = self.found.counts[phase.name] = dict.fromkeys(CLASSES, 0)
            own = any(rule.references == phase.source_object for rule in phase.reference_rules)
            candidates: list[_Candidate] = []
            last = 0
            while rows := self._rows(phase, last):
                last = rows[-1][0]
                candidates += self._judge(phase, rows, counts)
                if not own:
                    self._settle(phase, candidates, counts)
                    candidates = []
            self._settle(phase, candidates, counts)
        return self.found

    def _rows(self, phase: PhaseSpec, after: int) -> list[tuple[Any, ...]]:
        return fetch(
            "SELECT o.id, o.source_id, o.key, o.target_id, "  # noqa: S608
            "CASE WHEN o.preimage = 'present' OR o.state IN ('updated', 'matched') THEN 'update' "
            f"ELSE 'delete' END, o.payload FROM {RECORD} o "
            "JOIN runs_runstep s ON s.id = o.step_id "
            "WHERE o.run_id = %s AND s.kind = 'load' AND s.name = %s AND o.id > %s AND "
            + TAKEN_OVER.format(pre=PRE_IMAGE)
            + f" ORDER BY o.id LIMIT {CHUNK}",
            (self.run.pk, phase.name, after),
        )

    def _judge(
        self, phase: PhaseSpec, rows: list[tuple[Any, ...]], counts: dict[str, int]
    ) -> list[_Candidate]:
        """Judge restorations; return what may be deleted if nothing of others hangs on it."""
        lost = [row[2] for row in rows if not row[3] and row[2]]
        located = {}
        if lost:
            located = self.target.find_by_key(phase.target_object, phase.key_field, lost, [])
        deletes, updates = [], []
        for _, source_id, key, target_id, operation, payload in rows:
            if not target_id:
                hits = located.get(key, [])
                if not hits:
                    continue
                target_id = hits[0].id
            (deletes if operation == "delete" else updates).append(
                (source_id, key, target_id, payload)
            )
        self._judge_updates(phase, updates, counts)
        return self._candidates(phase, deletes, counts)

    def _candidates(self, phase: PhaseSpec, rows: list, counts: dict[str, int]) -> list[_Candidate]:
        if not rows:
            return []
        ids = [row[2] for row in rows]
        found = self.target.evidence(phase.target_object, phase.key_field, ids)
        hanging = self.target.dependents(phase.target_object, list(found))
        candidates, doubtful = [], {}
        for source_id, key, target_id, payload in rows:
            evidence = found.get(target_id)
            if evidence is None:
                self._note(phase, counts, "gone", source_id, target_id, "gone")
                continue
            why = delete_verdict(evidence, key, self.run.written_as, self.bound)
            if why and why != "compare":
                self._note(phase, counts, "kept", source_id, target_id, why)
                continue
            if why:
                doubtful[source_id] = target_id
            refs = phase.references(record_read(phase.source_object, source_id, payload))
            candidates.append(
                _Candidate(source_id, target_id, hanging.get(target_id, 0), tuple(set(refs)))
            )
        if not doubtful:
            return candidates
        edited = edited_of(self.run, self.target, phase, doubtful)
        for source_id in edited:
            self._note(phase, counts, "kept", source_id, doubtful[source_id], "edited")
        return [c for c in candidates if c.source_id not in edited]

    def _settle(
        self, phase: PhaseSpec, candidates: list[_Candidate], counts: dict[str, int]
    ) -> None:
        """Keep candidates on which more hangs than we delete; each one kept may keep its parent."""
        for candidate in candidates:
            self.children.update(candidate.references)
        doomed, before = candidates, -1
        while len(doomed) != before:
            before, staying = len(doomed), []
            for candidate in doomed:
                if candidate.hanging > self.children[phase.source_object, candidate.source_id]:
                    self.children.subtract(candidate.references)
                    self._note(
                        phase,
                        counts,
                        "kept",
                        candidate.source_id,
                        candidate.target_id,
                        "dependents",
                    )
                else:
                    staying.append(candidate)
            doomed = staying
        for candidate in doomed:
            self._note(phase, counts, "delete", candidate.source_id, candidate.target_id, "")

    def _judge_updates(self, phase: PhaseSpec, rows: list, counts: dict[str, int]) -> None:
        if not rows:
            return
        images = pre_images(self.run, phase.source_object, [row[0] for row in rows])
        names = sorted({n for before, _ in images.values() for n in before} - {phase.key_field})
        found = self.target.find_by_id(
            phase.target_object, [row[2] for row in rows], names, phase.key_field
        )
        for source_id, _, target_id, payload in rows:
            hit = found.get(target_id)
            if hit is None:
                self._note(phase, counts, "gone", source_id, target_id, "gone")
                continue
            before, written = images.get(source_id, ({}, {}))
            todo = restoration(hit, before, written, phase)
            why = "edited" if todo.edited else ""
            if not why and phase.key_field in before:
                why = "key_stays"
            name = "kept" if why else "restore"
            self._count_links_put_back(phase, source_id, payload, todo.fields)
            self._note(phase, counts, name, source_id, target_id, why)

    def _count_links_put_back(
        self, phase: PhaseSpec, source_id: str, payload: str, fields: dict[str, Any]
    ) -> None:
        """A link of theirs that we redirected hangs on our record only until it is put back."""
        record = record_read(phase.source_object, source_id, payload)
        for rule in phase.reference_rules:
            if rule.target in fields:
                for source in rule.sources:
                    for parent in reference_ids(record.values.get(source)):
                        self.children[rule.references, parent] += 1

    def _note(
        self,
        phase: PhaseSpec,
        counts: dict[str, int],
        name: str,
        source_id: str,
        target_id: str,
        why: str,
    ) -> None:
        counts[name] += 1
        if name == "kept":
            self.found.reasons[why] += 1
        examples = self.found.examples[name]
        if len(examples) < EXAMPLES:
            examples.append(
                {
                    "phase": phase.name,
                    "source_id": source_id,
                    "target_id": target_id,
                    "reason": gettext(SENTENCES.get(why, "")),
                }
            )


def rollback_start(
    *,
    run: Run,
    actor: AbstractBaseUser,
    preview: RollbackPreview | dict[str, Any],
    remove_schema: bool = False,
) -> Run:
    """Start reversing ``run`` as a person confirmed it; return the rollback run.

    The preview is made again and must still agree. A second click gets the rollback that is on its
    way. Raises RunRefused when anything changed since, or another run is active.
    """
    started = run.reversals.filter(state__in=Run.ACTIVE).first()
    if started is not None:
        return started
    confirmed = preview.as_json() if isinstance(preview, RollbackPreview) else preview
    now = rollback_preview(run).as_json()
    if now != confirmed:
        raise RunRefused(
            gettext(
                "The destination changed since the preview was shown. Look at the new one first."
            )
        )
    try:
        with transaction.atomic():
            rollback = Run.objects.create(
                project=run.project,
                environment=run.environment,
                kind=Run.Kind.ROLLBACK,
                map_version=run.map_version,
                map_hash=run.map_hash,
                reverses=run,
                preview=now,
                remove_schema=remove_schema,
                workers=run.workers,
                state=Run.State.QUEUED,
                started_at=timezone.now(),
                created_by=actor,
            )
            RunStep.objects.bulk_create(_undo_steps(rollback, run, remove_schema))
            audit.record(
                run.project, actor, "rollback:started", run=run.pk, rollback=rollback.pk, **now
            )
            bell_ring(rollback.pk, times=rollback.workers)
    except IntegrityError as exc:
        raise RunRefused(
            gettext("Another run of this project is active in the %s.")
            % Connection.Side(run.environment).label.lower()
        ) from exc
    return rollback


def _undo_steps(rollback: Run, run: Run, remove_schema: bool) -> list[RunStep]:
    """Return one step a phase, the last loaded first, each after the one before."""
    loaded = run.steps.filter(kind=RunStep.Kind.LOAD).order_by("-position")
    steps = [
        RunStep(
            run=rollback,
            position=position,
            kind=RunStep.Kind.UNDO,
            name=step.name,
            source_object=step.source_object,
            target_object=step.target_object,
            needs=[position - 1] if position > 1 else [],
        )
        for position, step in enumerate(loaded, start=1)
    ]
    if remove_schema:
        steps.append(
            RunStep(
                run=rollback,
                position=len(steps) + 1,
                kind=RunStep.Kind.SCHEMA,
                name="schema",
                needs=[len(steps)] if steps else [],
            )
        )
    return steps
