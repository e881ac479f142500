"""What a field means: concepts with a strength, from its name, label, type and samples."""

import re
from dataclasses import dataclass

from .case import DestField, SourceField
from .concepts import alternatives
from .kinds import OWN_WORDS
from .known_names import known_dest_concept, known_source_concept
from .types import family
from .values import is_yes_no, shape
from .words import canonical, raw_words, without_prefix

NAME_WEIGHT = 0.93
"""An API name says less than the label people read."""
CUSTOM_NAME_WEIGHT = 0.6
"""A customer's slug is often older than the label beside it, or only a part of it."""
LEFTOVER_COST = 0.9
CHEAP_LEFTOVER_COST = 0.04
CHEAP = frozenset(
    {"id", "primary", "number", "date", "time", "is", "user", "account", "url", "current", "name"}
)
"""Words that seldom change which field is meant."""
CLEAR, FAINT = 0.95, 0.75
FIRST_PART_WEIGHT = 0.93
LATER_PART_WEIGHT = 0.8
COMPOSITE_ADDRESS = 0.9
"""A field of type "address" holds the whole address; its parts go first where both exist."""
SHAPE_CONCEPTS = {
    **{"email": {"email": 0.66}, "mobile": {"phone": 0.66}},
    **{"tax_id": {"tax_id": 0.9}, "national_id": {"national_id": 0.9}},
}
"""What samples alone say about a field whose words say nothing."""


@dataclass(frozen=True)
class Meaning:
    """Concepts of a field (best ≤ 1.0), the type family and the shape of its samples."""

    concepts: dict[str, float]
    family: str
    shape: str | None = None
    words: tuple[str, ...] = ()
    known_name: bool = False

    def says_nothing(self) -> bool:
        """Whether there is no word of two letters or more to go by."""
        return not any(len(word) > 1 and not word.isdigit() for word in self.words)

    def best(self) -> tuple[str | None, float]:
        if not self.concepts:
            return None, 0.0
        return max(self.concepts.items(), key=lambda item: item[1])


def concepts_of(words: tuple[str, ...], kind: str) -> dict[str, float]:
    """Return {concept: strength} for canonical words: 1.0 when nothing is left unexplained."""
    given = frozenset(words)
    found: dict[str, float] = {}
    for concept, sets in alternatives(kind).items():
        for wanted, usual in sets.items():
            if wanted <= given:
                strength = usual * _strength(wanted, given - wanted, kind)
                found[concept] = max(found.get(concept, 0.0), strength)
    return found


def _without_faint(concepts: dict[str, float]) -> dict[str, float]:
    """Drop partial readings beside a full one: "NPWP Perusahaan" is no company name."""
    clear = max(concepts.values(), default=0.0) >= CLEAR
    return {
        concept: min(1.0, strength)
        for concept, strength in concepts.items()
        if not clear or strength >= FAINT
    }


def label_concepts(label: str, kind: str) -> dict[str, float]:
    """Return concepts of a label, also read part by part: "Kota / Kab.", "Omzet (Rp)"."""
    found = concepts_of(canonical(raw_words(label)), kind)
    parts = [part for part in re.split(r"[/|()\[\]]", label) if part.strip()]
    if len(parts) > 1:
        for part in parts:
            for concept, strength in concepts_of(canonical(raw_words(part)), kind).items():
                if strength >= 0.9:
                    weight = FIRST_PART_WEIGHT if part is parts[0] else LATER_PART_WEIGHT
                    found[concept] = max(found.get(concept, 0.0), strength * weight)
    return found


def _strength(wanted: frozenset[str], leftover: frozenset[str], kind: str) -> float:
    own = OWN_WORDS[kind]
    cheap = sum(word in own or word in CHEAP for word in leftover)
    weight = sum(2.0 if "_" in word else 1.0 for word in wanted)
    covered = weight / (weight + LEFTOVER_COST * (len(leftover) - cheap))
    return covered - CHEAP_LEFTOVER_COST * cheap + 0.004 * len(wanted)


def source_meaning(source: SourceField, system: str, kind: str) -> Meaning:
    """Return what a source field means; a built-in Qontak name settles it."""
    kind_of_type = _source_family(source)
    seen = shape(source.samples)
    label_words = canonical(raw_words(source.label))
    name_words = canonical(without_prefix(raw_words(source.name)))
    known = None if source.custom else known_source_concept(system, kind, source.name)
    if known:
        return Meaning({known: 1.0}, kind_of_type, seen, label_words or name_words, True)
    numbered_name = source.custom and source.name.lower().startswith("cf_")
    by_label = label_concepts(source.label, kind)
    by_name = {} if numbered_name and source.label else concepts_of(name_words, kind)
    concepts = _together(by_label, by_name, source)
    if source.type.lower() == "address" and "street" in concepts:
        concepts["street"] *= COMPOSITE_ADDRESS
    if not concepts and seen in SHAPE_CONCEPTS:
        concepts = SHAPE_CONCEPTS[seen]
    return Meaning(
        _without_faint(concepts),
        kind_of_type,
        seen,
        label_words or name_words,
    )


def _together(
    by_label: dict[str, float], by_name: dict[str, float], source: SourceField
) -> dict[str, float]:
    if not source.label:
        return by_name
    weight = CUSTOM_NAME_WEIGHT if source.custom else NAME_WEIGHT
    merged = dict(by_label)
    for concept, strength in by_name.items():
        if concept in merged:
            merged[concept] = max(merged[concept], strength * weight) + 0.02
        else:
            merged[concept] = strength * weight
    return merged


def _source_family(source: SourceField) -> str:
    kind = family(source.type)
    labels = tuple(option.label for option in source.options)
    if kind in ("choice", "bool", "multichoice") and is_yes_no(labels):
        return "bool"
    seen = shape(source.samples)
    if kind in ("text", "number") and seen in ("rupiah", "grouped"):
        return "number"
    if kind == "text" and seen in ("date", "datetime", "email", "url"):
        return seen
    return kind


def dest_meaning(dest: DestField, system: str, kind: str) -> Meaning:
    """Return what a destination field means; "system" fields mean nothing to a source."""
    known = None if dest.custom else known_dest_concept(system, kind, dest.name)
    words = canonical(raw_words(dest.label or dest.name))
    if known:
        concepts = {} if known == "system" else {known: 1.0}
        return Meaning(concepts, family(dest.type), None, words, True)
    name = dest.name.removesuffix("__c")
    by_label = concepts_of(words, kind)
    by_name = concepts_of(canonical(raw_words(name)), kind)
    merged = {
        concept: max(by_label.get(concept, 0.0), NAME_WEIGHT * by_name.get(concept, 0.0))
        for concept in by_label.keys() | by_name.keys()
    }
    return Meaning(_without_faint(merged), family(dest.type), None, words)
