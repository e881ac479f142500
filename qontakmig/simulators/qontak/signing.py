"""Mekari HMAC: who signed a request, or how it was refused."""

import base64
import hashlib
import hmac
import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import unquote

from qontakmig.simulators.kit.messages import Request

CLOCK_SKEW_SECONDS = 300

_PARAMETER = re.compile(r'(\w+)="([^"]*)"')
_FIXDATE = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r" \d{4} \d\d:\d\d:\d\d GMT"
)
_BAD_DATE = (
    "HMAC signature cannot be verified, a valid date or x-date header is required"
    " for HMAC Authentication"
)
_BAD_SIGNATURE = "HMAC signature does not match"


class Refused(Exception):
    """The signature does not hold; the message is the text that the "kong" error style shows."""


def signer(
    request: Request,
    secrets: dict[str, str],
    now: float,
    *,
    raw_only: bool = False,
    digest_required: bool = False,
) -> str:
    """Return the client id that signed the request with its secret.

    secrets    {client_id: client_secret}
    now        seconds since the epoch; the Date header may be 300 s off
    raw_only   the query must be signed as it is on the wire, not percent-decoded

    Raises Refused.
    """
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    given = dict(_PARAMETER.findall(rest))
    if scheme.lower() != "hmac" or "username" not in given:
        raise Refused("Unauthorized")
    if given.get("algorithm") != "hmac-sha256" or given.get("headers") != "date request-line":
        raise Refused(_BAD_SIGNATURE)
    date = _checked_date(request, now)
    secret = secrets.get(given["username"])
    if secret is None:
        raise Refused(_BAD_SIGNATURE)
    targets = [request.raw_target] if raw_only else [request.raw_target, _decoded(request)]
    expected = (
        _signature(secret, date, f"{request.method} {target} HTTP/1.1") for target in targets
    )
    offered = given.get("signature", "").encode()
    if not any(hmac.compare_digest(one.encode(), offered) for one in expected):
        raise Refused(_BAD_SIGNATURE)
    _check_digest(request, digest_required)
    return given["username"]


def _signature(secret: str, date: str, request_line: str) -> str:
    text = f"date: {date}\n{request_line}".encode()
    return base64.b64encode(hmac.new(secret.encode(), text, hashlib.sha256).digest()).decode()


def _decoded(request: Request) -> str:
    """Return the target as the official SDK signs it: the query percent-decoded."""
    path, mark, query = request.raw_target.partition("?")
    return f"{path}{mark}{unquote(query)}"


def _checked_date(request: Request, now: float) -> str:
    date = request.headers.get("date", "")
    if not _FIXDATE.fullmatch(date):
        raise Refused(_BAD_DATE)
    try:
        moment = parsedate_to_datetime(date).replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise Refused(_BAD_DATE) from None
    if abs(moment - now) > CLOCK_SKEW_SECONDS:
        raise Refused(_BAD_DATE)
    return date


def _check_digest(request: Request, required: bool) -> None:
    given = request.headers.get("digest")
    if given is None:
        if required and request.method in ("POST", "PUT", "PATCH", "DELETE"):
            raise Refused("HMAC signature does not match")
        return
    found = base64.b64encode(hashlib.sha256(request.body).digest()).decode()
    if given.removeprefix("SHA-256=") != found:
        raise Refused("HMAC signature does not match")
