"""The reconciliation queue of owners: source users that no destination user matches."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from mapping.core.spec import MapSpec
from projects import audit
from projects.models import Project
from qontakmig.told import told
from runs.engine.choosing import STAND_IN
from runs.engine.match import WHY
from runs.engine.staging import record_read
from runs.errors import RunRefused
from runs.models import OwnerDecision, Record, Run


@dataclass(frozen=True, slots=True)
class OwnerLine:
    """One unmatched owner with what was decided and how many records of the last run it has."""

    decision: OwnerDecision
    sentence: str
    records: int


def owner_queue(project: Project, environment: str) -> list[OwnerLine]:
    """Return the unmatched owners, undecided ones first, those with most records at the top."""
    decisions = OwnerDecision.objects.filter(project=project, environment=environment)
    records = _records(project, environment)
    lines = [
        OwnerLine(d, told(WHY.get(d.why, "")), records.get(d.source_user_id, 0)) for d in decisions
    ]
    return sorted(lines, key=lambda line: (line.decision.decided, -line.records))


def _records(project: Project, environment: str) -> dict[str, int]:
    """Count the last run's records by unmatched owner; reads only those that were flagged."""
    run = (
        Run.objects.filter(project=project, environment=environment)
        .exclude(kind=Run.Kind.ROLLBACK)
        .select_related("map_version")
        .first()
    )
    if run is None:
        return {}
    spec = MapSpec.from_document(run.map_version.document)
    users = next((p.source_object for p in spec.phases if p.mode == "match_users"), "")
    flagged = Record.objects.filter(run=run, warnings__contains=STAND_IN)
    counts: dict[str, int] = {}
    for phase_name in flagged.values("step__name").annotate(n=Count("pk")):
        phase = spec.phase(phase_name["step__name"])
        rows = flagged.filter(step__name=phase.name).values_list(
            "source_object", "source_id", "payload"
        )
        for name, source_id, payload in rows.iterator(chunk_size=2000):
            for ref_object, ref_id in phase.references(record_read(name, source_id, payload)):
                if ref_object == users:
                    counts[ref_id] = counts.get(ref_id, 0) + 1
    return counts


@transaction.atomic
def owner_decide(
    *, decision: OwnerDecision, actor: AbstractBaseUser, target_user_id: str = ""
) -> None:
    """Give an unmatched owner's records to ``target_user_id``, or with none to the fallback owner.

    Takes effect in the next run, which moves records already written. Raises RunRefused while a run
    is active there.
    """
    if Run.objects.filter(
        project=decision.project, environment=decision.environment, state__in=Run.WORKING
    ).exists():
        raise RunRefused(_("A run is writing at the moment. Decide when it has ended."))
    decision.target_user_id = target_user_id
    decision.fallback = not target_user_id
    decision.decided_by, decision.decided_at = actor, timezone.now()
    decision.save()
    audit.record(
        decision.project,
        actor,
        "owner:decided",
        environment=decision.environment,
        source_user=decision.source_user_id,
        target_user=target_user_id,
    )
