"""What happens around every request and belongs to no app."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect


class ReaderTimezoneMiddleware:
    """Show times in the reader's zone: the session's choice, else the settings' default."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = request.session.get("timezone", settings.READER_TIME_ZONE)
        with timezone.override(zoneinfo.ZoneInfo(name)):
            return self.get_response(request)


class SignInMiddleware(LoginRequiredMiddleware):
    """Let nobody in who is not signed in; a part of a page sends the whole page to sign in.

    htmx would follow a redirect by itself and put the sign-in page where a number stood.
    """

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponse]
    ) -> HttpResponse:
        if not request.htmx:  # type: ignore[attr-defined]
            return super().handle_no_permission(request, view_func)
        page = request.htmx.current_url_abs_path or "/"  # type: ignore[attr-defined]
        sign_in = redirect_to_login(
            page, self.get_login_url(view_func), self.get_redirect_field_name(view_func)
        )
        return HttpResponseClientRedirect(sign_in.url)
