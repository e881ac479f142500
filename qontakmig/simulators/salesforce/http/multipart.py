"""multipart/form-data: JSON in one part, bytes in another."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qontakmig.simulators.kit.messages import Request
from qontakmig.simulators.salesforce.org.errors import OrgError

_BOUNDARY = re.compile(r'boundary="?([^";,]+)"?', re.IGNORECASE)
_NAME = re.compile(r'[;\s]name="?([^";]+)"?', re.IGNORECASE)
_FILENAME = re.compile(r'filename="?([^";]*)"?', re.IGNORECASE)


@dataclass(slots=True)
class Part:
    name: str
    filename: str
    content_type: str
    body: bytes


def read(request: Request, body: bytes) -> list[Part]:
    """Return the parts of a multipart body, whatever their names. Raises OrgError."""
    match = _BOUNDARY.search(request.headers.get("content-type", ""))
    if match is None:
        raise OrgError(400, "INVALID_MULTIPART_REQUEST", "The request has no multipart boundary")
    delimiter = b"--" + match[1].encode()
    pieces = (b"\r\n" + body).split(b"\r\n" + delimiter)
    if len(pieces) < 3 or not pieces[-1].startswith(b"--"):
        raise OrgError(400, "INVALID_MULTIPART_REQUEST", "The multipart body is incomplete")
    return [_part(piece) for piece in pieces[1:-1]]


def is_multipart(request: Request) -> bool:
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


def _part(piece: bytes) -> Part:
    head, _, content = piece.partition(b"\r\n\r\n")
    headers: dict[str, str] = {}
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    disposition = headers.get("content-disposition", "")
    name = _NAME.search(disposition)
    filename = _FILENAME.search(disposition)
    return Part(
        name[1] if name else "",
        filename[1] if filename else "",
        headers.get("content-type", ""),
        content,
    )
