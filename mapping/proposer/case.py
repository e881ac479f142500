"""One question to the proposer: these source fields onto that destination object."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Option:
    """One choice of a dropdown; ``count`` is the number of records that use it."""

    value: str
    label: str
    count: int = 0


@dataclass(frozen=True)
class SourceField:
    """A field of the source object; ``samples`` are a few values as the source shows them."""

    name: str
    label: str
    type: str
    options: tuple[Option, ...] = ()
    samples: tuple[str, ...] = ()
    custom: bool = False
    fill_rate: float | None = None
    max_length: int | None = None


@dataclass(frozen=True)
class DestField:
    """A field of the destination object, as its describe tells."""

    name: str
    label: str
    type: str
    options: tuple[Option, ...] = ()
    length: int | None = None
    required: bool = False
    createable: bool = True
    custom: bool = False
    reference_to: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    source_system: str
    source_object: str
    dest_system: str
    dest_object: str
    source_fields: tuple[SourceField, ...]
    dest_fields: tuple[DestField, ...]


class BadCase(ValueError):
    """A case file that cannot be read; the message is a sentence for people."""


def read_case(path: Path) -> tuple[str, Case]:
    """Return (case id, case) of a JSON file; its stem is the id where the file names none.

    Raises BadCase when the file is missing, is not JSON or lacks a part.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadCase(f"Cannot read {path}: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise BadCase(f"{path} is not a JSON file.") from error
    if not isinstance(raw, Mapping):
        raise BadCase(f"{path} does not hold a case: a JSON object is expected.")
    try:
        return str(raw.get("case_id") or path.stem), case_from_json(raw)
    except (KeyError, TypeError, AttributeError) as error:
        raise BadCase(f"{path} does not hold a case: {_what_is_wrong(error)}.") from error


def case_from_json(raw: Mapping[str, Any]) -> Case:
    """Return the case of a mapping in the form of the field-mapping development set."""
    return Case(
        source_system=str(raw.get("source_system") or ""),
        source_object=str(raw.get("source_object") or ""),
        dest_system=str(raw.get("dest_system") or ""),
        dest_object=str(raw.get("dest_object") or ""),
        source_fields=tuple(_source_field(field) for field in raw["source_fields"]),
        dest_fields=tuple(_dest_field(field) for field in raw.get("dest_fields") or ()),
    )


def _source_field(raw: Mapping[str, Any]) -> SourceField:
    return SourceField(
        name=str(raw["name"]),
        label=str(raw.get("label") or ""),
        type=str(raw.get("type") or ""),
        options=_options(raw.get("options")),
        samples=tuple(str(value) for value in raw.get("sample_values") or () if value is not None),
        custom=bool(raw.get("custom")),
    )


def _dest_field(raw: Mapping[str, Any]) -> DestField:
    return DestField(
        name=str(raw["name"]),
        label=str(raw.get("label") or ""),
        type=str(raw.get("type") or ""),
        options=_options(raw.get("options")),
        length=raw.get("length"),
        required=bool(raw.get("required")),
        createable=bool(raw.get("createable", True)),
        custom=bool(raw.get("custom")),
        reference_to=tuple(raw.get("reference_to") or ()),
    )


def _options(raw: Any) -> tuple[Option, ...]:
    options = []
    for item in raw or ():
        if isinstance(item, Mapping):
            label = str(item.get("label") or item.get("name") or item.get("value") or "")
            options.append(Option(str(item.get("value") or label), label))
        else:
            options.append(Option(str(item), str(item)))
    return tuple(options)


def _what_is_wrong(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else "a part has the wrong form"
