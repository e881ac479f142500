"""Conversions by kind: a rule's conversion is compiled once into a function of one value.

Kinds and their options (defaults in brackets). ``policy`` is what happens to a value that does
not fit: ``error`` puts the row in error, the others keep the row and record a warning.

================ ================================================================================
text, long_text  ``length`` [null], ``too_long`` error|truncate [error], ``part`` name|id [name]
phone            ``invalid`` keep|error|empty [keep: as typed], ``length`` [40]
email            ``invalid`` error|empty [error], ``length`` [80]
url              ``length`` [255], ``invalid`` error|empty|keep [error]
integer          ``invalid`` error|empty [error]
decimal,         ``precision`` [18], ``scale`` [2], ``rounding`` error|round [error],
currency,        ``invalid`` error|empty [error]
percent
boolean          ``invalid`` error|empty [error]; an empty value is False: a checkbox has no third
date, datetime   ``invalid`` error|empty [error]
picklist         ``values`` {option id or label: destination value or null}, ``unmapped``
                 error|empty|keep [error]; ``within``: a source field whose choice comes first in
                 the key, as in pipeline/stage "1/3"; "*/3" holds in any other; where the
                 record does not say, an option that means the same everywhere is taken
multipicklist    ``values``, ``unmapped`` as above; joined with ``;``
reference        ``object``; ``owner`` [false]; ``id_prefix`` [""]: only ids of that beginning fit
constant         ``value``
given_name,      ``first`` and ``last``: two source fields; ``length``, ``too_long`` as for text
family_name
================ ================================================================================
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mapping.core import transforms
from mapping.core.spec import FieldRule, Settings
from mapping.core.transforms import TransformError
from mapping.core.values import choice_key, choice_label, choices
from qontakmig.connectors.base import SourceRecord, SourceValue, WireValue

KINDS = frozenset(
    {
        "text", "long_text", "phone", "email", "url", "integer", "decimal", "currency", "percent",
        "boolean", "date", "datetime", "picklist", "multipicklist", "reference", "constant",
        "given_name", "family_name",
    }
)  # fmt: skip


@dataclass(slots=True)
class Notes:
    """Warnings that one row collects while it is made: (code, sentence)."""

    found: list[tuple[str, str]] = field(default_factory=list)

    def add(self, code: str, message: str) -> None:
        self.found.append((code, message))


Converter = Callable[[SourceValue, SourceRecord, Notes], WireValue]
"""A filled source value to the destination's value; may note warnings; raises TransformError."""


def compile_conversion(rule: FieldRule, settings: Settings) -> Converter:
    """Return the function for a rule; raises ValueError for a kind that is not known.

    References are resolved by the planner, which knows the id map.
    """
    options = dict(rule.conversion.options)
    kind = rule.conversion.kind
    if kind in ("text", "long_text"):
        return _text(options)
    if kind in ("given_name", "family_name"):
        return _name(kind, options)
    if kind in ("picklist", "multipicklist"):
        return _options(options, several=kind == "multipicklist")
    if kind == "constant":
        return lambda value, record, notes: options["value"]
    if kind in ("decimal", "currency", "percent"):
        return _guarded(_decimal(kind, options), options)
    simple = _simple(kind, settings)
    if simple is None:
        raise ValueError(f"conversion kind {kind!r}")
    if kind in ("phone", "email", "url"):
        return _limited(simple, kind, options)
    return _guarded(simple, options)


def _simple(kind: str, settings: Settings) -> Callable[[str], WireValue] | None:
    zone, day_first, country = settings.timezone, settings.day_first, settings.country_code
    table: dict[str, Callable[[str], WireValue]] = {
        "phone": lambda value: transforms.phone_e164(value, country_code=country),
        "email": transforms.email,
        "url": transforms.url,
        "integer": transforms.integer,
        "boolean": transforms.boolean,
        "date": lambda value: transforms.date_text(value, timezone=zone, day_first=day_first),
        "datetime": lambda value: transforms.datetime_text(
            value, timezone=zone, day_first=day_first
        ),
    }
    return table.get(kind)


def _decimal(kind: str, options: dict[str, Any]) -> Callable[[str], WireValue]:
    precision, scale = options.get("precision") or 18, options.get("scale")
    scale = 2 if scale is None else scale
    rounding = options.get("rounding") == "round"
    read = transforms.percent if kind == "percent" else transforms.number

    def convert(value: str) -> WireValue:
        return transforms.decimal_text(
            read(value), precision=precision, scale=scale, rounding=rounding
        )

    return convert


def _scalar(value: SourceValue) -> str:
    """Return one value as text: labels of choices, several joined with a comma."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ", ".join(choice_label(member) for member in choices(value))
    return choice_label(value)


def _guarded(simple: Callable[[str], WireValue], options: dict[str, Any]) -> Converter:
    policy = options.get("invalid", "error")

    def convert(value: SourceValue, record: SourceRecord, notes: Notes) -> WireValue:
        try:
            return simple(_scalar(value))
        except TransformError as exc:
            if policy == "empty":
                notes.add(exc.code, f"{exc} The field is left empty, as the map says.")
                return None
            raise

    return convert


DEFAULT_LENGTHS = {"phone": 40, "email": 80, "url": 255}
"""Salesforce's lengths of its phone, e-mail and URL field types (describe, recorded)."""


