"""Legacy bearer tokens: 6 hours for CRM, a year for chat; refresh tokens are used up."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

CRM_SECONDS, CHAT_SECONDS = 21_600, 31_556_952

Grant = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Client:
    """What a customer would hold to log in without the gateway."""

    username: str
    password: str
    client_id: str
    client_secret: str
    refresh_token: str
    authorization_code: str


class Tokens:
    """Tokens handed out for one family, ``crm`` or ``chat``."""

    def __init__(self, family: str, seed: int, client: Client, lifetime_seconds: int) -> None:
        self.family, self.client, self.lifetime_seconds = family, client, lifetime_seconds
        self._seed = seed
        self._issued = 0
        self._expires: dict[str, float] = {}
        self._refresh = {client.refresh_token}

    def grant(self, fields: dict[str, str], now: float, *, rotate: bool) -> Grant | None:
        """Return the token answer, or None for an invalid grant. Raises KeyError on a lack."""
        kind = fields["grant_type"]
        client = self.client
        if kind == "password":
            good = (fields["username"], fields["password"]) == (client.username, client.password)
        elif kind == "refresh_token":
            good = fields["refresh_token"] in self._refresh
        elif kind == "authorization_code":
            good = fields["code"] == client.authorization_code
        else:
            return None
        for name in ("client_id", "client_secret"):
            good = good and fields.get(name, getattr(client, name)) == getattr(client, name)
        return self._issue(kind, fields, now, rotate=rotate) if good else None

    def _issue(self, kind: str, fields: dict[str, str], now: float, *, rotate: bool) -> Grant:
        used = fields["refresh_token"] if kind == "refresh_token" else None
        grant = {
            "access_token": self._token("access"), "token_type": "bearer",
            "expires_in": self.lifetime_seconds, "refresh_token": self._token("refresh"),
            "created_at": int(now),
        }  # fmt: skip
        if used and not rotate:
            grant["refresh_token"] = used
        self.keep(grant, used)
        return grant

    def keep(self, grant: Grant, used: str | None) -> None:
        """Make a grant valid and its predecessor not (also used to replay the log)."""
        self._issued += 1
        self._refresh.discard(used or "")
        self._refresh.add(grant["refresh_token"])
        self._expires[grant["access_token"]] = grant["created_at"] + grant["expires_in"]

    def valid(self, token: str, now: float) -> bool:
        return self._expires.get(token, 0.0) > now

    def _token(self, kind: str) -> str:
        text = f"{self._seed}:{self.family}:{kind}:{self._issued}"
        return hashlib.sha256(text.encode()).hexdigest()


def grant_answer(
    tokens: Tokens, fields: dict[str, str], now: float, *, rotate: bool,
    keep: Callable[[Grant], None],
) -> tuple[int, Grant]:  # fmt: skip
    """Return status and body of the token endpoint; ``keep`` hears of a token handed out."""
    try:
        grant = tokens.grant(fields, now, rotate=rotate)
    except KeyError as missing:
        text = f"Missing required parameter: {missing.args[0]}."
        return 400, {"error": "invalid_request", "error_description": text}
    if grant is None:
        text = "The provided authorization grant is invalid, expired, revoked or does not match."
        return 401, {"error": "invalid_grant", "error_description": text}
    keep(grant)
    return 200, grant
