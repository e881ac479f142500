"""The OAuth endpoints: tokens of five grant types, consent, revocation, introspection.

Error names and texts follow the vendor's: HTTP 400 with ``error`` and ``error_description``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

from qontakmig.simulators.kit.messages import Request, Response
from qontakmig.simulators.salesforce.http.identity import (
    LOGIN_HOSTS,
    answer_userinfo,
    identity_url,
    instance_url,
)
from qontakmig.simulators.salesforce.http.jwt import BadAssertion, verified_claims

if TYPE_CHECKING:
    from collections.abc import Callable

    from qontakmig.simulators.salesforce.http.practice_org import SalesforceOrg

CODE_LIFETIME_SECONDS = 900
JWT_MAX_SECONDS = 300
SCOPE = "refresh_token api id openid"
Form = dict[str, str]


class Refused(Exception):
    """A token request is refused: OAuth error name and description."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


def answer(org: SalesforceOrg, request: Request) -> Response:
    """Answer anything under ``/services/oauth2/``."""
    endpoint = request.path.lower().rstrip("/").rpartition("/")[2]
    handlers: dict[str, Callable[[SalesforceOrg, Request], Response]] = {
        "token": _token,
        "authorize": _authorize,
        "revoke": _revoke,
        "introspect": _introspect,
        "userinfo": answer_userinfo,
    }
    handler = handlers.get(endpoint)
    if handler is None:
        return Response.json({"error": "not_found"}, 404)
    try:
        return handler(org, request)
    except Refused as refused:
        body = {"error": refused.error, "error_description": refused.description}
        return Response.json(body, 401 if refused.error == "invalid_client" else 400)


def _token(org: SalesforceOrg, request: Request) -> Response:
    if request.method != "POST":
        raise Refused("invalid_request", "must use HTTP POST")
    form = _form(request)
    grants: dict[str, Callable[[SalesforceOrg, Request, Form], dict[str, str]]] = {
        "authorization_code": _by_code,
        "refresh_token": _by_refresh_token,
        "client_credentials": _by_client_credentials,
        "urn:ietf:params:oauth:grant-type:jwt-bearer": _by_jwt,
        "password": _by_password,
    }
    grant = grants.get(form.get("grant_type", ""))
    if grant is None:
        raise Refused("unsupported_grant_type", "grant type not supported")
    return Response.json(grant(org, request, form), headers={"cache-control": "no-store"})


def _by_code(org: SalesforceOrg, request: Request, form: Form) -> dict[str, str]:
    _check_client(org, form, secret_required=False)
    code = form.get("code", "")
    grant = org.codes.pop(code, None)
    if grant is None or org.clock.now() > grant["issued_at"] + CODE_LIFETIME_SECONDS:
        raise Refused("invalid_grant", "expired authorization code" if grant else "invalid code")
    if form.get("redirect_uri") != grant["redirect_uri"]:
        raise Refused("redirect_uri_mismatch", "redirect_uri must match configuration")
    challenge, verifier = grant["challenge"], form.get("code_verifier", "")
    if challenge and not hmac.compare_digest(challenge, _challenge(verifier)):
        raise Refused("invalid_grant", "invalid code verifier")
    if not challenge and not form.get("client_secret"):
        raise Refused("invalid_client", "invalid client credentials")
    reply = _grant(org, request, org.admin_id, SCOPE)
    return {**reply, "refresh_token": org.sessions.issue(org.admin_id, "refresh")}


def _by_refresh_token(org: SalesforceOrg, request: Request, form: Form) -> dict[str, str]:
    _check_client(org, form, secret_required=False)
    session = org.sessions.check(form.get("refresh_token", ""), "refresh")
    if session is None:
        raise Refused("invalid_grant", "expired access/refresh token")
    return _grant(org, request, session.user_id, SCOPE)


def _by_client_credentials(org: SalesforceOrg, request: Request, form: Form) -> dict[str, str]:
    host = request.headers.get("host", "").split(":")[0].lower()
    if host in LOGIN_HOSTS:
        raise Refused("invalid_grant", "request not supported on this domain")
    _check_client(org, form, secret_required=True)
    if org.switches["run_as_user"] == "off":
        raise Refused("invalid_grant", "no client credentials user enabled")
    return _grant(org, request, org.admin_id, "api id")


def _by_jwt(org: SalesforceOrg, request: Request, form: Form) -> dict[str, str]:
    try:
        claims = verified_claims(form.get("assertion", ""), org.jwt_public_key)
    except BadAssertion as error:
        raise Refused("invalid_grant", str(error)) from None
    if claims.get("iss") != org.client_id:
        raise Refused("invalid_client_id", "client identifier invalid")
    audience = str(claims.get("aud", "")).rstrip("/")
    hosts = {f"https://{host}" for host in LOGIN_HOSTS}
    if audience not in hosts | {org.base_url, instance_url(org, request)}:
        raise Refused("invalid_grant", "audience is invalid")
    expires = claims.get("exp")
    now = org.clock.now()
    if not isinstance(expires, int | float) or not now - 5 < expires <= now + JWT_MAX_SECONDS:
        raise Refused("invalid_grant", "assertion is expired or its exp is too far away")
    if str(claims.get("sub", "")).lower() != org.username.lower():
        raise Refused("invalid_grant", "user hasn't approved this consumer")
    return _grant(org, request, org.admin_id, "api id")


