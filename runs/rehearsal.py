"""A whole migration between practice orgs, through the same services that the pages call.

A test person stands in for the people: accepts what is proposed, confirms the map, decides who
gets the records of owners without a user. Whether the destination holds what it should, and is
as before after a rollback, is asked from the practice org itself.
"""

from __future__ import annotations

import fcntl
import json
import resource
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth import get_user_model

from mapping import services as mapping_services
from mapping.errors import MapError
from mapping.models import MapVersion
from mapping.opening import draft_from_accounts
from mapping.rehearsing import review_as_proposed
from projects.connections import NotConnected, connection_save, connection_test, opened
from projects.discovery import DiscoveryRefused, discovery_drive, discovery_start
from projects.models import Connection, Discovery, Membership, Project
from projects.practice import connection_settings
from projects.services import project_create
from projects.systems import SYSTEMS
from qontakmig.connectors.errors import ConnectorError, RateLimitedError, TransientError
from qontakmig.simulators.serve import DidNotStart, Running, start
from runs import owners, reconciliation, rollback, schema, services
from runs.engine import drive
from runs.engine.leases import leases_of_the_dead_release
from runs.engine.loop import claimable_in
from runs.errors import RunRefused
from runs.models import Run, SchemaDeployment
from runs.summary import records_in_error, run_summary
from runs.witness import Witness

Say = Callable[[str], Any]
T = TypeVar("T")
ENVIRONMENT = Connection.Side.SANDBOX

DONE, WITH_ERRORS, INTERRUPTED = 0, 1, 3

PATIENCE_SECONDS = 180.0
"""How long an org that is not well is asked again; a longer wait is left to another day."""
TRY_SECONDS, LONGEST_WAIT_SECONDS = 0.25, 10.0
TESTS = 3
UNDER_WAY = (SchemaDeployment.State.QUEUED, SchemaDeployment.State.DEPLOYING)
UNDONE = ("reversed", "kept", "failed", "left")


class Refused(Exception):
    """The rehearsal cannot be done; the message says why and what to do."""


@dataclass(frozen=True)
class Plan:
    """What to rehearse. ``folder`` holds the database and the practice orgs' content."""

    destination: str
    sizes: Mapping[str, int]
    seed: int
    folder: Path
    workers: int = 1
    switches: list[str] = field(default_factory=list)
    again: bool = False
    rollback: bool = False
    project: str = "Rehearsal"
    username: str = "rehearsal"

    def __post_init__(self) -> None:
        """Raises Refused for a destination or a switch's system that does not exist."""
        known = [key for key, system in SYSTEMS.items() if system.role == "destination"]
        if self.destination not in known:
            names = ", ".join(known)
            raise Refused(f"There is no destination {self.destination!r}; there are: {names}.")
        systems = ("qontak", self.destination)
        if unknown := set(self.switches_by_system) - set(systems):
            names = ", ".join(sorted(unknown))
            raise Refused(f"--org names {names}; there are: {', '.join(systems)}.")

    @property
    def switches_by_system(self) -> dict[str, dict[str, str]]:
        """Return {system: {switch: value}} of the ``SYSTEM.SWITCH=VALUE`` texts."""
        switches: dict[str, dict[str, str]] = {}
        for text in self.switches:
            target, equals, value = text.partition("=")
            system, dot, switch = target.partition(".")
            if not (equals and dot and switch):
                raise Refused(f"--org {text}: write SYSTEM.SWITCH=VALUE.")
            switches.setdefault(system, {})[switch] = value
        return switches


def rehearse(plan: Plan, say: Say) -> tuple[int, dict[str, Any]]:
    """Carry out ``plan``; return the exit status and the summary that the command prints.

    Raises Refused. Interrupted or killed at any moment, the same call with the same folder
    continues, and tells in the end what the whole came to.
    """
    with alone_in(plan.folder), start_orgs(plan) as orgs, ends_with(orgs):
        try:
            return Rehearsal(plan, orgs.info, say).run()
        except (RunRefused, MapError, NotConnected, DiscoveryRefused, ConnectorError) as exc:
            raise Refused(f"{exc} {getattr(exc, 'advice', '')}".strip()) from exc


