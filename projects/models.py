"""Who migrates what between which accounts, and what the audit of the source account found."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Project(models.Model):
    """One customer's move from one Qontak account to one destination."""

    name = models.CharField(max_length=120)
    destination = models.CharField(max_length=40, help_text="key of a blueprint")
    timezone = models.CharField(max_length=64, default="Asia/Jakarta")
    country_code = models.CharField(max_length=4, default="62")
    practice = models.BooleanField(
        default=False, help_text="its accounts are practice orgs on this machine"
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """What a person is in a project; without one the project does not exist for them."""

    class Role(models.TextChoices):
        CONSULTANT = "consultant", _("Consultant")
        ADMIN = "admin", _("Customer admin")
        REVOPS = "revops", _("RevOps lead")
        VIEWER = "viewer", _("Viewer")

    project = models.ForeignKey(Project, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="project_memberships"
    )
    role = models.CharField(max_length=20, choices=Role.choices)
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("project", "user"), name="one_role_for_a_person"),
        )

    def __str__(self) -> str:
        return f"{self.user} in {self.project}: {self.get_role_display()}"


class Connection(models.Model):
    """One account on either side. ``config`` is shown again, ``sealed`` (the credentials) never."""

    class Side(models.TextChoices):
        SOURCE = "source", _("Source")
        SANDBOX = "sandbox", _("Sandbox")
        PRODUCTION = "production", _("Production")

    class State(models.TextChoices):
        UNTESTED = "untested", _("Not tested")
        WORKING = "working", _("Working")
        FAILED = "failed", _("Failed")

    project = models.ForeignKey(Project, models.CASCADE, related_name="connections")
    side = models.CharField(max_length=12, choices=Side.choices)
    system = models.CharField(max_length=40, help_text="qontak, qontak_files, salesforce …")
    config = models.JSONField(default=dict, blank=True)
    sealed = models.TextField(blank=True, help_text="credentials, encrypted and bound to this row")
    binding = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.UNTESTED)
    identity = models.JSONField(default=dict, blank=True, help_text="what the last test found out")
    problem = models.TextField(blank=True, help_text="why the last test failed, for people")
    advice = models.TextField(blank=True)
    tested_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("project", "side"), name="one_connection_for_a_side"),
        )

    def __str__(self) -> str:
        return f"{self.get_side_display()} of {self.project}"

    @property
    def host(self) -> str:
        return self.identity.get("host") or self.config.get("base_url", "")


class Discovery(models.Model):
    """One audit of the source account. Reads only."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Stopped")

    project = models.ForeignKey(Project, models.CASCADE, related_name="discoveries")
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    problem = models.TextField(blank=True)
    advice = models.TextField(blank=True)
    pipelines = models.JSONField(default=list, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-started_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("project",),
                condition=Q(state__in=("queued", "running")),
                name="one_discovery_at_a_time",
            ),
        )

    def __str__(self) -> str:
        return f"Discovery {self.pk} of {self.project}: {self.get_state_display()}"

    @property
    def is_active(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)


class DiscoveredObject(models.Model):
    """One object of the source account: how much there is and how far its reading came."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        READING = "reading", _("Reading")
        DONE = "done", _("Done")
        FAILED = "failed", _("Could not be read")

    discovery = models.ForeignKey(Discovery, models.CASCADE, related_name="objects_found")
    name = models.CharField(max_length=60)
    label = models.CharField(max_length=120)
    position = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    records_read = models.PositiveIntegerField(default=0)
    records_claimed = models.PositiveIntegerField(
        null=True, help_text="the total that the source claims, where it gives one"
    )
    created_by_month = models.JSONField(default=dict, blank=True)
    last_change_at = models.DateTimeField(null=True, blank=True)
    owners = models.JSONField(default=dict, blank=True, help_text="owner id → records")
    cursor = models.TextField(blank=True)
    accumulators = models.JSONField(
        default=dict, blank=True, help_text="unfinished profile; emptied when the object is done"
    )
    problem = models.TextField(blank=True)

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=("discovery", "name"), name="object_found_once"),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.records_read})"


class DiscoveredField(models.Model):
    """One field with what its values look like. ``name`` is the key in ``SourceRecord.values``."""

    object = models.ForeignKey(DiscoveredObject, models.CASCADE, related_name="fields")
    name = models.CharField(max_length=120)
    label = models.CharField(max_length=255, blank=True)
    position = models.PositiveIntegerField()
    type = models.CharField(max_length=20, help_text="a connectors.base.FieldType")
    native_type = models.CharField(max_length=60)
    custom = models.BooleanField(default=False)
    required = models.BooleanField(default=False)
    multiple = models.BooleanField(default=False)
    reference_to = models.CharField(max_length=60, blank=True)
    filled = models.PositiveIntegerField(default=0, help_text="records that hold a value")
    fill_rate = models.FloatField(default=0)
    distinct = models.PositiveIntegerField(default=0)
    distinct_exact = models.BooleanField(default=True)
    length_min = models.PositiveIntegerField(null=True)
    length_median = models.PositiveIntegerField(null=True)
    length_max = models.PositiveIntegerField(null=True)
    samples = models.JSONField(default=list, blank=True, help_text="up to 5 values, as typed")
    options = models.JSONField(
        default=list,
        blank=True,
        help_text="[{value, label, count, active}]: template's options and those met on records",
    )
    meaning = models.CharField(
        max_length=20, blank=True, help_text="email, phone, money, date, id, url, free text …"
    )

    class Meta:
        ordering = ("position",)
        constraints = (models.UniqueConstraint(fields=("object", "name"), name="field_found_once"),)

    def __str__(self) -> str:
        return self.label or self.name


class AuditEntry(models.Model):
    """Who did what, when. Written by ``projects.audit.record`` only, never changed."""

    project = models.ForeignKey(
        Project, models.PROTECT, null=True, related_name="audit_entries", db_index=True
    )
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=80, help_text="subject:past tense, as in map:confirmed")
    facts = models.JSONField(default=dict, help_text="ids, counts and codes; no personal values")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise TypeError("Audit entries are written once.")
        super().save(*args, **kwargs)
