import pytest
from django.urls import reverse


@pytest.mark.django_db
def test_the_language_can_be_chosen_before_signing_in(client):
    answer = client.post(reverse("set_language"), {"language": "id", "next": reverse("login")})

    assert answer.status_code == 302
    assert answer.headers["Location"] == reverse("login")
    assert client.cookies["django_language"].value == "id"


@pytest.mark.django_db
def test_every_page_but_the_sign_in_asks_who_is_there(client):
    answer = client.get(reverse("projects:list"))

    assert answer.headers["Location"] == f"{reverse('login')}?next=/"


@pytest.mark.django_db
def test_pages_forbid_inline_code_and_framing(client):
    answer = client.get(reverse("login"))

    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
