"""What the pages of a map read."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from mapping.models import MapVersion, ObjectDraft
from projects.models import Project

SURE = 0.9
"""From this confidence on a proposal is shown as ready to be accepted."""

REVIEWED = Q(lines__reviewed_at__isnull=False)


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
