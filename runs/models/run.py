"""A run and its steps."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from runs.models.lease import Leased


class Run(Leased):
    """One execution of one confirmed map in one environment, or the reversal of such a run."""

    class Kind(models.TextChoices):
        SANDBOX = "sandbox", _("Sandbox run")
        PRODUCTION = "production", _("Production run")
        DELTA = "delta", _("Delta run")
        ROLLBACK = "rollback", _("Rollback")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        WAITING = "waiting", _("Waiting")
        VERIFYING = "verifying", _("Verifying")
        PAUSED = "paused", _("Paused")
        NEEDS_ATTENTION = "needs_attention", _("Needs attention")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")
        ROLLED_BACK = "rolled_back", _("Rolled back")

    class Request(models.TextChoices):
        NONE = "", _("None")
        PAUSE = "pause", _("Pause")
        CANCEL = "cancel", _("Cancel")

    WORKING = (State.QUEUED, State.RUNNING, State.WAITING, State.VERIFYING)
    """States in which workers look for something to do."""
    ACTIVE = (*WORKING, State.PAUSED, State.NEEDS_ATTENTION)
    """States that hold the environment: no second run may start beside them."""
    FINISHED = (State.DONE, State.CANCELLED, State.ROLLED_BACK)

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="runs")
    environment = models.CharField(max_length=12, help_text="sandbox or production")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    map_version = models.ForeignKey("mapping.MapVersion", models.PROTECT, related_name="runs")
    map_hash = models.CharField(max_length=64)
    signoff_hash = models.CharField(
        max_length=64, blank=True, help_text="map hash of the signed-off sandbox run"
    )
    state = models.CharField(max_length=16, choices=State.choices, default=State.DRAFT)
    request = models.CharField(
        max_length=8, choices=Request.choices, default=Request.NONE, blank=True
    )
    problem = models.TextField(blank=True, help_text="why it needs attention or waits, for people")
    problem_code = models.CharField(max_length=60, blank=True)
    advice = models.TextField(blank=True)
    reverses = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="reversals"
    )
    preview = models.JSONField(default=dict, blank=True, help_text="a rollback's confirmed counts")
    remove_schema = models.BooleanField(default=False)
    fallback_owner = models.CharField(
        max_length=64, blank=True, help_text="target user that gets records of unmatched owners"
    )
    written_as = models.CharField(
        max_length=64, blank=True, help_text="target user that this run writes as"
    )
    last_write_at = models.DateTimeField(
        null=True, blank=True, help_text="of our last write, by the destination's clock"
    )
    source_wait_until = models.DateTimeField(null=True, blank=True)
    target_wait_until = models.DateTimeField(null=True, blank=True)
    source_failures = models.PositiveIntegerField(default=0, help_text="failed calls in a row")
    target_failures = models.PositiveIntegerField(default=0, help_text="failed calls in a row")
    workers = models.PositiveSmallIntegerField(default=2, help_text="bells rung for a step")
    signed_off_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    signed_off_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("project", "environment"),
                condition=Q(
                    state__in=(
                        "queued",
                        "running",
                        "waiting",
                        "verifying",
                        "paused",
                        "needs_attention",
                    )
                ),
                name="one_active_run_in_an_environment",
            ),
            models.CheckConstraint(
                condition=~Q(environment="production")
                | Q(kind="rollback")
                | (Q(signoff_hash=F("map_hash")) & ~Q(map_hash="")),
                name="production_carries_its_signoff",
            ),
            models.CheckConstraint(
                condition=Q(kind="rollback", reverses__isnull=False)
                | (~Q(kind="rollback") & Q(reverses__isnull=True)),
                name="a_rollback_reverses_a_run",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}: {self.get_state_display()}"

    @property
    def is_active(self) -> bool:
        return self.state in self.ACTIVE

    @property
    def is_working(self) -> bool:
        return self.state in self.WORKING


class RunStep(models.Model):
    """One part of a run: reading an object, loading a phase, verifying it, undoing it.

    ``needs`` are positions of steps that must be closed before this one opens, so that a phase
    loads while another object is still being read.
    """

    class Kind(models.TextChoices):
        EXTRACT = "extract", _("Extract")
        MATCH = "match", _("Match")
        LOAD = "load", _("Load")
        VERIFY = "verify", _("Verify")
        UNDO = "undo", _("Roll back")
        SCHEMA = "schema", _("Remove schema")

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting")
        OPEN = "open", _("Running")
        CLOSED = "closed", _("Done")

    PHASES = (Kind.MATCH, Kind.LOAD, Kind.UNDO)
    """Kinds that own records and have a line in the reconciliation."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=60, help_text="phase name, or source object when extracting")
    source_object = models.CharField(max_length=60, blank=True)
    target_object = models.CharField(max_length=80, blank=True)
    needs = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    extracted = models.PositiveIntegerField(
        default=0, help_text="counted while staging, independently of the ledger"
    )
    claimed = models.PositiveIntegerField(null=True, help_text="total that the source claims")
    notes = models.JSONField(default=dict, blank=True)
    cpu_seconds = models.FloatField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("run", "position")
        constraints = (
            models.UniqueConstraint(fields=("run", "position"), name="one_step_at_a_position"),
            models.UniqueConstraint(fields=("run", "kind", "name"), name="one_step_of_a_name"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}: {self.get_state_display()}"
