import httpx
import pytest
from qontak_fixtures import digest, practice_account, signature

DATE = "Wed, 10 Nov 2021 07:24:29 GMT"


@pytest.fixture(scope="module")
def account():
    running, account = practice_account({"contacts": 3, "companies": 2, "deals": 2})
    with running:
        yield account


@pytest.fixture
def switch(account):
    """Set switches for one test."""
    before = account.control("switches")

    def set_switches(**values):
        account.control("switches", values)

    yield set_switches
    account.control("switches", before)
    account.control("clock", {"offset_seconds": 0})


@pytest.mark.parametrize(
    ("secret", "method", "target", "expected"),
    [
        ("YOUR_MEKARI_API_CLIENT_SECRET", "POST",
         "/v2/klikpajak/v1/efaktur/out?auto_approval=false",
         "6+Ah/UTmbqd+DDqlh6zYZ0HuCwVhtElYDOoucRPCaFg="),
        ("secret", "GET", "/qontak/crm/contacts?page=1&per_page=25",
         "DTxm6DF0twIPEcQGIatPxScL+3VFZjVwpCeHQBWs0Z4="),
    ],
)  # fmt: skip
def test_the_published_vectors_hold_for_signer_and_org(secret, method, target, expected):
    from qontakmig.simulators.kit.messages import Request
    from qontakmig.simulators.qontak.signing import signer

    assert signature(secret, DATE, method, target) == expected
    header = (
        'hmac username="me", algorithm="hmac-sha256", headers="date request-line", '
        f'signature="{expected}"'
    )
    request = Request(
        method, target.partition("?")[0], target, {}, {"authorization": header, "date": DATE}, b""
    )
    assert signer(request, {"me": secret}, 1636529069 + 299) == "me"


def test_a_signed_request_is_answered_and_the_server_is_mekari(account):
    answer = account.get("/qontak/crm/pipelines")

    assert answer.status_code == 200
    assert answer.headers["server"] == "Mekari"
    assert answer.headers["x-request-id"]


def test_a_request_without_signature_is_unauthorized_outside_the_envelope(account):
    answer = account.http.get("/qontak/crm/contacts")

    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})


@pytest.mark.parametrize(
    "how",
    [
        {"signed": "/qontak/crm/contacts"},
        {"signed": "/qontak/crm/contacts?page=2"},
        {"seconds": 302},
        {"seconds": -302},
        {"headers": [("Date", "Wed, 10 Nov 2021 07:24:29 GMT")]},
        {"headers": [("Date", "yesterday")]},
        {"headers": [("Authorization", "Bearer abc")]},
        {"headers": [("Authorization", 'hmac username="crm-x"')]},
        {"headers": [("Digest", digest(b"something else"))]},
    ],
)
def test_a_bad_signature_is_unauthorized(account, how):
    answer = account.get("/qontak/crm/contacts?page=1", **how)

    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})


def test_the_clock_that_decides_can_be_moved(account, switch):
    assert account.get("/qontak/crm/pipelines", seconds=-290).status_code == 200

    account.control("clock", {"offset_seconds": 3600})

    assert account.get("/qontak/crm/pipelines").status_code == 401
    assert account.get("/qontak/crm/pipelines", seconds=3600).status_code == 200


def test_credentials_of_the_other_product_are_forbidden(account):
    assert account.get("/qontak/crm/contacts", family="chat").status_code == 403
    assert account.get("/qontak/chat/v1/users", family="crm").status_code == 403
    assert account.get("/qontak/chat/v1/users", family="chat").status_code == 200


def test_a_query_may_be_signed_encoded_or_decoded_until_raw_is_asked(account, switch):
    encoded, decoded = "/qontak/crm/contacts?name=a%20b", "/qontak/crm/contacts?name=a b"
    assert account.get(encoded).status_code == 200
    assert account.get(encoded, signed=decoded).status_code == 200

    switch(query_sign="raw_only")

    assert account.get(encoded).status_code == 200
    assert account.get(encoded, signed=decoded).status_code == 401


def test_a_digest_is_checked_when_present_and_can_be_asked_for(account, switch):
    body = b'{"first_name": ""}'
    target = "/qontak/crm/contacts"
    assert account.send("POST", target, content=body).status_code == 422
    good = [("Digest", digest(body))]
    assert account.send("POST", target, content=body, headers=good).status_code == 422
    assert account.send("POST", target, content=b"{}", headers=good).status_code == 401

    switch(digest="required")

    assert account.send("POST", target, content=body).status_code == 401
    assert account.send("POST", target, content=body, headers=good).status_code == 422


