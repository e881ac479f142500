"""What this connection can read, found by asking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qontakmig.connectors.base import Permission
from qontakmig.connectors.errors import AuthError, PermissionMissing, RejectedError
from qontakmig.connectors.qontak.client import Family, QontakClient

OBJECTS = ("companies", "contacts", "deals")
_WHERE = "Mekari developer portal › Applications › the application › scopes › "


@dataclass(frozen=True, slots=True)
class Capability:
    """Whether one thing can be read, how many there are if the answer says, else why not."""

    name: str
    present: bool
    total: int | None = None
    reason: str = ""


def probe(client: QontakClient) -> dict[str, Capability]:
    """Return what answers: the CRM lists, pipelines, chat's users.

    403 and 404 mean absent, with the reason. Other errors are raised; so is a refused CRM log-in,
    without which nothing can be read.
    """
    found = {name: _ask(client, "crm", name, f"/{name}") for name in OBJECTS}
    found["pipelines"] = _ask(client, "crm", "pipelines", "/pipelines")
    found["chat users"] = _ask_chat(client)
    return found


def _ask(client: QontakClient, family: Family, name: str, path: str) -> Capability:
    try:
        answer = client.get(family, path, {"page": 1, "per_page": 1})
    except (PermissionMissing, RejectedError) as error:
        return Capability(name, False, reason=str(error))
    total = answer.get("total_data")
    return Capability(name, True, total if isinstance(total, int) else None)


def _ask_chat(client: QontakClient) -> Capability:
    """Chat is a help only: without it, users come from the CRM's dropdowns alone."""
    if not client.has("chat"):
        return Capability("chat users", False, reason="No omnichannel credentials were given.")
    try:
        client.get("chat", "/users", {"limit": 1, "offset": 1})
    except (AuthError, PermissionMissing, RejectedError) as error:
        return Capability("chat users", False, reason=str(error))
    return Capability("chat users", True)


def permissions(found: Mapping[str, Capability]) -> tuple[Permission, ...]:
    """Return the capabilities as permissions, each with the place to grant it."""
    return tuple(
        Permission(
            f"Read {capability.name}",
            capability.present,
            _WHERE + ("qontak-chat:all" if name == "chat users" else "qontak-crm:all"),
        )
        for name, capability in found.items()
    )
