"""What a row has that only one worker may drive at a time."""

from __future__ import annotations

from django.db import models


class Leased(models.Model):
    """``fence`` grows with every taking; each commit of the driver checks it."""

    lease_owner = models.CharField(max_length=160, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveBigIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
