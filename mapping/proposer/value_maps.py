"""Options of a dropdown, a stage or a status onto the destination's options."""

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from rapidfuzz import fuzz

from .case import Option
from .value_words import MEANINGS, NEAR
from .wordlist import entries
from .words import raw_words

LEAST = 0.35
"""Below this an option is left unmapped: a person has to choose."""
OTHER_CONFIDENCE = 0.5
PLACE_CONFIDENCE = 0.4
MOST_PER_OPTION = 3
MOST_COMPARED = 40
"""Options looked at for the overlap: enough to tell, and a list of cities stays cheap."""
NEGATION = frozenset(
    {"not", "no", "tidak", "belum", "bukan", "un", "non", "ex", "mantan", "former"}
)

Ranked = tuple[tuple[str, float], ...]


@cache
def _phrases() -> dict[frozenset[str], tuple[str, ...]]:
    table: dict[frozenset[str], tuple[str, ...]] = {}
    for meaning, spellings in entries(MEANINGS):
        for spelling in spellings.split(","):
            key = frozenset(spelling.split())
            table[key] = (*table.get(key, ()), meaning)
    return table


@lru_cache(maxsize=4096)
def option_words(label: str) -> tuple[str, ...]:
    """Return the words of an option without numbering ("1. Prospek Baru" gives prospek, baru)."""
    plain = label.title() if label.isupper() else label
    words = raw_words(re.sub(r"^\s*\d+\s*[.)\-:]\s*", "", plain))
    return words or (label.strip().lower(),)


@lru_cache(maxsize=4096)
def meanings_of(label: str) -> dict[str, float]:
    """Return {meaning: share of the option's words that say so}."""
    words = frozenset(option_words(label))
    found: dict[str, float] = {}
    for phrase, phrase_meanings in _phrases().items():
        if phrase <= words and not (words - phrase) & NEGATION:
            share = len(phrase) / len(words)
            strength = 1.0 if share == 1.0 else 0.45 + 0.45 * share
            for meaning in phrase_meanings:
                found[meaning] = max(found.get(meaning, 0.0), strength)
    return found


@lru_cache(maxsize=16384)
def option_likeness(source: str, dest: str) -> float:
    """Return 0…1: how well a source option is kept by a destination option."""
    ours, theirs = option_words(source), option_words(dest)
    if ours == theirs:
        return 1.0
    best = 0.0
    for meaning, strength in meanings_of(source).items():
        near = NEAR.get(meaning, {})
        for other, other_strength in meanings_of(dest).items():
            factor = 0.97 if other == meaning else near.get(other, 0.0)
            best = max(best, strength * other_strength * factor)
    if len(" ".join(ours)) > 3 and NEGATION.isdisjoint(set(ours) ^ set(theirs)):
        ratio = fuzz.token_sort_ratio(" ".join(ours), " ".join(theirs)) / 100
        best = max(best, ratio - 0.05 if ratio > 0.84 else 0.0)
        if set(theirs) < set(ours) or set(ours) < set(theirs):
            best = max(best, 0.6)
    return best


def overlap(source: Sequence[Option], dest: Sequence[Option]) -> float:
    """Return the share of source options that find a clear destination option."""
    if not source or not dest:
        return 0.0
    compared = source[:MOST_COMPARED]
    clear = sum(
        any(option_likeness(ours.label, theirs.label) >= 0.7 for theirs in dest)
        for ours in compared
    )
    return clear / len(compared)


def value_map(
    source: Sequence[Option], dest: Sequence[Option], *, ordered: bool
) -> dict[str, Ranked]:
    """Return {source value: destination values with confidence, best first, at most three}.

    ``ordered`` says the options are a road (stages): an option nobody recognises is placed
    between its neighbours, never on won or lost, which need a word for it.
    """
    ranked = {option.value: _ranked(option, dest) for option in source}
    if ordered:
        _end_of_road(ranked, source, dest)
        _place_between_neighbours(ranked, source, dest)
    other = next((option.value for option in dest if "other" in meanings_of(option.label)), None)
    for value, found in ranked.items():
        if other and not found and not ordered:
            ranked[value] = ((other, OTHER_CONFIDENCE),)
    return ranked


def _ranked(option: Option, dest: Sequence[Option]) -> Ranked:
    scored = [(theirs.value, option_likeness(option.label, theirs.label)) for theirs in dest]
    good = [(value, round(score, 3)) for value, score in scored if score >= LEAST]
    return tuple(sorted(good, key=lambda pair: -pair[1])[:MOST_PER_OPTION])


def _end_of_road(
    ranked: dict[str, Ranked], source: Sequence[Option], dest: Sequence[Option]
) -> None:
    """Roads end with won and lost: where one of the last two is known, the other follows."""
    ends = {
        meaning: option.value
        for option in reversed(dest)
        for meaning in ("won", "lost")
        if meanings_of(option.label).get(meaning, 0.0) >= 0.6
    }
    tops = [ranked[option.value][0][0] if ranked[option.value] else None for option in source]
    if len(ends) < 2 or len(source) < 3:
        return
    for at, neighbour, known, missing in ((-1, -2, "won", "lost"), (-2, -1, "lost", "won")):
        if tops[at] is None and tops[neighbour] == ends[known] and ends[missing] not in tops:
            ranked[source[at].value] = ((ends[missing], PLACE_CONFIDENCE),)


def _place_between_neighbours(
    ranked: dict[str, Ranked], source: Sequence[Option], dest: Sequence[Option]
) -> None:
    road = [
        option.value
        for option in dest
        if not {"won", "lost", "unqualified", "churned"} & meanings_of(option.label).keys()
    ]
    if not road:
        return
    for position, option in enumerate(source):
        if ranked[option.value]:
            continue
        before = [_on_road(ranked[earlier.value], road) for earlier in source[:position]]
        after = [_on_road(ranked[later.value], road) for later in source[position + 1 :]]
        low = max((place for place in before if place is not None), default=0)
        high = min((place for place in after if place is not None), default=len(road) - 1)
        middle = low if high < low else (low + high) // 2
        ranked[option.value] = ((road[middle], PLACE_CONFIDENCE),)


def _on_road(found: Ranked, road: list[str]) -> int | None:
    return road.index(found[0][0]) if found and found[0][0] in road else None
