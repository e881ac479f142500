"""Map versions: what was proposed, what people decided, and the document that was confirmed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from projects.models import Discovery, Project


class MapVersion(models.Model):
    """One numbered version of a project's map. Confirmed ones never change: a trigger in the
    database refuses it (see migration 0002)."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        CONFIRMED = "confirmed", _("Confirmed")

    project = models.ForeignKey(Project, models.PROTECT, related_name="map_versions")
    discovery = models.ForeignKey(Discovery, models.PROTECT, related_name="map_versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    blueprint = models.CharField(max_length=40)
    splits = models.JSONField(default=list, help_text="as in the map document")
    filters = models.JSONField(default=list, help_text="as in the map document")
    revision = models.PositiveIntegerField(default=0, help_text="of splits and filters")
    document = models.JSONField(null=True, blank=True, help_text="frozen at confirmation")
    content_hash = models.CharField(max_length=64, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_role = models.CharField(max_length=20, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=("project", "number"), name="map_numbered_once"),
            models.UniqueConstraint(
                fields=("project",), condition=Q(state="draft"), name="one_draft_of_a_map"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", content_hash="", confirmed_at__isnull=True)
                | (
                    Q(state="confirmed", confirmed_at__isnull=False, document__isnull=False)
                    & ~Q(content_hash="")
                    & ~Q(confirmed_role="")
                ),
                name="confirmed_map_is_complete",
            ),
        )

    def __str__(self) -> str:
        return f"Map {self.number} of {self.project}: {self.get_state_display()}"

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if not self.is_draft:
            raise TypeError("A confirmed map is never deleted.")
        return super().delete(*args, **kwargs)


class ObjectDraft(models.Model):
    """One phase of a version under review: its destination object and the choices beside lines."""

    version = models.ForeignKey(MapVersion, models.CASCADE, related_name="objects_drafted")
    phase = models.CharField(max_length=40)
    position = models.PositiveIntegerField()
    source_object = models.CharField(max_length=60)
    target_object = models.CharField(max_length=60)
    records = models.PositiveIntegerField(default=0, help_text="of the source object")
    target_describe = models.JSONField(default=dict, help_text="the destination at draft time")
    audit_dates = models.BooleanField(
        default=False, help_text="original dates of record can be written at insert"
    )
    stand_ins = models.JSONField(default=dict, help_text="destination field → text when empty")
    sample_records = models.JSONField(default=list, help_text="some records, for previews")
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=("version", "phase"), name="phase_drafted_once"),
        )

    def __str__(self) -> str:
        return f"{self.source_object} → {self.target_object}"


class FieldLine(models.Model):
    """What becomes of one source field in one phase.

    ``proposal`` is the machine's and stays as it was; ``decision`` is a person's, null before.
    Both hold decisions in the form of ``mapping.drafting``.
    """

    class Status(models.TextChoices):
        UNREVIEWED = "unreviewed", _("Not reviewed")
        ACCEPTED = "accepted", _("Accepted")
        CHANGED = "changed", _("Changed")
        SKIPPED = "skipped", _("Left behind")

    draft = models.ForeignKey(ObjectDraft, models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    source_field = models.CharField(max_length=120)
    source = models.JSONField(help_text="the field's facts as discovery found them")
    proposal = models.JSONField()
    confidence = models.FloatField(default=0, help_text="of the first candidate, 0 to 1")
    decision = models.JSONField(null=True, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.UNREVIEWED)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=("draft", "source_field"), name="field_has_one_line"),
            models.CheckConstraint(
                condition=Q(status="unreviewed", decision__isnull=True)
                | (~Q(status="unreviewed") & Q(decision__isnull=False)),
                name="reviewed_line_is_decided",
            ),
        )

    def __str__(self) -> str:
        return f"{self.source_field} in {self.draft}"

    @property
    def label(self) -> str:
        """What people call the field; its API name where it has no label."""
        return self.source["label"] or self.source_field

    @property
    def is_reviewed(self) -> bool:
        return self.status != self.Status.UNREVIEWED

    @property
    def outcome(self) -> dict[str, Any]:
        """The decision where there is one, else what the machine proposes first."""
        return self.decision if self.decision is not None else self.proposal["decision"]
