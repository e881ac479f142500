"""A whole migration between practice orgs, through the same services that the pages call.

A test person stands in for the people: accepts what is proposed, confirms the map, decides who
gets the records of owners without a user. Whether the destination holds what it should, and is
as before after a rollback, is asked from the practice org itself.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model

from mapping import services as mapping_services
from mapping.models import MapVersion
from mapping.opening import draft_from_accounts
from mapping.rehearsing import review_as_proposed
from projects.connections import connection_save, connection_test
from projects.discovery import discovery_drive, discovery_start
from projects.models import Connection, Discovery, Membership, Project
from projects.practice import connection_settings
from projects.services import project_create
from projects.systems import SYSTEMS
from qontakmig.simulators.serve import Running, start
from runs import owners, reconciliation, rollback, schema, services
from runs.engine import drive
from runs.models import Run, SchemaDeployment
from runs.summary import records_in_error, run_summary

Say = Callable[[str], Any]
ENVIRONMENT = Connection.Side.SANDBOX

DONE, WITH_ERRORS, INTERRUPTED = 0, 1, 3

STAMPS = frozenset({"LastModifiedDate", "LastModifiedById", "SystemModstamp"})
"""What every write moves, also one that puts a value back; left out where content is compared."""


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


def rehearse(plan: Plan, say: Say) -> tuple[int, dict[str, Any]]:
    """Carry out ``plan``; return the exit status and the summary that the command prints.

    Raises Refused. Killed at any moment, the same call with the same folder continues.
    """
    if plan.destination not in SYSTEMS or SYSTEMS[plan.destination].role != "destination":
        known = ", ".join(key for key, system in SYSTEMS.items() if system.role == "destination")
        raise Refused(f"There is no destination {plan.destination!r}; there are: {known}.")
    with start_orgs(plan) as orgs:
        return Rehearsal(plan, orgs.info, say).run()


def start_orgs(plan: Plan) -> Running:
    switches: dict[str, dict[str, str]] = {}
    for text in plan.switches:
        target, equals, value = text.partition("=")
        system, dot, switch = target.partition(".")
        if not (equals and dot and switch):
            raise Refused(f"--org {text}: write SYSTEM.SWITCH=VALUE.")
        switches.setdefault(system, {})[switch] = value
    systems = ("qontak", plan.destination)
    if unknown := set(switches) - set(systems):
        raise Refused(f"--org names {', '.join(sorted(unknown))}; there are: {', '.join(systems)}.")
    try:
        return start(
            systems,
            seed=plan.seed,
            sizes=dict(plan.sizes),
            switches=switches,
            state=plan.folder / "orgs",
        )
    except RuntimeError as exc:
        raise Refused(str(exc)) from exc


def without_stamps(content: dict[str, Any]) -> dict[str, Any]:
    """Leave out the system's own time stamps: a row changed and changed back keeps a new one."""
    return {
        name: {
            key: {field: value for field, value in row.items() if field != "SystemModstamp"}
            if isinstance(row, dict)
            else row
            for key, row in rows.items()
        }
        if isinstance(rows, dict)
        else rows
        for name, rows in content.items()
    }


