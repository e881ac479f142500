"""What systems are called, for templates that hold only their keys."""

from __future__ import annotations

from typing import Any

from django import template

from projects.systems import SYSTEMS

register = template.Library()


@register.filter
def system_label(key: str) -> Any:
    """Return the name of a system, its key where it is not known here."""
    return SYSTEMS[key].label if key in SYSTEMS else key
