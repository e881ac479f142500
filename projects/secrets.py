"""Credentials at rest: encrypted with keys of their own and bound to the row they belong to."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from functools import cache
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from projects.models import Connection


class Unreadable(Exception):
    """Stored credentials cannot be opened with the keys of this installation."""


def seal(connection: Connection, secrets: dict[str, str]) -> None:
    """Encrypt ``secrets`` into ``connection.sealed``; the caller saves the row."""
    content = json.dumps({"binding": str(connection.binding), "secrets": secrets})
    connection.sealed = _keys().encrypt(content.encode()).decode()


def unseal(connection: Connection) -> dict[str, str]:
    """Return the credentials of ``connection``, empty when none were stored.

    Raises Unreadable when the keys are gone, or the text was moved here from another row.
    """
    if not connection.sealed:
        return {}
    try:
        content = json.loads(_keys().decrypt(connection.sealed.encode()))
    except InvalidToken as exc:
        raise Unreadable(
            "The stored credentials cannot be read with the keys of this installation."
        ) from exc
    if content["binding"] != str(connection.binding):
        raise Unreadable("The stored credentials belong to another connection.")
    secrets: dict[str, str] = content["secrets"]
    return secrets


def _keys() -> MultiFernet:
    keys = settings.SECRET_KEYS or [_checkout_key(settings.VAR_DIR)]
    return MultiFernet([Fernet(key) for key in keys])


@cache
def _checkout_key(folder: Path) -> str:
    """The key of a checkout without one of its own, kept beside its database."""
    path = folder / "encryption.key"
    if not path.exists():
        half = folder / f"encryption.{os.getpid()}.half"
        handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(Fernet.generate_key().decode())
        with suppress(FileExistsError):
            os.link(half, path)  # whole or not at all: another process may read it at once
        half.unlink()
    return path.read_text().strip()
