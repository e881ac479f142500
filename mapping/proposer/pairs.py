"""How well one source field goes onto one destination field."""

from dataclasses import dataclass

from rapidfuzz import fuzz

from .case import DestField, SourceField
from .classify import Meaning
from .concepts import ADDRESS_PARTS, ADDRESS_QUALIFIERS, GEO_PARTS
from .types import fit
from .value_maps import overlap

RELATED: dict[str, dict[str, float]] = {
    "phone": {"phone.work": 0.96, "phone.mobile": 0.82, "phone.other": 0.5, "phone.home": 0.4},
    "phone.mobile": {"phone": 0.72, "phone.work": 0.66, "phone.other": 0.55},
    "phone.whatsapp": {
        "phone.mobile": 0.95,
        "phone": 0.72,
        "phone.work": 0.65,
        "phone.other": 0.85,
    },
    "phone.work": {"phone": 0.97},
    "phone.home": {"phone.other": 0.78, "phone": 0.4},
    "phone.other": {"phone.home": 0.6},
    "phone.second": {"phone.other": 0.93, "phone.home": 0.8, "phone.mobile": 0.6},
    "domain": {"website": 0.8},
    "closed_at": {"close_date": 0.85},
    "name": {"name.last": 0.75, "subject": 0.9, "name.full": 0.9},
    "subject": {"name": 0.9},
    "contact_status": {"status": 0.95, "lifecycle": 0.7, "stage": 0.6},
    "status": {"contact_status": 0.95, "stage": 0.7},
    "lifecycle": {"contact_status": 0.5, "status": 0.5},
    "lead_source": {"channel": 0.85, "source.first": 0.75, "source": 0.95},
    "source": {"lead_source": 0.95},
    "campaign": {"campaign.first": 0.85, "campaign.last": 0.75},
    "medium": {"medium.first": 0.85, "medium.last": 0.75},
    "record_id": {"external_id": 0.92},
    "customer_id": {"account_number": 0.95, "external_id": 0.8},
    "account_number": {"external_id": 0.7},
    "type": {"reason": 0.65},
    "reason": {"type": 0.65},
    "products": {"product_single": 0.85, "product": 0.9},
    "product": {"products": 0.9, "product_single": 0.85},
    "asset": {"product": 0.4},
    "due_date": {"sla_end": 0.58, "close_date": 0.3},
    "email.second": {"email": 0.45},
    "do_not_contact": {"do_not_call": 0.8, "email_opt_out": 0.5},
    "do_not_call": {"do_not_contact": 0.8},
    "email_opt_out": {"do_not_contact": 0.55, "subscription_status": 0.5},
    "description": {"recent_note": 0.5, "comments": 0.55},
    "recent_note": {"description": 0.55},
    "comments": {"description": 0.65},
    "occupation": {"job_title": 0.58},
    "expected_revenue": {"amount": 0.5},
    "amount": {"expected_revenue": 0.4},
    "owner": {"creator": 0.3},
    "parent": {"company": 0.4},
}
"""source concept: destination concepts that can stand in for it, with a factor."""

PART_RELATED = {
    "": {"billing": 0.98, "mailing": 0.98, "other": 0.5, "shipping": 0.45},
    "billing": {"": 0.92, "mailing": 0.75},
    "mailing": {"": 0.95, "billing": 0.85, "other": 0.6},
    "shipping": {"other": 0.85, "mailing": 0.5},
    "work": {"mailing": 0.78, "other": 0.76, "": 0.85, "billing": 0.85},
    "home": {"other": 0.8, "mailing": 0.7, "": 0.7},
    "second": {"other": 0.88, "shipping": 0.72},
    "other": {"shipping": 0.7},
}
for _part in ADDRESS_PARTS + GEO_PARTS:
    for _qualifier in ("", *ADDRESS_QUALIFIERS):
        RELATED[f"{_part}.{_qualifier}".rstrip(".")] = {
            f"{_part}.{other}".rstrip("."): factor
            for other, factor in PART_RELATED.get(_qualifier, {}).items()
        }

