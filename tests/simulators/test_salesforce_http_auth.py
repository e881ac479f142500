"""Logging in to the Salesforce practice org in every way its vendor offers."""

import base64
import hashlib
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
import requests
from salesforce_clients import API, client_for
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed

TOKEN = "/services/oauth2/token"
BACK = "http://127.0.0.1:9/callback"


@pytest.fixture
def web(sandbox: dict[str, Any]) -> httpx.Client:
    with client_for(sandbox) as client:
        del client.headers["authorization"]
        yield client


def grant(web: httpx.Client, sandbox: dict[str, Any], **form: str) -> httpx.Response:
    credentials = sandbox["credentials"]
    known = {k: credentials[k] for k in ("client_id", "client_secret")}
    return web.post(TOKEN, data={**known, **form})


def works(web: httpx.Client, token: str) -> bool:
    answer = web.get(f"{API}/limits", headers={"authorization": f"Bearer {token}"})
    return answer.status_code == 200


def assertion(sandbox: dict[str, Any], **changes: Any) -> str:
    credentials = sandbox["credentials"]
    claims = {
        "iss": credentials["client_id"],
        "sub": credentials["username"],
        "aud": "https://test.salesforce.com",
        "exp": int(time.time()) + 180,
    }
    key = changes.pop("key", credentials["jwt_private_key"])
    return jwt.encode({**claims, **changes}, key, "RS256")


def test_the_version_list_needs_no_session(web: httpx.Client) -> None:
    versions = web.get("/services/data/").json()

    labels = {item["version"]: item["label"] for item in versions}
    assert (versions[0]["version"], versions[-1]["version"]) == ("31.0", "68.0")
    assert labels["31.0"] == "Summer '14"
    assert labels["66.0"] == "Spring '26"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer 00D000000000000!x", "Basic abc"])
def test_no_session_is_401_invalid_session_id(web: httpx.Client, header: str) -> None:
    answer = web.get(f"{API}/limits", headers={"authorization": header} if header else {})

    assert answer.status_code == 401
    assert answer.json() == [
        {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}
    ]


def test_a_refresh_token_gives_an_access_token(web: httpx.Client, sandbox: dict[str, Any]) -> None:
    refresh = sandbox["credentials"]["refresh_token"]
    answer = grant(web, sandbox, grant_type="refresh_token", refresh_token=refresh)

    reply = answer.json()
    assert reply["access_token"].startswith(sandbox["organization_id"][:15] + "!")
    assert reply["instance_url"] == sandbox["base_url"]
    assert works(web, reply["access_token"])
    identity = web.get(urlsplit(reply["id"]).path, params={"oauth_token": reply["access_token"]})
    assert identity.json()["username"] == sandbox["credentials"]["username"]


def test_client_credentials_work_by_basic_and_only_on_the_orgs_own_host(
    web: httpx.Client, sandbox: dict[str, Any]
) -> None:
    form = {"grant_type": "client_credentials"}
    pair = (sandbox["credentials"]["client_id"], sandbox["credentials"]["client_secret"])

    own = web.post(TOKEN, data=form, auth=pair)
    login = web.post(TOKEN, data=form, auth=pair, headers={"host": "test.salesforce.com"})

    assert works(web, own.json()["access_token"])
    assert login.status_code == 400
    assert login.json()["error_description"] == "request not supported on this domain"


def test_a_jwt_signed_by_the_registered_key_is_taken(
    web: httpx.Client, sandbox: dict[str, Any]
) -> None:
    kind = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    answer = web.post(TOKEN, data={"grant_type": kind, "assertion": assertion(sandbox)})

    assert works(web, answer.json()["access_token"])


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"exp": 1}, "invalid_grant"),
        ({"exp": int(time.time()) + 3600}, "invalid_grant"),
        ({"aud": "https://example.com"}, "invalid_grant"),
        ({"sub": "stranger@example.com"}, "invalid_grant"),
        ({"iss": "other"}, "invalid_client_id"),
        ({"key": "production"}, "invalid_grant"),
    ],
)
def test_a_wrong_jwt_is_refused(
    web: httpx.Client, salesforce_orgs: dict[str, Any], change: dict[str, Any], error: str
) -> None:
    if change.get("key"):
        other = salesforce_orgs["salesforce_production"]["credentials"]["jwt_private_key"]
        change = {"key": other}
    kind = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    text = assertion(salesforce_orgs["salesforce"], **change)

    answer = web.post(TOKEN, data={"grant_type": kind, "assertion": text})

    assert answer.status_code == 400
    assert answer.json()["error"] == error


def test_a_password_needs_its_security_token(web: httpx.Client, sandbox: dict[str, Any]) -> None:
    known = sandbox["credentials"]
    form = {"grant_type": "password", "username": known["username"]}

    good = grant(web, sandbox, **form, password=known["password"] + known["security_token"])
    bad = grant(web, sandbox, **form, password=known["password"])

    assert works(web, good.json()["access_token"])
    assert bad.json() == {
        "error": "invalid_grant",
        "error_description": "authentication failure",
    }


