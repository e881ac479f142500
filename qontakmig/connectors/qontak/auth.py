"""Mekari's HMAC scheme. Source: Mekari developer centre, "HMAC authentication"."""

from __future__ import annotations

import base64
import hashlib
import hmac
from email.utils import formatdate


def signed_headers(
    method: str, target: str, body: bytes, *, client_id: str, client_secret: str, now: float
) -> dict[str, str]:
    """Return Date, Authorization and, with a body, Digest.

    target   path and query exactly as on the wire: the signature covers those bytes
    now      the server's time in epoch seconds; more than 300 s off is refused
    """
    date = formatdate(now, usegmt=True)
    headers = {
        "Date": date,
        "Authorization": (
            f'hmac username="{client_id}", algorithm="hmac-sha256", headers="date request-line",'
            f' signature="{signature(client_secret, date, method, target)}"'
        ),
    }
    if body:
        headers["Digest"] = digest(body)
    return headers


def signature(client_secret: str, date: str, method: str, target: str) -> str:
    """Return the base64 signature of the date and the request line."""
    text = f"date: {date}\n{method} {target} HTTP/1.1"
    made = hmac.new(client_secret.encode(), text.encode(), hashlib.sha256).digest()
    return base64.b64encode(made).decode()


def digest(body: bytes) -> str:
    """Return the Digest header of a body."""
    return "SHA-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode()
