"""The split rule as a form in plain words: read from the map, changed, and read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy

from mapping.forms import number_of
from mapping.workbench import Bench

MOST_RULES = 40
OPERATORS = {
    "in": gettext_lazy("is one of"),
    "not_in": gettext_lazy("is none of"),
    "not_empty": gettext_lazy("is filled in"),
    "is_empty": gettext_lazy("is empty"),
}


@dataclass
class Condition:
    """One test of one field. ``options``: (value, label, records, chosen) where it has a list."""

    field: str
    op: str
    values: list[str]
    label: str = ""
    options: list[tuple[str, str, int, bool]] = field(default_factory=list)

    @property
    def compares(self) -> bool:
        return self.op in ("in", "not_in")

    @property
    def typed(self) -> str:
        return ", ".join(self.values)

    @property
    def said(self) -> str:
        """The chosen options by name, as in "Prospek, Lead Hangat"."""
        names = [label for _value, label, _count, chosen in self.options if chosen]
        return ", ".join(names) or self.typed

    def document(self) -> dict[str, Any]:
        return {
            "field": self.field,
            "op": self.op,
            "values": list(self.values) if self.compares else [],
        }


@dataclass
class Rule:
    """Records that meet all conditions become ``phase``."""

    phase: str
    conditions: list[Condition]


@dataclass
class Split:
    """The whole rule of one source object; the first rule that fits decides."""

    object: str
    rules: list[Rule]
    otherwise: str

    def document(self) -> dict[str, Any]:
        return {
            "object": self.object,
            "rules": [
                {"phase": rule.phase, "all": [c.document() for c in rule.conditions]}
                for rule in self.rules
            ],
            "otherwise": self.otherwise,
        }


def split_read(document: Mapping[str, Any]) -> Split:
    """Read one split of the map document."""
    return Split(
        document["object"],
        [
            Rule(
                rule["phase"],
                [Condition(c["field"], c["op"], list(c.get("values", ()))) for c in rule["all"]],
            )
            for rule in document["rules"]
        ],
        document["otherwise"],
    )


def split_sent(source_object: str, data: QueryDict, fields: list[str]) -> Split:
    """Read the editor's form, with the change that its button asks for.

    ``do`` is ``save``, ``show``, ``add``, or ``up``, ``down``, ``remove``, ``and`` with the place
    of a rule, or ``drop`` with the places of a rule and a condition: "drop-1-0".
    """
    rules = [
        Rule(data.get(f"r{place}-phase", ""), _conditions(data, place))
        for place in range(min(number_of(data, "rules", 0), MOST_RULES))
    ]
    split = Split(source_object, rules, data.get("otherwise", ""))
    _change(split, data.get("do", ""), fields)
    return split


def _conditions(data: QueryDict, rule: int) -> list[Condition]:
    found = []
    for place in range(min(number_of(data, f"r{rule}-conditions", 0), MOST_RULES)):
        name = f"r{rule}c{place}"
        op = data.get(f"{name}-op", "in")
        values = data.getlist(f"{name}-value")
        typed = [part.strip() for part in data.get(f"{name}-typed", "").split(",")]
        values += [part for part in typed if part]
        changed = data.get(f"{name}-was") not in (None, data.get(f"{name}-field"))
        found.append(
            Condition(
                data.get(f"{name}-field", ""),
                op if op in OPERATORS else "in",
                [] if changed else values,
            )
        )
    return found


def _change(split: Split, do: str, fields: list[str]) -> None:
    verb, _dash, place = do.partition("-")
    rules, first = split.rules, fields[0] if fields else ""
    if verb == "add":
        rules.append(Rule(split.otherwise, [Condition(first, "not_empty", [])]))
        return
    numbers = [int(part) for part in place.split("-") if part.isdecimal()]
    if not numbers or numbers[0] >= len(rules):
        return
    at = numbers[0]
    if verb == "remove":
        del rules[at]
    elif verb == "and":
        rules[at].conditions.append(Condition(first, "not_empty", []))
    elif verb == "drop" and len(numbers) > 1 and numbers[1] < len(rules[at].conditions) > 1:
        del rules[at].conditions[numbers[1]]
    elif verb in ("up", "down"):
        other = at - 1 if verb == "up" else at + 1
        if 0 <= other < len(rules):
            rules[at], rules[other] = rules[other], rules[at]


def with_options(split: Split, bench: Bench) -> Split:
    """Give each condition its field's label and options, with records and what is chosen."""
    sources = {item.line.source_field: item.line for item in bench.lines}
    for rule in split.rules:
        for condition in rule.conditions:
            line = sources.get(condition.field)
            condition.label = line.label if line else condition.field
            chosen = {value.casefold() for value in condition.values}
            for option in line.source["options"] if line else ():
                names = {str(option["value"]).casefold(), str(option["label"] or "").casefold()}
                condition.options.append(
                    (
                        str(option["value"]),
                        str(option["label"] or option["value"]),
                        int(option["count"]),
                        bool(chosen & names),
                    )
                )
    return split
