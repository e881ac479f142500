"""Named behaviours of the org, with their defaults and the values they take."""

from __future__ import annotations

import re

from .errors import OrgError

EDITIONS = (
    "Enterprise Edition",
    "Unlimited Edition",
    "Professional Edition",
    "Developer Edition",
)
# name: (default, pattern of allowed values, what it does)
SWITCHES: dict[str, tuple[str, str, str]] = {
    "audit_fields": ("on", "on|off", "set audit fields on create, update rows of inactive owners"),
    "service_cloud": ("on", "on|off", "Service Cloud licences and EmailMessage exist"),
    "hard_delete": ("off", "on|off", "the integration user may hard delete in bulk"),
    "edition": ("Enterprise Edition", "|".join(EDITIONS), "edition; decides allowances"),
    "inactive_users": ("", ".*", "e-mail addresses of users to make inactive, comma-separated"),
    "validation_rule": ("", ".*", "Object:condition that is refused:\"text\", several by ' ;; '"),
    "api_daily": ("", r"\d*", "API calls per day; empty = by edition"),
    "storage": ("20480", r"\d+", "data storage in MB"),
    "row_locks": ("", r"\d*|0?\.\d+", "rows refused as locked: 0.1 = a share, 3 = the next three"),
    "duplicate_rule": ("off", "off|alert|block", "contacts with an e-mail that exists"),
}


def check(name: str, value: str) -> None:
    """Raise OrgError when there is no such switch or value."""
    if name not in SWITCHES:
        known = ", ".join(sorted(SWITCHES))
        raise OrgError(400, "UNKNOWN_SWITCH", f"No switch '{name}'. Known switches: {known}")
    if not re.fullmatch(SWITCHES[name][1], value, re.DOTALL):
        allowed = SWITCHES[name][1]
        raise OrgError(400, "BAD_SWITCH", f"Switch '{name}' takes {allowed}, not '{value}'")


def defaults() -> dict[str, str]:
    return {name: about[0] for name, about in SWITCHES.items()}
