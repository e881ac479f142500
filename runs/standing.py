"""Where a project stands: the few facts behind the stepper, the next action and the home page."""

from __future__ import annotations

from functools import cached_property

from django.db.models import Count, Q, Sum

from mapping.models import FieldLine, MapVersion
from mapping.object_list import object_list
from mapping.workbench import NEEDS, Bench, BenchLine
from projects.models import Connection, DiscoveredObject, Discovery, Project
from runs import reconciliation
from runs.models import Record, Run, SchemaDeployment


class Standing:
    """Facts of one project, each asked for once and only when somebody needs it."""

    def __init__(self, project: Project) -> None:
        self.project = project

    # ------------------------------------------------------------ accounts

    @cached_property
    def connections(self) -> dict[str, Connection]:
        return {connection.side: connection for connection in self.project.connections.all()}

    def works(self, side: str) -> bool:
        found = self.connections.get(side)
        return found is not None and found.state == Connection.State.WORKING

    @cached_property
    def discovery(self) -> Discovery | None:
        """The newest audit, whatever became of it."""
        return self.project.discoveries.first()

    @cached_property
    def discovery_done(self) -> Discovery | None:
        if self.discovery and self.discovery.state == Discovery.State.DONE:
            return self.discovery
        return self.project.discoveries.filter(state=Discovery.State.DONE).first()

    @cached_property
    def records_read(self) -> int:
        found = DiscoveredObject.objects.filter(discovery=self.discovery_done)
        return found.aggregate(n=Sum("records_read"))["n"] or 0

    @cached_property
    def discovery_percent(self) -> float | None:
        """How much of what the source claims was read; None while it is not known."""
        found = DiscoveredObject.objects.filter(discovery=self.discovery).aggregate(
            read=Sum("records_read"), claimed=Sum("records_claimed")
        )
        if not found["claimed"]:
            return None
        return min(100.0, 100 * (found["read"] or 0) / found["claimed"])

    # ------------------------------------------------------------ map

    @cached_property
    def versions(self) -> list[MapVersion]:
        """All versions, newest first, without their documents."""
        light = self.project.map_versions.defer("document", "splits", "filters")
        return list(light.select_related("confirmed_by"))

    @cached_property
    def draft(self) -> MapVersion | None:
        return next((v for v in self.versions if v.is_draft), None)

    @cached_property
    def confirmed(self) -> MapVersion | None:
        return next((v for v in self.versions if not v.is_draft), None)

    @cached_property
    def lines(self) -> tuple[int, int]:
        """(all, reviewed) lines of the newest version."""
        newest = self.versions[0] if self.versions else None
        found = FieldLine.objects.filter(draft__version=newest).aggregate(
            all=Count("pk"), reviewed=Count("pk", filter=~Q(status="unreviewed"))
        )
        return found["all"], found["reviewed"]

    @cached_property
    def waiting(self) -> int:
        """How many lines of the draft need a person, as the workbench counts them."""
        return object_list(self.draft).needs if self.draft else 0

    def undecided(self, most: int) -> list[BenchLine]:
        """The first of those lines, with what each asks."""
        if self.draft is None:
            return []
        found: list[BenchLine] = []
        for item in object_list(self.draft).moved:
            if item.needs and len(found) < most:
                found += Bench(self.draft, item.phase).groups()[NEEDS]
        return found[:most]

    # ------------------------------------------------------------ doing it

    @cached_property
    def deployment(self) -> SchemaDeployment | None:
        """The newest creation of the confirmed map's fields in the sandbox; trials aside."""
        if self.confirmed is None:
            return None
        return self._deployments().filter(map_hash=self.confirmed.content_hash).first()

    @cached_property
    def deployment_active(self) -> SchemaDeployment | None:
        """What is under way in the sandbox, a trial or not."""
        return (
            SchemaDeployment.objects.filter(
                project=self.project, environment="sandbox", state__in=("queued", "deploying")
            )
            .defer("items", "created_items")
            .first()
        )

    def _deployments(self):
        return SchemaDeployment.objects.filter(
            project=self.project, environment="sandbox", check_only=False
        ).defer("items", "created_items", "outcomes")

    @property
    def schema_applied(self) -> bool:
        return self.deployment is not None and self.deployment.state == SchemaDeployment.State.DONE

    @cached_property
    def run(self) -> Run | None:
        """The newest run that was started in the sandbox, rollbacks included."""
        return (
            self.project.runs.filter(environment="sandbox")
            .exclude(state=Run.State.DRAFT)
            .select_related("created_by", "reverses")
            .first()
        )

    @cached_property
    def run_percent(self) -> float:
        """Share of the run's records with an outcome, 0 to 100."""
        if self.run is None:
            return 0.0
        if self.run.kind == Run.Kind.ROLLBACK:
            counts = reconciliation.undo_counts(self.run)
            total, left = sum(c.records for c in counts), sum(c.left for c in counts)
        else:
            phases = reconciliation.equation(self.run)
            total, left = sum(c.extracted for c in phases), sum(c.to_go for c in phases)
        return 100 * (total - left) / total if total else 0.0

    @cached_property
    def errored(self) -> int:
        """Records of the newest run that a person has to look at."""
        return Record.objects.filter(step__run=self.run, state=Record.State.ERRORED).count()

    @cached_property
    def verification(self) -> reconciliation.VerificationCounts:
        if self.run is None:
            return reconciliation.VerificationCounts()
        return reconciliation.verification(self.run)

    @property
    def unequal(self) -> int:
        """Fields that came back different and records that did not come back."""
        return self.verification.different + self.verification.missing
