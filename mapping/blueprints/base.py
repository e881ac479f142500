"""What a blueprint states about a destination: its matrix, its phases, what it knows beforehand.

A blueprint is data. A further destination is a further blueprint and a connector.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_noop

from qontakmig.connectors.base import FieldType

RowKind = Literal["1:1", "1:many", "lossy", "documented"]
KIND_WORDS = (gettext_noop("1:many"), gettext_noop("lossy"), gettext_noop("documented"))
"""The kinds that are words; pages translate them."""


Text = str | Promise
"""What pages say in the reader's language."""


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One row of the object matrix. ``moved``: this release carries it out; otherwise the row
    tells what is meant and pages say that it is not there yet."""

    row: int
    source: Text
    target: Text
    kind: RowKind
    text: Text
    source_object: str = ""
    phases: tuple[str, ...] = ()
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Custom:
    """A custom field that the blueprint brings along. Length in characters."""

    name: str
    label: str
    type: FieldType
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    unique: bool = False
    external_id: bool = False
    description: str = ""

    def definition(self) -> dict[str, Any]:
        """Return it in the form CUSTOM of the map document."""
        return {
            "name": self.name,
            "label": self.label,
            "type": self.type.value,
            "length": self.length,
            "precision": self.precision,
            "scale": self.scale,
            "options": [],
            "restricted": False,
            "unique": self.unique,
            "external_id": self.external_id,
            "description": self.description,
        }


@dataclass(frozen=True, slots=True)
class Companion:
    """A custom field filled beside the reviewed lines, so that an original value is kept."""

    custom: Custom
    source: str
    conversion: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AuditField:
    """A date of the record itself, writable at insert where the destination allows it."""

    target: str
    source: str
    moves: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about a source field by its API name, before anybody proposes anything.

    action ``field`` (to ``target``), ``custom`` (as ``custom``), ``carried`` (something else of
    the map already brings it over, ``reason`` tells what) or ``skip``.
    """

    source: str
    action: Literal["field", "custom", "carried", "skip"]
    reason: str
    target: str = ""
    conversion: Mapping[str, Any] = field(default_factory=dict)
    fallbacks: tuple[str, ...] = ()
    custom: Custom | None = None


@dataclass(frozen=True, slots=True)
class Default:
    """How a destination field is filled when no reviewed line fills it."""

    target: str
    sources: tuple[str, ...]
    conversion: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Phase:
    """One load phase.

    stand_ins      proposals of texts for required fields left empty
    never_empty    picklists that the destination fills by itself when we do not: their first
                   value is proposed as the stand-in, so that the map says what will be there
    """

    name: str
    label: str
    source_object: str
    target_object: str
    mode: Literal["load", "match_users"]
    depends_on: tuple[str, ...] = ()
    match_by: str = ""
    key: Custom | None = None
    companions: tuple[Companion, ...] = ()
    audit_fields: tuple[AuditField, ...] = ()
    known: tuple[Known, ...] = ()
    defaults: tuple[Default, ...] = ()
    stand_ins: Mapping[str, str] = field(default_factory=dict)
    never_empty: tuple[str, ...] = ()

    @property
    def key_field(self) -> str:
        return self.key.name if self.key else ""

    def knows(self, source: str) -> Known | None:
        return next((item for item in self.known if item.source == source), None)


@dataclass(frozen=True, slots=True)
class SplitProposal:
    """How the split rule of one source object is proposed from its fields.

    The order is: the status where it is populated, then who has deals, then the last channel,
    then who has a company, then ``otherwise``.
    """

    object: str
    qualified: str
    unqualified: str
    status_field: str
    deals_field: str
    channel_field: str
    company_field: str
    qualified_words: frozenset[str]
    unqualified_words: frozenset[str]
    inbound_words: frozenset[str]


@dataclass(frozen=True, slots=True)
class CustomFieldLimits:
    """What the destination allows for custom fields."""

    name_length: int
    name_suffix: str
    label_length: int
    text_length: int
    long_text_length: int
    picklist_options: int
    multipicklist_options: int
    option_length: int
    per_object: Mapping[str, int]
    per_object_default: int


@dataclass(frozen=True, slots=True)
class Blueprint:
    key: str
    label: str
    version: str
    rows: tuple[MatrixRow, ...]
    phases: tuple[Phase, ...]
    split: SplitProposal | None
    limits: CustomFieldLimits
    id_prefixes: Mapping[str, str] = field(default_factory=dict)

    def phase(self, name: str) -> Phase:
        """Return the phase of that name; raises KeyError when there is none."""
        for phase in self.phases:
            if phase.name == name:
                return phase
        raise KeyError(name)

    @property
    def compatibility(self) -> tuple[int, int]:
        """Rows that arrive one to one or documented in full, and all rows."""
        whole = sum(row.kind in ("1:1", "documented") for row in self.rows)
        return whole, len(self.rows)
