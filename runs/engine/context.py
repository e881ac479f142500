"""What one driver of a run has at hand: the map, the connectors, the lookups, its CPU clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import F

from mapping.core.planning import Lookups
from mapping.core.spec import MapSpec, PhaseSpec
from qontakmig.connectors.base import SourceConnector, SourceRecord, TargetConnector
from qontakmig.connectors.errors import WrongOrganization
from runs.calls import CallBuffer
from runs.engine import ports
from runs.engine.leases import Lease, owner_name
from runs.engine.sql import ID_MAP, RECORD, fetch, values_in
from runs.models import Batch, Record, Run, RunStep


class Context:
    """One driver of one run. Connectors are opened on first use; close it afterwards."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.owner = owner_name()
        self.calls = CallBuffer(run)
        self.stood_in_for: set[str] = set()
        self._cpu = time.process_time()

    @cached_property
    def spec(self) -> MapSpec:
        return ports.spec_of(self.run)

    @cached_property
    def source(self) -> SourceConnector:
        return ports.open_source(self.run, self.calls)

    @cached_property
    def target(self) -> TargetConnector:
        """The open destination; raises WrongOrganization when it is not what was promised."""
        target = ports.open_target(self.run, self.calls)
        try:
            self.identity = target.identify()
        except BaseException:
            target.close()
            raise
        if self.identity.sandbox is not None and self.identity.sandbox != (
            self.run.environment == "sandbox"
        ):
            target.close()
            raise WrongOrganization(
                f"{self.identity.organization_name} is "
                f"{'a sandbox' if self.identity.sandbox else 'a production organisation'}, "
                f"and this is a {self.run.environment} run.",
                advice="Nothing was written. Correct the connection, then resume.",
            )
        return target

    @property
    def our_user(self) -> str:
        """Id of the destination user we write as."""
        _ = self.target
        return self.identity.user_id

    def close(self) -> None:
        for name in ("source", "target"):
            if name in self.__dict__:
                self.__dict__.pop(name).close()
        self.calls.flush()

    def cpu_charge(self, step: RunStep) -> None:
        """Charge the CPU seconds since the last call to ``step``."""
        now = time.process_time()
        RunStep.objects.filter(pk=step.pk).update(cpu_seconds=F("cpu_seconds") + now - self._cpu)
        self._cpu = now

    def cpu_forget(self) -> None:
        self._cpu = time.process_time()

    # ------------------------------------------------------------ lookups

    @cached_property
    def stand_ins(self) -> dict[str, str]:
        """Source users without a destination user of their own → who stands in, in this run.

        Read once: the users' step is closed before any step that needs it opens.
        """
        users = Record.objects.filter(
            run=self.run, source_object=self.users_object, state=Record.State.SKIPPED
        ).exclude(target_id="")
        return dict(users.values_list("source_id", "target_id"))

    def known(
        self, source_object: str, source_ids: Iterable[str]
    ) -> dict[str, tuple[str, str, str, str]]:
        """Return source id → (target object, target id, row hash, provenance) from the id map."""
        condition, ids = values_in("source_id", list(source_ids))
        rows = fetch(
            "SELECT source_id, target_object, target_id, row_hash, provenance "  # noqa: S608
            f"FROM {ID_MAP} WHERE project_id = %s AND environment = %s AND source_object = %s "
            f"AND {condition}",
            (self.run.project_id, self.run.environment, source_object, ids),
        )
        return {row[0]: row[1:] for row in rows}

    def lookups(
        self, phase: PhaseSpec, records: Iterable[SourceRecord], *, final: bool = False
    ) -> Lookups:
        """Return what is known of everything that ``records`` point to, in two queries an object.

        Users that no destination user matches count as whoever stands in for them, and
        ``stood_in_for`` names the records that point to one; a record in error or held blocks those
        that point to it.
        """
        wanted: dict[str, set[str]] = {}
        self.stood_in_for = set()
        for record in records:
            for name, source_id in phase.references(record):
                wanted.setdefault(name, set()).add(source_id)
                if name == self.users_object and source_id in self.stand_ins:
                    self.stood_in_for.add(record.id)
        found: dict[tuple[str, str], str] = {}
        blocked: set[tuple[str, str]] = set()
        for name, ids in wanted.items():
            for source_id, entry in self.known(name, ids).items():
                found[name, source_id] = entry[1]
            missing = [source_id for source_id in ids if (name, source_id) not in found]
            if name == self.users_object:
                for source_id in missing:
                    if stand_in := self.stand_ins.get(source_id):
                        found[name, source_id] = stand_in
            if missing:
                blocked.update((name, source_id) for source_id in self._blocked(name, missing))
        blocked.difference_update(found)
        return Lookups(found, frozenset(blocked), self.run.fallback_owner or None, final)

    @cached_property
    def users_object(self) -> str:
        return next((p.source_object for p in self.spec.phases if p.mode == "match_users"), "")

    def _blocked(self, source_object: str, source_ids: list[str]) -> list[str]:
        condition, ids = values_in("source_id", source_ids)
        rows = fetch(
            f"SELECT source_id FROM {RECORD} WHERE run_id = %s AND source_object = %s "  # noqa: S608
            f"AND {condition} AND state IN ('errored', 'held')",
            (self.run.pk, source_object, ids),
        )
        return [row[0] for row in rows]


@dataclass
class Work:
    """A claimed batch on its way; ``stop_asked`` is true when the driver should give way."""

    context: Context
    step: RunStep
    batch: Batch
    lease: Lease
    stop_asked: Callable[[], bool] = lambda: False

    @property
    def run(self) -> Run:
        return self.context.run

    @property
    def target(self) -> TargetConnector:
        return self.context.target

    @cached_property
    def phase(self) -> PhaseSpec:
        return self.context.spec.phase(self.step.name)

    def update(self, **values: Any) -> None:
        """Change the batch inside a commit; expressions are left to the database."""
        Batch.objects.filter(pk=self.batch.pk).update(**values)
        for name, value in values.items():
            if not hasattr(value, "resolve_expression"):
                setattr(self.batch, name, value)
