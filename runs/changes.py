"""What happened since a person last looked, in sentences, newest need first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext, ngettext_lazy

from projects.models import AuditEntry, Membership

MOST = 5
LOOKED_AT = 60
"""Newest audit entries that are considered; entries of one kind in a row become one line."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line: a sentence, its icon, when; ``needs_person`` when it waits for somebody."""

    text: str
    icon: str
    at: datetime
    needs_person: bool = False


def changes(membership: Membership) -> list[Change]:
    """Return at most five things that others (or the machine) did since the last look."""
    entries = AuditEntry.objects.filter(project=membership.project).select_related("actor")
    if membership.seen_at:
        entries = entries.filter(at__gt=membership.seen_at).exclude(actor=membership.user)
    found = [c for c in _told(_grouped(entries[:LOOKED_AT]), membership.user) if c is not None]
    return sorted(found, key=lambda change: not change.needs_person)[:MOST]


def _grouped(entries: Iterable[AuditEntry]) -> list[list[AuditEntry]]:
    groups: list[list[AuditEntry]] = []
    for entry in entries:
        last = groups[-1][0] if groups else None
        same = last and (last.action, last.actor_id) == (entry.action, entry.actor_id)
        if same and entry.action in COUNTED:
            groups[-1].append(entry)
        else:
            groups.append([entry])
    return groups


def _told(groups: list[list[AuditEntry]], reader: AbstractBaseUser) -> Iterable[Change | None]:
    for group in groups:
        entry = group[0]
        teller = SENTENCES.get(entry.action)
        if teller is None:
            continue
        icon, tell = teller
        who = _("You") if entry.actor_id == reader.pk else _name(entry.actor)
        text = tell(who, entry.facts, len(group))
        needs = entry.action in NEEDS_PERSON or entry.facts.get("state") == "failed"
        yield Change(text, icon, entry.at, needs)


def _name(actor: Any) -> str:
    if actor is None:
        return _("The machine")
    return actor.get_full_name() or actor.get_username()


Teller = Callable[[str, Mapping[str, Any], int], str]


def _tested(who: str, facts: Mapping[str, Any], count: int) -> str:
    if facts.get("state") == "failed":
        return _("The %(side)s connection failed its test") % facts
    return _("%(who)s tested the %(side)s connection; it works") % {"who": who, **facts}


def _lines(sentence: Any) -> Teller:
    return lambda who, facts, count: sentence % {"who": who, "count": count}


def _plain(sentence: str) -> Teller:
    return lambda who, facts, count: _(sentence) % ({"who": who} | dict(facts))


def _accepted(who: str, facts: Mapping[str, Any], count: int) -> str:
    lines = facts.get("lines", facts.get("count"))
    if not isinstance(lines, int):
        return _("%s accepted proposals") % who
    sentence = ngettext(
        "%(who)s accepted %(lines)d proposal", "%(who)s accepted %(lines)d proposals", lines
    )
    return sentence % {"who": who, "lines": lines}


COUNTED = {"line:accepted", "line:changed", "line:skipped", "owner:decided", "connection:tested"}
NEEDS_PERSON = {"discovery:stopped", "run:stopped"}
SENTENCES: dict[str, tuple[str, Teller]] = {
    "project:created": ("folder", _plain(gettext_noop("%(who)s made the project"))),
    "connection:saved": (
        "plug-connected",
        _plain(gettext_noop("%(who)s stored the %(side)s connection")),
    ),
    "connection:tested": ("plug-connected", _tested),
    "discovery:started": (
        "database",
        _plain(gettext_noop("%(who)s started an audit of the account")),
    ),
    "discovery:finished": ("database", _plain(gettext_noop("The audit of the account ended"))),
    "discovery:stopped": ("database", _plain(gettext_noop("The audit of the account stopped"))),
    "map:drafted": ("columns-3", _plain(gettext_noop("A map was proposed: version %(version)d"))),
    "map:reopened": (
        "columns-3",
        _plain(gettext_noop("%(who)s opened version %(version)d of the map")),
    ),
    "map:discarded": (
        "columns-3",
        _plain(gettext_noop("%(who)s discarded version %(version)d of the map")),
    ),
    "map:confirmed": (
        "checks",
        _plain(gettext_noop("%(who)s confirmed version %(version)d of the map")),
    ),
    "lines:accepted": ("checks", _accepted),
    "line:accepted": (
        "check",
        _lines(
            ngettext_lazy("%(who)s accepted a field", "%(who)s accepted %(count)d fields", "count")
        ),
    ),
    "line:changed": (
        "pencil",
        _lines(
            ngettext_lazy("%(who)s changed a field", "%(who)s changed %(count)d fields", "count")
        ),
    ),
    "line:skipped": (
        "x",
        _lines(
            ngettext_lazy(
                "%(who)s left a field behind", "%(who)s left %(count)d fields behind", "count"
            )
        ),
    ),
    "split:changed": ("columns-3", _plain(gettext_noop("%(who)s changed the split rule"))),
    "schema:checked": (
        "columns-3",
        _plain(gettext_noop("%(who)s had the schema of map v%(map)d checked")),
    ),
    "schema:applied": (
        "columns-3",
        _plain(gettext_noop("%(who)s had the fields of map v%(map)d made")),
    ),
    "owner:decided": (
        "users",
        _lines(
            ngettext_lazy("%(who)s decided an owner", "%(who)s decided %(count)d owners", "count")
        ),
    ),
    "run:started": ("player-play", _plain(gettext_noop("%(who)s started run %(run)d"))),
    "run:paused": ("player-pause", _plain(gettext_noop("%(who)s paused run %(run)d"))),
    "run:resumed": ("player-play", _plain(gettext_noop("%(who)s resumed run %(run)d"))),
    "run:cancelled": ("x", _plain(gettext_noop("%(who)s cancelled run %(run)d"))),
    "run:retried": (
        "refresh",
        _plain(gettext_noop("%(who)s had %(records)d records of run %(run)d retried")),
    ),
    "run:signed_off": ("checks", _plain(gettext_noop("%(who)s signed run %(run)d off"))),
    "rollback:started": (
        "history",
        _plain(gettext_noop("%(who)s started rolling run %(run)d back")),
    ),
}
