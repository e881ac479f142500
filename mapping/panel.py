"""The open line of the workbench: what can be chosen for one field, and what is chosen now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mapping import drafting
from mapping.forms import (
    MODES,
    POLICIES,
    POLICY_LABELS,
    CustomFieldForm,
    custom_changes,
    policies_of,
    sent_policies,
    sent_values,
)
from mapping.reasons import reason_told
from mapping.workbench import Bench, BenchLine, destination, field_tag
from qontakmig.connectors.base import FieldDescribe, FieldType

SKIP_REASONS = (
    gettext_lazy("Not used any more."),
    gettext_lazy("Only of use inside the source system."),
    gettext_lazy("Personal data that is not to be moved."),
    gettext_lazy("The destination computes it by itself."),
)


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One option of a value map. ``chosen`` as the form sends it, ``share`` of the most used."""

    place: int
    label: str
    count: int
    share: float
    group: str
    chosen: str
    choices: list[tuple[str, str]]
    reason: str

    @property
    def missing(self) -> bool:
        return not self.chosen and self.count > 0


@dataclass
class Conflict:
    """A refused edit: who changed the line meanwhile, and both versions as sentences."""

    title: str
    versions: list[dict[str, str]]
    sent: list[tuple[str, str]]
    action: str


@dataclass
class Panel:
    """The open line. ``decision`` may not be saved yet; ``form`` is the custom field's, if sent."""

    bench: Bench
    item: BenchLine
    mode: str
    decision: dict[str, Any]
    form: CustomFieldForm | None = None
    error: str = ""
    conflict: Conflict | None = None
    reason: str = ""
    unsaved: bool = field(default=False)

    @property
    def source(self) -> dict[str, Any]:
        return dict(self.item.line.source)

    # ------------------------------------------------------------ an existing field

    @cached_property
    def targets(self) -> list[dict[str, Any]]:
        """Fields of the destination that can be written, with what else fills them already."""
        taken = {
            other.line.outcome["target"]: other.line.label
            for other in self.bench.lines
            if other.pk != self.item.pk and other.line.outcome["target"]
        }
        pointed = {
            phase.target_object
            for phase in self.bench.blueprint.phases
            if phase.source_object == self.source["reference_to"]
        }
        fields = [f for f in self.bench.describe.fields if _offered(f, self.bench, pointed)]
        return [
            {
                "name": f.name,
                "label": f.label or f.name,
                "tag": field_tag(f),
                "taken": taken.get(f.name, ""),
                "chosen": f.name == self.decision["target"],
            }
            for f in sorted(fields, key=lambda f: (f.label or f.name).casefold())
        ]

    @property
    def policies(self) -> list[dict[str, Any]]:
        """What happens to values that do not fit, one select each."""
        conversion = self.decision["conversion"]
        return [
            {
                "name": name,
                "label": POLICY_LABELS[name],
                "choices": [(key, POLICIES[name][key]) for key in allowed],
                "chosen": conversion.get(name, allowed[0]),
            }
            for name, allowed in policies_of(conversion.get("kind", "")).items()
        ]

    @property
    def has_values(self) -> bool:
        return self.decision["conversion"].get("kind") in ("picklist", "multipicklist")

    @cached_property
    def rows(self) -> list[ValueRow]:
        if not self.has_values:
            return []
        options = self.bench.options_of(self.source, self.decision)
        most = max((option["count"] for option in options), default=0) or 1
        target = self.bench.describe.field(self.decision["target"])
        return [
            self._row(place, option, target, option["count"] / most)
            for place, option in enumerate(options)
        ]

    def _row(
        self, place: int, option: Mapping[str, Any], target: FieldDescribe | None, share: float
    ) -> ValueRow:
        chosen = self._chosen(option)
        return ValueRow(
            place=place,
            label=option["label"],
            count=option["count"],
            share=share,
            group=str(option.get("group", "")),
            chosen=chosen,
            choices=self._choices(option, target, chosen),
            reason=self._reason(option, chosen),
        )

    def _chosen(self, option: Mapping[str, Any]) -> str:
        values = self.decision["conversion"]["values"]
        if option["value"] not in values:
            return ""
        value = values[option["value"]]
        if value is None:
            return "-"
        facts = self.decision["new_values"].get(value)
        if facts is None or value != option["label"].strip():
            return f"={value}"
        if "group" not in option:
            return "+"
        return "+won" if facts.get("won") else "+lost" if facts.get("closed") else "+open"

    def _choices(
        self, option: Mapping[str, Any], target: FieldDescribe | None, chosen: str
    ) -> list[tuple[str, str]]:
        found = [(f"={o.value}", o.label) for o in (target.options if target else ()) if o.active]
        known = {value for value, _label in found}
        new = [(f"={v}", v) for v in self.decision["new_values"] if f"={v}" not in known]
        found += [pair for pair in new if pair[1] != option["label"].strip()]
        if chosen.startswith("=") and chosen not in known | {value for value, _l in new}:
            found.append((chosen, chosen[1:]))
        if target is None or not target.restricted:
            found += _creations(option)
        return [*found, ("-", _("Leave empty"))]

    def _reason(self, option: Mapping[str, Any], chosen: str) -> str:
        ranked = self.item.line.proposal["values"].get(option["value"], ())
        if not chosen:
            return _("Closest: %(value)s %(score).2f") % _score(ranked[0]) if ranked else ""
        if chosen == "-":
            return _("left empty")
        if chosen.startswith("+"):
            return _("create this value")
        if chosen[1:].casefold() == option["label"].strip().casefold():
            return _("same name")
        match = next((pair for pair in ranked if pair[0] == chosen[1:]), None)
        return _("similar meaning · %(score).2f") % _score(match) if match else ""

    @property
    def missing(self) -> list[ValueRow]:
        return [row for row in self.rows if row.missing]

    @property
    def missing_records(self) -> int:
        return sum(row.count for row in self.missing)

    @property
    def mapped_records(self) -> int:
        return sum(row.count for row in self.rows)

    @property
    def may_create(self) -> bool:
        target = self.bench.describe.field(self.decision["target"])
        return target is None or not target.restricted

    # ------------------------------------------------------------ everything else

    @property
    def alternatives(self) -> list[dict[str, Any]]:
        """The other proposals, best first, with what they would be."""
        found = []
        for place, candidate in enumerate(self.item.line.proposal["candidates"]):
            if self._is_chosen(candidate):
                continue
            target = self.bench.describe.field(candidate["target"])
            label = {
                "custom": _("Create “%s”") % self.item.line.label,
                "skip": _("Leave behind"),
            }.get(candidate["action"]) or (target.label if target else candidate["target"])
            told = {"reason": reason_told(candidate["reason"], self.item.line.proposal)}
            found.append({"place": place, "label": label, **candidate, **told})
        return found

    def _is_chosen(self, candidate: Mapping[str, Any]) -> bool:
        if candidate["action"] != self.decision["action"]:
            return False
        return candidate["action"] != "field" or candidate["target"] == self.decision["target"]

    @property
    def empty_records(self) -> int:
        return int(self.bench.draft.records) - int(self.source["filled"])

    @property
    def skip_reasons(self) -> tuple[str, ...]:
        return SKIP_REASONS

    @property
    def told_reason(self) -> str:
        return reason_told(self.decision["reason"], self.item.line.proposal)

    @property
    def shown_reason(self) -> str:
        if self.reason:
            return self.reason
        line = self.item.line
        skips = line.outcome["action"] == "skip"
        return reason_told(line.outcome["reason"], line.proposal) if skips else ""

    @property
    def custom_form(self) -> CustomFieldForm:
        limits = self.bench.blueprint.limits
        if self.form is not None:
            return self.form
        custom = self.decision["custom"] or {}
        return CustomFieldForm(
            limits=limits,
            auto_id=f"line-{self.item.pk}-%s",
            initial={key: custom.get(key) for key in ("label", "name", "type", "length")},
        )

    @property
    def goes_to(self) -> str:
        return destination(self.decision, self.bench.describe.field(self.decision["target"]))


