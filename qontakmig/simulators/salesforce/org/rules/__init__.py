"""Rules of single objects that a describe does not show (Salesforce reference, section 9)."""

from __future__ import annotations

from .base import Rule

_RULES: dict[str, Rule] = {}


def for_object(name: str) -> Rule | None:
    """The rule of an object, or None when describe says it all."""
    if not _RULES:
        from . import activities, campaigns, emails, files, permissions, products, sales

        for module in (activities, campaigns, emails, files, permissions, products, sales):
            _RULES.update(module.RULES)
    return _RULES.get(name)