def start_orgs(plan: Plan) -> Running:
    try:
        return start(
            ("qontak", plan.destination),
            seed=plan.seed,
            sizes=dict(plan.sizes),
            switches=plan.switches_by_system,
            state=plan.folder / "orgs",
        )
    except DidNotStart as exc:
        if exc.status < 0:
            raise OrgsEnded from exc
        raise Refused(f"The practice orgs: {exc}") from exc


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold the folder, so that two rehearsals never continue the same one."""
    with (folder / "progress.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Refused(f"Another rehearsal is running in {folder}; wait for its end.") from None
        yield


class OrgsEnded(KeyboardInterrupt):
    """The practice orgs are gone in the middle of the rehearsal."""


@contextmanager
def ends_with(orgs: Running) -> Iterator[None]:
    """Interrupt the work when the practice orgs end before it; raises OrgsEnded then.

    Without this a run would wait for the orgs to come back, as it waits for a vendor's outage.
    """
    over, died = threading.Event(), threading.Event()
    main = threading.get_ident()

    def watch() -> None:
        while not over.wait(0.5):
            if orgs.process.poll() is not None:
                died.set()
                signal.pthread_kill(main, signal.SIGINT)
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    except (KeyboardInterrupt, OSError) as exc:
        raise (OrgsEnded() if died.is_set() or died.wait(1) else exc) from None
    finally:
        over.set()


class Progress:
    """How far a rehearsal came, in a file of its folder: which runs are its own."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "progress.json"
        self.noted: dict[str, Any] = {}
        if self.path.exists():
            self.noted = json.loads(self.path.read_text())

    def note(self, **facts: Any) -> None:
        self.noted |= facts
        half = self.path.with_suffix(".half")
        half.write_text(json.dumps(self.noted))
        half.replace(self.path)

    def forget(self) -> None:
        """Begin anew next time."""
        self.path.unlink(missing_ok=True)