def panel_open(bench: Bench, item: BenchLine, *, mode: str = "", target: str = "") -> Panel:
    """Return the open line as it stands, or as it would be with another mode or target."""
    outcome = item.line.outcome
    if mode not in MODES:
        mode = {"field": "field", "custom": "custom"}.get(outcome["action"], "field")
        if outcome["action"] in ("skip", "carried") and item.line.is_reviewed:
            mode = "skip"
    panel = Panel(bench, item, mode, outcome)
    if mode == "custom":
        if outcome["action"] != "custom":
            panel.decision = _custom(bench, item)
    elif mode == "field" and (target or outcome["action"] != "field"):
        wanted = target or _best_target(item)
        panel.decision, panel.error = _field(bench, item, wanted)
    panel.unsaved = panel.decision is not outcome
    return panel


def panel_sent(bench: Bench, item: BenchLine, data: QueryDict) -> Panel:
    """Return the open line as a person's form has it; nothing is stored.

    ``panel.error`` or ``panel.form.errors`` say what cannot be.
    """
    mode = data.get("mode", "")
    panel = panel_open(bench, item, mode=mode, target=data.get("target", ""))
    panel.unsaved = True
    if panel.mode == "skip":
        panel.reason = data.get("reason", "").strip()
        panel.decision = drafting.decision_skip(panel.reason)
        if not panel.reason:
            panel.error = _("Say in a few words why this field stays behind.")
        return panel
    panel.decision = _copied(panel.decision)
    conversion = panel.decision["conversion"]
    conversion |= sent_policies(data, conversion.get("kind", ""))
    if panel.mode == "custom":
        _take_custom(panel, data)
    elif panel.has_values and data.get("shown_target") == panel.decision["target"]:
        options = bench.options_of(panel.source, panel.decision)
        conversion["values"], panel.decision["new_values"] = sent_values(data, options)
        _fill(panel, data.get("fill", ""), options)
    return panel


