"""Salesforce's error answers as connector errors, each with what to do about it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from qontakmig.connectors.errors import (
    AuthError,
    ConnectorError,
    PermissionMissing,
    RateLimitedError,
    RejectedError,
    StopError,
    TransientError,
)

SYSTEM = "salesforce"
DAILY_LIMIT_SECONDS = 900.0
"""The allowance is a rolling 24 hours: it opens a little again all the time."""
CONCURRENT_SECONDS = 60.0

_TRANSIENT = {
    "UNABLE_TO_LOCK_ROW": "Another process is changing the same records.",
    "QUERY_TIMEOUT": "Salesforce took too long for a query.",
    "REQUEST_RUNNING_TOO_LONG": "Salesforce took too long for a request.",
    "SERVER_UNAVAILABLE": "Salesforce is busy.",
    "UNKNOWN_EXCEPTION": "Salesforce reported a fault of its own.",
}
_PERMISSION = {
    "API_DISABLED_FOR_ORG": (
        "api_disabled",
        "This Salesforce org has no API access.",
        "Use an edition with API access (Enterprise and above, or Professional with the API add-on"
        "), and give the user 'API Enabled' (Setup › Permission Sets › System Permissions).",
    ),
    "API_CURRENTLY_DISABLED": (
        "api_disabled",
        "The API of this Salesforce org is switched off at present.",
        "Ask Salesforce support why API access was suspended.",
    ),
    "FUNCTIONALITY_NOT_ENABLED": (
        "permission_missing",
        "A function that the migration needs is not switched on in this Salesforce org.",
        "Ask the administrator to enable it, then test the connection again.",
    ),
}
_ACCESS = ("INSUFFICIENT_ACCESS", "TXN_SECURITY", "FeatureNotEnabled", "InvalidUser")


def expired_session() -> AuthError:
    return AuthError(
        "Salesforce no longer accepts the session: it expired or was ended.",
        system=SYSTEM,
        code="session_expired",
        advice="Connect again on the Connections page. The run keeps its place.",
    )


def error_from(status: int, content: Any, *, writes: bool = False) -> ConnectorError:
    """Return the connector error for an error answer of the REST, Bulk or Metadata API.

    content   parsed JSON, usually ``[{"errorCode", "message"}]``, or text
    """
    code, message = _code_and_message(content)
    if status == 401 or code in ("INVALID_SESSION_ID", "InvalidSessionId"):
        return expired_session()
    if code in ("REQUEST_LIMIT_EXCEEDED", "ExceededQuota"):
        concurrent = "concurrent" in message.lower()
        return RateLimitedError(
            "Salesforce's allowance of API calls is used up for now.",
            retry_after=CONCURRENT_SECONDS if concurrent else DAILY_LIMIT_SECONDS,
            system=SYSTEM,
        )
    if code == "STORAGE_LIMIT_EXCEEDED":
        return StopError(
            "The Salesforce org has no data storage left.",
            system=SYSTEM,
            code="storage_full",
            advice="Free or buy storage (Setup › Storage Usage), then continue the run.",
        )
    if code in _TRANSIENT:
        return TransientError(
            _TRANSIENT[code],
            system=SYSTEM,
            code=code.lower(),
            advice="Nothing: it goes on by itself.",
            maybe_done=writes and code == "UNKNOWN_EXCEPTION",
        )
    return _refusal(status, code, message)


def _refusal(status: int, code: str, message: str) -> ConnectorError:
    if code in _PERMISSION:
        short, sentence, advice = _PERMISSION[code]
        return PermissionMissing(sentence, system=SYSTEM, code=short, advice=advice)
    if code.startswith(_ACCESS) or status == 403:
        return PermissionMissing(
            f"Salesforce does not let the connected user do this ({code or status}).",
            system=SYSTEM,
            advice="Test the connection: each missing permission says where to grant it.",
        )
    text = without_values(message)
    return RejectedError(
        f"Salesforce refused the request ({code or status}){': ' + text if text else ''}.",
        system=SYSTEM,
        code="not_found" if status == 404 else _short_code(code),
        advice="Read the Salesforce message; the schema or the mapping has probably changed.",
    )


def _short_code(code: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", code).lower() if code else "rejected"


def _code_and_message(content: Any) -> tuple[str, str]:
    if isinstance(content, Sequence) and not isinstance(content, str) and content:
        content = content[0]
    if isinstance(content, dict):
        code = content.get("errorCode") or content.get("statusCode") or content.get("error") or ""
        message = content.get("message") or content.get("error_description") or ""
        return str(code), str(message)
    return "", ""


_VALUES = (
    (re.compile(r"(data value too large: ).*( \(max length=)", re.S), r"\1…\2"),
    (re.compile(r"(invalid email address: ).*", re.S | re.I), r"\1…"),
    (re.compile(r"'[^']*'( is not a valid value)", re.S), r"'…'\1"),
    (re.compile(r"(value of filtered lookup field|duplicate value found: )[^:]*<.*", re.S), r"\1…"),
    (re.compile(r"(Foreign key external ID: ).*( not found for field)", re.S), r"\1…\2"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "…"),
)


def without_values(message: str) -> str:
    """Return a vendor's message without the record's own values, which it likes to repeat."""
    for pattern, replacement in _VALUES:
        message = pattern.sub(replacement, message)
    message = message.splitlines()[0] if message else ""
    return message.strip().rstrip(".")[:500]


_ROW_ERROR = re.compile(r"^([A-Za-z_][A-Za-z0-9_]*):(.*?)(?::([\w, .]*))? ?--\s*$", re.S)


def parse_row_error(text: str) -> tuple[str, str, tuple[str, ...]]:
    """Split ``sf__Error`` of a result list: ``CODE:message:Field, Field --``.

    Returns code, message without values, fields. Source: recorded jobs of API v60.
    """
    match = _ROW_ERROR.match(text)
    if match is None:
        code, _, message = text.partition(":")
        known = bool(re.fullmatch(r"[A-Z_]+", code))
        return (code, without_values(message), ()) if known else ("ERROR", without_values(text), ())
    fields = tuple(name.strip() for name in (match[3] or "").split(",") if name.strip())
    return match[1], without_values(match[2]), fields
