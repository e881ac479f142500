"""Describes as JSON and back, so that a draft keeps what the destination looked like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from qontakmig.connectors.base import FieldDescribe, FieldOption, FieldType, ObjectDescribe


def describe_to_json(describe: ObjectDescribe) -> dict[str, Any]:
    return {
        "name": describe.name,
        "label": describe.label,
        "record_types": dict(describe.record_types),
        "fields": [asdict(field) for field in describe.fields],
    }


def describe_from_json(document: Mapping[str, Any]) -> ObjectDescribe:
    """Read what ``describe_to_json`` wrote."""
    return ObjectDescribe(
        document["name"],
        document["label"],
        tuple(_field(item) for item in document["fields"]),
        document["record_types"],
    )


def _field(item: Mapping[str, Any]) -> FieldDescribe:
    return FieldDescribe(
        **{
            **item,
            "type": FieldType(item["type"]),
            "options": tuple(FieldOption(**option) for option in item["options"]),
            "reference_to": tuple(item["reference_to"]),
        }
    )