SAME_WORDS = 0.97
LIKENESS_FROM = 0.82
"""String likeness below this says nothing: "Nama Ibu" and "Nama Anak" are 0.7 alike."""


@dataclass(frozen=True)
class Pair:
    """A score 0…1 and what it rests on: name, concept, near, words, likeness, options."""

    score: float
    basis: str
    concept: str = ""


NOTHING = Pair(0.0, "nothing")


def score_pair(
    source: SourceField, ours: Meaning, dest: DestField, theirs: Meaning, prefer_mobile: bool
) -> Pair:
    """Return how well ``source`` goes onto ``dest``, and why."""
    if not theirs.words or not dest.createable or (theirs.known_name and not theirs.concepts):
        return NOTHING
    best = _by_concept(ours, theirs, prefer_mobile)
    if best.score < SAME_WORDS and ours.words and not ours.known_name:
        best = max(best, _by_words(source, ours, dest, theirs), key=lambda pair: pair.score)
    best = _with_options(best, source, dest)
    if best.score == 0.0:
        return NOTHING
    return Pair(min(1.0, best.score) * _type_factor(ours, theirs), best.basis, best.concept)


def _by_concept(ours: Meaning, theirs: Meaning, prefer_mobile: bool) -> Pair:
    best = NOTHING
    for concept, strength in ours.concepts.items():
        near = RELATED.get(concept, {})
        if concept in ("phone", "phone.second"):
            near = _phone_relations(concept, ours, prefer_mobile)
        for other, other_strength in theirs.concepts.items():
            factor = near.get(other, 1.0 if other == concept else 0.0)
            score = strength * other_strength * factor
            if score > best.score:
                exact = "name" if ours.known_name else "concept"
                best = Pair(score, exact if other == concept else "near", concept)
    return best


def _phone_relations(concept: str, ours: Meaning, prefer_mobile: bool) -> dict[str, float]:
    """Telephones by their samples: 08… is a mobile, 021… a landline."""
    related = dict(RELATED[concept])
    mobile = ours.shape == "mobile" or (prefer_mobile and ours.shape != "landline")
    if concept == "phone" and mobile:
        related.update({"phone.mobile": 0.99, "phone": 0.86, "phone.work": 0.84})
    elif ours.shape == "landline":
        related.update({"phone.mobile": 0.4, "phone.work": 0.97})
    return related


def _by_words(source: SourceField, ours: Meaning, dest: DestField, theirs: Meaning) -> Pair:
    mine, other = frozenset(ours.words), frozenset(theirs.words)
    if mine == other:
        return Pair(SAME_WORDS, "words")
    label = (source.label or source.name).lower()
    ratio = fuzz.token_sort_ratio(label, (dest.label or dest.name).lower()) / 100
    if ratio >= LIKENESS_FROM and not theirs.concepts.keys() - ours.concepts.keys():
        return Pair(0.6 + (ratio - LIKENESS_FROM), "likeness")
    return NOTHING


def _with_options(pair: Pair, source: SourceField, dest: DestField) -> Pair:
    if not (source.options and dest.options) or pair.score >= 0.9:
        return pair
    shared = overlap(source.options, dest.options)
    if pair.score >= 0.4:
        return Pair(min(0.93, pair.score + 0.3 * shared), pair.basis, pair.concept)
    if shared >= 0.75 and len(source.options) >= 3:
        return Pair(max(pair.score, 0.45 + 0.25 * shared), "options", pair.concept)
    return pair


def _type_factor(ours: Meaning, theirs: Meaning) -> float:
    factor = fit(ours.family, theirs.family)
    if ours.shape == "email" and ours.family != "user" and theirs.family in ("phone", "number"):
        factor = min(factor, 0.1)
    if theirs.family == "email" and ours.shape not in (None, "email"):
        factor = min(factor, 0.2)
    return factor
