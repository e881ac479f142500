"""Signing a browser in to the demo by a link that works for ten minutes.

The address exists only while ``manage.py demo`` runs (``settings.DEMO``).
"""

from __future__ import annotations

from django.contrib.auth import get_user_model, login
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET

SALT = "qontakmig.demo"
VALID_SECONDS = 600


def link_path(username: str, path: str) -> str:
    """Return the path that signs ``username`` in and goes on to ``path``."""
    return f"/demo/{signing.dumps([username, path], salt=SALT)}/"


@login_not_required
@require_GET
def sign_in(request: HttpRequest, token: str) -> HttpResponse:
    try:
        username, path = signing.loads(token, salt=SALT, max_age=VALID_SECONDS)
    except signing.BadSignature as exc:
        raise Http404 from exc
    user = get_object_or_404(get_user_model(), username=username)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect(path)
