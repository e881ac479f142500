"""Helpers of the page frame and of components that hold other markup."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

THEMES = ("light", "dark")


@register.simple_tag(takes_context=True)
def chosen_theme(context: template.Context) -> str:
    """Return "light" or "dark" when the reader chose one, else "" (the system decides)."""
    request = context.get("request")
    theme = request.COOKIES.get("theme", "") if request else ""
    return theme if theme in THEMES else ""


@register.simple_tag
def language_code() -> str:
    """Return the active language for <html lang>, "en" when none is."""
    return get_language() or "en"


def _get(step: Any, name: str) -> Any:
    return step.get(name) if isinstance(step, Mapping) else getattr(step, name, None)


@register.simple_tag
def stepper_focus(steps: Sequence[Any], current: str = "") -> dict[str, Any]:
    """Return {"number", "total", "step"} for the narrow stepper: the page's step, or else the
    first that asks for something (needs attention, running, ready), or else the first open one.
    """
    places = list(enumerate(steps, start=1))
    wanted = [
        lambda step: current and _get(step, "key") == current,
        lambda step: _get(step, "state") == "attention",
        lambda step: _get(step, "state") == "running",
        lambda step: _get(step, "state") == "ready",
        lambda step: _get(step, "state") != "done",
        lambda step: True,
    ]
    for test in wanted:
        for number, step in places:
            if test(step):
                return {"number": number, "total": len(places), "step": step}
    return {"number": 0, "total": 0, "step": None}


@register.filter
def initials(name: str) -> str:
    """Return at most two capitals of a person's name: "Rani Wulandari" is "RW"; "?" for none."""
    words = [word for word in str(name).replace("@", " ").split() if word[0].isalnum()]
    if not words:
        return "?"
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    return letters.upper()


@register.simple_block_tag
def card(
    content: str,
    title: str = "",
    note: str = "",
    aside: str = "",
    url: str = "",
    url_label: str = "",
    foot: str = "",
    foot_end: str = "",
    kind: str = "",
    flush: bool = False,
    id: str = "",
    column: str = "",
    count: int | None = None,
) -> SafeString:
    """Wrap markup in a card: {% card title="Inventory" flush=True %} … {% endcard %}.

    note      grey text beside the title; count: a grey bubble beside it
    aside     grey text at the right end; url, url_label: a link there
    foot      the line under a hairline; foot_end: its right end
    kind      "" | accent | needs-person
    flush     True: no padding, for tables and .lines
    column    a grid class such as "col-4"
    """
    return render_to_string(
        "components/_card.html",
        {
            "body": content,
            "title": title,
            "note": note,
            "aside": aside,
            "url": url,
            "url_label": url_label,
            "foot": foot,
            "foot_end": foot_end,
            "kind": kind,
            "flush": flush,
            "id": id,
            "column": column,
            "count": count,
        },
    )
