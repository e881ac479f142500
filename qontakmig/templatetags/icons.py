"""Icons (Tabler outline, one sprite) and the round marks of the step states."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

register = template.Library()

SPRITE = "vendor/tabler-icons-3.51.0/sprite.svg"

STATE_WORDS = {
    "done": gettext_lazy("Done"),
    "running": gettext_lazy("Running"),
    "ready": gettext_lazy("Ready"),
    "attention": gettext_lazy("Needs attention"),
    "locked": gettext_lazy("Locked"),
    "waiting": gettext_lazy("Waiting"),
}


@register.simple_tag
def icon(name: str, label: str = "", size: int = 16) -> SafeString:
    """Return one icon of the sprite, 14, 16, 20 or 24 px, coloured like the text around it.

    Without ``label`` it is decoration and hidden from screen readers; an icon that stands
    alone needs one. Names are listed in static/vendor/renew.py.
    """
    size_class = "" if size == 16 else f" icon--{size}"
    spoken = (
        format_html('role="img" aria-label="{}"', label)
        if label
        else SafeString('aria-hidden="true"')
    )
    return format_html(
        '<svg class="icon{} icon-{}" viewBox="0 0 24 24" {}><use href="{}#{}"/></svg>',
        size_class,
        name,
        spoken,
        static(SPRITE),
        name,
    )


@register.filter
def state_word(state: str) -> str:
    """Return the reader's word for a step state: "attention" is "Needs attention"."""
    return str(STATE_WORDS.get(state, state))


@register.simple_tag
def state_icon(
    state: str, number: int | str = "", percent: float | None = None, label: str | None = None
) -> SafeString:
    """Return the 20 px mark of a step state; its shape alone tells it from the others.

    state    done | running | ready | attention | locked | waiting
    number   the step's number, shown in a locked ring
    percent  0 to 100, the share drawn around a running ring (a quarter when unknown)
    label    what a screen reader says; the state's word unless given, "" hides the mark
    """
    if label is None:
        label = state_word(state)
        if state == "running" and percent is not None:
            label = _("Running, %(percent)d%%") % {"percent": percent}
    spoken = (
        format_html('role="img" aria-label="{}"', label)
        if label
        else SafeString('aria-hidden="true"')
    )
    return format_html(
        '<svg class="state state--{}" viewBox="0 0 20 20" {}>{}</svg>',
        state,
        spoken,
        _mark(state, number, percent),
    )


def _mark(state: str, number: int | str, percent: float | None) -> SafeString:
    if state == "done":
        return SafeString(
            '<circle class="state__disc" cx="10" cy="10" r="9.5"/>'
            '<path class="state__mark" d="M6.3 10.3l2.5 2.5 4.9-5.2"/>'
        )
    if state == "attention":
        return SafeString(
            '<circle class="state__disc" cx="10" cy="10" r="9.5"/>'
            '<path class="state__mark" d="M10 5.3v5.9M10 14.4v.2"/>'
        )
    if state == "ready":
        return SafeString(
            '<circle class="state__ring" cx="10" cy="10" r="8.7"/>'
            '<circle class="state__dot" cx="10" cy="10" r="3.4"/>'
        )
    if state == "running":
        share = 25 if percent is None else min(max(float(percent), 0), 100)
        return format_html(
            '<circle class="state__ring state__ring--track" cx="10" cy="10" r="8"/>'
            '<circle class="state__arc" cx="10" cy="10" r="8" pathLength="100"'
            ' stroke-dasharray="{} 100" transform="rotate(-90 10 10)"/>',
            f"{share:g}",
        )
    ring = SafeString('<circle class="state__ring state__ring--quiet" cx="10" cy="10" r="9"/>')
    if state == "waiting":
        return ring + SafeString('<path class="state__mark" d="M10 5.8v4.4l2.6 1.6"/>')
    return ring + format_html('<text class="state__number" x="10" y="13.8">{}</text>', number)
