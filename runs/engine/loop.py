"""Driving a run: claim a batch, work on it, give it back; open and close steps in between.

Any number of processes may drive one run. What a driver learns about trouble becomes state: a wait
with its time (rule R8) or a sentence for a person.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable
from datetime import datetime

from django.db import OperationalError, close_old_connections
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from projects.connections import NotConnected
from qontakmig.connectors.errors import RateLimitedError, StopError, TransientError
from runs.engine import extract, links, load, match, provision, steps, undo, verify
from runs.engine.context import Context, Work
from runs.engine.crashpoints import crashpoint
from runs.engine.leases import LeaseLost, lease_take, leases_of_the_dead_release
from runs.engine.sql import database_now, later
from runs.engine.tuning import FAILURES_BEFORE_CIRCUIT, tuned
from runs.models import Batch, Run, RunStep

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.1
"""How often an idle driver looks again while others work."""
SHORT_WAIT_SECONDS = 3.0
"""Waits that an impatient driver sits out, such as the tick of an ingest job."""
LONGEST_NAP_SECONDS = 1.0


def drive(run_id: int, budget_seconds: float | None = None, *, patient: bool = True) -> str:
    """Work on a run until it rests, the budget is spent, or (impatient) everything waits.

    Returns the run's state. Safe to call any number of times, from any number of processes.
    """
    began = time.monotonic()
    context = Context(Run.objects.select_related("project", "map_version").get(pk=run_id))

    def stop_asked() -> bool:
        return budget_seconds is not None and time.monotonic() - began > budget_seconds

    try:
        while not stop_asked():
            context.run.refresh_from_db()
            if _turned_away(context.run):
                break
            if _work_once(context, stop_asked):
                continue
            if not context.run.is_working or _dead_release(context.run):
                continue
            nap = _until_something(context.run)
            if not patient and nap > SHORT_WAIT_SECONDS:
                break
            context.calls.flush()
            time.sleep(min(nap, LONGEST_NAP_SECONDS))
            context.cpu_forget()
    finally:
        context.close()
    return Run.objects.values_list("state", flat=True).get(pk=run_id)


def _dead_release(run: Run) -> int:
    """Give back what workers of this machine held when they died; return how many leases."""
    return leases_of_the_dead_release(Run.objects.filter(pk=run.pk)) + leases_of_the_dead_release(
        Batch.objects.filter(step__run=run)
    )


def _turned_away(run: Run) -> bool:
    """True when there is nothing to drive; carries out a pause or cancel once nobody works."""
    if not run.is_working:
        return True
    if not run.request:
        return False
    _dead_release(run)
    busy = Batch.objects.filter(step__run=run, lease_until__gte=Now()).exclude(lease_owner="")
    if not busy.exists():
        state = Run.State.PAUSED if run.request == Run.Request.PAUSE else Run.State.CANCELLED
        ended = timezone.now() if state == Run.State.CANCELLED else None
        Run.objects.filter(pk=run.pk, request=run.request, state__in=Run.WORKING).update(
            state=state, request="", finished_at=ended
        )
    return True


# ---------------------------------------------------------------- one piece of work


def _work_once(context: Context, stop_asked: Callable[[], bool]) -> bool:
    """Do one batch's slice or move the run; return whether anything was done."""
    work = _claim(context, stop_asked)
    if work is not None:
        _work_on(work)
        return True
    lease = lease_take(
        Run.objects.filter(
            Q(not_before__isnull=True) | Q(not_before__lte=Now()), state__in=Run.WORKING
        ),
        context.run.pk,
        context.owner,
    )
    if lease is None:
        return False
    crashpoint("run.claimed")
    try:
        context.run.refresh_from_db()
        if not context.run.is_working:
            return False
        moved = steps.run_move(context, lease)
        if context.run.not_before is not None:
            Run.objects.filter(pk=context.run.pk).update(not_before=None)
        return moved
    except LeaseLost:
        return True
    except TransientError as exc:
        _run_wait(context.run, exc)
        return True
    except (StopError, NotConnected) as exc:
        _stop(context.run, exc)
        return True
    except OperationalError:
        log.warning("database trouble in run %s, tried again", context.run.pk)
        close_old_connections()
        time.sleep(tuned("BACKOFF_SECONDS"))
        return True
    except Exception as exc:
        log.error("run %s between its steps: %s", context.run.pk, _place(exc))
        _stop(context.run, _unforeseen(exc, "the run"))
        return True
    finally:
        lease.release()


