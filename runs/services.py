"""Starting, stopping, repairing and reversing runs. Each function is one transaction."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from mapping.core.schema import problems
from mapping.models import MapVersion
from projects import audit, connections
from projects.models import Connection, Project
from runs.bell import bell_ring
from runs.engine import ports
from runs.engine.provision import describes
from runs.engine.steps import steps_plan
from runs.errors import RunRefused
from runs.models import Batch, Finding, Record, Run, RunStep
from runs.owners import OwnerLine, owner_decide, owner_queue
from runs.rollback import RollbackPreview, rollback_preview, rollback_start
from runs.schema import schema_applied, schema_apply, schema_check, schema_drive, schema_plan

__all__ = [
    "OwnerLine",
    "RollbackPreview",
    "RunRefused",
    "owner_decide",
    "owner_queue",
    "retry_errors",
    "rollback_preview",
    "rollback_start",
    "run_cancel",
    "run_create",
    "run_pause",
    "run_resume",
    "run_sign_off",
    "run_start",
    "schema_apply",
    "schema_check",
    "schema_drive",
    "schema_plan",
]


def run_create(
    *,
    project: Project,
    environment: str,
    map_version: MapVersion,
    actor: AbstractBaseUser,
    kind: str = "",
    fallback_owner: str = "",
) -> Run:
    """Plan a run of a confirmed map as a draft with its steps.

    ``kind`` defaults to the environment's own (sandbox or production); ``fallback_owner`` is the
    destination user for records of unmatched owners, by default the connected user. Raises
    RunRefused: map not confirmed, or production without a signed-off sandbox run of the same map.
    """
    if map_version.project_id != project.pk:
        raise RunRefused(_("This map belongs to another project."))
    if map_version.is_draft:
        raise RunRefused(_("The map is not confirmed. Nothing moves before it is confirmed."))
    if environment not in ("sandbox", "production"):
        raise RunRefused("A run needs an environment: sandbox or production.")
    signoff_hash = ""
    if environment == "production":
        signoff_hash = _signed_off_hash(project, map_version)
    with transaction.atomic():
        run = Run.objects.create(
            project=project,
            environment=environment,
            kind=kind or environment,
            map_version=map_version,
            map_hash=map_version.content_hash,
            signoff_hash=signoff_hash,
            fallback_owner=fallback_owner,
            created_by=actor,
        )
        RunStep.objects.bulk_create(steps_plan(run, ports.spec_of(run)))
        audit.record(
            project,
            actor,
            "run:created",
            run=run.pk,
            environment=environment,
            map=map_version.number,
        )
    return run


def _signed_off_hash(project: Project, map_version: MapVersion) -> str:
    signed = Run.objects.filter(
        project=project,
        environment="sandbox",
        map_hash=map_version.content_hash,
        signed_off_at__isnull=False,
    ).exists()
    if not signed:
        raise RunRefused(
            _("Production needs a sandbox run of this very map that was verified and signed off.")
        )
    return map_version.content_hash


@transaction.atomic
def run_sign_off(*, run: Run, actor: AbstractBaseUser) -> None:
    """Sign a finished sandbox run off, which opens production for its map."""
    signed = Run.objects.filter(
        pk=run.pk,
        environment="sandbox",
        state=Run.State.DONE,
        signed_off_at__isnull=True,
    ).exclude(kind=Run.Kind.ROLLBACK)
    if not signed.update(signed_off_by=actor, signed_off_at=timezone.now()):
        raise RunRefused(_("Only a finished sandbox run can be signed off, and only once."))
    audit.record(run.project, actor, "run:signed_off", run=run.pk, map_hash=run.map_hash)
    run.refresh_from_db()


def run_start(*, run: Run, actor: AbstractBaseUser) -> None:
    """Queue a draft run. A double click or two people start it once.

    Contacts the destination: its schema must have been applied for this map and still be as the
    map needs it. Raises RunRefused, NotConnected or ConnectorError; nothing is written then.
    """
    if run.state == Run.State.DRAFT and run.kind != Run.Kind.ROLLBACK:
        _refuse_schema(run)
    try:
        with transaction.atomic():
            started = Run.objects.filter(pk=run.pk, state=Run.State.DRAFT).update(
                state=Run.State.QUEUED, started_at=timezone.now()
            )
            if started:
                audit.record(run.project, actor, "run:started", run=run.pk)
                bell_ring(run.pk, times=run.workers)
    except IntegrityError as exc:
        raise RunRefused(
            _("Another run of this project is active in the %s. Finish or cancel it first.")
            % Connection.Side(run.environment).label.lower()
        ) from exc
    run.refresh_from_db()
    if not started:
        raise RunRefused(_("The run is already %s.") % run.get_state_display().lower())


def _refuse_schema(run: Run) -> None:
    if not schema_applied(run.project, run.environment, run.map_hash):
        raise RunRefused(
            _("The %s does not have the fields of this map yet. Apply the schema first.")
            % Connection.Side(run.environment).label.lower()
        )
    target = connections.target(run.project, run.environment)
    try:
        document = run.map_version.document
        found = problems(document, describes(target, document))
    finally:
        target.close()
    if found:
        raise RunRefused(
            _("The destination changed since the schema was applied.")
            + " "
            + " ".join(problem.message for problem in found[:5])
        )


@transaction.atomic
def run_pause(*, run: Run, actor: AbstractBaseUser) -> None:
    """Ask the workers to stop after their batch; the run is paused when nobody works on it."""
    asked = Run.objects.filter(pk=run.pk, state__in=Run.WORKING, request="").update(
        request=Run.Request.PAUSE
    )
    run.refresh_from_db()
    if not asked and run.request != Run.Request.PAUSE:
        raise RunRefused(_("The run cannot be paused: it is %s.") % run.get_state_display().lower())
    if asked:
        audit.record(run.project, actor, "run:paused", run=run.pk)
        bell_ring(run.pk)


@transaction.atomic
def run_resume(*, run: Run, actor: AbstractBaseUser) -> None:
    """Go on from where the run rested, waits included."""
    resumed = Run.objects.filter(
        pk=run.pk, state__in=(Run.State.PAUSED, Run.State.NEEDS_ATTENTION)
    ).update(
        state=Run.State.QUEUED,
        request="",
        problem="",
        problem_code="",
        advice="",
        not_before=None,
        source_wait_until=None,
        target_wait_until=None,
        source_failures=0,
        target_failures=0,
    )
    run.refresh_from_db()
    if not resumed:
        raise RunRefused(
            _("The run cannot be resumed: it is %s.") % run.get_state_display().lower()
        )
    Batch.objects.filter(step__run=run, state=Batch.State.READY).update(not_before=None, failures=0)
    audit.record(run.project, actor, "run:resumed", run=run.pk)
    bell_ring(run.pk, times=run.workers)


@transaction.atomic
def run_cancel(*, run: Run, actor: AbstractBaseUser) -> None:
    """End a run for good. What it wrote stays and can be rolled back."""
    resting = (Run.State.DRAFT, Run.State.PAUSED, Run.State.NEEDS_ATTENTION)
    ended = Run.objects.filter(pk=run.pk, state__in=resting).update(
        state=Run.State.CANCELLED, finished_at=timezone.now(), request=""
    )
    asked = Run.objects.filter(pk=run.pk, state__in=Run.WORKING).update(request=Run.Request.CANCEL)
    run.refresh_from_db()
    if not ended and not asked:
        raise RunRefused(_("The run is already %s.") % run.get_state_display().lower())
    audit.record(run.project, actor, "run:cancelled", run=run.pk)
    if asked:
        bell_ring(run.pk)


def retry_errors(*, run: Run, actor: AbstractBaseUser, cause: str = "") -> int:
    """Try records in error again, all or those of one reason code, with all that are held.

    Reopens a finished run; returns how many records are tried again. Raises RunRefused when the
    run is rolled back, cancelled, or another run is active.
    """
    again = Record.objects.filter(run=run, step__kind=RunStep.Kind.LOAD)
    errored = again.filter(state=Record.State.ERRORED)
    if cause:
        errored = errored.filter(reason_code=cause)
    held = again.filter(state=Record.State.HELD)
    if run.kind == Run.Kind.ROLLBACK:
        raise RunRefused(_("Records of a rollback are not retried; start the rollback again."))
    try:
        with transaction.atomic():
            run = Run.objects.select_for_update().get(pk=run.pk)
            if run.state not in (Run.State.DONE, Run.State.PAUSED, Run.State.NEEDS_ATTENTION):
                raise RunRefused(
                    _("The run is %s; wait for its end.") % run.get_state_display().lower()
                )
            fresh = {"state": "staged", "batch": None, "reason_code": "", "reason": ""}
            steps = set(errored.values_list("step", flat=True))
            count = errored.update(**fresh)
            if not count and cause:
                raise RunRefused(_("No record is in error for this reason any more."))
            steps |= set(held.values_list("step", flat=True))
            count += held.update(**fresh)
            if not count:
                raise RunRefused(_("No record is in error or held."))
            _reopen(run, steps)
            audit.record(run.project, actor, "run:retried", run=run.pk, records=count, cause=cause)
            bell_ring(run.pk, times=run.workers)
    except IntegrityError as exc:
        raise RunRefused(_("Another run is active in this environment.")) from exc
    return count


def _reopen(run: Run, steps: set[int]) -> None:
    """Pending again: the load steps concerned and every verification, to open in their order."""
    load_steps = RunStep.objects.filter(pk__in=steps)
    names = set(load_steps.values_list("name", flat=True))
    load_steps.update(state=RunStep.State.PENDING, finished_at=None)
    # Records of the same object may have been written without their link to one tried again.
    Record.objects.filter(
        step__in=steps, state__in=Record.IN_DESTINATION, warnings__contains="reference_unknown"
    ).update(deferred=True)
    checks = RunStep.objects.filter(run=run, kind=RunStep.Kind.VERIFY, name__in=names)
    Batch.objects.filter(step__in=checks).delete()
    Finding.objects.filter(step__in=checks).delete()
    checks.update(state=RunStep.State.PENDING, finished_at=None)
    Record.objects.filter(run=run, step__in=steps).update(verdict="")
    Run.objects.filter(pk=run.pk).update(
        state=Run.State.QUEUED, finished_at=None, problem="", problem_code="", advice=""
    )
