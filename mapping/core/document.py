"""The map as one JSON document: its format, its canonical text and its content hash.

A confirmed map *is* this document. Runs, previews, verification and spot-checks read nothing
else. All keys shown are always there; unknown keys are refused by ``MapSpec.from_document``::

    {"format": 1,
     "blueprint": {"key": "salesforce", "version": "1"},
     "settings": {"country_code": "62", "timezone": "Asia/Jakarta", "day_first": true},
     "filters": [{"object": "contacts", "all": [CONDITION, …], "reason": "Test entry"}],
     "splits": [{"object": "contacts",
                 "rules": [{"phase": "leads", "all": [CONDITION, …]}, …],
                 "otherwise": "contacts"}],
     "phases": [PHASE, …]}

``phases`` are in load order. A source object with several phases has exactly one split; its
rules are tried in order and the first whose conditions all hold decides. ``filters`` are tried
before; a filtered record goes nowhere, for the reason given.

CONDITION::

    {"field": "crm_status_id", "op": "in" | "not_in" | "is_empty" | "not_empty",
     "values": ["12", "Pelanggan"]}        option ids or labels, compared without case

PHASE::

    {"name": "accounts", "source": "companies", "target": "Account",
     "mode": "load" | "match_users", "depends_on": ["users"], "match_by": "",
     "key_field": "Qontak_Id__c",          "" for match_users
     "fields": [FIELD, …], "skipped": [{"source": "slug", "reason": "…"}, …],
     "create_fields": [CUSTOM, …],
     "create_values": [{"field": "Industry", "value": "Retail", "label": "Retail"}, …]}

FIELD::

    {"target": "Name", "type": FieldType, "source": "name" | null,
     "fallbacks": ["other_source", …],     tried in order while the value is empty
     "stand_in": null | "[not provided]",  written where all are empty, with a warning
     "conversion": {"kind": …, options},   see mapping/core/conversions.py
     "required": true,                     empty means the row is in error
     "when": "always" | "insert",          "insert": never part of an update
     "moves": false,                       true: any later update changes it (LastModifiedDate)
     "origin": "line" | "blueprint"}

``source`` is a key of ``SourceRecord.values`` or ``@id``, ``@created_at``, ``@updated_at``.

CUSTOM (a field that the destination gets before any record)::

    {"name": "Jenis_Layanan__c", "label": "Jenis Layanan", "type": FieldType,
     "length": 255, "precision": null, "scale": null, "options": ["Servis", …],
     "restricted": false, "unique": false, "external_id": false, "description": "…"}

An opportunity stage to create carries more in ``create_values``: ``probability`` (0–100),
``closed``, ``won``.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

FORMAT = 1

_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


class DocumentError(ValueError):
    """The document is not a map of a format known here; the message names the place."""


def canonical_json(document: object) -> str:
    """Return the one spelling of a JSON value: sorted keys, no blanks, text unescaped."""
    return _ENCODER.encode(document)


def content_hash(document: dict[str, Any]) -> str:
    """Return the sha256 of the canonical text, in hex."""
    return hashlib.sha256(canonical_json(document).encode()).hexdigest()
