"""Before → after of one line on five real records, with a decision that may not be saved yet.

Each field is planned by itself, so that trouble in another field does not hide what this one does.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from mapping.assembly import phase_document
from mapping.core.conversions import source_value
from mapping.core.document import FORMAT, DocumentError
from mapping.core.routing import route
from mapping.core.spec import FieldRule, MapSpec, PhaseSpec
from mapping.core.values import choice_label, choices
from mapping.models import FieldLine, ObjectDraft
from mapping.preview import PREVIEW_RECORDS, UNRESOLVED, preview_record, sample
from mapping.workbench import Bench
from qontakmig.connectors.base import SourceRecord, SourceValue, WireValue
from qontakmig.told import told

ALSO_SHOWN = 3
SHOWN_CHARACTERS = 200

NAME_PARTS = frozenset({"given_name", "family_name"})
"""Conversions that read two fields and may leave one of their targets empty on purpose."""

PICKS = ("telling", "longest", "empty", "non-latin", "random")


@dataclass(frozen=True, slots=True)
class Pair:
    """One value before and after. ``kind``: arrives, wrong (cut, invalid, lost) or empty."""

    record: str
    label: str
    raw: str
    result: str
    kind: str
    note: str

    @property
    def wrong(self) -> bool:
        return self.kind == "wrong"


@dataclass(frozen=True, slots=True)
class LinePreview:
    """The pairs of one line, and some other fields of the same records that are worth a look."""

    pairs: tuple[Pair, ...]
    also: tuple[Pair, ...]
    sampled: int
    problem: str = ""


def line_preview(
    bench: Bench,
    line: FieldLine,
    *,
    decision: Mapping[str, Any] | None = None,
    pick: str = "telling",
) -> LinePreview:
    """Return what ``line`` does to five sampled records of its phase.

    decision  shown instead of the line's own; nothing is stored
    pick      one of PICKS; the same five are shown for every line with the same pick
    """
    chosen = _instead(line, decision)
    try:
        spec, rules = _spec(bench, chosen)
    except (DocumentError, ValueError, KeyError) as exc:
        return LinePreview((), (), 0, _("The preview cannot be made: %s") % exc)
    phase = spec.phase(bench.draft.phase)
    records = [r for r in sample(bench.draft) if route(r, spec).phase == phase.name]
    shown = pick_records(records, pick, chosen.source_field)
    rule = rules.get(chosen.source_field)
    pairs = tuple(_pair(record, phase, rule, chosen) for record in shown)
    also = () if rule is None else _also(shown, phase, rules, bench, chosen)
    return LinePreview(pairs, also, len(records))


def _instead(line: FieldLine, decision: Mapping[str, Any] | None) -> FieldLine:
    """Return the line, or a copy with that decision which nobody saves."""
    if decision is None:
        return line
    return FieldLine(
        pk=line.pk,
        draft=line.draft,
        source_field=line.source_field,
        source=line.source,
        proposal=line.proposal,
        decision=dict(decision),
        position=line.position,
    )


def _spec(bench: Bench, chosen: FieldLine) -> tuple[MapSpec, dict[str, FieldRule]]:
    """Return the map with this phase's lines only, and its rules by source field."""
    lines = [chosen if item.pk == chosen.pk else item.line for item in bench.lines]
    bench.draft._prefetched_objects_cache = {"lines": lines}
    spec = MapSpec.from_document(_document(bench, bench.version.splits, bench.draft))
    made = {(rule.source, rule.target): rule for rule in spec.phase(bench.draft.phase).fields}
    rules = {
        line.source_field: made.get((line.source_field, line.outcome["target"])) for line in lines
    }
    return spec, {source: rule for source, rule in rules.items() if rule is not None}


def _document(
    bench: Bench, splits: Sequence[Mapping[str, Any]], draft: ObjectDraft | None
) -> dict[str, Any]:
    """Return the map with the lines of one phase, or with none: enough to route records."""
    version = bench.version
    return {
        "format": FORMAT,
        "blueprint": {"key": bench.blueprint.key, "version": bench.blueprint.version},
        "settings": {
            "country_code": version.project.country_code,
            "timezone": version.project.timezone,
            "day_first": True,
        },
        "filters": version.filters,
        "splits": splits,
        "phases": [
            phase_document(
                bench.blueprint, phase, draft if draft and phase.name == draft.phase else None
            )
            for phase in bench.blueprint.phases
        ],
    }


