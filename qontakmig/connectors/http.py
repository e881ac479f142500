"""Reading answers: what an HTTP status, header or body means before anybody uses it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from qontakmig.connectors.errors import TransientError

Expect = Literal["json", "csv", "any"]
LABELS = {"qontak": "Qontak", "salesforce": "Salesforce"}
EPOCH_FROM = 1_000_000_000
"""A reset header above this counts seconds since 1970, below it seconds from now."""
LONGEST_WAIT_SECONDS = 86_400.0


def label(system: str) -> str:
    """Return the vendor's name as people write it."""
    return LABELS.get(system, system.capitalize() or "The other side")


@dataclass(slots=True)
class Answer:
    """One whole answer. Header names are in lower case; ``data`` is the parsed JSON, if asked."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    data: Any = field(default=None)

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Call:
    """One line of the call log: no bodies, no query values, no ids.

    ``status`` is 0 when no answer came; ``error`` then has the error's code.
    """

    system: str
    method: str
    host: str
    path: str
    status: int
    seconds: float
    sent_bytes: int
    received_bytes: int
    quota: Mapping[str, str]
    error: str = ""


_SEGMENT_IDS = re.compile(
    r"(?<=/)(?:\d+|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|[0-9a-fA-F]{32}"
    r"|(?=[^/]*\d)[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?(?:-\d+)?)(?=/|$)"
)
_QUOTA_HEADERS = ("sforce-limit-info", "retry-after", "x-ratelimit-limit", "x-ratelimit-remaining")


def path_template(path: str) -> str:
    """Return ``path`` without ids: ``/contacts/12/timeline`` → ``/contacts/{id}/timeline``."""
    return _SEGMENT_IDS.sub("{id}", path)


def quota_headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: headers[name] for name in _QUOTA_HEADERS if name in headers}


def retry_after_seconds(headers: Mapping[str, str], *, now: float | None = None) -> float | None:
    """Return how long the other side asks us to wait, None when it does not say.

    Understands ``Retry-After`` as seconds or as a date, else ``X-RateLimit-Reset`` and
    ``RateLimit-Reset`` (small numbers are seconds, large ones an epoch). A date is measured
    against the answer's own ``Date``, so that a wrong clock here does no harm.
    """
    server_now = server_time(headers)
    if server_now is None:
        server_now = time.time() if now is None else now
    text = headers.get("retry-after", "").strip()
    wait = _seconds(text)
    if wait is None and text:
        asked = _http_date(text)
        wait = None if asked is None else asked - server_now
    if wait is None:
        reset = headers.get("x-ratelimit-reset", headers.get("ratelimit-reset", ""))
        wait = _seconds(reset)
        if wait is not None and wait >= EPOCH_FROM:
            wait -= server_now
    return None if wait is None else min(max(wait, 0.0), LONGEST_WAIT_SECONDS)


def server_time(headers: Mapping[str, str]) -> float | None:
    """Return the answer's ``Date`` as epoch seconds."""
    return _http_date(headers.get("date", ""))


def parse_json(answer: Answer, *, system: str, maybe_done: bool = False) -> Any:
    """Return the JSON of an answer, None for an empty one with status 204.

    Raises TransientError ``bad_answer`` for HTML, cut-off JSON and the like: a proxy or a
    maintenance page spoke, not the API.
    """
    if answer.status == 204 and not answer.body:
        return None
    try:
        return json.loads(answer.body)
    except ValueError:
        raise bad_answer(system, "its answer is not whole JSON", maybe_done) from None


def check_type(answer: Answer, expect: Expect, *, system: str, maybe_done: bool = False) -> None:
    """Raise TransientError ``bad_answer`` when a good status carries the wrong kind of body."""
    if expect == "any" or answer.status >= 300 or not answer.body:
        return
    kind = answer.content_type
    if kind == "text/html" or (kind and expect not in kind):
        raise bad_answer(system, f"it sent {kind} in place of {expect.upper()}", maybe_done)


def bad_answer(system: str, what: str, maybe_done: bool) -> TransientError:
    return TransientError(
        f"{label(system)} did not answer as its API does: {what}.",
        system=system,
        code="bad_answer",
        advice="Nothing yet: it is tried again. A maintenance page or a proxy looks like this.",
        maybe_done=maybe_done,
    )


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if seconds == seconds and abs(seconds) != float("inf") else None


def _http_date(text: str) -> float | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()


def parse_time(text: object) -> datetime | None:
    """Return an ISO 8601 text as aware UTC, None when it is none."""
    if not isinstance(text, str) or len(text) < 10:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