def _claim(context: Context, stop_asked: Callable[[], bool]) -> Work | None:
    """Take the first batch that may be worked on now, or None."""
    now = database_now()
    run = context.run
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=Now())
    ripe = Q(not_before__isnull=True) | Q(not_before__lte=Now())
    claimable = Batch.objects.filter(
        free & ripe,
        step__run=run,
        step__state=RunStep.State.OPEN,
        state=Batch.State.READY,
    )
    if run.source_wait_until and run.source_wait_until > now:
        claimable = claimable.exclude(step__kind=RunStep.Kind.EXTRACT)
    if run.target_wait_until and run.target_wait_until > now:
        claimable = claimable.filter(step__kind=RunStep.Kind.EXTRACT)
    candidates = claimable.order_by("step__position", "position").values_list("pk", flat=True)[:16]
    for pk in list(candidates):
        lease = lease_take(Batch.objects.filter(ripe, state=Batch.State.READY), pk, context.owner)
        if lease is not None:
            batch = Batch.objects.select_related("step").get(pk=pk)
            return Work(context, batch.step, batch, lease, stop_asked)
    return None


def _handler(work: Work) -> Callable[[Work], bool | None]:
    if work.step.kind == RunStep.Kind.LOAD and work.batch.cursor.get("links"):
        return links.link
    return {
        RunStep.Kind.EXTRACT: extract.extract,
        RunStep.Kind.MATCH: match.match,
        RunStep.Kind.LOAD: load.load,
        RunStep.Kind.VERIFY: verify.verify,
        RunStep.Kind.UNDO: undo.undo,
        RunStep.Kind.SCHEMA: provision.remove,
    }[RunStep.Kind(work.step.kind)]


def _work_on(work: Work) -> None:
    """Work on a batch until it is done, must wait, or the driver is asked to give way."""
    handle = _handler(work)
    try:
        while handle(work) and not work.stop_asked() and not _asked_to_stop(work.run):
            pass
        _went_well(work)
    except LeaseLost:
        log.info("batch %s went to another worker", work.batch.pk)
    except TransientError as exc:
        _batch_wait(work, exc)
    except (StopError, NotConnected) as exc:
        _stop(work.run, exc)
    except OperationalError:
        log.warning("database trouble in batch %s, tried again", work.batch.pk)
        close_old_connections()
        time.sleep(tuned("BACKOFF_SECONDS"))
    except Exception as exc:
        log.error("batch %s of run %s: %s", work.batch.pk, work.run.pk, _place(exc))
        _stop(work.run, _unforeseen(exc, f"{work.step.get_kind_display()} {work.step.name}"))
    finally:
        work.lease.release()
        work.context.cpu_charge(work.step)
        work.context.calls.flush(at_least=100)


def _asked_to_stop(run: Run) -> bool:
    state, request = Run.objects.values_list("state", "request").get(pk=run.pk)
    return bool(request) or state not in Run.WORKING


# ---------------------------------------------------------------- trouble becomes state


def _side(work: Work) -> str:
    return "source" if work.step.kind == RunStep.Kind.EXTRACT else "target"


def _went_well(work: Work) -> None:
    side = _side(work)
    if getattr(work.run, f"{side}_failures"):
        Run.objects.filter(pk=work.run.pk).update(**{f"{side}_failures": 0})
    if work.run.state == Run.State.WAITING or work.run.problem:
        Run.objects.filter(pk=work.run.pk, state=Run.State.WAITING).update(
            state=Run.State.RUNNING, problem="", problem_code="", advice=""
        )


def backoff(failures: int) -> float:
    """Return the wait after so many failures in a row, in seconds."""
    return min(tuned("BACKOFF_SECONDS") * 2 ** min(failures, 20), tuned("BACKOFF_MAX_SECONDS"))


