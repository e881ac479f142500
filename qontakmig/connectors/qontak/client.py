"""Requests to Qontak's CRM and chat APIs, through the Mekari gateway or the older hosts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlencode

from qontakmig.connectors.addresses import HostPolicy
from qontakmig.connectors.errors import AuthError, ConnectorError, PermissionMissing, RejectedError
from qontakmig.connectors.http import Answer, bad_answer
from qontakmig.connectors.outbound import CallLog, Outbound
from qontakmig.connectors.qontak.auth import signed_headers
from qontakmig.connectors.ratelimit import limiter_for
from qontakmig.connectors.tokens import Tokens, TokenStore, without_store

SYSTEM = "qontak"
HOST_SUFFIXES = ("mekari.com", "mekari.io", "qontak.com")
GATEWAY = "https://api.mekari.com"
LEGACY_CRM = "https://app.qontak.com"
LEGACY_CHAT = "https://service-chat.qontak.com"
CLOCK_TOLERANCE_SECONDS = 60.0

Family = Literal["crm", "chat"]
_NAMES: Mapping[str, str] = {"crm": "CRM", "chat": "Omnichannel"}
_SCOPES: Mapping[str, str] = {"crm": "qontak-crm:all", "chat": "qontak-chat:all"}


class QontakClient:
    """Signed GET requests. See ``QontakSource`` for the keys of config and secrets."""

    def __init__(
        self,
        config: Mapping[str, Any],
        secrets: Mapping[str, Any],
        *,
        on_call: CallLog | None = None,
        on_tokens: TokenStore | None = None,
    ) -> None:
        self._config = dict(config)
        self._secrets = dict(secrets)
        self._on_tokens = on_tokens
        self.legacy = self._is_legacy()
        practice = bool(config.get("practice"))
        policy = HostPolicy(HOST_SUFFIXES, practice=practice, system=SYSTEM)
        ca_file = str(config["ca_file"]) if config.get("ca_file") else None
        # The two products have credentials and limits of their own.
        self._outbound = {
            family: Outbound(
                policy,
                ca_file=ca_file,
                on_call=on_call,
                limiter=limiter_for(f"qontak {self.base(family)} {self._client_id(family)}"),
            )
            for family in ("crm", "chat")
        }

    def close(self) -> None:
        for outbound in self._outbound.values():
            outbound.close()

    def has(self, family: Family) -> bool:
        """Return whether the connection has credentials for CRM or chat."""
        if self.legacy:
            names = ("access_token", "refresh_token", "password")
            return any(self._secret(family, name) for name in names)
        return bool(self._client_id(family) and self._secret(family, "client_secret"))

    def now(self) -> float:
        """Return the CRM's time in epoch seconds."""
        return self._outbound["crm"].now()

    def base(self, family: str) -> str:
        """Return the URL that resource paths are added to."""
        given = str(self._config.get("base_url") or "").rstrip("/")
        if not self.legacy:
            return (given or GATEWAY) + ("/qontak/crm" if family == "crm" else "/qontak/chat/v1")
        if family == "crm":
            return (given or LEGACY_CRM) + "/api/v3.1"
        chat = str(self._config.get("chat_base_url") or "").rstrip("/")
        practice = given if self._config.get("practice") else ""
        return (chat or practice or LEGACY_CHAT) + "/api/open/v1"

    def get(
        self, family: Family, path: str, params: Mapping[str, str | int] | None = None
    ) -> dict[str, Any]:
        """Return the JSON object of a GET.

        Raises AuthError, PermissionMissing (403), RejectedError ``not_found`` (404) or
        ``rejected`` (422 and others), RateLimitedError, TransientError.
        """
        url = self.base(family) + path + ("?" + urlencode(params, safe="/") if params else "")
        answer = self._send(family, url)
        if answer.status != 200:
            raise _refused(family, path, answer, legacy=self.legacy)
        if not isinstance(answer.data, dict):
            raise bad_answer(SYSTEM, "its answer is not a JSON object", False)
        return answer.data

    def _send(self, family: Family, url: str) -> Answer:
        if not self.has(family):
            raise AuthError(
                f"The Qontak connection has no {_NAMES[family]} credentials.",
                system=SYSTEM,
                code="credentials_missing",
                advice="Fill in both the client id and the client secret on the Connections page.",
            )
        return self._bearer(family, url) if self.legacy else self._signed(family, url)

    def _signed(self, family: Family, url: str) -> Answer:
        outbound = self._outbound[family]

        def headers(method: str, target: str, now: float) -> dict[str, str]:
            made = signed_headers(
                method,
                target,
                b"",
                client_id=self._client_id(family),
                client_secret=str(self._secret(family, "client_secret")),
                now=now,
            )
            return made | self._common(family)

        before = outbound.clock_offset
        answer = outbound.request("GET", url, headers=headers)
        moved = abs(outbound.clock_offset - before) > CLOCK_TOLERANCE_SECONDS
        if answer.status in (401, 403) and moved:
            # Only now do we know the server's clock; sign again with its time.
            answer = outbound.request("GET", url, headers=headers)
        return answer

    def _bearer(self, family: Family, url: str) -> Answer:
        outbound = self._outbound[family]
        token = str(self._secret(family, "access_token") or "")
        if not token:
            token = self._renew(family, "")
        for repeat in (True, False):
            headers = {"Authorization": f"Bearer {token}", **self._common(family)}
            answer = outbound.request("GET", url, headers=headers)
            if answer.status != 401 or not repeat or not self._can_renew(family):
                break
            token = self._renew(family, token)
        return answer

    def _common(self, family: Family) -> dict[str, str]:
        headers = {"Accept": "application/json"}
        sso_id = self._config.get("sso_id") or self._secrets.get("sso_id")
        if sso_id and family == "crm":
            headers["X-Crm-User-Sso-Id"] = str(sso_id)
        return headers

    # credentials

    def _is_legacy(self) -> bool:
        if self._config.get("auth"):
            return bool(self._config["auth"] != "hmac")
        return not (self._config.get("crm_client_id") or self._secrets.get("crm_client_id"))

    def _client_id(self, family: str) -> str:
        return str(self._secret(family, "client_id") or "")

    def _secret(self, family: str, name: str) -> Any:
        """Return a credential; the bare names are those of the legacy CRM log-in."""
        full = f"{family}_{name}"
        found = self._secrets.get(full) or self._config.get(full)
        if not found and self.legacy and family == "crm":
            found = self._secrets.get(name) or self._config.get(name)
        return found

    def _can_renew(self, family: Family) -> bool:
        return bool(self._secret(family, "refresh_token") or self._secret(family, "password"))

    def _renew(self, family: Family, stale: str) -> str:
        name = "access_token" if family == "crm" else "chat_access_token"
        store = self._on_tokens or without_store(self._secrets)

        def ask(secrets: Mapping[str, Any]) -> Tokens:
            self._secrets = dict(secrets)
            return self._ask_token(family)

        self._secrets = dict(store(name, stale, ask))
        return str(self._secret(family, "access_token") or "")

    def _ask_token(self, family: Family) -> Tokens:
        """Return new tokens of a legacy host: by the refresh token, else by the password."""
        refresh = self._secret(family, "refresh_token")
        grant: dict[str, Any] = {"grant_type": "refresh_token" if refresh else "password"}
        names = ("refresh_token",) if refresh else ("username", "password")
        for name in (*names, "client_id", "client_secret"):
            if self._secret(family, name):
                grant[name] = self._secret(family, name)
        answer = self._outbound[family].request(
            "POST",
            self._token_url(family),
            headers={"Content-Type": "application/json", "Accept": "application/json"},
            body=json.dumps(grant).encode(),
        )
        data = answer.data if isinstance(answer.data, dict) else {}
        if answer.status not in (200, 201) or not data.get("access_token"):
            raise AuthError(
                f"Qontak refused the {_NAMES[family]} log-in ({answer.status}).",
                system=SYSTEM,
                advice="Enter the user name and password, or a new refresh token, again.",
            )
        prefix = "" if family == "crm" else "chat_"
        tokens = {f"{prefix}access_token": str(data["access_token"])}
        if data.get("refresh_token"):
            tokens[f"{prefix}refresh_token"] = str(data["refresh_token"])
        return tokens

    def _token_url(self, family: Family) -> str:
        base = self.base(family)
        return f"{base.removesuffix('/api/v3.1')}/oauth/token"


