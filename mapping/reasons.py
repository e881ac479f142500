"""Reasons of decisions in the reader's language; the stored ones are English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language, gettext


def reason_told(reason: str, proposal: Mapping[str, Any]) -> str:
    """Return ``reason`` as the reader's language has it where the proposal gave it.

    The proposal's candidates carry their reason in English and as ``reason_id`` in Bahasa
    Indonesia. What a person typed stays as typed.
    """
    if not reason or get_language() != "id":
        return reason
    for candidate in proposal["candidates"]:
        if candidate["reason"] == reason:
            return str(candidate["reason_id"])
    return gettext(reason)
