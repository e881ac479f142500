"""The work of a run: batches, and the remote jobs they wait for."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from runs.models.lease import Leased


class Batch(Leased):
    """The unit of claiming, of intent and of parallel work: some records, or one read position."""

    class State(models.TextChoices):
        READY = "ready", _("Ready")
        DONE = "done", _("Done")
        SPLIT = "split", _("Split")

    step = models.ForeignKey("runs.RunStep", models.CASCADE, related_name="batches")
    position = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.READY)
    cursor = models.JSONField(default=dict, blank=True)
    starts = models.PositiveSmallIntegerField(
        default=0, help_text="sends begun without a clear answer since the last one"
    )
    failures = models.PositiveSmallIntegerField(default=0, help_text="delays in a row")
    request_hash = models.CharField(max_length=64, blank=True)
    waits_for = models.TextField(blank=True, help_text="why not_before is set, for people")
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="parts")

    class Meta:
        ordering = ("step", "position")
        indexes = (models.Index(fields=("step", "state"), name="batch_step_state"),)

    def __str__(self) -> str:
        return f"Batch {self.pk} of {self.step_id}: {self.state}"


class IngestJob(models.Model):
    """A remote job. Its id is stored before anything is uploaded to it."""

    class State(models.TextChoices):
        OPENED = "opened", _("Opened")
        SENT = "sent", _("Sent")
        DONE = "done", _("Done")
        ABORTED = "aborted", _("Given up")

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="jobs")
    operation = models.CharField(max_length=8)
    remote_id = models.CharField(max_length=120)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPENED)
    request_hash = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    polls = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("batch",),
                condition=models.Q(state__in=("opened", "sent")),
                name="one_live_job_for_a_batch",
            ),
        )

    def __str__(self) -> str:
        return f"Job {self.remote_id}: {self.state}"