def _refused(family: Family, path: str, answer: Answer, *, legacy: bool) -> ConnectorError:
    what = path.strip("/").split("/")[0]
    if answer.status == 401:
        clock = "" if legacy else " Mekari also refuses a signature made with a wrong clock."
        secret = "token" if legacy else "client id or client secret"
        return AuthError(
            f"Qontak does not accept the {_NAMES[family]} {secret}.",
            system=SYSTEM,
            advice="Check them in the Mekari developer portal, and the SSO id of the acting user;"
            " enter them again." + clock,
        )
    if answer.status == 403:
        return PermissionMissing(
            f"Qontak does not let this connection read {what} ({_NAMES[family]}).",
            system=SYSTEM,
            advice=f"Mekari developer portal › the application › scopes: {_SCOPES[family]}. The"
            " SSO id must belong to an administrator.",
        )
    if answer.status == 404:
        return RejectedError(f"Qontak has no {what} here.", system=SYSTEM, code="not_found")
    return RejectedError(
        f"Qontak refused the request for {what} ({answer.status}){_said(answer)}.", system=SYSTEM
    )


def _said(answer: Answer) -> str:
    try:
        meta = json.loads(answer.body).get("meta") or {}
        text = str(meta.get("developer_message") or meta.get("message") or "")
    except (ValueError, AttributeError):
        return ""
    return f": {text[:200].rstrip('.')}" if text else ""