class Rehearsal:
    """One rehearsal on orgs that are running. ``say`` gets progress in lines."""

    def __init__(self, plan: Plan, orgs: Mapping[str, Any], say: Say) -> None:
        self.plan, self.orgs, self.say = plan, orgs, say
        self.started = time.monotonic()

    def run(self) -> tuple[int, dict[str, Any]]:
        project = self.project()
        version = self.confirmed_map(project)
        self.remember_destination()
        undoing = project.runs.filter(kind=Run.Kind.ROLLBACK, state__in=Run.ACTIVE).first()
        load = undoing.reverses if undoing else self.load(project, version)
        writes = self.run_again(project, version) if self.plan.again and not undoing else None
        summary = run_summary(load) | {"seed": self.plan.seed, "second_run_writes": writes}
        summary["in_destination"] = self.in_destination(version)
        summary["rollback"] = self.roll_back(load) if self.plan.rollback or undoing else None
        summary |= self.costs(summary)
        if summary["rollback"] is not None:
            summary["rollback"]["restored"] &= self.destination_as_remembered()
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
        connection_test(connection=connection, actor=self.person)
        if connection.state != Connection.State.WORKING:
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
        return project.map_versions.first() or draft_from_accounts(
            project=project, discovery=discovery, environment=ENVIRONMENT, actor=self.person
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

    def load(self, project: Project, version: MapVersion) -> Run:
        """Continue the run that is under way, or make and drive one."""
        unfinished = project.runs.filter(state__in=Run.ACTIVE).first()
        if unfinished is None:
            return self.new_run(project, version)
        if unfinished.state in (Run.State.PAUSED, Run.State.NEEDS_ATTENTION):
            services.run_resume(run=unfinished, actor=self.person)
        return self.drive(unfinished)

    def new_run(self, project: Project, version: MapVersion) -> Run:
        self.provision(project, version)
        run = services.run_create(
            project=project, environment=ENVIRONMENT, map_version=version, actor=self.person
        )
        services.run_start(run=run, actor=self.person)
        return self.drive(run)

    def provision(self, project: Project, version: MapVersion) -> None:
        if schema.schema_applied(project, ENVIRONMENT, version.content_hash):
            return
        deployment = schema.schema_drive(
            schema.schema_apply(
                project=project, environment=ENVIRONMENT, map_version=version, actor=self.person
            )
        )
        if deployment.state != SchemaDeployment.State.DONE:
            raise Refused(f"The schema: {deployment.problem} {deployment.advice}".strip())
        self.say(f"created {len(deployment.created_items)} fields and values")

    def drive(self, run: Run) -> Run:
        """Drive a run with the workers asked for; owners left over go to the fallback owner."""
        self.say(f"run {run.pk} ({run.get_kind_display().lower()})")
        manage = str(settings.BASE_DIR / "manage.py")
        command = [sys.executable, manage, "work", str(run.pk)]
        helpers = [subprocess.Popen(command) for _ in range(self.plan.workers - 1)]  # noqa: S603
        try:
            drive(run.pk)
        finally:
            for helper in helpers:
                helper.wait()
        run = Run.objects.get(pk=run.pk)
        for line in owners.owner_queue(run.project, run.environment):
            if not line.decision.decided:
                owners.owner_decide(decision=line.decision, actor=self.person)
        self.say(f"run {run.pk}: {run.get_state_display().lower()} {run.problem}".strip())
        return run

    def run_again(self, project: Project, version: MapVersion) -> int:
        """Run the same map a second time; return how many requests changed the destination."""
        before = self.journal_end()
        self.new_run(project, version)
        return sum(entry["committed"] for entry in self.journal(after=before))

    def roll_back(self, load: Run) -> dict[str, Any]:
        undo = load.reversals.filter(state__in=Run.ACTIVE).first()
        if undo is None:
            undo = rollback.rollback_start(
                run=load,
                actor=self.person,
                preview=rollback.rollback_preview(load),
                remove_schema=True,
            )
        return reconciliation.rollback_result(self.drive(undo))

    # ------------------------------------------------------------ the practice org's own word

    def ask(self, path: str, *, system: str = "") -> Any:
        url = self.orgs[system or self.plan.destination]["control_url"] + path
        with urllib.request.urlopen(url, timeout=300) as answer:  # noqa: S310  loopback
            return json.load(answer)

    def in_destination(self, version: MapVersion) -> dict[str, int]:
        """Count the destination's records by object, whoever made them."""
        stats = self.ask("stats")
        targets = [p["target"] for p in version.document["phases"] if p["mode"] == "load"]
        return {name: stats.get(name, 0) for name in dict.fromkeys(targets)}

    def journal(self, *, after: int) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = []
        while page := self.ask(f"journal?after={after}&limit=5000")["requests"]:
            entries += page
            after = page[-1]["n"]
        return entries

    def journal_end(self) -> int:
        entries = self.journal(after=0)
        return entries[-1]["n"] if entries else 0

    @property
    def before(self) -> Path:
        return self.plan.folder / "destination-before.json"

    def remember_destination(self) -> None:
        """Keep the destination's whole content as it was before the first write, once."""
        if not self.before.exists():
            half = self.before.with_suffix(".half")
            half.write_text(json.dumps(self.content(), sort_keys=True))
            half.rename(self.before)

    def destination_as_remembered(self) -> bool:
        return bool(json.loads(self.before.read_text()) == self.content())

    def content(self) -> dict[str, Any]:
        """Return the destination's records and custom fields, without the stamps of writing."""
        return {
            name: {
                key: {field: value for field, value in row.items() if field not in STAMPS}
                for key, row in rows.items()
            }
            for name, rows in self.ask("dump").items()
        }

    # ------------------------------------------------------------ the end

    def exit_status(self, load: Run, summary: Mapping[str, Any]) -> int:
        if load.state not in Run.FINISHED or not summary["balanced"]:
            return INTERRUPTED
        undone = summary["rollback"]
        if undone is not None and not undone["restored"]:
            return WITH_ERRORS
        return WITH_ERRORS if records_in_error(load) else DONE

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
