"""The left pane of the workbench: every row of the destination's matrix, moved or not."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Max, Sum

from mapping.blueprints import blueprint_get
from mapping.blueprints.base import MatrixRow
from mapping.models import MapVersion, ObjectDraft
from mapping.selectors import object_drafts
from mapping.workbench import NEEDS, Bench

COUNTS_KEPT_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class ObjectItem:
    """One phase under review: how far it is and how many lines need a person."""

    phase: str
    source: str
    target: str
    kind: str
    records: int
    total: int
    reviewed: int
    needs: int

    @property
    def share(self) -> float:
        return self.reviewed / self.total if self.total else 1.0

    @property
    def settled(self) -> bool:
        return self.reviewed == self.total and not self.needs


@dataclass(frozen=True, slots=True)
class ObjectList:
    """``moved``: phases with lines; ``along``: rows that they bring with them; ``documented`` and
    ``later``: rows that this release does not move."""

    moved: tuple[ObjectItem, ...]
    along: tuple[MatrixRow, ...]
    later: tuple[MatrixRow, ...]
    documented: tuple[MatrixRow, ...]

    @property
    def total(self) -> int:
        return sum(item.total for item in self.moved)

    @property
    def reviewed(self) -> int:
        return sum(item.reviewed for item in self.moved)

    @property
    def needs(self) -> int:
        return sum(item.needs for item in self.moved)

    @property
    def first_open(self) -> str:
        """The phase to look at first: the first with open lines, else the first."""
        waiting = [item.phase for item in self.moved if not item.settled]
        return (waiting or [item.phase for item in self.moved])[0]


def object_list(version: MapVersion, bench: Bench | None = None) -> ObjectList:
    """Return the list; ``bench`` is a phase of it that was read already."""
    blueprint = blueprint_get(version.blueprint)
    drafts = object_drafts(version).annotate(
        edits=Sum("lines__revision"), last_review=Max("lines__reviewed_at")
    )
    items = tuple(_item(version, draft, blueprint.rows, bench) for draft in drafts)
    still = [row for row in blueprint.rows if not row.moved]
    own = {name for row in blueprint.rows if row.source_object for name in row.phases}
    reviewed = {item.phase for item in items}
    return ObjectList(
        moved=items,
        along=tuple(
            row
            for row in blueprint.rows
            if row.moved and not (row.source_object and set(row.phases) & own & reviewed)
        ),
        later=tuple(row for row in still if row.kind != "documented"),
        documented=tuple(row for row in still if row.kind == "documented"),
    )


def _item(
    version: MapVersion, draft: ObjectDraft, rows: tuple[MatrixRow, ...], bench: Bench | None
) -> ObjectItem:
    row = next((r for r in rows if r.source_object and draft.phase in r.phases), None)
    return ObjectItem(
        phase=draft.phase,
        source=row.source if row else draft.source_object,
        target=draft.target_object,
        kind=row.kind if row else "1:1",
        records=draft.records,
        total=draft.lines_total,
        reviewed=draft.lines_reviewed,
        needs=_needs(version, draft, bench),
    )


def _needs(version: MapVersion, draft: ObjectDraft, bench: Bench | None) -> int:
    """Lines of a phase that need a person; kept until a line of it is edited again."""
    made, last = version.created_at.timestamp(), draft.last_review
    key = f"mapping-needs-{made}-{draft.pk}-{draft.edits}-{last.timestamp() if last else 0}"
    if bench is not None and bench.draft.pk == draft.pk:
        found = bench.counts[NEEDS]
    elif (found := cache.get(key)) is None:
        found = Bench(version, draft.phase).counts[NEEDS]
    cache.set(key, found, COUNTS_KEPT_SECONDS)
    return int(found)
