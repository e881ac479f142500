"""Creating the fields that a map needs, and taking them back at the end of a rollback."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from mapping.core.schema import Problem, SchemaLine, problems, schema_items
from projects.connections import NotConnected
from qontakmig.connectors.base import ObjectDescribe, SchemaItem, TargetConnector
from qontakmig.connectors.errors import RejectedError, StopError, TransientError
from runs.engine.context import Work
from runs.engine.leases import Lease, LeaseLost, lease_take, owner_name
from runs.engine.sql import later
from runs.engine.tuning import tuned
from runs.models import Batch, IdMap, RunStep, SchemaDeployment

State = SchemaDeployment.State
Name = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class SchemaPlan:
    """What the destination lacks (``lines``) and what stands in the way of the map."""

    lines: tuple[SchemaLine, ...]
    problems: tuple[Problem, ...]

    @property
    def to_create(self) -> tuple[SchemaItem, ...]:
        return tuple(line.item for line in self.lines if line.state == "create")


def describes(target: TargetConnector, document: dict[str, Any]) -> dict[str, ObjectDescribe]:
    names = dict.fromkeys(p["target"] for p in document["phases"] if p["mode"] == "load")
    return {name: target.describe(name) for name in names}


def schema_compare(target: TargetConnector, document: dict[str, Any]) -> SchemaPlan:
    """Ask the destination what it has and compare."""
    found = describes(target, document)
    return SchemaPlan(
        tuple(schema_items(document, found)), tuple(problems(document, found, deployed=False))
    )


def item_json(item: SchemaItem) -> dict[str, Any]:
    return asdict(item) | {"definition": dict(item.definition)}


def item_read(entry: dict[str, Any]) -> SchemaItem:
    return SchemaItem(entry["kind"], entry["object"], entry["name"], entry["definition"])


def deployment_advance(deployment_id: int, target: TargetConnector) -> bool:
    """Take one step with a deployment; return whether it is over. Repeatable at any point."""
    rows = SchemaDeployment.objects.filter(
        Q(not_before__isnull=True) | Q(not_before__lte=Now()),
        state__in=(State.QUEUED, State.DEPLOYING),
    )
    lease = lease_take(rows, deployment_id, owner_name())
    deployment = SchemaDeployment.objects.select_related("map_version").get(pk=deployment_id)
    if lease is None:
        return deployment.state not in (State.QUEUED, State.DEPLOYING)
    try:
        if not deployment.deploy_id:
            return _start(deployment, lease, target)
        return _look(deployment, lease, target)
    except TransientError as exc:
        with lease.commit():
            _save(deployment, not_before=later(tuned("BACKOFF_SECONDS")), problem=str(exc))
        return False
    except (StopError, NotConnected) as exc:
        with lease.commit():
            _fail(deployment, str(exc), getattr(exc, "advice", ""))
        return True
    except LeaseLost:
        return False
    finally:
        lease.release()


def _save(deployment: SchemaDeployment, **values: Any) -> None:
    SchemaDeployment.objects.filter(pk=deployment.pk).update(**values)


def _fail(deployment: SchemaDeployment, problem: str, advice: str) -> None:
    _save(
        deployment,
        state=State.FAILED,
        problem=problem,
        advice=advice or "Nothing was created. Correct the cause and apply again.",
        finished_at=timezone.now(),
    )


def _start(deployment: SchemaDeployment, lease: Lease, target: TargetConnector) -> bool:
    """Compare, start creating what lacks, and store the deploy id before anybody waits for it."""
    lease.hold(tuned("REQUEST_SECONDS"))
    plan = schema_compare(target, deployment.map_version.document)
    if plan.problems:
        with lease.commit():
            _fail(deployment, " ".join(p.message for p in plan.problems[:5]), "")
        return True
    asked = {_name(entry): entry for entry in map(item_json, plan.to_create)}
    deployment.items = list((asked | _asked_before(deployment)).values())
    with lease.commit():
        _save(deployment, items=deployment.items)
    if not plan.to_create:
        return _granted(deployment, lease, target, plan, [])
    lease.hold(tuned("REQUEST_SECONDS"))
    deploy_id = target.deploy_start(plan.to_create, check_only=deployment.check_only)
    with lease.commit():
        _save(
            deployment,
            deploy_id=deploy_id,
            state=State.DEPLOYING,
            not_before=later(tuned("POLL_SECONDS")),
        )
    return False


def _asked_before(deployment: SchemaDeployment) -> dict[Name, dict[str, Any]]:
    """Return what was asked for without an answer, by this deployment or one that failed.

    It may have been created all the same. A field that was there all the time and only hidden
    from us would look alike, so these items are marked ``unsure``.
    """
    if deployment.check_only:
        return {}
    lost = SchemaDeployment.objects.filter(
        project=deployment.project,
        environment=deployment.environment,
        check_only=False,
        state=State.FAILED,
        outcomes=[],
    )
    entries = [entry for found in lost for entry in found.items] + deployment.items
    return {_name(entry): entry | {"unsure": True} for entry in entries}


def _name(entry: dict[str, Any]) -> Name:
    return entry["kind"], entry["object"], entry["name"]


def _look(deployment: SchemaDeployment, lease: Lease, target: TargetConnector) -> bool:
    items = [item_read(entry) for entry in deployment.items]
    lease.hold(tuned("REQUEST_SECONDS"))
    state = target.deploy_state(deployment.deploy_id, items)
    if not state.done:
        with lease.commit():
            _save(deployment, not_before=later(tuned("POLL_SECONDS") * 2))
        return False
    outcomes = [
        {
            "kind": o.item.kind,
            "object": o.item.object,
            "name": o.item.name,
            "ok": o.ok,
            "created": o.created,
            "message": o.message,
        }
        for o in state.outcomes
    ]
    if not state.ok:
        refused = [f"{o['object']}.{o['name']}: {o['message']}" for o in outcomes if not o["ok"]]
        with lease.commit():
            _save(deployment, outcomes=outcomes)
            _fail(deployment, state.message or " ".join(refused[:5]), "")
        return True
    plan = SchemaPlan((), ())
    if not deployment.check_only:
        plan = schema_compare(target, deployment.map_version.document)
    created = [item_json(o.item) for o in state.outcomes if o.ok and o.created]
    return _granted(deployment, lease, target, plan, created, outcomes)


def _granted(
    deployment: SchemaDeployment,
    lease: Lease,
    target: TargetConnector,
    plan: SchemaPlan,
    created: list[dict[str, Any]],
    outcomes: list[dict[str, Any]] | None = None,
) -> bool:
    """Give the connected user access to all fields of the map, check, and end the deployment."""
    known = {_name(entry) for entry in created}
    created += [e for e in deployment.items if e.get("unsure") and _name(e) not in known]
    if not deployment.check_only:
        asked = {(e["kind"], e["object"], e["name"]): item_read(e) for e in deployment.items}
        present = {(i.kind, i.object, i.name): i for i in (line.item for line in plan.lines)}
        lease.hold(tuned("REQUEST_SECONDS"))
        target.grant_access(list((present | asked).values()))
        document = deployment.map_version.document
        found = problems(document, describes(target, document))
        if found:
            with lease.commit():
                _save(deployment, created_items=created, outcomes=outcomes or [])
                _fail(
                    deployment,
                    " ".join(p.message for p in found[:5]),
                    "The fields were created but are not as needed yet. Apply again.",
                )
            return True
    with lease.commit():
        _save(
            deployment,
            state=State.DONE,
            created_items=[] if deployment.check_only else created,
            outcomes=outcomes or [],
            problem="",
            finished_at=timezone.now(),
        )
    return True


def remove(work: Work) -> bool:
    """Take back the fields and access that we created, when no record carries our key any more."""
    run = work.run
    made = SchemaDeployment.objects.filter(
        project=run.project, environment=run.environment, check_only=False
    ).exclude(created_items=[])
    made = [d for d in made if d.state != State.REMOVED]
    left = IdMap.objects.filter(
        project=run.project, environment=run.environment, provenance__in=("created", "existed")
    ).count()
    entries = {_name(entry): entry for d in made for entry in d.created_items}
    removed, note = 0, ""
    if left:
        note = f"Kept: {left} records in the destination still carry the migration key."
    elif entries:
        removed, note = _take_back(work, entries)
    with work.lease.commit():
        if removed or not note:
            SchemaDeployment.objects.filter(pk__in=[d.pk for d in made]).update(state=State.REMOVED)
        RunStep.objects.filter(pk=work.step.pk).update(notes={"removed": removed, "note": note})
        work.update(state=Batch.State.DONE)
    return False


def _take_back(work: Work, entries: dict[Name, dict[str, Any]]) -> tuple[int, str]:
    """Return how many items were removed, and in words what was kept."""
    going = [entry for entry in entries.values() if _may_go(work, entry)]
    items = [item_read(entry) for entry in going]
    work.lease.hold(tuned("REQUEST_SECONDS"))
    outcome = work.target.schema_remove(items)
    if not outcome.ok:
        refused = [
            f"{o.item.object}.{o.item.name}: {o.message}" for o in outcome.outcomes if not o.ok
        ]
        return 0, outcome.message or " ".join(refused[:5]) or "The destination kept the fields."
    kept = [
        f"{entry['object']}.{entry['name']}" for entry in entries.values() if entry not in going
    ]
    if kept:
        return len(items), f"Kept, because they may hold values of others: {', '.join(kept[:20])}."
    return len(items), ""


def _may_go(work: Work, entry: dict[str, Any]) -> bool:
    """True for what we created; where that is not sure, for a field without a value in it."""
    if entry["kind"] != "field" or not entry.get("unsure"):
        return True
    work.lease.hold(tuned("REQUEST_SECONDS"))
    if work.target.describe(entry["object"]).field(entry["name"]) is None:
        return True
    try:
        return work.target.count_keyed(entry["object"], entry["name"]) == 0
    except RejectedError:
        # Long texts cannot be asked for; without any record there is no value either.
        return work.target.count_keyed(entry["object"], "Id") == 0
