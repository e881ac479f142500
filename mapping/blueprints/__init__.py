"""The destinations that are known here."""

from __future__ import annotations

from mapping.blueprints.base import Blueprint
from mapping.blueprints.salesforce import SALESFORCE

_BLUEPRINTS = {blueprint.key: blueprint for blueprint in (SALESFORCE,)}


def blueprint_get(key: str) -> Blueprint:
    """Return the blueprint of a destination; raises KeyError for one that is not known here."""
    return _BLUEPRINTS[key]
