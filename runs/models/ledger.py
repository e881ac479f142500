"""The ledger: the fate of every source record, what was there before, and who became whom."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Record(models.Model):
    """One source record in one run. Exactly one outcome when its phase closes.

    ``staged → ready → sending → created | updated | matched | errored``, ``sending → uncertain →``
    (asked by key) ``→ created | ready``. In a rollback: ``ready → sending → reversed | restored |
    kept | failed``.
    """

    class State(models.TextChoices):
        STAGED = "staged", _("Read")
        READY = "ready", _("Ready")
        SENDING = "sending", _("Being sent")
        UNCERTAIN = "uncertain", _("Answer lost")
        CREATED = "created", _("Created")
        UPDATED = "updated", _("Updated")
        MATCHED = "matched", _("Matched")
        MERGED = "merged", _("Merged")
        FILTERED = "filtered", _("Filtered")
        SKIPPED = "skipped", _("Skipped")
        HELD = "held", _("Held")
        ERRORED = "errored", _("Error")
        REVERSED = "reversed", _("Deleted")
        RESTORED = "restored", _("Restored")
        KEPT = "kept", _("Kept")
        FAILED = "failed", _("Not reversed")

    TO_GO = (State.STAGED, State.READY, State.SENDING, State.UNCERTAIN)
    IN_DESTINATION = (State.CREATED, State.UPDATED, State.MATCHED)

    class PreImageState(models.TextChoices):
        UNKNOWN = "", _("Not looked up")
        ABSENT = "absent", _("Absent before")
        PRESENT = "present", _("Present before")

    run = models.ForeignKey("runs.Run", models.CASCADE, related_name="records")
    step = models.ForeignKey("runs.RunStep", models.CASCADE, related_name="records")
    batch = models.ForeignKey(
        "runs.Batch", models.SET_NULL, null=True, blank=True, related_name="records"
    )
    source_object = models.CharField(max_length=60)
    source_id = models.CharField(max_length=120)
    payload = models.TextField(blank=True, help_text="the record as read, JSON")
    payload_hash = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.STAGED)
    operation = models.CharField(max_length=8, blank=True, help_text="insert, update or delete")
    preimage = models.CharField(
        max_length=8, choices=PreImageState.choices, default=PreImageState.UNKNOWN, blank=True
    )
    attempt = models.PositiveSmallIntegerField(default=0, help_text="sends begun")
    key = models.CharField(max_length=255, blank=True, help_text="external id in the destination")
    target_id = models.CharField(max_length=64, blank=True)
    row_hash = models.CharField(max_length=64, blank=True)
    reason_code = models.CharField(max_length=80, blank=True)
    reason = models.TextField(blank=True, help_text="sentence for people")
    warnings = models.TextField(blank=True, help_text="codes, comma-separated")
    deferred = models.BooleanField(
        default=False, help_text="points at records of its own object; linked after the phase"
    )
    verdict = models.CharField(
        max_length=10, blank=True, help_text="verification: equal, normalised, different, missing"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("run", "source_object", "source_id"), name="one_outcome_for_a_record"
            ),
        )
        indexes = (
            models.Index(fields=("step", "state"), name="record_step_state"),
            models.Index(fields=("batch",), name="record_batch"),
        )

    def __str__(self) -> str:
        return f"{self.source_object} {self.source_id}: {self.state}"


class PreImage(models.Model):
    """What a record that was in the destination before us held. Written once, never changed.

    ``before`` are the values of every field that we write, ``written`` what we wrote over them.
    A record that was absent has no row here but ``Record.preimage = absent``. ``part`` 2 belongs to
    the links that are written after the phase.
    """

    record = models.ForeignKey(Record, models.CASCADE, related_name="pre_images")
    part = models.PositiveSmallIntegerField(default=1)
    target_id = models.CharField(max_length=64)
    before = models.TextField(help_text="JSON: field → value")
    written = models.TextField(help_text="JSON: field → value")
    taken_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("record", "part"), name="pre_image_written_once"),
        )

    def __str__(self) -> str:
        return f"Before {self.record_id}"


class IdMap(models.Model):
    """Which destination record a source record is, in one environment."""

    class Provenance(models.TextChoices):
        CREATED = "created", _("Created by us")
        EXISTED = "existed", _("Was there with our key")
        MATCHED = "matched", _("Matched")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="id_map")
    environment = models.CharField(max_length=12)
    source_object = models.CharField(max_length=60)
    source_id = models.CharField(max_length=120)
    target_object = models.CharField(max_length=80)
    target_id = models.CharField(max_length=64)
    provenance = models.CharField(max_length=8, choices=Provenance.choices)
    row_hash = models.CharField(max_length=64, blank=True)
    run = models.ForeignKey("runs.Run", models.CASCADE, related_name="mapped")
    written_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("project", "environment", "source_object", "source_id"),
                name="one_target_for_a_source",
            ),
            models.UniqueConstraint(
                fields=("project", "environment", "target_object", "target_id"),
                condition=models.Q(provenance__in=("created", "existed")),
                name="one_source_for_a_target",
            ),
        )

    def __str__(self) -> str:
        return f"{self.source_object} {self.source_id} → {self.target_object} {self.target_id}"
