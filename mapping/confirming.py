"""What a manager reads before a map is confirmed: what moves, what does not, what changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mapping.blueprints import blueprint_get
from mapping.blueprints.base import MatrixRow
from mapping.errors import Blocker
from mapping.models import MapVersion, ObjectDraft
from mapping.reasons import reason_told


@dataclass(frozen=True, slots=True)
class ObjectSummary:
    """One phase in counts. ``left_behind``: (label, reason, filled values) of skipped fields."""

    phase: str
    source: str
    target: str
    records: int
    fields: int
    moved: int
    created: int
    carried: int
    left_behind: tuple[tuple[str, str, int], ...]
    values_created: tuple[str, ...]
    stand_ins: Mapping[str, str]
    audit_dates: bool

    @property
    def lost_values(self) -> int:
        return sum(filled for _label, _reason, filled in self.left_behind)


@dataclass(frozen=True, slots=True)
class BlockerGroup:
    """Blockers of one kind in one phase; ``line`` is the line to go to when there is one only."""

    phase: str
    message: str
    line: int | None
    filter: str
    count: int


@dataclass(frozen=True, slots=True)
class Change:
    """One difference to the last confirmed version: (object, field, before, after)."""

    place: str
    field: str
    before: str
    after: str


def summaries(version: MapVersion) -> list[ObjectSummary]:
    """Return one summary for each phase under review, in load order. Two queries."""
    drafts = version.objects_drafted.defer("target_describe", "sample_records")
    rows = blueprint_get(version.blueprint).rows
    return [_summary(draft, rows) for draft in drafts.prefetch_related("lines")]


def _summary(draft: ObjectDraft, rows: tuple[MatrixRow, ...]) -> ObjectSummary:
    lines = list(draft.lines.all())
    actions = [line.outcome["action"] for line in lines]
    row = next((r for r in rows if r.source_object and draft.phase in r.phases), None)
    skipped = [line for line in lines if line.outcome["action"] == "skip"]
    created = [v for line in lines for v in line.outcome["new_values"]]
    return ObjectSummary(
        phase=draft.phase,
        source=row.source if row else draft.source_object,
        target=draft.target_object,
        records=draft.records,
        fields=len(lines),
        moved=actions.count("field"),
        created=actions.count("custom"),
        carried=actions.count("carried"),
        left_behind=tuple(
            (
                line.label,
                reason_told(line.outcome["reason"], line.proposal),
                line.source["filled"],
            )
            for line in sorted(skipped, key=lambda line: -line.source["filled"])
        ),
        values_created=tuple(dict.fromkeys(created)),
        stand_ins=draft.stand_ins,
        audit_dates=draft.audit_dates,
    )


def blockers_grouped(found: list[Blocker]) -> list[BlockerGroup]:
    """Return blockers for people: those that only wait for a review are counted by phase."""
    waiting: dict[str, int] = {}
    groups = []
    for blocker in found:
        if blocker.code == "unreviewed":
            waiting[blocker.phase] = waiting.get(blocker.phase, 0) + 1
        else:
            groups.append(BlockerGroup(blocker.phase, blocker.message, blocker.line, "", 1))
    unreviewed = [
        BlockerGroup(
            phase,
            ngettext("%d field waits for a review", "%d fields wait for a review", count) % count,
            None,
            "unreviewed",
            count,
        )
        for phase, count in waiting.items()
    ]
    return unreviewed + groups


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Return what differs between two map documents, in the order of the newer one."""
    found: list[Change] = []
    old_phases = {phase["name"]: phase for phase in before["phases"]}
    for phase in after["phases"]:
        old = old_phases.get(phase["name"], {"fields": [], "skipped": []})
        found += _phase_changes(old, phase)
    for key, label in (("splits", _("Split rule")), ("filters", _("Filters"))):
        if before[key] != after[key]:
            found.append(Change(label, "", _("as confirmed"), _("changed")))
    return found


def _phase_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    was, now = _fates(old), _fates(new)
    place = new["target"]
    return [
        Change(
            place,
            source,
            _said(was.get(source)),
            _said(now.get(source), was.get(source)),
        )
        for source in dict.fromkeys([*now, *was])
        if was.get(source) != now.get(source)
    ]


def _fates(phase: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return source field (or destination, where nothing is read) → its FIELD or skip."""
    fates = {}
    for field in phase["fields"]:
        key = field["source"] if field["origin"] == "line" else f"→ {field['target']}"
        fates[key] = field
    return fates | {item["source"]: item for item in phase["skipped"]}


def _said(fate: Mapping[str, Any] | None, other: Mapping[str, Any] | None = None) -> str:
    if fate is None:
        return _("not in the map")
    if "target" not in fate:
        return _("left behind: %s") % fate["reason"] if fate["reason"] else _("left behind")
    if other is not None and other.get("target") == fate["target"]:
        parts = [key for key in ("conversion", "fallbacks", "stand_in") if other[key] != fate[key]]
        names = {
            "conversion": _("conversion"),
            "fallbacks": _("fallbacks"),
            "stand_in": _("stand-in"),
        }
        what = ", ".join(str(names[part]) for part in parts) or _("details")
        return _("%(target)s, other %(what)s") % {"target": fate["target"], "what": what}
    return str(fate["target"])