class Rehearsal:
    """One rehearsal on orgs that are running. ``say`` gets progress in lines."""

    def __init__(self, plan: Plan, orgs: Mapping[str, Any], say: Say) -> None:
        self.plan, self.orgs, self.say = plan, orgs, say
        self.started = time.monotonic()
        self.progress = Progress(plan.folder)
        self.witness = Witness(orgs[plan.destination]["control_url"])

    def run(self) -> tuple[int, dict[str, Any]]:
        project = self.project()
        version = self.confirmed_map(project)
        self.remember_destination(project)
        load = self.run_of("load", project, version)
        writes = None
        if self.plan.again and load.state in Run.FINISHED:
            writes = self.run_again(project, version)
        summary = run_summary(load) | {"seed": self.plan.seed, "second_run_writes": writes}
        summary["in_destination"] = self.in_destination(version)
        summary["rollback"] = None
        unfinished = self.unfinished(project)
        undoing = unfinished is not None and unfinished.kind == Run.Kind.ROLLBACK
        if undoing or (self.plan.rollback and unfinished is None):
            summary["rollback"] = self.roll_back(project)
            unfinished = self.unfinished(project)
        summary |= self.costs(summary)
        if summary["rollback"] is not None:
            summary["rollback"]["restored"] &= self.witness.is_as_remembered(self.before)
        if unfinished is not None:
            self.say(_what_to_do(unfinished))
            return INTERRUPTED, summary
        self.progress.forget()
        return self.exit_status(load, summary), summary

    # ------------------------------------------------------------ people and accounts

    @cached_property
    def person(self) -> Any:
        user, _ = get_user_model().objects.get_or_create(
            username=self.plan.username, defaults={"first_name": "Test", "last_name": "Person"}
        )
        return user

    def project(self) -> Project:
        """Return the folder's project, connected to the orgs as they listen now."""
        project = Project.objects.filter(
            memberships__user=self.person, name=self.plan.project
        ).first()
        if project is None:
            project = project_create(
                name=self.plan.project,
                destination=self.plan.destination,
                actor=self.person,
                practice=True,
            )
        elif project.destination != self.plan.destination:
            raise Refused(f"This folder holds a rehearsal to {project.destination}.")
        for side, system in (("source", "qontak"), (ENVIRONMENT, self.plan.destination)):
            self.connect(project, side, system)
        return project

    def connect(self, project: Project, side: str, system: str) -> None:
        config, credentials = connection_settings(system, self.orgs[system])
        connection = connection_save(
            project=project,
            side=side,
            system=system,
            config=config,
            credentials=credentials,
            actor=self.person,
        )
        for _ in range(TESTS):
            patiently(partial(_answers, connection))
            connection_test(connection=connection, actor=self.person)
            if connection.state == Connection.State.WORKING:
                break
        else:
            raise Refused(f"{system}: {connection.problem} {connection.advice}".strip())
        self.say(f"connected {system}: {connection.identity['organization_name']}")

    # ------------------------------------------------------------ up to the confirmed map

    def confirmed_map(self, project: Project) -> MapVersion:
        version = project.map_versions.filter(state=MapVersion.State.CONFIRMED).first()
        if version is not None:
            return version
        version = self.draft(project)
        left = review_as_proposed(version, self.person)
        if left:
            raise Refused("The map cannot be confirmed: " + " ".join(b.message for b in left))
        version = mapping_services.version_confirm(
            version=version, actor=self.person, role=Membership.Role.CONSULTANT
        )
        self.say(f"confirmed map {version.number}, {version.content_hash[:12]}")
        return version

    def draft(self, project: Project) -> MapVersion:
        """Return the draft of the project's map, proposed now if there is none."""
        discovery = self.discovery(project)
        return project.map_versions.first() or patiently(
            lambda: draft_from_accounts(
                project=project, discovery=discovery, environment=ENVIRONMENT, actor=self.person
            )
        )

    def discovery(self, project: Project) -> Discovery:
        found = project.discoveries.first()
        if found is None or found.state == Discovery.State.FAILED:
            found = discovery_start(project=project, actor=self.person)
        if found.state != Discovery.State.DONE:
            # Whoever held it was killed: this process alone works in this database.
            Discovery.objects.filter(pk=found.pk).update(lease_until=None)
            found = discovery_drive(found)
        if found.state != Discovery.State.DONE:
            raise Refused(f"The audit stopped: {found.problem} {found.advice}".strip())
        counts = ", ".join(f"{o.records_read} {o.name}" for o in found.objects_found.all())
        self.say(f"discovered {counts}")
        return found

    # ------------------------------------------------------------ runs

    def run_of(self, name: str, project: Project, version: MapVersion) -> Run:
        """Make and drive the run that this rehearsal calls ``name``, or go on with it."""
        run = self.begun(name, project) or services.run_create(
            project=project, environment=ENVIRONMENT, map_version=version, actor=self.person
        )
        self.progress.note(**{name: run.pk})
        if run.state in Run.FINISHED:
            return run
        if run.state == Run.State.DRAFT:
            self.provision(project, version)
            patiently(lambda: services.run_start(run=run, actor=self.person))
        return self.drive(run)

    def begun(self, name: str, project: Project) -> Run | None:
        """Return the run noted as ``name``, or one made just before we were killed."""
        loads = project.runs.exclude(kind=Run.Kind.ROLLBACK)
        if name in self.progress.noted:
            return loads.get(pk=self.progress.noted[name])
        fresh = loads.exclude(pk__in=self.own_runs).filter(state__in=(Run.State.DRAFT, *Run.ACTIVE))
        return fresh.first()

    @property
    def own_runs(self) -> list[int]:
        noted = self.progress.noted
        return [noted[name] for name in ("load", "again") if name in noted]

    def provision(self, project: Project, version: MapVersion) -> None:
        if schema.schema_applied(project, ENVIRONMENT, version.content_hash):
            return
        waiting = SchemaDeployment.objects.filter(project=project, environment=ENVIRONMENT)
        leases_of_the_dead_release(waiting)
        continued = waiting.filter(state__in=UNDER_WAY).exists()
        deployment = self.deployment(project, version)
        if deployment.state == SchemaDeployment.State.FAILED and continued:
            # Orgs that were killed know nothing of the deployment that waited in them.
            deployment = self.deployment(project, version)
        if deployment.state != SchemaDeployment.State.DONE:
            raise Refused(f"The schema: {deployment.problem} {deployment.advice}".strip())
        self.say(f"created {len(deployment.created_items)} fields and values")

    def deployment(self, project: Project, version: MapVersion) -> SchemaDeployment:
        return schema.schema_drive(
            schema.schema_apply(
                project=project, environment=ENVIRONMENT, map_version=version, actor=self.person
            )
        )

    def drive(self, run: Run) -> Run:
        """Drive a run with the workers asked for; owners left over go to the fallback owner."""
        if run.state in (Run.State.PAUSED, Run.State.NEEDS_ATTENTION):
            services.run_resume(run=run, actor=self.person)
        self.say(f"run {run.pk} ({run.get_kind_display().lower()})")
        manage = str(settings.BASE_DIR / "manage.py")
        command = [sys.executable, manage, "work", str(run.pk), "--watch-stdin"]
        helpers = [
            subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603
            for _ in range(self.plan.workers - 1)
        ]
        ended = False
        try:
            ended = _drive_while_it_waits_little(run)
        finally:
            for helper in helpers:
                if not ended:
                    helper.terminate()
                helper.wait()
        run = Run.objects.get(pk=run.pk)
        for line in owners.owner_queue(run.project, run.environment):
            if not line.decision.decided and not run.is_active:
                owners.owner_decide(decision=line.decision, actor=self.person)
        self.say(f"run {run.pk}: {run.get_state_display().lower()} {run.problem}".strip())
        return run

    def run_again(self, project: Project, version: MapVersion) -> int:
        """Run the same map a second time; return how many requests changed the destination.

        Where it was interrupted, requests from before are told by the records they changed.
        """
        begun = "again" in self.progress.noted
        if begun and "writes" in self.progress.noted:
            return int(self.progress.noted["writes"])
        last = 0 if begun else self.witness.last_request()
        run = self.run_of("again", project, version)
        changed = sum(phase.written for phase in reconciliation.equation(run))
        writes = max(self.witness.writes_after(last), changed if begun else 0)
        if run.state in Run.FINISHED:
            self.progress.note(writes=writes)
        return writes

    def unfinished(self, project: Project) -> Run | None:
        return project.runs.filter(state__in=Run.ACTIVE).first()

    def roll_back(self, project: Project) -> dict[str, Any]:
        """Reverse everything that rehearsals in this folder wrote, the last run first."""
        loads = project.runs.exclude(kind=Run.Kind.ROLLBACK).exclude(state=Run.State.DRAFT)
        for load in loads.exclude(state=Run.State.ROLLED_BACK).order_by("-pk"):
            undo = load.reversals.filter(state__in=Run.ACTIVE).first() or self.rollback_of(load)
            undone = self.progress.noted.get("undone", [])
            if undo.pk not in undone:
                self.progress.note(undone=[*undone, undo.pk])
            if self.drive(undo).state not in Run.FINISHED:
                break
        total: Counter[str] = Counter()
        restored = True
        for pk in self.progress.noted.get("undone", []):
            result = reconciliation.rollback_result(Run.objects.get(pk=pk))
            restored &= bool(result.pop("restored"))
            total.update(result)
        return {"restored": restored} | {name: total[name] for name in UNDONE}

    def rollback_of(self, load: Run) -> Run:
        return patiently(
            lambda: rollback.rollback_start(
                run=load,
                actor=self.person,
                preview=rollback.rollback_preview(load),
                remove_schema=True,
            )
        )

    # ------------------------------------------------------------ the practice org's own word

    def in_destination(self, version: MapVersion) -> dict[str, int]:
        """Return the destination's records by object as they were before anything was undone."""
        if "in_destination" not in self.progress.noted or "undone" not in self.progress.noted:
            counts = self.witness.counts()
            targets = [p["target"] for p in version.document["phases"] if p["mode"] == "load"]
            found = {name: counts.get(name, 0) for name in dict.fromkeys(targets)}
            self.progress.note(in_destination=found)
        return dict(self.progress.noted["in_destination"])

    @property
    def before(self) -> Path:
        return self.plan.folder / "destination-before.json"

    def remember_destination(self, project: Project) -> None:
        """Keep the destination's content as it was before the first write that still stands."""
        if "load" in self.progress.noted:
            return
        standing = project.runs.exclude(kind=Run.Kind.ROLLBACK).exclude(
            state__in=(Run.State.DRAFT, Run.State.ROLLED_BACK)
        )
        if not (standing.exists() and self.before.exists()):
            self.witness.remember(self.before)

    # ------------------------------------------------------------ the end

    def exit_status(self, load: Run, summary: Mapping[str, Any]) -> int:
        undone = summary["rollback"]
        verified = summary["verification"]
        well = (
            summary["balanced"]
            and not records_in_error(load)
            and not verified["different"]
            and not verified["missing"]
            and (undone is None or undone["restored"])
        )
        return DONE if well else WITH_ERRORS

    def costs(self, summary: Mapping[str, Any]) -> dict[str, Any]:
        """Seconds of the clock, and CPU and memory of our own processes without the orgs."""
        own = resource.getrusage(resource.RUSAGE_SELF)
        helpers = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = time.monotonic() - self.started
        records = sum(phase["extracted"] for phase in summary["phases"])
        cpu = own.ru_utime + own.ru_stime + helpers.ru_utime + helpers.ru_stime
        return {
            "seconds": round(seconds, 2),
            "cpu_seconds": round(cpu, 2),
            "peak_rss_mb": round(max(own.ru_maxrss, helpers.ru_maxrss) / 1024),
            "records_per_second": round(records / seconds, 1) if seconds else 0.0,
        }


