"""Small readings of run numbers for templates."""

from __future__ import annotations

from django import template

from runs.reconciliation import OUTCOMES, PhaseCounts

register = template.Library()


@register.filter
def outcomes(counts: PhaseCounts) -> list[int]:
    """Return the outcomes before "errored", in the order of the equation."""
    return [getattr(counts, name) for name in OUTCOMES if name != "errored"]


@register.filter
def share_of(pair: tuple[int, int]) -> float:
    """Return how much of the second number the first is, 0 to 1."""
    part, whole = pair
    return part / whole if whole else 0.0