def routed(bench: Bench, splits: Sequence[Mapping[str, Any]]) -> dict[str | None, list[str]]:
    """Return how ``splits`` divide the sampled records: phase → their names; None: filtered out.

    Raises DocumentError when the rule does not hold together.
    """
    spec = MapSpec.from_document(_document(bench, splits, None))
    found: dict[str | None, list[str]] = {
        phase.name: [] for phase in spec.phases_of(bench.draft.source_object)
    }
    for record in sample(bench.draft):
        found.setdefault(route(record, spec).phase, []).append(record_name(record))
    return found


def pick_records(
    records: Sequence[SourceRecord], pick: str, field: str, limit: int = PREVIEW_RECORDS
) -> list[SourceRecord]:
    """Return up to ``limit`` records: the most telling, or those that a person asks for."""
    if pick == "longest":
        ranked = sorted(records, key=lambda r: len(str(r.values.get(field) or "")), reverse=True)
    elif pick == "empty":
        ranked = sorted(records, key=lambda r: len(str(r.values)))
    elif pick == "non-latin":
        ranked = sorted(records, key=lambda r: str(r.values).isascii())
    elif pick == "random":
        ranked = random.sample(list(records), len(records))
    else:
        by_size = sorted(records, key=lambda r: len(str(r.values)))
        ends = by_size[-1:] + by_size[:1]
        ranked = ends + [record for record in records if record not in ends]
    return ranked[:limit]


def record_name(record: SourceRecord) -> str:
    """Return what people call a record: its name, else its id."""
    parts = [str(record.values.get(key) or "") for key in ("first_name", "last_name")]
    name = str(record.values.get("name") or "") or " ".join(part for part in parts if part)
    return name.strip() or record.id


def _pair(record: SourceRecord, phase: PhaseSpec, rule: FieldRule | None, line: FieldLine) -> Pair:
    name = record_name(record)
    if rule is None:
        raw = short(as_typed(record.values.get(line.source_field)))
        note = line.outcome["reason"] if raw else _("Empty in every place")
        return Pair(name, line.label, raw, "", "empty", note)
    found = preview_record(record, replace(phase, fields=(rule,)))
    field = found.fields[0]
    issues = field.issues or found.issues
    raw, result = short(_read(record, rule, field.before)), short(_text(field.after))
    note = " ".join(told(issue.message) for issue in issues)
    cut = any(issue.code == "truncated" for issue in issues)
    lost = raw and not result and rule.conversion.kind not in NAME_PARTS
    if found.outcome != "row" or cut or lost:
        return Pair(name, line.label, raw, result or _("nothing"), "wrong", note)
    if not result:
        note = note or (_("The other part of the name holds it") if raw else _("Left empty"))
    return Pair(name, line.label, raw, result, "arrives" if result else "empty", note)


def _read(record: SourceRecord, rule: FieldRule, all_sources: str) -> str:
    """Return what the rule reads: the first filled source, for a part of a name all of them."""
    if rule.conversion.kind in NAME_PARTS:
        return all_sources
    values = (source_value(record, source) for source in rule.sources)
    return next((spelled for value in values if (spelled := as_typed(value))), "")


def _also(
    shown: Sequence[SourceRecord],
    phase: PhaseSpec,
    rules: Mapping[str, FieldRule],
    bench: Bench,
    chosen: FieldLine,
) -> tuple[Pair, ...]:
    """Return other fields of the same records: first what goes wrong, then what changes most."""
    found: list[Pair] = []
    for other in bench.lines:
        rule = rules.get(other.line.source_field)
        if rule is None or other.pk == chosen.pk or rule.references:
            continue
        pairs = [_pair(record, phase, rule, other.line) for record in shown]
        found += sorted(pairs, key=_dullness)[:1]
    worth = [pair for pair in found if _dullness(pair) < DULL]
    return tuple(sorted(worth, key=_dullness)[:ALSO_SHOWN])


DULL = 2


def _dullness(pair: Pair) -> int:
    """Wrong first, then converted; what arrives as it was is not worth a second look."""
    if pair.wrong:
        return 0
    return 1 if pair.result and pair.raw != pair.result else DULL


def as_typed(value: SourceValue) -> str:
    """Return a source value as people see it in Qontak."""
    return ", ".join(choice_label(member) for member in choices(value))


def short(text: str) -> str:
    """Return a text for a narrow pane; what is cut for show is said by its length."""
    if len(text) <= SHOWN_CHARACTERS:
        return text
    return _("%(start)s … %(count)d characters") % {
        "start": text[:SHOWN_CHARACTERS],
        "count": len(text),
    }


def _text(value: WireValue) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return _("linked at the run") if UNRESOLVED in str(value) else str(value)
