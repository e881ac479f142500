"""The request an org is handed and the response it gives back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Request:
    """One HTTP request, whole.

    path        percent-decoded path without the query
    raw_target  path and query exactly as on the wire
    query       decoded, every value of a repeated name in order
    headers     names in lower case; repeated headers joined with ", "
    body        the whole body, chunked uploads joined
    scheme      "http" or "https", by the listener the request came through
    """

    method: str
    path: str
    raw_target: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    scheme: str = "http"

    def param(self, name: str, default: str | None = None) -> str | None:
        """Return the first value of a query parameter."""
        values = self.query.get(name)
        return values[0] if values else default


@dataclass(slots=True)
class Response:
    """What goes back. An iterable body is sent in chunks as it is produced."""

    status: int = 200
    body: bytes | Iterable[bytes] = b""
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, obj: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        """Return a JSON answer, compact and in UTF-8."""
        text = json.dumps(obj, ensure_ascii=False, separators=(",", ":"))
        all_headers = {"content-type": "application/json; charset=utf-8", **(headers or {})}
        return cls(status, text.encode(), all_headers)

    @classmethod
    def text(cls, text: str, status: int = 200, content_type: str = "text/plain") -> Response:
        """Return text in UTF-8 under the given content type."""
        return cls(status, text.encode(), {"content-type": f"{content_type}; charset=utf-8"})
