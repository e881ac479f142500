"""Words of the workbench's templates."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext_lazy

register = template.Library()

PICK_LABELS = {
    "telling": gettext_lazy("longest and emptiest"),
    "longest": gettext_lazy("longest here"),
    "empty": gettext_lazy("emptiest"),
    "non-latin": gettext_lazy("non-Latin"),
    "random": gettext_lazy("random"),
}


@register.filter
def pick_label(pick: str) -> str:
    """Return the words for a choice of sampled records."""
    return str(PICK_LABELS.get(pick, pick))