def _drive_while_it_waits_little(run: Run) -> bool:
    """Drive ``run`` until it rests; False when everything in it waits for longer than we do."""
    while drive(run.pk, patient=False) in Run.WORKING:
        wait = claimable_in(run.pk)
        if wait is not None and wait > PATIENCE_SECONDS:
            return False
        time.sleep(min(wait or TRY_SECONDS, LONGEST_WAIT_SECONDS))
    return True


def patiently(call: Callable[[], T]) -> T:
    """Call again while an org is not well for the moment; runs wait by themselves."""
    end, wait = time.monotonic() + PATIENCE_SECONDS, TRY_SECONDS
    while True:
        try:
            return call()
        except TransientError as exc:
            asked = exc.retry_after if isinstance(exc, RateLimitedError) else 0
            wait = max(min(wait * 2, LONGEST_WAIT_SECONDS), asked)
            if time.monotonic() + wait > end:
                raise
            time.sleep(wait)


def _answers(connection: Connection) -> None:
    """Raise TransientError while the org is not well; whatever else is wrong, the test tells."""
    try:
        with opened(connection) as connector:
            connector.identify()
    except TransientError:
        raise
    except ConnectorError:
        return


def _what_to_do(run: Run) -> str:
    kept = "What arrived is kept; the same command with the same --keep DIR goes on from there."
    return " ".join(part for part in (run.problem, run.advice, kept) if part)
