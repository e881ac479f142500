"""``manage.py run_migration PROJECT``: a real project's next run, behind the gates of the pages.

Progress goes to stderr; the last line on stdout is one JSON object. Exit status: 0 done and
balanced, 1 finished with records in error, 2 refused, 3 interrupted (start it again to go on).
"""

from __future__ import annotations

import json
import signal
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.core.serializers.json import DjangoJSONEncoder

from mapping.models import MapVersion
from mapping.selectors import version_confirmed
from projects import connections
from projects.connections import NotConnected
from projects.models import Project
from qontakmig.connectors.errors import ConnectorError
from runs import reconciliation, services
from runs.engine import drive
from runs.errors import RunRefused
from runs.models import Run
from runs.summary import records_in_error, run_summary

DONE, WITH_ERRORS, REFUSED, INTERRUPTED = 0, 1, 2, 3
TELL_SECONDS = 2.0


class Command(BaseCommand):
    help = "Run a project's confirmed map, or continue its unfinished run; the last line is JSON"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("project", metavar="PROJECT", help="number or exact name")
        parser.add_argument(
            "--environment", choices=("sandbox", "production"), default="sandbox", help="(sandbox)"
        )
        parser.add_argument(
            "--delta", action="store_true", help="what changed since the production run"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            project = _project(options["project"])
            run = self._run(project, options["environment"], delta=options["delta"])
        except (RunRefused, NotConnected, ConnectorError) as exc:
            reason = f"{exc} {getattr(exc, 'advice', '')}".strip()
            self.stderr.write(reason)
            self._end({"refused": reason}, REFUSED)
        try:
            self._drive(run)
        except KeyboardInterrupt:
            self.stderr.write("interrupted; the same command goes on")
        run.refresh_from_db()
        self._end(_summary(run), _status(run))

    def _run(self, project: Project, environment: str, *, delta: bool) -> Run:
        """Return the environment's unfinished run, going on, or a new one that was started."""
        unfinished = project.runs.filter(environment=environment, state__in=Run.ACTIVE).first()
        if unfinished is not None:
            return self._resumed(unfinished)
        version = version_confirmed(project)
        if version is None:
            raise RunRefused("The map is not confirmed. Nothing moves before it is confirmed.")
        if delta:
            _refuse_delta(project, environment)
        return self._started(project, environment, version, "delta" if delta else "")

    def _resumed(self, run: Run) -> Run:
        if run.kind == Run.Kind.ROLLBACK:
            raise RunRefused(f"Rollback {run.pk} is under way. Let it end first.")
        if run.state in (Run.State.PAUSED, Run.State.NEEDS_ATTENTION):
            services.run_resume(run=run, actor=run.created_by)
        self.stderr.write(f"run {run.pk} goes on")
        return run

    def _started(self, project: Project, environment: str, version: MapVersion, kind: str) -> Run:
        actor = project.created_by
        run = services.run_create(
            project=project, environment=environment, map_version=version, actor=actor, kind=kind
        )
        try:
            services.run_start(run=run, actor=actor)
        except BaseException:
            Run.objects.filter(pk=run.pk, state=Run.State.DRAFT).delete()
            raise
        self.stderr.write(f"run {run.pk} started, map v{version.number} to the {environment}")
        return run

    def _drive(self, run: Run) -> None:
        """Work here, beside any other workers, until the run rests; tell how far it is."""
        told = ""
        while (state := drive(run.pk, TELL_SECONDS)) in Run.WORKING:
            told = self._tell(run, state, told)
        self._tell(run, state, told)

    def _tell(self, run: Run, state: str, told: str) -> str:
        phases = ", ".join(
            f"{c.name} {c.extracted - c.to_go}/{c.extracted}"
            for c in reconciliation.equation(run)
            if c.extracted
        )
        line = f"{state}: {phases}" if phases else state
        if line != told:
            self.stderr.write(line)
        return line

    def _end(self, summary: dict[str, Any], status: int) -> None:
        self.stdout.write(json.dumps(summary, cls=DjangoJSONEncoder))
        self.stdout.flush()
        sys.exit(status)


def _project(wanted: str) -> Project:
    """Find a project by number or exact name; raises RunRefused."""
    found = Project.objects.filter(name=wanted)
    if wanted.isdecimal():
        found = found | Project.objects.filter(pk=int(wanted))
    projects = list(found.select_related("created_by")[:2])
    if len(projects) == 1:
        return projects[0]
    if projects:
        raise RunRefused(f"Several projects are called {wanted!r}; use the number.")
    raise RunRefused(f"There is no project {wanted!r}.")


def _refuse_delta(project: Project, environment: str) -> None:
    """A delta brings what changed since a production run, so there must be one."""
    whole = project.runs.filter(
        environment="production", kind=Run.Kind.PRODUCTION, state=Run.State.DONE
    )
    if environment != "production" or not whole.exists():
        raise RunRefused("A delta run follows a finished production run; there is none.")


def _status(run: Run) -> int:
    if run.state != Run.State.DONE or not reconciliation.balanced(run):
        return INTERRUPTED
    return WITH_ERRORS if records_in_error(run) else DONE


def _summary(run: Run) -> dict[str, Any]:
    """The run in numbers, and what the destination itself counts; None where it cannot be asked."""
    counted = None
    try:
        target = connections.target(run.project, run.environment)
        try:
            counted = reconciliation.in_destination(run, target)
        finally:
            target.close()
    except (NotConnected, ConnectorError):
        counted = None
    summary = run_summary(run) | {"run": run.pk, "state": run.state, "in_destination": counted}
    if run.problem:
        summary["problem"] = f"{run.problem} {run.advice}".strip()
    return summary
