"""Lengths of time as people say them."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

register = template.Library()


def _spoken(seconds: float) -> str:
    """Return a length of time in one or two units: "34 s", "21 min", "1 h 10 min", "2 d 3 h"."""
    whole = max(0, int(seconds))
    if whole < 120:
        return _("%d s") % whole
    minutes = whole // 60
    if minutes < 60:
        return _("%d min") % minutes
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    days, hours = divmod(hours, 24)
    return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}


@register.filter
def since(when: datetime, end: datetime | None = None) -> str:
    """Return the time from ``when`` to ``end`` (now)."""
    return _spoken(((end or timezone.now()) - when).total_seconds())


@register.filter
def until(when: datetime) -> str:
    return _spoken((when - timezone.now()).total_seconds())
