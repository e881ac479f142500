"""What the workbench shows of one phase: its lines in groups, their words, and all counts.

Everything is derived from one reading of the phase's lines, so that counts in filters, groups and
the meter agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from mapping import drafting
from mapping.blueprints import blueprint_get
from mapping.blueprints.base import Blueprint, Phase
from mapping.describes import describe_from_json
from mapping.models import FieldLine, MapVersion, ObjectDraft
from mapping.reasons import reason_told
from mapping.selectors import SURE
from qontakmig.connectors.base import FieldDescribe, FieldType, ObjectDescribe
from qontakmig.templatetags.numbers import number

WEAK_BELOW = 0.75
"""Below this confidence a proposal is shown as weak (grey dots)."""

SAMPLES_SHOWN = 3

NEEDS, PROPOSED, REVIEWED = "needs", "proposed", "reviewed"

TYPE_WORDS: dict[str, str | Promise] = {
    FieldType.TEXT: gettext_lazy("Text"),
    FieldType.LONG_TEXT: gettext_lazy("Long text"),
    FieldType.RICH_TEXT: gettext_lazy("Rich text"),
    FieldType.INTEGER: gettext_lazy("Whole number"),
    FieldType.DECIMAL: gettext_lazy("Number"),
    FieldType.CURRENCY: gettext_lazy("Currency"),
    FieldType.PERCENT: gettext_lazy("Per cent"),
    FieldType.DATE: gettext_lazy("Date"),
    FieldType.DATETIME: gettext_lazy("Date and time"),
    FieldType.BOOLEAN: gettext_lazy("Checkbox"),
    FieldType.PICKLIST: gettext_lazy("Picklist"),
    FieldType.MULTIPICKLIST: gettext_lazy("Multi-picklist"),
    FieldType.EMAIL: gettext_lazy("E-mail"),
    FieldType.PHONE: gettext_lazy("Phone"),
    FieldType.URL: gettext_lazy("URL"),
    FieldType.REFERENCE: gettext_lazy("Lookup"),
    FieldType.FILE: gettext_lazy("File"),
    FieldType.LOCATION: gettext_lazy("Location"),
    FieldType.OTHER: gettext_lazy("Other"),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter of the list: key in the address, words, and how many lines it leaves."""

    key: str
    label: str
    count: int
    needs_person: bool = False


@dataclass(frozen=True, slots=True)
class BenchLine:
    """One line with its words. ``problem``: what a person has to settle, empty when nothing;
    ``loses``: what would not arrive, empty when nothing is lost."""

    line: FieldLine
    group: str
    problem: str
    loses: str
    destination: str
    tag: str
    reason: str
    values: tuple[int, int] | None
    """Options in use that have a counterpart, and all in use; None without a value map."""

    @property
    def pk(self) -> int:
        return self.line.pk

    @property
    def ready(self) -> bool:
        return self.group == PROPOSED

    @property
    def samples(self) -> list[str]:
        return [str(sample)[:60] for sample in self.line.source["samples"][:SAMPLES_SHOWN]]

    @property
    def options(self) -> list[dict[str, Any]]:
        """The most used options of a choice field, for its sample line."""
        used = [option for option in self.line.source["options"] if option["count"]]
        return sorted(used, key=lambda option: -option["count"])[:SAMPLES_SHOWN]

    @property
    def values_said(self) -> str:
        mapped, used = self.values or (0, 0)
        return _("%(mapped)d of %(all)d values mapped") % {"mapped": mapped, "all": used}

    def shown_by(self, key: str) -> bool:
        """True when the filter of that key keeps this line."""
        line = self.line
        tests = {
            "decision": self.group == NEEDS,
            "unreviewed": not line.is_reviewed,
            "low": not line.is_reviewed and line.confidence < WEAK_BELOW,
            "loses": bool(self.loses),
            "changed": line.status in (FieldLine.Status.CHANGED, FieldLine.Status.SKIPPED),
            "values": self.values is not None,
        }
        return tests.get(key, True)