def test_the_sso_header_may_be_required_and_a_stranger_is_refused(account, switch):
    mine = [("X-Crm-User-Sso-Id", account.credentials["sso_id"])]
    stranger = [("X-Crm-User-Sso-Id", "0b0e7c5e-0000-4000-8000-000000000000")]
    target = "/qontak/crm/contacts"
    assert account.get(target, headers=stranger).status_code == 401

    switch(sso_header="required", unknown_sso="403")

    assert account.get(target).status_code == 403
    assert account.get(target, headers=stranger).status_code == 403
    assert account.get(target, headers=mine).status_code == 200


def test_the_kong_texts_can_be_switched_on(account, switch):
    switch(hmac_error_style="kong")

    answer = account.get("/qontak/crm/contacts", signed="/other")

    assert answer.json() == {"message": "HMAC signature does not match"}


def test_the_vendor_rate_is_120_a_minute_and_may_hide_its_wait(switch):
    running, account = practice_account({}, switches={"qontak": {"rate": "vendor"}})
    with running:
        codes = [account.get("/qontak/crm/pipelines").status_code for _ in range(121)]
        limited = account.get("/qontak/crm/pipelines")
        account.control("switches", {"retry_after": "absent"})
        hidden = account.get("/qontak/crm/pipelines")

        assert codes == [200] * 120 + [429]
        assert limited.json() == {"message": "API rate limit exceeded"}
        assert 1 <= int(limited.headers["retry-after"]) <= 60
        assert hidden.status_code == 429
        assert "retry-after" not in hidden.headers
        assert account.get("/qontak/chat/v1/users", family="chat").status_code == 200


def _token(account, path="/oauth/token", **fields):
    return account.http.post(path, data=fields)


def test_legacy_tokens_open_the_same_crm_until_they_expire(account, switch):
    login = account.credentials["legacy_crm"]
    granted = _token(
        account, grant_type="password", username=login["username"], password=login["password"]
    ).json()
    bearer = {"Authorization": f"Bearer {granted['access_token']}"}

    assert granted["expires_in"] == 21600
    legacy = account.http.get("/api/v3.1/contacts?page=1&per_page=25", headers=bearer).json()
    assert legacy["response"] == account.crm("contacts?page=1&per_page=25")["response"]

    account.control("clock", {"offset_seconds": 21_601})
    assert account.http.get("/api/v3.1/contacts", headers=bearer).status_code == 401


def test_a_refresh_token_serves_once_and_json_will_do(account):
    first = account.credentials["legacy_crm"]["refresh_token"]
    body = {"grant_type": "refresh_token", "refresh_token": first}

    granted = account.http.post("/oauth/token", json=body)
    again = account.http.post("/oauth/token", json=body)

    assert granted.status_code == 200
    assert granted.json()["refresh_token"] != first
    assert (again.status_code, again.json()["error"]) == (401, "invalid_grant")
    body["refresh_token"] = granted.json()["refresh_token"]
    assert account.http.post("/oauth/token", json=body).status_code == 200


def test_legacy_chat_tokens_are_made_with_201_and_last_a_year(account):
    login = account.credentials["legacy_chat"]
    answer = account.http.post("/api/open/v1/oauth/token", json={**login, "grant_type": "password"})

    assert (answer.status_code, answer.json()["expires_in"]) == (201, 31_556_952)
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert account.http.get("/api/open/v1/users", headers=bearer).status_code == 200
    assert account.http.get("/api/v3.1/contacts", headers=bearer).status_code == 401


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"grant_type": "password", "username": "a", "password": "b"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "zzz"}, "invalid_grant"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "magic"}, "invalid_grant"),
        ({}, "invalid_request"),
    ],
)
def test_a_bad_grant_is_refused_in_oauth_words(account, fields, error):
    answer = _token(account, **fields)

    assert answer.status_code in (400, 401)
    assert answer.json()["error"] == error


def test_an_unknown_path_of_the_host_has_no_route(account):
    assert httpx.get(f"{account.info['base_url']}/nothing").status_code == 404


def test_unknown_switches_and_values_are_refused_by_name(account):
    before = account.control("switches")
    for body in ({"magic": "on"}, {"rate": "sometimes"}, {"dirt": "2"}, {"max_window": "many"}):
        answer = account.http.post("/__practice__/switches", json=body)
        assert answer.status_code == 400, body
    assert account.control("switches") == before
