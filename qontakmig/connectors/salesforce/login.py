"""Getting an access token in the ways Salesforce still offers.

Source: OAuth 2.0 flows in Salesforce Help; SOAP ``login()`` ends with API v64 and Summer '27.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.sax.saxutils import escape

import jwt
from defusedxml import ElementTree

from qontakmig.connectors.errors import AuthError, ConnectorError, PermissionMissing
from qontakmig.connectors.http import Answer, parse_json
from qontakmig.connectors.outbound import Outbound
from qontakmig.connectors.salesforce.faults import SYSTEM, expired_session
from qontakmig.connectors.tokens import Tokens

SOAP_LOGIN_VERSION = "64.0"
"""SOAP login() is not offered in API v65 and later."""
JWT_SECONDS = 180
WRONG = "Check the values in the connection and enter them again."


def ask_token(
    outbound: Outbound, kind: str, config: Mapping[str, Any], secrets: Mapping[str, Any]
) -> Tokens:
    """Return access_token, instance_url, and refresh_token when a new one was handed out.

    ``kind`` is the connection's ``auth``.

    Raises AuthError ``auth_failed`` (wrong values), ``session_expired`` (a handed-over token
    cannot be renewed), PermissionMissing (the app or the user is not allowed to).
    """
    host = str(config.get("login_url") or config["base_url"]).rstrip("/")
    if kind == "password":
        return _soap_login(outbound, host, config, secrets)
    if kind == "token":
        raise expired_session()
    form, headers = _grant(kind, host, config, secrets)
    answer = outbound.request(
        "POST",
        f"{host}/services/oauth2/token",
        headers={"Content-Type": "application/x-www-form-urlencoded", **headers},
        body=urlencode(form).encode(),
        reads=True,
    )
    if answer.status != 200:
        raise _refused(answer)
    try:
        tokens = {"access_token": str(answer.data["access_token"])}
        tokens["instance_url"] = str(answer.data.get("instance_url") or host)
        if answer.data.get("refresh_token"):
            tokens["refresh_token"] = str(answer.data["refresh_token"])
    except (KeyError, TypeError, AttributeError):
        raise AuthError(
            "Salesforce answered the log-in without a token.", system=SYSTEM, advice=WRONG
        ) from None
    return tokens


def _grant(
    kind: str, host: str, config: Mapping[str, Any], secrets: Mapping[str, Any]
) -> tuple[dict[str, str], dict[str, str]]:
    client_id, client_secret = _need(config, secrets, "client_id"), secrets.get("client_secret")
    if kind == "refresh_token":
        form = {
            "grant_type": "refresh_token",
            "refresh_token": _need(config, secrets, "refresh_token"),
            "client_id": client_id,
        }
        return (form | {"client_secret": str(client_secret)} if client_secret else form), {}
    if kind == "client_credentials":
        pair = f"{client_id}:{_need(config, secrets, 'client_secret')}".encode()
        basic = {"Authorization": "Basic " + base64.b64encode(pair).decode()}
        return {"grant_type": "client_credentials"}, basic
    if kind == "jwt":
        return {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": _assertion(host, client_id, config, secrets),
        }, {}
    raise AuthError(f"The connection names an unknown way to log in: {kind}.", system=SYSTEM)


def _assertion(
    host: str, client_id: str, config: Mapping[str, Any], secrets: Mapping[str, Any]
) -> str:
    claims = {
        "iss": client_id,
        "sub": _need(config, secrets, "username"),
        "aud": str(config.get("audience") or host),
        "exp": int(time.time()) + JWT_SECONDS,
    }
    try:
        return jwt.encode(claims, _need(config, secrets, "private_key"), algorithm="RS256")
    except (ValueError, TypeError, jwt.PyJWTError):
        raise AuthError(
            "The private key of this connection cannot be used for signing.",
            system=SYSTEM,
            advice="Enter the RSA private key in PEM form that belongs to the app's certificate.",
        ) from None


def _need(config: Mapping[str, Any], secrets: Mapping[str, Any], name: str) -> str:
    value = secrets.get(name) or config.get(name)
    if not value:
        raise AuthError(
            f"The Salesforce connection lacks its {name.replace('_', ' ')}.",
            system=SYSTEM,
            code="credentials_missing",
            advice="Fill it in on the Connections page.",
        )
    return str(value)


def _refused(answer: Answer) -> ConnectorError:
    try:
        content = parse_json(answer, system=SYSTEM)
    except ConnectorError:
        content = None
    error = content.get("error") if isinstance(content, dict) else None
    description = str(content.get("error_description") or "") if isinstance(content, dict) else ""
    if "approved this consumer" in description:
        return PermissionMissing(
            "The app is not approved for this Salesforce user.",
            system=SYSTEM,
            advice="Setup › External Client App Manager › the app › Policies: admin approved users,"
            " then add the user's profile or permission set.",
        )
    if "client credentials user" in description or error == "unsupported_grant_type":
        return PermissionMissing(
            "The app may not log in by client credentials yet.",
            system=SYSTEM,
            advice="Setup › External Client App Manager › the app › Policies: enable the client"
            " credentials flow and name a run-as user.",
        )
    return AuthError(
        f"Salesforce refused the log-in ({error or answer.status}).", system=SYSTEM, advice=WRONG
    )


_LOGIN = """<?xml version="1.0" encoding="utf-8"?>
<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"
 xmlns:urn="urn:partner.soap.sforce.com"><env:Body><urn:login>
<urn:username>{username}</urn:username><urn:password>{password}</urn:password>
</urn:login></env:Body></env:Envelope>"""


def _soap_login(
    outbound: Outbound, host: str, config: Mapping[str, Any], secrets: Mapping[str, Any]
) -> Tokens:
    password = _need(config, secrets, "password") + str(secrets.get("security_token") or "")
    body = _LOGIN.format(
        username=escape(_need(config, secrets, "username")), password=escape(password)
    )
    answer = outbound.request(
        "POST",
        f"{host}/services/Soap/u/{SOAP_LOGIN_VERSION}",
        headers={"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": "login"},
        body=body.encode(),
        expect="any",
        reads=True,
        server_faults=True,
    )
    found = _xml_texts(answer.body)
    if answer.status == 200 and found.get("sessionId") and found.get("serverUrl"):
        server = urlsplit(found["serverUrl"])
        return {
            "access_token": found["sessionId"],
            "instance_url": f"{server.scheme}://{server.netloc}",
        }
    code = found.get("exceptionCode", str(answer.status))
    if code in ("UNSUPPORTED_API_VERSION", "INVALID_OPERATION", "API_DISABLED_FOR_ORG"):
        return _soap_unavailable(code)
    raise AuthError(
        f"Salesforce refused the user name, password or security token ({code}).",
        system=SYSTEM,
        advice=WRONG + " A new password needs a new security token.",
    )


def _soap_unavailable(code: str) -> Tokens:
    raise PermissionMissing(
        f"This org does not take a log-in by password over the API ({code}).",
        system=SYSTEM,
        advice="Use an External Client App with client credentials, or allow SOAP login in Setup"
        " › User Interface and give the user 'Use Any API Auth'.",
    )


def _xml_texts(body: bytes) -> dict[str, str]:
    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError):
        return {}
    return {node.tag.rpartition("}")[2]: node.text or "" for node in root.iter()}
