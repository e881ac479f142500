"""Proposals for a case: ranked destinations, custom field or leave behind, with reasons."""

from dataclasses import dataclass

from .assign import assign
from .calibration import (
    NAMELESS_CONFIDENCE,
    mapped_confidence,
    null_confidence,
    runner_up_confidence,
)
from .case import Case, DestField, SourceField
from .classify import Meaning, dest_meaning, source_meaning
from .concepts import SKIPPED
from .conversions import conversion_for, custom_conversion
from .custom_fields import CustomFieldDraft, draft_custom_field
from .kinds import kind_of
from .pairs import Pair, score_pair
from .reasons import custom_reason, pair_reason, skip_reason, taken_reason
from .value_maps import Ranked, value_map

CUSTOM, SKIP = "__custom__", "__skip__"
MOST_CANDIDATES = 5
ALONE = 0.6
"""Worth of a field without destination: a pair below this is not proposed first."""
ALTERNATIVE_FROM = 0.3
ORDERED_CONCEPTS = frozenset({"stage", "contact_status", "status", "lifecycle"})


@dataclass(frozen=True)
class Candidate:
    """``dest`` is a field name, CUSTOM or SKIP; ``reason_id`` is the reason in Indonesian."""

    dest: str
    confidence: float
    reason: str
    reason_id: str
    conversion: str | None


@dataclass(frozen=True)
class FieldProposal:
    """``candidates`` best first, always with CUSTOM and SKIP; ``values`` for dropdowns."""

    source: str
    candidates: tuple[Candidate, ...]
    custom_field: CustomFieldDraft
    values: dict[str, Ranked]


@dataclass(frozen=True)
class _Line:
    """A source field with everything known about it before and after the assignment."""

    source: SourceField
    meaning: Meaning
    pairs: dict[str, Pair]
    chosen: str | None = None
    winner: str = ""


def propose(case: Case) -> dict[str, FieldProposal]:
    """Return a proposal for each source field, keyed by its name, in the order given.

    Deterministic; the same case always gives the same proposals.
    """
    dests = {dest.name: dest for dest in case.dest_fields}
    dest_kind = kind_of(case.dest_object)
    theirs = {name: dest_meaning(dest, case.dest_system, dest_kind) for name, dest in dests.items()}
    lines = _assigned([_line(source, case, dests, theirs) for source in case.source_fields])
    return {line.source.name: _proposal(line, case, dests, theirs) for line in lines}


def _line(
    source: SourceField, case: Case, dests: dict[str, DestField], theirs: dict[str, Meaning]
) -> _Line:
    kind = kind_of(case.source_object)
    ours = source_meaning(source, case.source_system, kind)
    mobile = "qontak" in case.source_system.lower() and kind == "contact" and ours.known_name
    scored = {
        name: score_pair(source, ours, dest, theirs[name], mobile) for name, dest in dests.items()
    }
    return _Line(source, ours, {name: pair for name, pair in scored.items() if pair.score > 0})


def _assigned(lines: list[_Line]) -> list[_Line]:
    chosen = assign(
        [{name: pair.score for name, pair in line.pairs.items()} for line in lines],
        [ALONE] * len(lines),
    )
    holder = {
        dest: line.source.label or line.source.name
        for line, dest in zip(lines, chosen, strict=True)
        if dest is not None
    }
    result = []
    for line, dest in zip(lines, chosen, strict=True):
        wanted = _best(line)
        lost = dest is None and wanted is not None and line.pairs[wanted].score > ALONE
        winner = holder.get(wanted or "", "") if lost else ""
        result.append(_Line(line.source, line.meaning, line.pairs, dest, winner))
    return result


def _best(line: _Line) -> str | None:
    return max(line.pairs, key=lambda name: line.pairs[name].score, default=None)


def _proposal(
    line: _Line, case: Case, dests: dict[str, DestField], theirs: dict[str, Meaning]
) -> FieldProposal:
    draft = draft_custom_field(line.source, line.meaning)
    candidates = _candidates(line, case, dests, theirs, draft)
    values: dict[str, Ranked] = {}
    top = dests.get(candidates[0].dest)
    if top and top.options and line.source.options:
        concept, _ = theirs[top.name].best()
        ordered = concept in ORDERED_CONCEPTS
        values = value_map(line.source.options, top.options, ordered=ordered)
    return FieldProposal(line.source.name, candidates, draft, values)


def _candidates(
    line: _Line,
    case: Case,
    dests: dict[str, DestField],
    theirs: dict[str, Meaning],
    draft: CustomFieldDraft,
) -> tuple[Candidate, ...]:
    ranked = sorted(line.pairs, key=lambda name: -line.pairs[name].score)
    best_score = line.pairs[ranked[0]].score if ranked else 0.0
    others = [name for name in ranked if name != line.chosen]
    second = line.pairs[others[0]].score if others else 0.0
    if line.chosen:
        top = mapped_confidence(line.pairs[line.chosen].score, second)
    elif line.meaning.says_nothing():
        top = NAMELESS_CONFIDENCE
    else:
        top = null_confidence(best_score)
    found = []
    for name in ([line.chosen] if line.chosen else []) + others:
        pair = line.pairs[name]
        if name != line.chosen and pair.score < ALTERNATIVE_FROM:
            continue
        confidence = top if name == line.chosen else runner_up_confidence(pair.score, top)
        reason = pair_reason(line.source, dests[name], pair, line.meaning.shape)
        conversion = conversion_for(line.source, line.meaning, dests[name], theirs[name])
        found.append(Candidate(name, confidence, *reason, conversion))
    nulls = _null_candidates(line, case, dests, draft, top, ranked)
    kept = (*found[: MOST_CANDIDATES - len(nulls)], *nulls)
    return tuple(sorted(kept, key=lambda candidate: -candidate.confidence))


def _null_candidates(
    line: _Line,
    case: Case,
    dests: dict[str, DestField],
    draft: CustomFieldDraft,
    top: float,
    ranked: list[str],
) -> tuple[Candidate, Candidate]:
    """Return CUSTOM and SKIP, the likelier of the two first."""
    concept, strength = line.meaning.best()
    technical = concept in SKIPPED and strength >= 0.85
    closest = dests[ranked[0]] if ranked else None
    if line.winner and closest:
        why = taken_reason(line.source, closest, line.winner)
    else:
        close = closest if closest and line.pairs[closest.name].score >= 0.4 else None
        why = custom_reason(line.source, case.dest_object, close)
    first = top if line.chosen is None else round(min((1 - top) * 0.6, 0.9 * top), 3)
    rest = round(max(0.005, min((1 - first) * 0.5, first * 0.5, 1 - top)), 3)
    skipped = technical or line.source.fill_rate == 0
    custom = Candidate(
        CUSTOM, rest if skipped else first, *why, custom_conversion(draft.type, line.meaning)
    )
    skip = Candidate(
        SKIP, first if skipped else rest, *skip_reason(line.source, concept, technical), None
    )
    return (skip, custom) if skipped else (custom, skip)