def authorize(web: httpx.Client, sandbox: dict[str, Any], verifier: str, decision: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    params = {
        "response_type": "code",
        "client_id": sandbox["credentials"]["client_id"],
        "redirect_uri": BACK,
        "state": "s&1",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    page = web.get("/services/oauth2/authorize", params=params)
    assert "Allow Access?" in page.text
    answer = web.post(page.url, data={"decision": decision})
    assert answer.status_code == 302
    return answer.headers["location"]


def test_the_consent_page_sends_back_a_code_for_one_use(
    web: httpx.Client, sandbox: dict[str, Any]
) -> None:
    location = authorize(web, sandbox, "verifier" * 6, "allow")
    query = parse_qs(urlsplit(location).query)
    assert location.startswith(BACK)
    assert query["state"] == ["s&1"]
    form = {
        "grant_type": "authorization_code",
        "client_id": sandbox["credentials"]["client_id"],
        "code": query["code"][0],
        "redirect_uri": BACK,
        "code_verifier": "verifier" * 6,
    }

    first, second = web.post(TOKEN, data=form), web.post(TOKEN, data=form)

    assert works(web, first.json()["access_token"])
    again = grant(
        web, sandbox, grant_type="refresh_token", refresh_token=first.json()["refresh_token"]
    )
    assert works(web, again.json()["access_token"])
    assert second.json()["error"] == "invalid_grant"


def test_a_wrong_verifier_and_a_denial_give_nothing(
    web: httpx.Client, sandbox: dict[str, Any]
) -> None:
    code = parse_qs(urlsplit(authorize(web, sandbox, "v" * 50, "allow")).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}

    wrong = grant(web, sandbox, **form, code_verifier="w" * 50)
    denied = authorize(web, sandbox, "v" * 50, "deny")

    assert wrong.json()["error_description"] == "invalid code verifier"
    assert "error=access_denied" in denied


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "magic"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant"),
        ({"grant_type": "client_credentials", "client_id": "x"}, "invalid_client_id"),
        ({"grant_type": "client_credentials", "client_secret": "x"}, "invalid_client"),
    ],
)
def test_token_errors_have_their_names(
    web: httpx.Client, sandbox: dict[str, Any], form: dict[str, str], error: str
) -> None:
    assert grant(web, sandbox, **form).json()["error"] == error


def test_a_revoked_token_is_dead(web: httpx.Client, sandbox: dict[str, Any]) -> None:
    refresh = sandbox["credentials"]["refresh_token"]
    reply = grant(web, sandbox, grant_type="refresh_token", refresh_token=refresh).json()
    token = reply["access_token"]

    def active() -> bool:
        known = {k: sandbox["credentials"][k] for k in ("client_id", "client_secret")}
        return web.post("/services/oauth2/introspect", data={**known, "token": token}).json()[
            "active"
        ]

    alive = active()
    web.post("/services/oauth2/revoke", data={"token": token})

    assert (alive, active(), works(web, token)) == (True, False, False)


def test_tokens_end_after_their_lifetime(
    web: httpx.Client, sandbox: dict[str, Any], control: httpx.Client
) -> None:
    refresh = sandbox["credentials"]["refresh_token"]
    control.post("switches", json={"token_lifetime_seconds": "3600"})
    reply = grant(web, sandbox, grant_type="refresh_token", refresh_token=refresh).json()
    fresh = works(web, reply["access_token"])

    control.post("clock", json={"offset_seconds": 3700})

    assert (fresh, works(web, reply["access_token"])) == (True, False)
    renewed = grant(web, sandbox, grant_type="refresh_token", refresh_token=refresh).json()
    assert works(web, renewed["access_token"])


def test_userinfo_says_who_and_where(rest: httpx.Client, sandbox: dict[str, Any]) -> None:
    answer = rest.get("/services/oauth2/userinfo").json()

    assert answer["organization_id"] == sandbox["organization_id"]
    assert answer["user_id"] == sandbox["credentials"]["user_id"]
    assert answer["urls"]["rest"] == f"{sandbox['base_url']}/services/data/v{{version}}/"


def soap(sandbox: dict[str, Any], version: str, **changes: str) -> Salesforce:
    class Session(requests.Session):
        def request(self, method: str, url: str, **options: Any) -> requests.Response:
            path = urlsplit(url).path
            options["headers"] = {**(options.get("headers") or {}), "Host": urlsplit(url).netloc}
            return super().request(method, sandbox["http_url"] + path, **options)

    known = {k: sandbox["credentials"][k] for k in ("username", "password", "security_token")}
    return Salesforce(**{**known, **changes}, domain="test", version=version, session=Session())


def test_simple_salesforce_logs_in_by_soap_up_to_v64(sandbox: dict[str, Any]) -> None:
    assert soap(sandbox, "64.0").session_id.startswith(sandbox["organization_id"][:15])

    with pytest.raises(SalesforceAuthenticationFailed, match="UNSUPPORTED_API_VERSION"):
        soap(sandbox, "65.0")
    with pytest.raises(SalesforceAuthenticationFailed, match="INVALID_LOGIN"):
        soap(sandbox, "64.0", password="wrong")


def test_sandbox_and_production_share_no_session(salesforce_orgs: dict[str, Any]) -> None:
    token = salesforce_orgs["salesforce_production"]["credentials"]["access_token"]

    with client_for(salesforce_orgs["salesforce"]) as client:
        answer = client.get(f"{API}/limits", headers={"authorization": f"Bearer {token}"})

    assert answer.status_code == 401
