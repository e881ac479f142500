"""One driver for each batch: taking, holding and checking a lease, and finding dead owners.

A lease is taken by a conditional UPDATE with the database's clock and has a fence number; every
commit of the driver checks the fence in the same transaction, so a driver that lost its lease
cannot record anything (rule R4).
"""

from __future__ import annotations

import os
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.db import transaction
from django.db.models import F, Model, Q, QuerySet
from django.db.models.functions import Now

from runs.engine.sql import later
from runs.engine.tuning import tuned


class LeaseLost(Exception):
    """Somebody else drives this now; whatever was not committed is theirs to find out."""


class Lease:
    """A taken lease on one row of ``model``; ``fence`` is the number it was taken with."""

    def __init__(self, model: type[Model], pk: int, fence: int, owner: str, until: float) -> None:
        self.model, self.pk, self.fence, self.owner = model, pk, fence, owner
        self._until = until

    def _mine(self) -> QuerySet:
        return self.model._default_manager.filter(
            pk=self.pk, fence=self.fence, lease_owner=self.owner
        )

    def hold(self, seconds: float) -> None:
        """Make sure that the lease lasts ``seconds`` from now; raises LeaseLost.

        Called directly before each request: the destination does not know our fence, so a request
        must be over before another worker can start.
        """
        if self._until - time.monotonic() >= seconds:
            return
        ttl = max(tuned("LEASE_SECONDS"), seconds + 15)
        began = time.monotonic()
        if not self._mine().update(lease_until=later(ttl)):
            raise LeaseLost(f"{self.model.__name__} {self.pk}")
        self._until = began + ttl

    @contextmanager
    def commit(self) -> Iterator[None]:
        """A transaction that begins by checking the fence and prolonging the lease."""
        ttl = tuned("LEASE_SECONDS")
        with transaction.atomic():
            began = time.monotonic()
            if not self._mine().update(lease_until=later(ttl)):
                raise LeaseLost(f"{self.model.__name__} {self.pk}")
            yield
        self._until = began + ttl

    def release(self) -> None:
        """Give the row back. Harmless when it was lost."""
        self._mine().update(lease_owner="", lease_until=None)


def lease_take(rows: QuerySet, pk: int, owner: str) -> Lease | None:
    """Take the lease on row ``pk`` if it is still among ``rows`` and free; None otherwise."""
    ttl = tuned("LEASE_SECONDS")
    began = time.monotonic()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=Now())
    with transaction.atomic():
        taken = rows.filter(free, pk=pk).update(
            lease_owner=owner, lease_until=later(ttl), fence=F("fence") + 1
        )
        if not taken:
            return None
        fence = rows.model._default_manager.values_list("fence", flat=True).get(pk=pk)
    return Lease(rows.model, pk, fence, owner, began + ttl)


# ---------------------------------------------------------------- who is alive


def _process_start(pid: int) -> str:
    """Return the kernel's start time of a process, empty when there is none (or no /proc)."""
    with suppress(OSError, IndexError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    return ""


def _place() -> str:
    """Name the process table we live in: a boot and a namespace, not just a host name."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{socket.gethostname()[:40]}/{boot[:8]}/{os.readlink('/proc/self/ns/pid')[5:-1]}"
    except OSError:
        return ""


def owner_name() -> str:
    """Return a name for one driver in this process that tells others where to look for it."""
    pid = os.getpid()
    return f"{_place()}|{pid}|{_process_start(pid)}|{uuid.uuid4().hex[:12]}"


def owner_is_dead(owner: str) -> bool:
    """True only when ``owner`` was a process of this very process table and is no more."""
    place, _, rest = owner.partition("|")
    if not place or place != _place():
        return False
    pid, began, *_ = rest.split("|")
    return _process_start(int(pid)) != began


def leases_of_the_dead_release(rows: QuerySet) -> int:
    """End leases among ``rows`` whose owner's process is gone, so nobody waits for them to run out.

    The fence stays: the next taker raises it. Returns how many were ended.
    """
    ended = 0
    held = rows.filter(lease_until__gte=Now()).exclude(lease_owner="")
    for pk, owner, fence in held.values_list("pk", "lease_owner", "fence"):
        if owner_is_dead(owner):
            ended += rows.model._default_manager.filter(
                pk=pk, fence=fence, lease_owner=owner
            ).update(lease_owner="", lease_until=None)
    return ended