def _batch_wait(work: Work, exc: TransientError) -> None:
    """A rate limit or an outage belongs to the connection; other trouble to the batch alone."""
    run, side = work.run, _side(work)
    Run.objects.filter(pk=run.pk).update(**{f"{side}_failures": F(f"{side}_failures") + 1})
    failures = Run.objects.values_list(f"{side}_failures", flat=True).get(pk=run.pk)
    wait = backoff(work.batch.failures)
    if isinstance(exc, RateLimitedError):
        wait = max(exc.retry_after, 0.05)
        _connection_wait(run, side, wait, exc)
    elif failures >= FAILURES_BEFORE_CIRCUIT:
        wait = backoff(failures - FAILURES_BEFORE_CIRCUIT + 2)
        _connection_wait(run, side, wait, exc)
    Batch.objects.filter(pk=work.batch.pk, fence=work.lease.fence).update(
        not_before=later(wait), failures=F("failures") + 1, waits_for=str(exc)
    )


def _connection_wait(run: Run, side: str, wait: float, exc: TransientError) -> None:
    Run.objects.filter(pk=run.pk, state__in=Run.WORKING).update(
        **{f"{side}_wait_until": later(wait)},
        state=Run.State.WAITING,
        problem=str(exc),
        problem_code=exc.code,
        advice=exc.advice,
    )


def _run_wait(run: Run, exc: TransientError) -> None:
    wait = exc.retry_after if isinstance(exc, RateLimitedError) else backoff(run.target_failures)
    Run.objects.filter(pk=run.pk, state__in=Run.WORKING).update(
        not_before=later(wait),
        target_failures=F("target_failures") + 1,
        state=Run.State.WAITING,
        problem=str(exc),
        problem_code=exc.code,
        advice=exc.advice,
    )


def _stop(run: Run, exc: Exception) -> None:
    """A person is needed. The run keeps its place; resume goes on from there."""
    Run.objects.filter(pk=run.pk, state__in=Run.WORKING).update(
        state=Run.State.NEEDS_ATTENTION,
        problem=str(exc),
        problem_code=getattr(exc, "code", "not_connected"),
        advice=getattr(exc, "advice", ""),
        request="",
    )


def _place(exc: Exception) -> str:
    """Name an exception by kind and place, without its message."""
    last = traceback.extract_tb(exc.__traceback__)[-1]
    return f"{type(exc).__name__} at {last.filename}:{last.lineno}"


def _unforeseen(exc: Exception, where: str) -> StopError:
    """A fault of ours: the run rests instead of failing again and again. Tells the kind only,
    because messages of unforeseen exceptions may hold values of records."""
    return StopError(
        f"Something unforeseen happened in {where} ({type(exc).__name__}).",
        code="unforeseen",
        advice="Nothing was lost. Resume; if it comes again, report it with the run's number.",
    )


def _until_something(run: Run) -> float:
    """Return seconds until a wait of this run ends, IDLE_SECONDS while others work on it."""
    now = database_now()
    waits: list[datetime] = []
    batches = Batch.objects.filter(
        step__run=run, step__state=RunStep.State.OPEN, state=Batch.State.READY
    ).values_list("not_before", "lease_until", "step__kind")
    for not_before, lease_until, kind in batches:
        side = run.source_wait_until if kind == RunStep.Kind.EXTRACT else run.target_wait_until
        if lease_until is not None and lease_until > now:
            return IDLE_SECONDS
        waits.append(max(t for t in (not_before, side, now) if t is not None))
    if run.not_before:
        waits.append(run.not_before)
    if not waits:
        return IDLE_SECONDS
    soonest = min(waits) - now
    return max(soonest.total_seconds(), 0.01)


def claimable_in(run_id: int) -> float | None:
    """Return in how many seconds the next slice should look, None when others see to it.

    0 when there is work now; a driver that holds a batch rings its own bell when it ends, and
    ``watch`` looks after those that die.
    """
    run = Run.objects.get(pk=run_id)
    busy = Batch.objects.filter(step__run=run, lease_until__gte=Now()).exclude(lease_owner="")
    wait = _until_something(run)
    if wait == IDLE_SECONDS and busy.exists():
        return None
    return 0 if wait <= IDLE_SECONDS else wait
