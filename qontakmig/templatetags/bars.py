"""Small charts as inline SVG. Widths are attributes, because the security policy bans styles."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from qontakmig.templatetags.numbers import NONE, number, percent

register = template.Library()

WEAK_BELOW = 0.75


def clamp(share: Any) -> float:
    """Return a share as a float from 0 to 1; None and what is no number count as 0."""
    try:
        value = float(share)
    except (TypeError, ValueError):
        return 0.0
    return min(max(value, 0.0), 1.0) if value == value else 0.0  # NaN differs from itself


def width(share: float) -> str:
    return f"{share * 100:.4g}"


def _bar(css: str, share: float, label: str, prefix: str) -> SafeString:
    spoken = format_html('role="img" aria-label="{}"', label) if label else 'aria-hidden="true"'
    return format_html(
        '<svg class="{}" height="4" {}><rect class="{}__track" width="100%" height="100%"/>'
        '<rect class="{}__value" width="{}%" height="100%" rx="2"/></svg>',
        css,
        SafeString(spoken),
        prefix,
        prefix,
        width(share),
    )


@register.simple_tag
def fill_bar(
    share: float | None, kind: str = "", wide: bool = False, show: bool = True, text: str = ""
) -> SafeString:
    """Return the 4 px bar of how much of something is filled, with its number beside it.

    share  0 to 1; None draws an empty bar and "–"
    kind   "" | "strong" (accent) | "red" (a person is needed)
    show   False leaves the number out, and a screen reader still hears it
    text   what stands beside the bar instead of the per cent
    """
    shown = text or (NONE if share is None else percent(share))
    bar = _bar(
        "fill__bar fill__bar--wide" if wide else "fill__bar",
        clamp(share),
        "" if show else shown,
        "fill",
    )
    beside = format_html('<span class="fill__number">{}</span>', shown) if show else ""
    return format_html(
        '<span class="fill{}">{}{}</span>', f" fill--{kind}" if kind else "", bar, beside
    )


@register.simple_tag
def progress(
    share: float | None, label: str = "", thick: bool = False, kind: str = ""
) -> SafeString:
    """Return the 6 px (or 8 px) progress bar; ``label`` is the sentence that goes with it.

    It is a progressbar to screen readers, so a live region need not repeat it.
    """
    value = clamp(share)
    classes = (
        "progress" + (" progress--8" if thick else "") + (f" progress--{kind}" if kind else "")
    )
    return format_html(
        '<svg class="{}" role="progressbar" aria-valuemin="0" aria-valuemax="100"'
        ' aria-valuenow="{}" aria-label="{}">'
        '<rect class="progress__track" width="100%" height="100%"/>'
        '<rect class="progress__value" width="{}%" height="100%" rx="3"/></svg>',
        classes,
        int(value * 100),
        label or _("Progress"),
        width(value),
    )


@register.simple_tag
def dots(confidence: float | None, stacked: bool = False) -> SafeString:
    """Return five dots and the number for a confidence from 0 to 1; grey below 0.75."""
    stack = " dots--stacked" if stacked else ""
    if confidence is None:
        return format_html('<span class="dots dots--weak{}">{}</span>', stack, NONE)
    value = clamp(confidence)
    filled = min(5, int(value * 5 + 0.5))
    circles = format_html_join(
        "",
        '<circle class="{}" cx="{}" cy="4" r="3.2"/>',
        (("dots__on" if i < filled else "dots__off", 4 + 9 * i) for i in range(5)),
    )
    # Truncated, not rounded: 0.899 must not read 0.90, the limit from which one accepts in bulk.
    shown = number(int(value * 100 + 1e-9) / 100, 2)
    return format_html(
        '<span class="dots{}{}"><svg width="44" height="8" viewBox="0 0 44 8" role="img"'
        ' aria-label="{}">{}</svg><span>{}</span></span>',
        " dots--weak" if value < WEAK_BELOW else "",
        stack,
        _("Confidence"),
        circles,
        shown,
    )


@register.simple_tag
def segmented(
    segments: Sequence[Mapping[str, Any]], label: str = "", thin: bool = False
) -> SafeString:
    """Return one bar made of parts that add up to the whole.

    segments  [{"value": 43, "label": "reviewed", "kind": "reviewed"}, ...] where kind is
              reviewed | proposed | needs | done | errored | skipped | rest, or 1 | 2 | 3
    """
    total = sum(max(s["value"], 0) for s in segments)
    left, parts = 0.0, []
    for segment in segments:
        share = max(segment["value"], 0) / total if total else 0
        if share:
            parts.append((segment["kind"], width(left), width(share)))
        left += share
    spoken = label or ", ".join(f"{s['value']} {s.get('label', '')}".strip() for s in segments)
    return format_html(
        '<svg class="segments{}" role="img" aria-label="{}">{}{}</svg>',
        " segments--thin" if thin else "",
        spoken,
        "" if parts else SafeString('<rect class="seg-rest" width="100%" height="100%"/>'),
        format_html_join("", '<rect class="seg-{}" x="{}%" width="{}%" height="100%"/>', parts),
    )


@register.simple_tag
def swatch(kind: str) -> SafeString:
    """Return the 10 px legend square of one ``segmented`` kind."""
    return format_html(
        '<svg class="legend__swatch" viewBox="0 0 10 10" aria-hidden="true">'
        '<rect class="seg-{}" width="10" height="10" rx="2"/></svg>',
        kind,
    )


@register.simple_tag
def sparkline(values: Iterable[float], label: str = "", height: int = 16) -> SafeString:
    """Return bars for a short series (12 months), the last one solid.

    ``label`` is the sentence a screen reader hears; without it the values are read out.
    """
    series = [max(float(v), 0.0) for v in values]
    top = max(series, default=0) or 1
    bars = []
    for i, value in enumerate(series):
        tall = max(value / top * height, 1 if value else 0.5)
        css = "spark__bar spark__bar--last" if i == len(series) - 1 else "spark__bar"
        bars.append((css, i * 7, f"{height - tall:.1f}", f"{tall:.1f}"))
    return format_html(
        '<svg class="spark" width="{}" height="{}" viewBox="0 0 {} {}" role="img"'
        ' aria-label="{}">{}</svg>',
        len(series) * 7,
        height,
        len(series) * 7,
        height,
        label or ", ".join(f"{v:g}" for v in series),
        format_html_join("", '<rect class="{}" x="{}" y="{}" width="5" height="{}" rx="1"/>', bars),
    )


@register.simple_tag
def trend_line(values: Iterable[float], label: str = "") -> SafeString:
    """Return a 120 x 28 line for a rate over time, with a dot at the newest value."""
    series = [float(v) for v in values]
    if not series:
        return SafeString("")
    low, high = min(0.0, *series), max(series)
    span = (high - low) or 1
    step = 112 / max(len(series) - 1, 1)
    points = [(4 + i * step, 24 - (v - low) / span * 20) for i, v in enumerate(series)]
    return format_html(
        '<svg class="spark spark--line" width="120" height="28" viewBox="0 0 120 28" role="img"'
        ' aria-label="{}"><polyline class="spark__line" points="{}"/>'
        '<circle class="spark__end" cx="{}" cy="{}" r="2.2"/></svg>',
        label or ", ".join(f"{v:g}" for v in series),
        " ".join(f"{x:.1f},{y:.1f}" for x, y in points),
        f"{points[-1][0]:.1f}",
        f"{points[-1][1]:.1f}",
    )


@register.simple_tag
def squares(kinds: Sequence[str], label: str) -> SafeString:
    """Return one 26 px square for each item: kind 1 | 2 | 3 filled darker to lighter, "" empty."""
    items = [
        (f"seg-{kind}" if kind else "squares__off", i * 30 + 1) for i, kind in enumerate(kinds)
    ]
    return format_html(
        '<svg class="squares" viewBox="0 0 {} 28" role="img" aria-label="{}">{}</svg>',
        len(items) * 30,
        label,
        format_html_join(
            "", '<rect class="{}" x="{}" y="1" width="26" height="26" rx="4"/>', items
        ),
    )


@register.simple_tag
def donut(share: float | None, label: str = "") -> SafeString:
    """Return a 72 px ring filled to ``share`` (0 to 1) with the per cent inside."""
    shown = NONE if share is None else percent(share)
    return format_html(
        '<svg class="donut" viewBox="0 0 72 72" role="img" aria-label="{}">'
        '<circle class="donut__track" cx="36" cy="36" r="30"/>'
        '<circle class="donut__arc" cx="36" cy="36" r="30" pathLength="100"'
        ' stroke-dasharray="{} 100" transform="rotate(-90 36 36)"/>'
        '<text class="donut__label" x="36" y="41">{}</text></svg>',
        f"{label} {shown}".strip(),
        width(clamp(share)),
        shown,
    )


@register.simple_tag
def progress_percent(percent: float | None, label: str = "") -> SafeString:
    """Return the progress bar for a share given as 0 to 100, as steps and runs store it."""
    return progress(None if percent is None else percent / 100, label)