def _limited(simple: Callable[[str], WireValue], kind: str, options: dict[str, Any]) -> Converter:
    policy = options.get("invalid", "keep" if kind == "phone" else "error")
    length = options.get("length") or DEFAULT_LENGTHS[kind]

    def convert(value: SourceValue, record: SourceRecord, notes: Notes) -> WireValue:
        spelled = _scalar(value)
        try:
            result = str(simple(spelled))
        except TransformError as exc:
            if policy == "error":
                raise
            if policy == "empty":
                notes.add(exc.code, f"{exc} The field is left empty, as the map says.")
                return None
            notes.add(exc.code, f"{exc} It is kept as typed.")
            result = transforms.text(spelled)
        if transforms.stored_length(result) > length:
            raise TransformError("too_long", f"Longer than the {length} characters of this field.")
        return result

    return convert


def _fitted(options: dict[str, Any]) -> Callable[[str, Notes], WireValue]:
    length, truncate = options.get("length"), options.get("too_long") == "truncate"

    def fitted(value: str, notes: Notes) -> WireValue:
        cleaned = transforms.text(value)
        if length and len(cleaned) * 2 > length and transforms.stored_length(cleaned) > length:
            if not truncate:
                message = f"Longer than the {length} characters of this field."
                raise TransformError("too_long", message)
            lost = transforms.stored_length(cleaned) - length
            notes.add("truncated", f"Cut to {length} characters, as the map says; {lost} lost.")
            cleaned = transforms.fit(cleaned, length)
        return cleaned or None

    return fitted


def _text(options: dict[str, Any]) -> Converter:
    fitted = _fitted(options)
    if options.get("part", "name") == "id":
        return lambda value, record, notes: fitted(
            ", ".join(choice_key(member) for member in choices(value)), notes
        )
    roomy = (options.get("length") or 2**31) // 2

    def convert(value: SourceValue, record: SourceRecord, notes: Notes) -> WireValue:
        if isinstance(value, str) and len(value) <= roomy and value.isprintable():
            return value.strip() or None  # nothing to clean or to cut: nearly every value
        return fitted(_scalar(value), notes)

    return convert


def _name(kind: str, options: dict[str, Any]) -> Converter:
    fitted = _fitted(options)
    part = transforms.given_name if kind == "given_name" else transforms.family_name
    first_field, last_field = options["first"], options["last"]

    def convert(value: SourceValue, record: SourceRecord, notes: Notes) -> WireValue:
        first = transforms.text(_scalar(record.values.get(first_field)))
        last = transforms.text(_scalar(record.values.get(last_field)))
        return fitted(part(first, last), notes)

    return convert


def _options(options: dict[str, Any], *, several: bool) -> Converter:
    values: dict[str, str | None] = options["values"]
    unmapped, within = options.get("unmapped", "error"), options.get("within")

    anywhere = _by_last_part(values) if within else {}

    def one(member: SourceValue, record: SourceRecord, notes: Notes) -> str | None:
        key = choice_key(member)
        if within:
            outer = choice_key(record.values.get(within))
            if not outer and key in anywhere:
                return anywhere[key]
            key = f"{outer}/{key}" if f"{outer}/{key}" in values else f"*/{key}"
        if key in values:
            return values[key]
        if unmapped == "keep":
            return transforms.text(choice_label(member))
        if unmapped == "empty":
            notes.add("value_unmapped", "A value without a counterpart is left out, as mapped.")
            return None
        raise TransformError("value_unmapped", f"The map has no value for option {_shown(key)}.")

    def convert(value: SourceValue, record: SourceRecord, notes: Notes) -> WireValue:
        if isinstance(value, dict):
            return one(value, record, notes) or None
        members = choices(value)
        if not several:
            if len(members) > 1:
                raise TransformError("value_multiple", "Several values for a single choice.")
            return one(members[0], record, notes) or None
        found = dict.fromkeys(one(member, record, notes) for member in members)
        return ";".join(item for item in found if item) or None

    return convert


def _by_last_part(values: dict[str, str | None]) -> dict[str, str | None]:
    """Return the map keyed by the inner option alone, where that is unambiguous."""
    found: dict[str, set[str | None]] = {}
    for key, value in values.items():
        found.setdefault(key.rpartition("/")[2], set()).add(value)
    return {key: next(iter(several)) for key, several in found.items() if len(several) == 1}


def _shown(key: str) -> str:
    """Return an option's id for a message; free text could be personal, so it is not shown."""
    plain = key.removeprefix("*/")
    return plain if plain.isdecimal() and plain.isascii() else "(text)"


def source_value(record: SourceRecord, source: str) -> SourceValue:
    """Return a value by its key in the record; ``@id``, ``@created_at``, ``@updated_at`` are
    the record's own."""
    if not source.startswith("@"):
        return record.values.get(source)
    if source == "@id":
        return record.id
    moment = record.created_at if source == "@created_at" else record.updated_at
    return moment.isoformat() if moment is not None else None