def _by_password(org: SalesforceOrg, request: Request, form: Form) -> dict[str, str]:
    _check_client(org, form, secret_required=True)
    user_id = org.log_in(form.get("username", ""), form.get("password", ""))
    if user_id is None:
        raise Refused("invalid_grant", "authentication failure")
    return _grant(org, request, user_id, "")


def _grant(org: SalesforceOrg, request: Request, user_id: str, scope: str) -> dict[str, str]:
    identity = identity_url(org, request, user_id)
    issued_at = str(int(org.clock.now() * 1000))
    signed = hmac.new(org.client_secret.encode(), f"{identity}{issued_at}".encode(), "sha256")
    reply = {
        "access_token": org.sessions.issue(user_id),
        "signature": base64.b64encode(signed.digest()).decode(),
        "scope": scope,
        "instance_url": instance_url(org, request),
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued_at,
    }
    if not scope:
        del reply["scope"]
    return reply


def _check_client(org: SalesforceOrg, form: Form, *, secret_required: bool) -> None:
    if form.get("client_id") != org.client_id:
        raise Refused("invalid_client_id", "client identifier invalid")
    secret = form.get("client_secret")
    if secret is None and not secret_required:
        return
    if not hmac.compare_digest((secret or "").encode(), org.client_secret.encode()):
        raise Refused("invalid_client", "invalid client credentials")


def _form(request: Request) -> Form:
    """Return the form fields; HTTP Basic stands for client_id and client_secret."""
    text = request.body.decode("utf-8", "replace")
    form = {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}
    scheme, _, packed = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            key, _, secret = base64.b64decode(packed).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise Refused("invalid_client", "invalid client credentials") from None
        form = {"client_id": key, "client_secret": secret, **form}
    return form


def _authorize(org: SalesforceOrg, request: Request) -> Response:
    """Show the consent page; its form, or the switch ``consent=auto``, sends the browser back."""
    redirect_uri = request.param("redirect_uri") or ""
    if request.param("client_id") != org.client_id:
        return Response.text("error=invalid_client_id&client identifier invalid", 400, "text/html")
    if not redirect_uri.startswith(("http://", "https://")):
        return Response.text("error=redirect_uri_mismatch", 400, "text/html")
    if request.param("response_type") != "code":
        return _back(request, {"error": "unsupported_response_type"})
    if request.param("code_challenge") and request.param("code_challenge_method") != "S256":
        return _back(request, {"error": "invalid_request"})
    if request.method == "POST" or org.switches["consent"] == "auto":
        if b"deny" in request.body or org.switches["consent"] == "deny":
            denied = {
                "error": "access_denied",
                "error_description": "end-user denied authorization",
            }
            return _back(request, denied)
        code = org.sessions.issue(org.admin_id, "code").partition("!")[2]
        org.codes[code] = {
            "issued_at": org.clock.now(),
            "redirect_uri": redirect_uri,
            "challenge": request.param("code_challenge") or "",
        }
        return _back(request, {"code": code})
    page = (
        "<!DOCTYPE html><html lang='en'><head><title>Allow Access?</title></head><body>"
        f"<h1>Allow Access?</h1><p>A practice app asks for access to {escape(org.username)}.</p>"
        f"<form method='post' action='{escape(request.raw_target, quote=True)}'>"
        "<button name='decision' value='allow'>Allow</button> "
        "<button name='decision' value='deny'>Deny</button></form></body></html>"
    )
    return Response.text(page, 200, "text/html")


def _back(request: Request, answer: dict[str, str]) -> Response:
    if state := request.param("state"):
        answer["state"] = state
    uri = request.param("redirect_uri") or ""
    location = f"{uri}{'&' if '?' in uri else '?'}{urlencode(answer)}"
    return Response(302, b"", {"location": location})


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _revoke(org: SalesforceOrg, request: Request) -> Response:
    token = _form(request).get("token") or request.param("token") or ""
    if not org.sessions.revoke(token):
        raise Refused("unsupported_token_type", "this token type is not supported")
    return Response(200)


def _introspect(org: SalesforceOrg, request: Request) -> Response:
    form = _form(request)
    _check_client(org, form, secret_required=True)
    token = form.get("token", "")
    session = org.sessions.check(token)
    if session is None and (refresh := org.sessions.check(token, "refresh")):
        return Response.json(
            {"active": True, "scope": SCOPE, "client_id": org.client_id, "token_type": "refresh",
             "sub": identity_url(org, request, refresh.user_id)}
        )  # fmt: skip
    if session is None:
        return Response.json({"active": False})
    now = int(org.clock.now())
    return Response.json(
        {
            "active": True,
            "scope": SCOPE,
            "client_id": org.client_id,
            "username": org.user(session.user_id).get("Username"),
            "sub": identity_url(org, request, session.user_id),
            "token_type": "access_token",
            "exp": now + int(org.sessions.lifetime_seconds or 7200),
            "iat": int(session.issued_at),
            "nbf": int(session.issued_at),
        }
    )
