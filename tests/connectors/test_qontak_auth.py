"""Mekari's HMAC scheme against its published vectors."""

from qontakmig.connectors.qontak.auth import digest, signature, signed_headers

DATE = "Wed, 10 Nov 2021 07:24:29 GMT"
AT = 1636529069


def test_the_signature_is_that_of_the_developer_portal():
    target = "/v2/klikpajak/v1/efaktur/out?auto_approval=false"

    made = signature("YOUR_MEKARI_API_CLIENT_SECRET", DATE, "POST", target)

    assert made == "6+Ah/UTmbqd+DDqlh6zYZ0HuCwVhtElYDOoucRPCaFg="


def test_the_signature_covers_the_query():
    made = signature("secret", DATE, "GET", "/qontak/crm/contacts?page=1&per_page=25")

    assert made == "DTxm6DF0twIPEcQGIatPxScL+3VFZjVwpCeHQBWs0Z4="


def test_the_digest_is_that_of_the_body():
    expected = "SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="

    assert digest(b'{"hello": "world"}') == expected


def test_headers_carry_the_servers_time_and_no_digest_without_a_body():
    headers = signed_headers("GET", "/a", b"", client_id="me", client_secret="s", now=AT)

    assert headers["Date"] == DATE
    assert headers["Authorization"].startswith('hmac username="me", algorithm="hmac-sha256"')
    assert "Digest" not in headers
