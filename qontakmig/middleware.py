"""What happens around every request and belongs to no app."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone


class ReaderTimezoneMiddleware:
    """Show times in the reader's zone: the session's choice, else the settings' default."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = request.session.get("timezone", settings.READER_TIME_ZONE)
        with timezone.override(zoneinfo.ZoneInfo(name)):
            return self.get_response(request)
