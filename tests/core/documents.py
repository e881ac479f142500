"""Small map documents for tests of the core."""

from __future__ import annotations

from datetime import UTC, datetime

from mapping.core.spec import MapSpec
from qontakmig.connectors.base import SourceRecord


def field(target, source, conversion, kind="text", **more):
    return {
        "target": target,
        "type": kind,
        "source": source,
        "fallbacks": [],
        "stand_in": None,
        "conversion": conversion if isinstance(conversion, dict) else {"kind": conversion},
        "required": False,
        "when": "always",
        "moves": False,
        "origin": "line",
    } | more


def phase(name, source, target, fields, **more):
    return {
        "name": name,
        "source": source,
        "target": target,
        "mode": "load",
        "depends_on": [],
        "match_by": "",
        "key_field": "Qontak_Id__c",
        "fields": fields,
        "skipped": [],
        "create_fields": [],
        "create_values": [],
    } | more


def document(*phases, splits=(), filters=()):
    return {
        "format": 1,
        "blueprint": {"key": "salesforce", "version": "1"},
        "settings": {"country_code": "62", "timezone": "Asia/Jakarta", "day_first": True},
        "filters": list(filters),
        "splits": list(splits),
        "phases": list(phases),
    }


def one_phase(*fields, source="deals", target="Opportunity"):
    """Return the only phase of a map with these fields."""
    return MapSpec.from_document(document(phase("only", source, target, list(fields)))).phase(
        "only"
    )


def record(object_name="deals", source_id="1", **values):
    moment = datetime(2024, 2, 28, 17, 30, tzinfo=UTC)
    return SourceRecord(object_name, source_id, values, moment, moment)
