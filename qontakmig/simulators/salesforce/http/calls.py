"""One API call inside the org: what a handler is given, what it returns, how that is written."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qontakmig.simulators.kit.messages import Request, Response
from qontakmig.simulators.salesforce.org.errors import OrgError

if TYPE_CHECKING:
    from qontakmig.simulators.salesforce.http.practice_org import SalesforceOrg
    from qontakmig.simulators.salesforce.http.sessions import Session

JSON = "application/json;charset=UTF-8"
GZIP_FROM_BYTES = 1024


@dataclass(slots=True)
class Reply:
    """A handler's answer. ``data`` is JSON to be written, or bytes or chunks to send as they are.

    None means an empty body.
    """

    status: int = 200
    data: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Call:
    """One authenticated call, whether it came by itself or inside a composite request."""

    org: SalesforceOrg
    request: Request
    session: Session
    version: str

    def body(self) -> bytes:
        """Return the body, unpacked when it came compressed. Raises OrgError."""
        if self.request.headers.get("content-encoding", "").lower() != "gzip":
            return self.request.body
        try:
            return gzip.decompress(self.request.body)
        except (OSError, EOFError, zlib.error):
            raise OrgError(400, "INVALID_CONTENT", "The body is not valid gzip") from None

    def json(self) -> Any:
        """Return the body as JSON. Raises OrgError JSON_PARSER_ERROR."""
        try:
            return json.loads(self.body())
        except (ValueError, RecursionError) as error:
            raise OrgError(400, "JSON_PARSER_ERROR", f"Unexpected character: {error}") from None

    def json_object(self) -> dict[str, Any]:
        """Return the body as a JSON object. Raises OrgError JSON_PARSER_ERROR."""
        body = self.json()
        if not isinstance(body, dict):
            raise OrgError(400, "JSON_PARSER_ERROR", "The HTTP entity body must be a JSON object")
        return body

    def header(self, name: str) -> str:
        return self.request.headers.get(name, "")

    def url(self, rest: str) -> str:
        """Return ``/services/data/v62.0/<rest>``."""
        return f"/services/data/v{self.version}/{rest}"


def error_reply(error: OrgError) -> Reply:
    """Return an error the way single calls state it: a list with one object."""
    body: dict[str, Any] = {"message": error.message, "errorCode": error.code}
    if error.fields:
        body["fields"] = error.fields
    return Reply(error.status, [body])


def write(reply: Reply, request: Request) -> Response:
    """Return the reply as bytes: JSON, pretty when asked, compressed when accepted."""
    headers = dict(reply.headers)
    body: bytes | Iterable[bytes]
    if reply.data is None:
        body = b""
    elif isinstance(reply.data, bytes) or not isinstance(reply.data, dict | list | str):
        body = reply.data
    else:
        pretty = request.headers.get("x-prettyprint") not in (None, "", "0", "false")
        body = _json_bytes(reply.data, pretty=pretty)
        headers.setdefault("content-type", JSON)
    if _wants_gzip(request) and isinstance(body, bytes) and len(body) >= GZIP_FROM_BYTES:
        body = gzip.compress(body, 1, mtime=0)
        headers["content-encoding"] = "gzip"
        headers["vary"] = "Accept-Encoding"
    return Response(reply.status, body, headers)


def _json_bytes(data: Any, *, pretty: bool) -> bytes:
    if pretty:
        return json.dumps(data, ensure_ascii=False, indent=2).encode("utf-8", "replace")
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _wants_gzip(request: Request) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "").lower()
