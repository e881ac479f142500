"""Access tokens: the org id, ``!``, then who, when and a signature.

A token proves itself, so it outlives a restart of the practice org with the same seed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from qontakmig.simulators.kit.clock import Clock


@dataclass(frozen=True, slots=True)
class Session:
    """Who is calling."""

    token: str
    user_id: str
    issued_at: float


class Sessions:
    """Issues, checks and revokes tokens of one org.

    lifetime_seconds   0: sessions do not time out; else seconds after issue
    """

    def __init__(self, org_id: str, secret: str, clock: Clock) -> None:
        self._org15 = org_id[:15]
        self._key = hashlib.sha256(f"{secret} {org_id}".encode()).digest()
        self._clock = clock
        self._revoked: set[str] = set()
        self._valid_from = 0.0
        self._started_at = clock.now()
        self.lifetime_seconds = 0.0

    def standing_token(self, user_id: str, kind: str) -> str:
        """Return the token of this kind that never changes for the org, issued at the epoch."""
        return self._token(kind, user_id, 0, "standing")

    def issue(self, user_id: str, kind: str = "access") -> str:
        """Return a new token for a user; kinds are access, refresh and code."""
        return self._token(kind, user_id, int(self._clock.now() * 1000), secrets.token_hex(6))

    def check(self, token: str, kind: str = "access") -> Session | None:
        """Return the session of a token; None when it is unknown, expired or revoked."""
        if token in self._revoked:
            return None
        org15, _, rest = token.partition("!")
        try:
            text = base64.urlsafe_b64decode(rest + "=" * (-len(rest) % 4)).decode()
            found_kind, user_id, issued_ms, nonce, _ = text.split("|")
            issued_at = int(issued_ms) / 1000
        except ValueError:
            return None
        genuine = self._token(found_kind, user_id, int(issued_ms), nonce)
        if org15 != self._org15 or found_kind != kind:
            return None
        if not hmac.compare_digest(genuine.encode(), token.encode()):
            return None
        if kind == "access" and self._timed_out(issued_at, standing=nonce == "standing"):
            return None
        return Session(token, user_id, issued_at)

    def revoke(self, token: str) -> bool:
        """Make one token useless; return False when it was not a live token of this org."""
        live = self.check(token) or self.check(token, "refresh")
        self._revoked.add(token)
        return live is not None

    def expire_all(self) -> None:
        """End every access session there is; refresh tokens stay good."""
        self._valid_from = self._clock.now()

    def _timed_out(self, issued_at: float, *, standing: bool) -> bool:
        now = self._clock.now()
        begun = self._started_at if standing else issued_at
        if begun < self._valid_from:
            return True
        return bool(self.lifetime_seconds) and now >= begun + self.lifetime_seconds

    def _token(self, kind: str, user_id: str, issued_ms: int, nonce: str) -> str:
        text = f"{kind}|{user_id}|{issued_ms}|{nonce}"
        signature = hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:32]
        packed = base64.urlsafe_b64encode(f"{text}|{signature}".encode()).decode().rstrip("=")
        return f"{self._org15}!{packed}"
