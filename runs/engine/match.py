"""Source users to destination users by e-mail; the others go to the owner queue."""

from __future__ import annotations

from dataclasses import dataclass

from mapping.core.spec import PhaseSpec
from qontakmig.connectors.base import SourceRecord, TargetUser
from runs.engine.context import Work
from runs.engine.crashpoints import crashpoint
from runs.engine.ledger import id_map_write
from runs.engine.sql import RECORD, database_now, execute_many
from runs.engine.staging import Staged, staged_in_batch
from runs.engine.tuning import tuned
from runs.models import Batch, IdMap, OwnerDecision, Run

WHY = {
    "no_email": "The source gives no e-mail address for this user.",
    "no_user": "No user of the destination has this e-mail address.",
    "inactive_user": "The destination's user with this e-mail address is inactive.",
    "several_users": "Several active users of the destination have this e-mail address.",
}


@dataclass(frozen=True, slots=True)
class Unmatched:
    why: str


def user_match(email: str, users: dict[str, list[TargetUser]]) -> TargetUser | Unmatched:
    """Return the one active destination user with that address, compared without case."""
    if not email:
        return Unmatched("no_email")
    candidates = users.get(email.casefold(), [])
    active = [user for user in candidates if user.active]
    if len(active) == 1:
        return active[0]
    if active:
        return Unmatched("several_users")
    return Unmatched("inactive_user" if candidates else "no_user")


def match(work: Work) -> bool:
    """Match every user of the batch in one commit. Decisions of people come before addresses.

    The line of an unmatched user keeps who stands in for it in this run (``target_id``), so that a
    later decision cannot change what this run meant.
    """
    work.lease.hold(tuned("REQUEST_SECONDS"))
    users: dict[str, list[TargetUser]] = {}
    for user in work.target.users():
        users.setdefault(user.email.strip().casefold(), []).append(user)
    crashpoint("match.read")
    rows = staged_in_batch(work.batch.pk, "ready")
    decided = {
        d.source_user_id: d
        for d in OwnerDecision.objects.filter(
            project_id=work.run.project_id, environment=work.run.environment
        )
    }
    active = {user.id for group in users.values() for user in group if user.active}
    fallback = work.run.fallback_owner or work.context.our_user
    outcomes, mapped, undecided, settled = [], [], [], []
    for row in rows:
        decision = decided.get(row.source_id)
        found = user_match(_email(row.record, work.phase), users)
        if decision and decision.target_user_id in active:
            outcomes.append(
                ("matched", decision.target_user_id, "decided", "Decided by a person.", row.pk)
            )
            mapped.append((row.source_id, decision.target_user_id, "matched", ""))
        elif isinstance(found, TargetUser):
            outcomes.append(("matched", found.id, "", "", row.pk))
            mapped.append((row.source_id, found.id, "matched", ""))
            settled.append(row.source_id)
        else:
            sentence = f"{WHY[found.why]} The fallback owner gets the records."
            outcomes.append(("skipped", fallback, found.why, sentence, row.pk))
            undecided.append(_decision(work, row, found.why))
    with work.lease.commit():
        execute_many(
            f"UPDATE {RECORD} SET state = %s, target_id = %s, reason_code = %s, reason = %s "  # noqa: S608
            "WHERE id = %s",
            outcomes,
        )
        id_map_write(work, mapped, database_now())
        OwnerDecision.objects.bulk_create(
            undecided,
            update_conflicts=True,
            unique_fields=["project", "environment", "source_user_id"],
            update_fields=["source_name", "source_email", "why"],
        )
        OwnerDecision.objects.filter(
            project_id=work.run.project_id,
            environment=work.run.environment,
            source_user_id__in=settled,
            target_user_id="",
        ).delete()
        IdMap.objects.filter(
            project_id=work.run.project_id,
            environment=work.run.environment,
            source_object=work.step.source_object,
            source_id__in=[decision.source_user_id for decision in undecided],
        ).delete()
        Run.objects.filter(pk=work.run.pk, fallback_owner="").update(fallback_owner=fallback)
        work.update(state=Batch.State.DONE, failures=0)
    return False


def _decision(work: Work, row: Staged, why: str) -> OwnerDecision:
    return OwnerDecision(
        project_id=work.run.project_id,
        environment=work.run.environment,
        source_user_id=row.source_id,
        source_name=_name(row.record)[:255],
        source_email=_email(row.record, work.phase)[:255],
        why=why,
    )


def _email(record: SourceRecord, phase: PhaseSpec) -> str:
    value = record.values.get(phase.match_by or "email")
    return value.strip() if isinstance(value, str) else ""


def _name(record: SourceRecord) -> str:
    value = record.values.get("name") or record.values.get("full_name") or ""
    return str(value) or f"User {record.id}"
