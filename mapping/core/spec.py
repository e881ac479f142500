"""A map document read into types: what each phase loads and how each field is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from mapping.core.document import FORMAT, DocumentError
from mapping.core.values import Condition, reference_ids
from qontakmig.connectors.base import FieldType, SourceRecord

Reference = tuple[str, str]
"""(source object, source id), as in ("companies", "7")."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How values of this account are read. ``timezone`` is an IANA name."""

    country_code: str = "62"
    timezone: str = "Asia/Jakarta"
    day_first: bool = True


@dataclass(frozen=True, slots=True)
class Conversion:
    """A kind of conversion and its options; ``mapping.core.conversions`` lists them."""

    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How one destination field is made. See FIELD in ``mapping.core.document``."""

    target: str
    type: FieldType
    source: str | None
    conversion: Conversion
    fallbacks: tuple[str, ...] = ()
    stand_in: str | None = None
    required: bool = False
    when: Literal["always", "insert"] = "always"
    moves: bool = False
    origin: Literal["line", "blueprint"] = "line"

    @property
    def sources(self) -> tuple[str, ...]:
        """The source fields that are read, the first filled one wins."""
        first = () if self.source is None else (self.source,)
        return first + self.fallbacks

    @property
    def references(self) -> str:
        """The source object that this field points to, empty for ordinary fields."""
        if self.conversion.kind != "reference":
            return ""
        return str(self.conversion.options["object"])


@dataclass(frozen=True, eq=False)
class PhaseSpec:
    """One phase: records of one source object into one destination object.

    Compared by identity, so that a compiled plan can be kept for each.
    """

    name: str
    source_object: str
    target_object: str
    mode: Literal["load", "match_users"]
    key_field: str
    fields: tuple[FieldRule, ...]
    settings: Settings
    depends_on: tuple[str, ...] = ()
    match_by: str = ""
    create_fields: tuple[Mapping[str, Any], ...] = ()
    create_values: tuple[Mapping[str, Any], ...] = ()

    @cached_property
    def target_fields(self) -> tuple[str, ...]:
        """Every destination field that a row of this phase may write, the key first."""
        key = (self.key_field,) if self.key_field else ()
        return key + tuple(rule.target for rule in self.fields)

    @cached_property
    def reference_rules(self) -> tuple[FieldRule, ...]:
        return tuple(rule for rule in self.fields if rule.references)

    def references(self, record: SourceRecord) -> tuple[Reference, ...]:
        """Return every record that this one points to through mapped fields, without repeats.

        The engine looks these up before planning; a reference to the record's own object
        (a parent company) is among them.
        """
        found: dict[Reference, None] = {}
        for rule in self.reference_rules:
            for source in rule.sources:
                for source_id in reference_ids(record.values.get(source)):
                    found[rule.references, source_id] = None
        return tuple(found)


@dataclass(frozen=True, slots=True)
class FilterRule:
    """Records of ``object`` that meet all conditions are left behind for ``reason``."""

    object: str
    conditions: tuple[Condition, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class SplitRule:
    """The first rule whose conditions all hold names the phase; else ``otherwise``."""

    object: str
    rules: tuple[tuple[str, tuple[Condition, ...]], ...]
    otherwise: str


@dataclass(frozen=True, slots=True)
class MapSpec:
    """A whole map. Build it with ``from_document``."""

    blueprint: str
    settings: Settings
    phases: tuple[PhaseSpec, ...]
    splits: Mapping[str, SplitRule]
    filters: tuple[FilterRule, ...] = ()

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> MapSpec:
        """Read a document of ``mapping.core.document``; raises DocumentError naming the place."""
        if document.get("format") != FORMAT:
            raise DocumentError(f"Map format {document.get('format')!r} is not known here.")
        try:
            settings = Settings(**document["settings"])
            phases = tuple(_phase(item, settings) for item in document["phases"])
            splits = {item["object"]: _split(item) for item in document["splits"]}
            filters = tuple(_filter(item) for item in document["filters"])
            spec = cls(document["blueprint"]["key"], settings, phases, splits, filters)
        except (KeyError, TypeError, ValueError, AttributeError) as exc:
            raise DocumentError(f"The map document cannot be read: {exc!r}") from exc
        _check_routes(spec)
        return spec

    def phase(self, name: str) -> PhaseSpec:
        """Return the phase of that name; raises KeyError when the map has none."""
        for phase in self.phases:
            if phase.name == name:
                return phase
        raise KeyError(name)

    def phases_of(self, source_object: str) -> tuple[PhaseSpec, ...]:
        return tuple(phase for phase in self.phases if phase.source_object == source_object)


def _phase(item: Mapping[str, Any], settings: Settings) -> PhaseSpec:
    return PhaseSpec(
        name=item["name"],
        source_object=item["source"],
        target_object=item["target"],
        mode=item["mode"],
        key_field=item["key_field"],
        fields=tuple(_field(entry) for entry in item["fields"]),
        settings=settings,
        depends_on=tuple(item["depends_on"]),
        match_by=item["match_by"],
        create_fields=tuple(item["create_fields"]),
        create_values=tuple(item["create_values"]),
    )


def _field(item: Mapping[str, Any]) -> FieldRule:
    options = dict(item["conversion"])
    kind = options.pop("kind")
    if item["when"] not in ("always", "insert"):
        raise ValueError(f"when={item['when']!r}")
    return FieldRule(
        target=item["target"],
        type=FieldType(item["type"]),
        source=item["source"],
        conversion=Conversion(kind, options),
        fallbacks=tuple(item["fallbacks"]),
        stand_in=item["stand_in"],
        required=item["required"],
        when=item["when"],
        moves=item["moves"],
        origin=item["origin"],
    )


def _conditions(items: list[Mapping[str, Any]]) -> tuple[Condition, ...]:
    return tuple(
        Condition(item["field"], item["op"], tuple(item.get("values", ()))) for item in items
    )


def _split(item: Mapping[str, Any]) -> SplitRule:
    rules = tuple((rule["phase"], _conditions(rule["all"])) for rule in item["rules"])
    return SplitRule(item["object"], rules, item["otherwise"])


def _filter(item: Mapping[str, Any]) -> FilterRule:
    return FilterRule(item["object"], _conditions(item["all"]), item["reason"])


def _check_routes(spec: MapSpec) -> None:
    names = [phase.name for phase in spec.phases]
    if len(set(names)) != len(names):
        raise DocumentError("Two phases of the map have one name.")
    for phase in spec.phases:
        if len(spec.phases_of(phase.source_object)) > 1 and phase.source_object not in spec.splits:
            raise DocumentError(f"{phase.source_object} has several phases and no split rule.")
    for split in spec.splits.values():
        reachable = {phase.name for phase in spec.phases_of(split.object)}
        named = {name for name, _ in split.rules} | {split.otherwise}
        if not named <= reachable:
            raise DocumentError(f"The split of {split.object} names a phase that is not its own.")