def _take_custom(panel: Panel, data: QueryDict) -> None:
    form = CustomFieldForm(
        data, limits=panel.bench.blueprint.limits, auto_id=f"line-{panel.item.pk}-%s"
    )
    panel.form = form
    if not form.is_valid():
        panel.error = _("This field cannot be created yet.")
        return
    proposed = panel.decision["custom"]
    custom, conversion = custom_changes(form.cleaned_data, proposed, panel.decision["conversion"])
    panel.decision["custom"] = proposed | custom
    panel.decision["target"] = custom["name"]
    if conversion:
        panel.decision["conversion"] = conversion


def _fill(panel: Panel, how: str, options: list[dict[str, Any]]) -> None:
    """Fill what has no counterpart yet: with the closest value, or by creating it."""
    values, new = panel.decision["conversion"]["values"], panel.decision["new_values"]
    for option in options:
        if option["value"] in values or not option["count"]:
            continue
        ranked = panel.item.line.proposal["values"].get(option["value"], ())
        if how == "closest" and ranked:
            values[option["value"]] = ranked[0][0]
        elif how == "create" and panel.may_create:
            label = option["label"].strip()
            values[option["value"]] = label
            stage = {"probability": 0, "closed": False, "won": False}
            new[label] = stage if "group" in option else {}


def _custom(bench: Bench, item: BenchLine) -> dict[str, Any]:
    taken = {f.name for f in bench.describe.fields} | {bench.phase.key_field}
    taken |= {companion.custom.name for companion in bench.phase.companions}
    taken |= {o.line.outcome["target"] for o in bench.lines if o.pk != item.pk}
    return drafting.decision_custom(bench.frame, item.line.source, taken=taken)


def _field(bench: Bench, item: BenchLine, target: str) -> tuple[dict[str, Any], str]:
    line = item.line
    if line.outcome["action"] == "field" and line.outcome["target"] == target:
        return line.outcome, ""
    empty = drafting.decision_skip("") | {"action": "field"}
    if not target:
        return empty, ""
    try:
        return (
            drafting.decision_field(
                bench.frame,
                line.source,
                target,
                values=line.proposal["values"],
                reason=proposed_reason(item, "field", target),
            ),
            "",
        )
    except ValueError as exc:
        return empty | {"target": target}, str(exc)


def proposed_reason(item: BenchLine, action: str, target: str = "") -> str:
    """Return the machine's reason for a decision that it proposed too, else nothing."""
    for candidate in item.line.proposal["candidates"]:
        if candidate["action"] == action and (action != "field" or candidate["target"] == target):
            return str(candidate["reason"])
    return ""


def _best_target(item: BenchLine) -> str:
    fields = [c["target"] for c in item.line.proposal["candidates"] if c["action"] == "field"]
    return fields[0] if fields else ""


def _offered(field: FieldDescribe, bench: Bench, pointed: set[str]) -> bool:
    """True when a source field that points to the ``pointed`` objects could go there."""
    if field.type is FieldType.REFERENCE and not pointed & set(field.reference_to):
        return False
    if not field.createable or field.type in (FieldType.ID, FieldType.FILE):
        return False
    if field.name.casefold() == bench.phase.key_field.casefold():
        return False
    return all(field.name != audit.target for audit in bench.phase.audit_fields)


def _creations(option: Mapping[str, Any]) -> list[tuple[str, str]]:
    label = option["label"].strip()
    if "group" not in option:
        return [("+", _("Create “%s”") % label)]
    return [
        ("+open", _("Create “%s”, open") % label),
        ("+won", _("Create “%s”, closed and won") % label),
        ("+lost", _("Create “%s”, closed and lost") % label),
    ]


def _copied(decision: Mapping[str, Any]) -> dict[str, Any]:
    """Return a decision whose parts may be changed without touching the line's."""
    return dict(decision) | {
        "conversion": dict(decision["conversion"]),
        "new_values": dict(decision["new_values"]),
        "custom": dict(decision["custom"]) if decision["custom"] else None,
    }


def _score(pair: Any) -> dict[str, Any]:
    return {"value": pair[0], "score": float(pair[1])}
