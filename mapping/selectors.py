"""What the pages of a map read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from mapping.assembly import document_build
from mapping.blueprints import blueprint_get
from mapping.blueprints.base import MatrixRow
from mapping.core.schema import problems
from mapping.describes import describe_from_json
from mapping.drafting import unmapped_values
from mapping.models import FieldLine, MapVersion, ObjectDraft
from projects.models import Project

SURE = 0.9
"""From this confidence on a proposal is shown as ready to be accepted."""

REVIEWED = Q(lines__reviewed_at__isnull=False)


@dataclass(frozen=True, slots=True)
class MatrixEntry:
    """One row of the object matrix with its counts; ``records`` None where nothing is counted."""

    row: MatrixRow
    records: int | None
    lines: int
    reviewed: int
    phases: tuple[ObjectDraft, ...]

    @property
    def percent(self) -> int:
        return 100 * self.reviewed // self.lines if self.lines else 0


@dataclass(frozen=True, slots=True)
class LineGroups:
    """The lines of one phase as the workbench shows them, each group in the source's order."""

    needs_decision: tuple[FieldLine, ...]
    proposed: tuple[FieldLine, ...]
    reviewed: tuple[FieldLine, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far a version is. ``values`` are options in use, ``left_behind`` filled values that the
    map does not carry, ``required_unfilled`` destination fields as "Object.Field"."""

    lines: int
    reviewed: int
    values: int
    values_mapped: int
    left_behind: int
    required_unfilled: tuple[str, ...]

    @property
    def percent(self) -> int:
        return 100 * self.reviewed // self.lines if self.lines else 100


def version_open(project: Project) -> MapVersion | None:
    """Return the project's draft, None when there is none."""
    return project.map_versions.filter(state=MapVersion.State.DRAFT).first()


def version_confirmed(project: Project) -> MapVersion | None:
    """Return the newest confirmed version, None when there is none."""
    return project.map_versions.filter(state=MapVersion.State.CONFIRMED).first()


def object_drafts(version: MapVersion) -> QuerySet[ObjectDraft]:
    """Return the phases of a version with ``lines_total`` and ``lines_reviewed``, without their
    heavy columns."""
    return version.objects_drafted.defer("target_describe", "sample_records").annotate(
        lines_total=Count("lines"), lines_reviewed=Count("lines", filter=REVIEWED)
    )


def matrix(version: MapVersion) -> list[MatrixEntry]:
    """Return all rows of the destination's matrix, with progress where this release moves them.

    The lines of a phase are counted in the row of its source object only.
    """
    blueprint = blueprint_get(version.blueprint)
    drafts = {draft.phase: draft for draft in object_drafts(version)}
    counts = dict(version.discovery.objects_found.values_list("name", "records_read"))
    entries = []
    for row in blueprint.rows:
        mine = tuple(drafts[name] for name in row.phases if name in drafts)
        own = mine if row.source_object else ()
        entries.append(
            MatrixEntry(
                row,
                counts.get(row.source_object),
                sum(draft.lines_total for draft in own),
                sum(draft.lines_reviewed for draft in own),
                mine,
            )
        )
    return entries


def lines_grouped(draft: ObjectDraft, *, search: str = "") -> LineGroups:
    """Return a phase's lines in three groups; ``search`` is looked for in name and label.

    A line needs a decision when its proposal is unsure or leaves values without a counterpart.
    """
    pipelines = draft.version.discovery.pipelines
    needle = search.strip().casefold()
    groups: tuple[list[FieldLine], list[FieldLine], list[FieldLine]] = ([], [], [])
    for line in draft.lines.select_related("reviewed_by"):
        line.draft = draft
        if needle and needle not in f"{line.source_field} {line.label}".casefold():
            continue
        if line.is_reviewed:
            groups[2].append(line)
        elif line.confidence < SURE or unmapped_values(line.source, line.outcome, pipelines):
            groups[0].append(line)
        else:
            groups[1].append(line)
    return LineGroups(*(tuple(group) for group in groups))


def coverage(version: MapVersion) -> Coverage:
    """Return how far a version is, in three queries whatever its size."""
    drafts = list(version.objects_drafted.prefetch_related("lines"))
    lines = [line for draft in drafts for line in draft.lines.all()]
    pipelines = version.discovery.pipelines
    values = mapped = 0
    for line in lines:
        if line.outcome["conversion"].get("kind") in ("picklist", "multipicklist"):
            used = sum(bool(option["count"]) for option in line.source["options"])
            values += used
            mapped += max(0, used - len(unmapped_values(line.source, line.outcome, pipelines)))
    return Coverage(
        lines=len(lines),
        reviewed=sum(line.is_reviewed for line in lines),
        values=values,
        values_mapped=mapped,
        left_behind=sum(
            line.source["filled"] for line in lines if line.outcome["action"] == "skip"
        ),
        required_unfilled=_required_unfilled(version, drafts),
    )


def _required_unfilled(version: MapVersion, drafts: Sequence[ObjectDraft]) -> tuple[str, ...]:
    describes = {d.target_object: describe_from_json(d.target_describe) for d in drafts}
    document = document_build(version)
    targets = {phase["name"]: phase["target"] for phase in document["phases"]}
    return tuple(
        f"{targets[problem.phase]}.{problem.field}"
        for problem in problems(document, describes, deployed=False)
        if problem.code == "required_unfilled"
    )
