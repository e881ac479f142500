"""What was found out or decided beside the ledger: differences, owners, schema, calls."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from runs.models.lease import Leased


class Finding(models.Model):
    """One kind of difference in one field, with its exact count and a few examples."""

    step = models.ForeignKey("runs.RunStep", models.CASCADE, related_name="findings")
    field = models.CharField(max_length=120, blank=True)
    cause = models.CharField(max_length=40, help_text="different, missing, normalised")
    count = models.PositiveIntegerField(default=0)
    examples = models.JSONField(
        default=list, help_text="[{source_id, target_id, expected, actual}], at most 20"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("step", "field", "cause"), name="one_finding_a_cause"),
        )

    def __str__(self) -> str:
        return f"{self.field or 'record'} {self.cause}: {self.count}"


class OwnerDecision(models.Model):
    """Who gets the records of a source user that no destination user matches."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="owner_decisions")
    environment = models.CharField(max_length=12)
    source_user_id = models.CharField(max_length=120)
    source_name = models.CharField(max_length=255, blank=True)
    source_email = models.CharField(max_length=255, blank=True)
    why = models.CharField(max_length=40, help_text="no_user, inactive_user, several_users …")
    target_user_id = models.CharField(max_length=64, blank=True, help_text="empty: undecided")
    fallback = models.BooleanField(default=False, help_text="decided: the fallback owner keeps it")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("source_name", "source_user_id")
        constraints = (
            models.UniqueConstraint(
                fields=("project", "environment", "source_user_id"),
                name="one_decision_for_an_owner",
            ),
        )

    def __str__(self) -> str:
        return f"Owner {self.source_user_id} → {self.target_user_id or '?'}"

    @property
    def decided(self) -> bool:
        return bool(self.target_user_id) or self.fallback


class SchemaDeployment(Leased):
    """One creation (or trial) of the fields that a map needs in one environment."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        DEPLOYING = "deploying", _("Deploying")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        REMOVED = "removed", _("Taken back")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="deployments")
    environment = models.CharField(max_length=12)
    map_version = models.ForeignKey("mapping.MapVersion", models.PROTECT, related_name="+")
    map_hash = models.CharField(max_length=64)
    check_only = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    deploy_id = models.CharField(max_length=120, blank=True, help_text="stored before waiting")
    items = models.JSONField(default=list, help_text="everything asked for, existing included")
    outcomes = models.JSONField(
        default=list, help_text="[{kind, object, name, ok, created, message}]"
    )
    created_items = models.JSONField(default=list, help_text="what rollback may take back")
    problem = models.TextField(blank=True)
    advice = models.TextField(blank=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("project", "environment"),
                condition=models.Q(state__in=("queued", "deploying")),
                name="one_deployment_at_a_time",
            ),
        )

    def __str__(self) -> str:
        return f"Schema of map {self.map_version_id} in {self.environment}: {self.state}"


class CallLog(models.Model):
    """One request to another system: no bodies, no query values."""

    run = models.ForeignKey("runs.Run", models.CASCADE, null=True, related_name="calls")
    system = models.CharField(max_length=40)
    method = models.CharField(max_length=8)
    host = models.CharField(max_length=255)
    path = models.CharField(max_length=255, help_text="template, ids replaced")
    status = models.PositiveSmallIntegerField(help_text="0: no answer came")
    seconds = models.FloatField()
    sent_bytes = models.PositiveBigIntegerField(default=0)
    received_bytes = models.PositiveBigIntegerField(default=0)
    quota = models.JSONField(default=dict, blank=True)
    error = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("run", "at"), name="call_run_at"),)

    def __str__(self) -> str:
        return f"{self.method} {self.path}: {self.status}"