class Bench:
    """One phase on the workbench. Three queries, whatever its size."""

    def __init__(self, version: MapVersion, phase: str) -> None:
        self.version = version
        self.draft: ObjectDraft = version.objects_drafted.defer("sample_records").get(phase=phase)
        self.draft.version = version
        self.blueprint: Blueprint = blueprint_get(version.blueprint)
        self.phase: Phase = self.blueprint.phase(phase)

    @cached_property
    def describe(self) -> ObjectDescribe:
        return describe_from_json(self.draft.target_describe)

    @cached_property
    def frame(self) -> drafting.Frame:
        return drafting.Frame(self.blueprint, self.phase, self.describe, self._pipelines)

    @cached_property
    def _pipelines(self) -> list[dict[str, Any]]:
        pipelines: list[dict[str, Any]] = self.version.discovery.pipelines
        return pipelines

    @cached_property
    def lines(self) -> list[BenchLine]:
        found = list(self.draft.lines.select_related("reviewed_by"))
        for line in found:
            line.draft = self.draft
        self._shared = Counter(
            line.outcome["target"].casefold() for line in found if line.outcome["target"]
        )
        return [self._bench_line(line) for line in found]

    def line(self, pk: int) -> BenchLine | None:
        return next((line for line in self.lines if line.pk == pk), None)

    # ------------------------------------------------------------ one line

    def _bench_line(self, line: FieldLine) -> BenchLine:
        decision = line.outcome
        unmapped = drafting.unmapped_values(line.source, decision, self._pipelines)
        problem = self._problem(line, decision, unmapped)
        field = self.describe.field(decision["target"])
        values = None
        if decision["conversion"].get("kind") in ("picklist", "multipicklist"):
            used = sum(bool(option["count"]) for option in self.options_of(line.source, decision))
            values = (used - len(unmapped), used)
        if line.is_reviewed:
            group = NEEDS if problem else REVIEWED
        else:
            group = NEEDS if problem or line.confidence < SURE else PROPOSED
        return BenchLine(
            line=line,
            group=group,
            problem=problem,
            loses=self._loses(line.source, decision),
            destination=destination(decision, field),
            tag=destination_tag(decision, field),
            reason=reason_told(decision["reason"], line.proposal),
            values=values,
        )

    def options_of(
        self, source: Mapping[str, Any], decision: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Return a field's options as its value map is keyed."""
        within = decision["conversion"].get("within", "")
        return drafting.source_options(source, within, self._pipelines)

    def _loses(self, source: Mapping[str, Any], decision: Mapping[str, Any]) -> str:
        """Return what a decision does not carry over, as a sentence; empty when all arrives."""
        conversion = decision["conversion"]
        if decision["action"] == "skip":
            return _("%d values stay behind") % source["filled"] if source["filled"] else ""
        if sentence := _cut(source, conversion):
            return sentence
        values = conversion.get("values")
        if values is not None:
            lost = sum(
                option["count"]
                for option in self.options_of(source, decision)
                if values.get(option["value"], "") is None
                or (option["value"] not in values and conversion.get("unmapped") == "empty")
            )
            if lost:
                one = "%d record is left without a value"
                return ngettext(one, "%d records are left without a value", lost) % lost
        if conversion.get("invalid") == "empty":
            return _("Values that cannot be read are left empty")
        return ""

    def _problem(
        self, line: FieldLine, decision: Mapping[str, Any], unmapped: Sequence[Mapping[str, Any]]
    ) -> str:
        if unmapped:
            records = sum(option["count"] for option in unmapped)
            return _("%(values)d values in use by %(records)d records go nowhere yet") % {
                "values": len(unmapped),
                "records": records,
            }
        target = decision["target"]
        count = self._shared[target.casefold()] if target else 0
        if count > 1:
            return _("%(count)d fields go to %(target)s; one of them can") % {
                "count": count,
                "target": target,
            }
        return ""

    # ------------------------------------------------------------ groups and counts

    def groups(self, key: str = "", search: str = "") -> dict[str, list[BenchLine]]:
        """Return the lines of each group that a filter and a search keep."""
        needle = search.strip().casefold()
        kept: dict[str, list[BenchLine]] = {NEEDS: [], PROPOSED: [], REVIEWED: []}
        for line in self.lines:
            named = f"{line.line.source_field} {line.line.label} {line.destination}".casefold()
            if line.shown_by(key) and needle in named:
                kept[line.group].append(line)
        return kept

    @cached_property
    def counts(self) -> dict[str, int]:
        groups = Counter(line.group for line in self.lines)
        return {group: groups[group] for group in (NEEDS, PROPOSED, REVIEWED)}

    @property
    def reviewed(self) -> int:
        return sum(line.line.is_reviewed for line in self.lines)

    @property
    def total(self) -> int:
        return len(self.lines)

    @property
    def percent(self) -> int:
        return 100 * self.reviewed // self.total if self.total else 100

    @property
    def sure(self) -> list[BenchLine]:
        """What bulk acceptance takes: proposed, sure, and nothing left to settle."""
        return [line for line in self.lines if line.group == PROPOSED]

    @cached_property
    def filters(self) -> list[Filter]:
        def made(key: str, label: str, *, needs_person: bool = False) -> Filter:
            count = sum(line.shown_by(key) for line in self.lines)
            return Filter(key, label, count, needs_person and count > 0)

        return [
            made("", _("All")),
            made("decision", _("Needs a decision"), needs_person=True),
            made("unreviewed", _("Not reviewed")),
            made("low", _("Low confidence")),
            made("loses", _("Loses data")),
            made("changed", _("Changed")),
        ]

    @property
    def segments(self) -> list[dict[str, Any]]:
        """The coverage bar: three parts that add up to all lines."""
        needs, proposed, reviewed = (self.counts[g] for g in (NEEDS, PROPOSED, REVIEWED))
        return [
            {"value": reviewed, "label": _("reviewed"), "kind": "reviewed"},
            {"value": proposed, "label": _("proposed"), "kind": "proposed"},
            {"value": needs, "label": _("need a decision"), "kind": "needs"},
        ]

    @property
    def values(self) -> tuple[int, int]:
        """Options in use that go somewhere, and all options in use."""
        pairs = [line.values for line in self.lines if line.values is not None]
        return sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)

    @property
    def left_behind(self) -> tuple[int, int]:
        """Filled values that no rule carries, and in how many fields."""
        skipped = [
            line.line.source["filled"]
            for line in self.lines
            if line.line.outcome["action"] == "skip" and line.line.source["filled"]
        ]
        return sum(skipped), len(skipped)

    @cached_property
    def required_unfilled(self) -> list[str]:
        """Labels of the destination's required fields that nothing fills."""
        filled = {line.line.outcome["target"] for line in self.lines}
        sources = {line.line.source_field for line in self.lines}
        filled |= {
            default.target
            for default in self.phase.defaults
            if any(s in sources or s.startswith("@") for s in default.sources)
        }
        filled |= set(self.draft.stand_ins)
        return [
            field.label or field.name
            for field in self.describe.fields
            if field.required and field.createable and field.name not in filled
            and field.type is not FieldType.BOOLEAN
        ]  # fmt: skip


