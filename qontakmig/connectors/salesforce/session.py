"""One logged-in Salesforce session: tokens, API version, calls through simple-salesforce."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError, SalesforceExpiredSession

from qontakmig.connectors.addresses import HostPolicy
from qontakmig.connectors.errors import ConnectorError, StopError, TransientError
from qontakmig.connectors.http import bad_answer
from qontakmig.connectors.outbound import CallLog, Outbound, SessionForSimpleSalesforce
from qontakmig.connectors.ratelimit import limiter_for
from qontakmig.connectors.salesforce.faults import SYSTEM, error_from
from qontakmig.connectors.salesforce.login import ask_token
from qontakmig.connectors.tokens import Tokens, TokenStore, without_store

T = TypeVar("T")
HOST_SUFFIXES = ("salesforce.com", "salesforce.mil", "sfcrmproducts.cn")
NEWEST_VERSION = 66.0
"""The API version that this connector was tested against; never a later one is used."""
OLDEST_VERSION = 54.0


class Session:
    """Calls of one connection. See ``SalesforceTarget`` for the keys of config and secrets."""

    def __init__(
        self,
        config: Mapping[str, Any],
        secrets: Mapping[str, Any],
        *,
        on_call: CallLog | None = None,
        on_tokens: TokenStore | None = None,
    ) -> None:
        if not config.get("base_url"):
            raise StopError(
                "The Salesforce connection has no address.",
                system=SYSTEM,
                code="credentials_missing",
                advice="Enter the My Domain address, such as https://acme.my.salesforce.com.",
            )
        self.config = {**config, "base_url": str(config["base_url"]).rstrip("/")}
        self._secrets = dict(secrets)
        self._on_tokens = on_tokens
        self._lock = threading.Lock()
        self._sf: Salesforce | None = None
        practice = bool(config.get("practice"))
        self.outbound = Outbound(
            HostPolicy(HOST_SUFFIXES, practice=practice, system=SYSTEM),
            ca_file=str(config["ca_file"]) if config.get("ca_file") else None,
            on_call=on_call,
            limiter=limiter_for(f"salesforce {self.config['base_url']}"),
        )

    @property
    def kind(self) -> str:
        """How this connection logs in; guessed from the secrets where the config does not say."""
        if self.config.get("auth"):
            return str(self.config["auth"])
        if self._secrets.get("refresh_token"):
            return "refresh_token"
        if self._secrets.get("access_token"):
            return "token"
        if self._secrets.get("private_key"):
            return "jwt"
        return "password" if self._secrets.get("password") else "client_credentials"

    @property
    def host(self) -> str:
        return urlsplit(self._instance_url()).netloc

    def close(self) -> None:
        self.outbound.close()

    def call(self, action: Callable[[Salesforce], T], *, writes: bool = False) -> T:
        """Return ``action(simple_salesforce)``; renew an expired session once and repeat.

        A 401 was not executed, so a write may be repeated after it. All errors of
        simple-salesforce come out as connector errors.
        """
        client = self.client()
        try:
            return action(client)
        except SalesforceExpiredSession:
            self._renew(client.session_id)
        except SalesforceError as error:
            raise self._translated(error, writes) from None
        except json.JSONDecodeError:
            raise bad_answer(SYSTEM, "its answer is not whole JSON", writes) from None
        try:
            return action(self.client())
        except SalesforceError as error:
            raise self._translated(error, writes) from None
        except json.JSONDecodeError:
            raise bad_answer(SYSTEM, "its answer is not whole JSON", writes) from None

    def rest(
        self,
        path: str,
        *,
        method: str = "GET",
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Return the JSON of a REST call below ``/services/data/vXX.0/``, None when empty."""
        options: dict[str, Any] = {"headers": dict(headers or {})}
        if body is not None:
            options["data"] = body if isinstance(body, bytes) else json.dumps(body)
        return self.call(
            lambda sf: sf.restful(path, params=dict(params or {}), method=method, **options),
            writes=method != "GET",
        )

    def client(self) -> Salesforce:
        """Return the logged-in simple-salesforce client, logging in when necessary."""
        with self._lock:
            if self._sf is None:
                if not self._secrets.get("access_token"):
                    self._take_tokens("")
                self._sf = self._new_client(self._version())
            return self._sf

    def _renew(self, stale: str) -> None:
        with self._lock:
            if self._sf is not None and self._sf.session_id != stale:
                return
            version = str(self._sf.sf_version) if self._sf is not None else self._version()
            self._take_tokens(stale)
            self._sf = self._new_client(version)

    def _take_tokens(self, stale: str) -> None:
        def ask(secrets: Mapping[str, Any]) -> Tokens:
            return ask_token(self.outbound, self.kind, self.config, secrets)

        store = self._on_tokens or without_store(self._secrets)
        self._secrets = dict(store("access_token", stale, ask))

    def _new_client(self, version: str) -> Salesforce:
        url = self._instance_url()
        self.outbound.policy.check_url(url)
        parts = urlsplit(url)
        plain = parts.netloc if parts.scheme == "http" else None
        return Salesforce(
            instance_url=url,
            session_id=str(self._secrets["access_token"]),
            session=SessionForSimpleSalesforce(self.outbound, plain_http_host=plain),
            version=version,
            # Money stays the decimal text it was sent as.
            parse_float=str,
            object_pairs_hook=None,
        )

    def _instance_url(self) -> str:
        return str(self._secrets.get("instance_url") or self.config["base_url"]).rstrip("/")

    def _version(self) -> str:
        """Return the newest version that both this host and this connector know."""
        answer = self.outbound.request("GET", f"{self._instance_url()}/services/data")
        found = answer.data if isinstance(answer.data, list) else []
        versions = [v for v in map(_number, found) if OLDEST_VERSION <= v <= NEWEST_VERSION]
        if not versions:
            raise StopError(
                f"{self.host} does not answer as a Salesforce org.",
                system=SYSTEM,
                code="not_salesforce",
                advice="Enter the My Domain address, such as https://acme.my.salesforce.com.",
            )
        return f"{max(versions):.1f}"

    def _translated(self, error: SalesforceError, writes: bool) -> ConnectorError:
        if not isinstance(error.status, int):
            return TransientError("Salesforce did not answer.", system=SYSTEM, maybe_done=writes)
        return error_from(error.status, error.content, writes=writes)


def _number(entry: Any) -> float:
    try:
        return float(entry["version"])
    except (KeyError, TypeError, ValueError):
        return 0.0
