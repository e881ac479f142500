"""Template helpers of the discovery pages."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects.selectors import Usage

register = template.Library()

CURVE_HEIGHT = 96
SAMPLE_WIDTH = 32


@register.simple_tag
def usage_curve(usage: Usage) -> SafeString:
    """Draw fields by share of records filled, the most used first, as one bar each."""
    count = max(len(usage.heights), 1)
    width = 100 / count
    bars = format_html_join(
        "",
        '<rect class="{}" x="{}%" y="{}" width="{}%" height="{}"/>',
        (
            (
                "seg-2" if position * usage.total < usage.few * count else "seg-3",
                f"{position * width:.3f}",
                f"{CURVE_HEIGHT * (1 - share):.1f}",
                f"{width * 0.8:.3f}",
                f"{CURVE_HEIGHT * share:.1f}",
            )
            for position, share in enumerate(usage.heights)
        ),
    )
    label = _("%(few)s of %(total)s fields hold 97 %% of all values") % {
        "few": usage.few,
        "total": usage.total,
    }
    return format_html(
        '<svg class="usage-curve" width="100%" height="{}" role="img" aria-label="{}">{}</svg>',
        CURVE_HEIGHT,
        label,
        bars,
    )


@register.filter
def samples_line(samples: list[Any]) -> str:
    """Samples on one line, as typed, each cut to a glance; as many as fit."""
    shown: list[str] = []
    for text in samples:
        shown.append(text if len(text) <= SAMPLE_WIDTH else f"{text[: SAMPLE_WIDTH - 1]}…")
        if sum(map(len, shown)) > SAMPLE_WIDTH:
            break
    return " · ".join(shown[:3]) or "–"


@register.filter
def objects_note(totals: dict[str, int]) -> str:
    return ngettext("%(n)s object", "%(n)s objects", totals["objects"]) % {"n": totals["objects"]}


@register.filter
def custom_note(totals: dict[str, int]) -> str:
    return _("%(n)s made by the customer") % {"n": totals["custom"]}


@register.filter
def stages_note(totals: dict[str, int]) -> str:
    return ngettext("%(n)s stage", "%(n)s stages", totals["stages"]) % {"n": totals["stages"]}