# ---------------------------------------------------------------- words


def type_tag(
    kind: str,
    *,
    length: int | None = None,
    precision: int | None = None,
    scale: int | None = None,
    points_to: Iterable[str] = (),
) -> str:
    """Return a field type for people: "Text 255", "Currency 16,2", "Lookup Account"."""
    word = str(TYPE_WORDS.get(kind, kind))
    if kind in (FieldType.TEXT, FieldType.LONG_TEXT) and length:
        return f"{word} {number(length)}"
    if kind in (FieldType.DECIMAL, FieldType.CURRENCY, FieldType.PERCENT) and precision:
        return f"{word} {precision - (scale or 0)},{scale or 0}"
    if kind == FieldType.REFERENCE and (names := list(points_to)):
        return f"{word} {names[0]}"
    return word


def field_tag(field: FieldDescribe) -> str:
    """Return the type of a destination field for people."""
    tag = type_tag(
        field.type,
        length=field.length,
        precision=field.precision,
        scale=field.scale,
        points_to=field.reference_to,
    )
    return _("%s, required") % tag if field.required else tag


def destination(decision: Mapping[str, Any], field: FieldDescribe | None) -> str:
    """Return where a field goes, for people."""
    if decision["action"] == "custom":
        return _("Create “%s”") % decision["custom"]["label"]
    if decision["action"] == "skip":
        return _("Leave behind")
    if decision["action"] == "carried":
        return _("Carried already")
    return (field.label if field else "") or str(decision["target"])


def destination_tag(decision: Mapping[str, Any], field: FieldDescribe | None) -> str:
    """Return the type tag beside a destination, empty where nothing is written."""
    custom = decision["custom"]
    if custom is not None:
        return type_tag(
            custom["type"],
            length=custom["length"],
            precision=custom["precision"],
            scale=custom["scale"],
        )
    return field_tag(field) if field is not None else ""


def _cut(source: Mapping[str, Any], conversion: Mapping[str, Any]) -> str:
    """Return what a text field is too short for, empty when everything fits."""
    length, longest = conversion.get("length"), source["length_max"] or 0
    texts = ("text", "long_text", "given_name", "family_name")
    if conversion.get("kind") not in texts or not length or longest <= length:
        return ""
    facts = {"longest": longest, "length": length}
    if conversion.get("too_long") == "truncate":
        return _("Up to %(longest)d characters, cut to %(length)d") % facts
    return _("Up to %(longest)d characters for %(length)d: such records wait") % facts


def said(label: str, decision: Mapping[str, Any], bench: Bench) -> str:
    """Return a decision as one sentence, for the two sides of a refused edit."""
    field = bench.describe.field(decision["target"])
    sentence = f"{label} → {destination(decision, field)}"
    values = decision["conversion"].get("values")
    if values:
        mapped = sum(value is not None for value in values.values())
        sentence += ", " + _("%(mapped)d of %(all)d values") % {
            "mapped": mapped,
            "all": len(values),
        }
    if decision["action"] == "skip" and decision["reason"]:
        sentence += f": {decision['reason']}"
    return sentence
