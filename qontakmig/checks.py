"""Start-up checks: a wrong pair of settings stops the program instead of costing data later."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register()
def queue_retries_after_its_timeout(**kwargs: Any) -> list[CheckMessage]:
    """django-q2 hands a task out again when ``retry`` passes, even while the first copy runs."""
    queue = settings.Q_CLUSTER
    if queue["retry"] > queue["timeout"]:
        return []
    return [
        Error(
            f"Q_CLUSTER retry ({queue['retry']} s) must be longer than timeout"
            f" ({queue['timeout']} s), or tasks run twice.",
            id="qontakmig.E001",
        )
    ]


@register(Tags.security, deploy=True)
def keys_are_the_installations_own(**kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.SECRET_KEY == settings.DEVELOPMENT_KEY:
        found.append(
            Error(
                "QONTAKMIG_SECRET_KEY is not set; make one of 50 characters.", id="qontakmig.E002"
            )
        )
    if not settings.SECRET_KEYS:
        found.append(
            Error(
                "QONTAKMIG_ENCRYPTION_KEYS is not set; stored credentials need a key of their own.",
                hint="manage.py shell -c 'from cryptography.fernet import Fernet;"
                " print(Fernet.generate_key().decode())'",
                id="qontakmig.E003",
            )
        )
    return found
