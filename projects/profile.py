"""What the values of a field look like, gathered record by record in bounded memory.

A profile can be put into JSON and taken up again, so an audit of millions of records continues
after any interruption.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

from qontakmig.connectors.base import FieldDescribe, FieldType, SourceRecord

DISTINCT_EXACT = 1000
"""Distinct values counted one by one; beyond them their number is estimated."""
SKETCH_SIZE = 256
"""Smallest hashes kept for the estimate: its standard error is about 1/√256, six per cent."""
SAMPLES = 5
SAMPLE_LENGTH = 120
MEANING_TRIES = 200
LENGTH_EXACT = 300
"""Lengths up to here are counted one by one, longer ones by hundreds."""

OPTION_TYPES = (FieldType.PICKLIST, FieldType.MULTIPICKLIST)

MEANINGS = (
    ("email", re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")),
    ("url", re.compile(r"(https?://|www\.)\S+", re.I)),
    ("date", re.compile(r"\d{1,2}[/-]\d{1,2}[/-]\d{2,4}|\d{4}-\d{2}-\d{2}([T ].*)?")),
    ("money", re.compile(r"(rp|idr)\.?\s*[\d.,]+\s*(jt|juta|rb|ribu|m|miliar)?", re.I)),
    ("phone", re.compile(r"(\+?62|0)[\d\s().-]{7,16}")),
    ("number", re.compile(r"-?\d+([.,]\d+)*")),
    ("yes or no", re.compile(r"ya|tidak|yes|no|true|false|y|n", re.I)),
)


class FieldProfile:
    """Fill rate, distinct values, lengths, samples, options and likely meaning of one field."""

    __slots__ = (
        "counts",
        "filled",
        "keeps_options",
        "labels",
        "lengths",
        "meanings",
        "sketch",
        "tried",
    )

    def __init__(self, *, keeps_options: bool) -> None:
        self.keeps_options = keeps_options
        self.filled = 0
        self.counts: dict[str, int] = {}
        self.labels: dict[str, str] = {}
        self.sketch: list[int] = []
        self.lengths: dict[int, int] = {}
        self.meanings: dict[str, int] = {}
        self.tried = 0

    def add(self, value: Any) -> None:
        """Take in one record's value; None, blank text and empty lists count as not filled."""
        if type(value) is dict:
            value = [value]
        if type(value) is list:
            texts = [self._choice(item) for item in value]
        else:
            text = "" if value is None else str(value)
            texts = [text] if text.strip() else []
        if not texts:
            return
        self.filled += 1
        length = 0
        for text in texts:
            length += len(text)
            self._count(text)
        bucket = length if length <= LENGTH_EXACT else -(-length // 100) * 100
        self.lengths[bucket] = self.lengths.get(bucket, 0) + 1
        if self.tried < MEANING_TRIES:
            self.tried += 1
            meaning = meaning_of(texts[0])
            self.meanings[meaning] = self.meanings.get(meaning, 0) + 1

    def _choice(self, item: Any) -> str:
        if type(item) is not dict:
            return str(item)
        name = str(item.get("name") or "")
        if self.keeps_options:
            key = str(item.get("id") or name)
            self.labels[key] = name or key
            return key
        return name or str(item.get("id") or "")

    def _count(self, text: str) -> None:
        counts = self.counts
        if text in counts:
            counts[text] += 1
        elif len(counts) < DISTINCT_EXACT:
            counts[text] = 1
        else:
            if not self.sketch:
                for known in counts:
                    self._sketch(known)
            self._sketch(text)

    def _sketch(self, text: str) -> None:
        mark = int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")
        sketch = self.sketch
        if len(sketch) >= SKETCH_SIZE:
            if mark >= sketch[-1] or mark in sketch:
                return
            sketch.pop()
        elif mark in sketch:
            return
        sketch.append(mark)
        sketch.sort()

    @property
    def distinct(self) -> int:
        if len(self.sketch) < SKETCH_SIZE:
            return max(len(self.counts), len(self.sketch))
        return round((SKETCH_SIZE - 1) * 2**64 / self.sketch[-1])

    @property
    def distinct_exact(self) -> bool:
        return not self.sketch

    @property
    def meaning(self) -> str:
        """The meaning that at least four in five values share, else what else they are."""
        if not self.tried:
            return ""
        name, hits = max(self.meanings.items(), key=lambda pair: pair[1])
        if hits >= 0.8 * self.tried:
            return name
        return "category" if self.distinct_exact and len(self.counts) <= 25 else "free text"

    def length_range(self) -> tuple[int, int, int] | None:
        """Return least, median and greatest length in characters; None when never filled."""
        if not self.lengths:
            return None
        ordered = sorted(self.lengths.items())
        half, seen = self.filled / 2, 0
        median = next(length for length, count in ordered if (seen := seen + count) >= half)
        return ordered[0][0], median, ordered[-1][0]

    def samples(self) -> list[str]:
        """Return the most frequent values, as typed, cut to a readable length."""
        ranked = sorted(self.counts.items(), key=lambda pair: -pair[1])[:SAMPLES]
        return [self.labels.get(text, text)[:SAMPLE_LENGTH] for text, _ in ranked]

    def options(self, describe: FieldDescribe) -> list[dict[str, Any]]:
        """Return the template's options and those met only on records, with their counts."""
        if not self.keeps_options:
            return []
        known = {option.value: option for option in describe.options}
        rows = [
            {
                "value": option.value,
                "label": option.label,
                "count": self.counts.get(option.value, 0),
                "active": option.active,
            }
            for option in describe.options
        ]
        rows += [
            {"value": key, "label": self.labels.get(key, key), "count": count, "active": False}
            for key, count in self.counts.items()
            if key not in known
        ]
        return rows

    def to_json(self) -> dict[str, Any]:
        return {
            "filled": self.filled,
            "counts": self.counts,
            "labels": self.labels,
            "sketch": self.sketch,
            "lengths": {str(length): count for length, count in self.lengths.items()},
            "meanings": self.meanings,
            "tried": self.tried,
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.filled = state["filled"]
        self.counts = state["counts"]
        self.labels = state["labels"]
        self.sketch = state["sketch"]
        self.lengths = {int(length): count for length, count in state["lengths"].items()}
        self.meanings = state["meanings"]
        self.tried = state["tried"]


def meaning_of(text: str) -> str:
    """Return what a single value looks like: email, url, date, money, phone, number …"""
    text = text.strip()
    return next((name for name, form in MEANINGS if form.fullmatch(text)), "text")


class ObjectProfile:
    """Profiles of all fields of one object, with growth by month and records by owner."""

    RECENT = 500

    def __init__(self, fields: Iterable[FieldDescribe]) -> None:
        self.fields = {f.name: FieldProfile(keeps_options=f.type in OPTION_TYPES) for f in fields}
        self.owner_field = next((f.name for f in fields if "users" in f.reference_to), None)
        self.read = 0
        self.months: dict[str, int] = {}
        self.owners: dict[str, int] = {}
        self.last_change = ""
        self.first: list[str] = []
        self.recent: list[str] = []

    def add(self, records: Iterable[SourceRecord]) -> None:
        """Take in one page. Records that come again are counted once: those of the pages before,
        and those of the front, which a connector reads once more at the end."""
        known = set(self.first).union(self.recent)
        fields = self.fields
        for record in records:
            if record.id in known:
                continue
            known.add(record.id)
            if len(self.first) < self.RECENT:
                self.first.append(record.id)
            self.recent.append(record.id)
            self.read += 1
            for name, value in record.values.items():
                if (profile := fields.get(name)) is not None:
                    profile.add(value)
            if record.created_at:
                month = record.created_at.strftime("%Y-%m")
                self.months[month] = self.months.get(month, 0) + 1
            if record.updated_at:
                self.last_change = max(self.last_change, record.updated_at.isoformat())
            owner = record.values.get(self.owner_field) if self.owner_field else None
            if isinstance(owner, dict) and owner.get("id"):
                key = str(owner["id"])
                self.owners[key] = self.owners.get(key, 0) + 1
        self.recent = self.recent[-self.RECENT :]

    def to_json(self) -> dict[str, Any]:
        return {
            "read": self.read,
            "months": self.months,
            "owners": self.owners,
            "last_change": self.last_change,
            "first": self.first,
            "recent": self.recent,
            "fields": {name: profile.to_json() for name, profile in self.fields.items()},
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.read, self.months, self.owners = state["read"], state["months"], state["owners"]
        self.last_change = state["last_change"]
        self.first, self.recent = state["first"], state["recent"]
        for name, profile in state["fields"].items():
            if name in self.fields:
                self.fields[name].restore(profile)
