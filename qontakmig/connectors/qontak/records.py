"""Records as received, flattened to ``SourceRecord``. This runs once for every record: it is fast.

``""``, null and [] all mean 'no value' on the wire and become None. Zero percent stays, though it
cannot be told from an empty one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from qontakmig.connectors.base import FieldType, SourceRecord, SourceValue
from qontakmig.connectors.http import bad_answer, parse_time
from qontakmig.connectors.qontak.templates import REFERENCES

_DROPPED = frozenset(("id", "slug", "additional_fields", "creator_username", "creator_email"))
"""Not values of their own: the record's id, its URL, parts that are read separately."""
_PLAIN, _CHOICE, _LIST, _PHONE, _ANCESTRY, _NAME_ONLY = range(6)
_NAME_ONLY_FIELDS = frozenset(("currency",))

_KINDS = {FieldType.PICKLIST: _CHOICE, FieldType.MULTIPICKLIST: _LIST}

Step = tuple[int, str, str, str]


class Flattener:
    """Flattens the records of one object."""

    def __init__(self, object_name: str, custom_types: Mapping[int, FieldType]) -> None:
        self._object = object_name
        self._customs = {
            field_id: (_KINDS.get(kind, _PLAIN), f"cf_{field_id}")
            for field_id, kind in custom_types.items()
        }
        self._plans: dict[tuple[str, ...], list[Step]] = {}

    def record(self, raw: Mapping[str, Any]) -> SourceRecord:
        """Return the record. Raises TransientError ``bad_answer`` when it has no id."""
        keys = tuple(raw)
        plan = self._plans.get(keys)
        if plan is None:
            plan = self._plans[keys] = self._plan(keys)
        values: dict[str, SourceValue] = {}
        for kind, key, out, name_key in plan:
            value = raw[key]
            if kind == _PLAIN:
                if isinstance(value, str):
                    values[out] = value or None
                else:
                    values[out] = _plain(value)
            elif kind == _CHOICE:
                values[out] = _choice(value, raw[name_key])
            elif kind == _LIST:
                values[out] = _list(value, raw[name_key] if name_key else None)
            elif kind == _PHONE:
                values[out] = _plain(value) or values.get(out)
            elif kind == _ANCESTRY:
                values[out] = _parent(value)
            else:
                values[out] = {"id": None, "name": str(value)} if value else None
        customs = self._customs
        for entry in raw.get("additional_fields") or ():
            value = entry.get("value")
            kind, out = customs.get(entry["id"]) or _unknown(entry)
            if value is None or value == "" or value == []:
                values[out] = None
            elif kind == _PLAIN:
                values[out] = value if isinstance(value, str) else _plain(value)
            elif kind == _CHOICE:
                values[out] = _choice(value, entry.get("value_name"))
            else:
                ids = value.split(",") if isinstance(value, str) else value
                values[out] = _list(ids, entry.get("value_name"))
        try:
            record_id = str(raw["id"])
        except KeyError:
            raise bad_answer("qontak", "a record has no id", False) from None
        return SourceRecord(
            self._object,
            record_id,
            values,
            parse_time(raw.get("created_at")),
            parse_time(raw.get("updated_at")),
        )

    def _plan(self, keys: tuple[str, ...]) -> list[Step]:
        """Return what to do with each key of a record that has exactly ``keys``."""
        references = REFERENCES[self._object]
        pairs = {key: _name_key(key, keys) for key in keys}
        names = {name for name in pairs.values() if name}
        steps: list[Step] = []
        for key in keys:
            name_key = pairs[key]
            several = references.get(key, ("", False))[1] or key.endswith("_ids")
            if key in _DROPPED or key in names:
                continue
            if key in ("telephone", "crm_phones"):
                steps.append((_PHONE, key, "crm_phones", ""))
            elif key == "ancestry":
                steps.append((_ANCESTRY, key, key, ""))
            elif several:
                steps.append((_LIST, key, key, name_key))
            elif name_key:
                steps.append((_CHOICE, key, key, name_key))
            else:
                kind = _NAME_ONLY if key in _NAME_ONLY_FIELDS else _PLAIN
                steps.append((kind, key, key, ""))
        return steps


def _unknown(entry: Mapping[str, Any]) -> tuple[int, str]:
    """Return kind and name of a field that the template no longer has, told by its value."""
    value, label = entry.get("value"), entry.get("value_name")
    kind = _PLAIN
    if isinstance(label, list):
        kind = _LIST
    elif isinstance(label, str) and label != value:
        kind = _CHOICE
    return kind, f"cf_{entry['id']}"


def _name_key(key: str, keys: tuple[str, ...]) -> str:
    """Return the key with the names that belong to an id key, empty without one."""
    if key.endswith("_id"):
        candidates = [key[:-3] + "_name"]
    elif key.endswith("_ids"):
        candidates = [key[:-4] + "_name", key[:-4] + "_names"]
    else:
        return ""
    return next((name for name in candidates if name in keys), "")


def _plain(value: Any) -> SourceValue:
    if isinstance(value, str | int | float):
        return value if value != "" else None
    if not value:
        return None
    if isinstance(value, list) and all(isinstance(one, str | int | float) for one in value):
        return ", ".join(str(one) for one in value)
    return json.dumps(value, ensure_ascii=False)


def _text(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)


def _choice(value: Any, name: Any) -> SourceValue:
    if isinstance(value, list):
        return _list(value, name)
    key, label = _text(value), _text(name)
    return None if key is None and label is None else {"id": key, "name": label}


def _list(value: Any, names: Any) -> SourceValue:
    """Return references or options as a list; a single one comes without its list at times."""
    ids = value if isinstance(value, list) else [value]
    labels = names if isinstance(names, list) else [names]
    found: list[dict[str, str | None]] = []
    for place, one in enumerate(ids):
        key = _text(one)
        if key is not None:
            label = _text(labels[place]) if place < len(labels) else None
            found.append({"id": key.strip(), "name": label})
    return found or None


def _parent(value: Any) -> SourceValue:
    """Return the nearest ancestor: ``"3"`` or, several levels deep, ``"1/3"``."""
    text = _text(value)
    return None if text is None else {"id": text.rsplit("/", 1)[-1].strip(), "name": None}
