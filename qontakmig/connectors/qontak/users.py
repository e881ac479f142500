"""Users: Qontak's CRM has no list of them.

CRM users are collected from the owner options of the field templates (deals give e-mail addresses
there), and joined by e-mail with chat's users, who have role and SSO id. Who only appears as the
owner of old records left the company and is found by reading those records, not here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from qontakmig.connectors.base import SourceRecord, SourceValue
from qontakmig.connectors.qontak.client import QontakClient

LIMIT = 100
MAX_PAGES = 1000


def chat_users(client: QontakClient) -> list[Mapping[str, Any]]:
    """Return all chat users. ``offset`` is a page number; the end is a page with nobody new."""
    found: dict[str, Mapping[str, Any]] = {}
    for page in range(1, MAX_PAGES):
        answer = client.get("chat", "/users", {"limit": LIMIT, "offset": page})
        rows = answer.get("data")
        new = [row for row in rows if row["id"] not in found] if isinstance(rows, list) else []
        found.update((row["id"], row) for row in new)
        if not new:
            break
    return list(found.values())


def owner_options(templates: Iterable[Iterable[Mapping[str, Any]]]) -> dict[str, dict[str, str]]:
    """Return CRM user id → name and e-mail from the owner dropdowns of all templates."""
    found: dict[str, dict[str, str]] = {}
    for template in templates:
        for item in template:
            if item.get("name") != "creator_id" or not isinstance(item.get("dropdown"), list):
                continue
            for option in item["dropdown"]:
                user = found.setdefault(str(option["id"]), {"name": "", "email": ""})
                for part in ("name", "email"):
                    user[part] = user[part] or str(option.get(part) or "")
    return found


def user_records(
    owners: Mapping[str, Mapping[str, str]], chat: Iterable[Mapping[str, Any]]
) -> list[SourceRecord]:
    """Return one record for each person, CRM users first.

    A CRM user without an e-mail address is joined by name when that name is unique in chat. People
    of chat alone come with their chat id and ``in_dropdown`` False: they own no CRM records.
    """
    people = list(chat)
    by_email = {_fold(p.get("email")): p for p in people if p.get("email")}
    by_name: dict[str, list[Mapping[str, Any]]] = {}
    for person in people:
        by_name.setdefault(_fold(person.get("full_name")), []).append(person)
    records, joined = [], set()
    for owner_id, owner in owners.items():
        match = by_email.get(_fold(owner["email"])) if owner["email"] else None
        same = by_name.get(_fold(owner["name"]), [])
        if match is None and not owner["email"] and len(same) == 1:
            match = same[0]
        if match is not None:
            joined.add(match["id"])
        records.append(_record(owner_id, owner, match))
    alone = [person for person in people if person["id"] not in joined]
    return records + [_record(str(person["id"]), None, person) for person in alone]


def _record(
    user_id: str, owner: Mapping[str, str] | None, person: Mapping[str, Any] | None
) -> SourceRecord:
    owned, known = owner or {}, person or {}
    values: dict[str, SourceValue] = {
        "name": owned.get("name") or _text(known.get("full_name")),
        "email": owned.get("email") or _text(known.get("email")),
        "role": _text(known.get("role")),
        "sso_id": _text(known.get("sso_id")),
        "active": True,
        "in_dropdown": owner is not None,
    }
    return SourceRecord("users", user_id, values)


def _fold(value: object) -> str:
    return " ".join(str(value or "").split()).casefold()


def _text(value: object) -> str | None:
    return str(value) if value else None
