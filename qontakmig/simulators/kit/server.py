"""One org behind real sockets: uvicorn's HTTP protocol below, the org's ``handle`` above.

uvicorn gives keep-alive, chunked uploads and TLS; we add what it will not do by itself, such as
closing a connection half-way. Requests of all orgs run in one event loop, one at a time.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import traceback
from collections.abc import Callable, Iterable
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs, unquote

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from qontakmig.simulators.kit import control
from qontakmig.simulators.kit.faults import Fault, Faults
from qontakmig.simulators.kit.journal import Journal
from qontakmig.simulators.kit.messages import Request, Response
from qontakmig.simulators.kit.practice_org import PracticeOrg
from qontakmig.simulators.kit.rate_limit import RateLimit

WORK_SLICE_SECONDS = 0.02
IDLE_SECONDS = 0.1
MAX_BODY_BYTES = 600_000_000
"""Above what any vendor takes, so that the org itself can refuse with the vendor's words."""

_HTML = b"<!DOCTYPE html><html><head><title>Maintenance</title></head><body>Down</body></html>"


class _Protocol(HttpToolsProtocol):
    """uvicorn's protocol, telling the application which transport it answers on."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["practice_transport"] = self.transport  # type: ignore[typeddict-unknown-key]


class OrgServer:
    """Serves one org on any number of sockets, with faults, latency, a rate limit, a journal."""

    def __init__(
        self,
        org: PracticeOrg,
        *,
        latency_ms: float = 0,
        rate_limit: int = 0,
        faults: list[str] | None = None,
    ) -> None:
        self.org = org
        self.latency_ms = latency_ms
        self.rate_limit = RateLimit(rate_limit)
        self.faults = Faults(org.seed, faults)
        self.journal = Journal()
        self._wake = asyncio.Event()

    async def listen(self, sock: socket.socket, tls: ssl.SSLContext | None = None) -> None:
        """Start answering on a bound socket."""
        config = Config(
            self,
            http=_Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            interface="asgi3",
            timeout_keep_alive=75,
        )
        config.load()
        state = ServerState()

        def protocol() -> asyncio.Protocol:
            return _Protocol(config=config, server_state=state, app_state={})

        loop = asyncio.get_running_loop()
        await loop.create_server(protocol, sock=sock, ssl=tls, backlog=512)

    async def work(self) -> None:
        """Run the org's background work in slices, between requests, for ever."""
        while True:
            try:
                more = self.org.work(WORK_SLICE_SECONDS)
            except Exception:
                traceback.print_exc()
                more = False
            self.org.flush()
            if more:
                await asyncio.sleep(0)
                continue
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), IDLE_SECONDS)
            except TimeoutError:
                continue

    async def __call__(self, scope: Any, receive: Callable[..., Any], send: Any) -> None:
        """Answer one request (the ASGI entry point)."""
        body = await _read_body(receive)
        if body is None:
            return
        request = _request(scope, body)
        if request.path.startswith(control.PREFIX):
            response = control.answer(self, request)
            self.org.flush()
            self._wake.set()
            await _send(send, response, self._date())
            return
        await self._answer(request, send, scope["practice_transport"])

    async def _answer(self, request: Request, send: Any, transport: Any) -> None:
        entry = self.journal.open(request, self.org.clock.now())
        if self.latency_ms:
            await asyncio.sleep(self.latency_ms / 1000)
        wait = self.rate_limit.take()
        fault = None if wait else self.faults.pick(request)
        if fault is not None:
            entry["fault"] = fault.text
        if fault is not None and fault.name == "drop_before":
            await _drop(transport)
            return
        if fault is not None and fault.name == "slow":
            await asyncio.sleep(fault.value)
        response = self.org.rate_limited(wait) if wait else self._injected(fault)
        if response is None:
            before = self.org.changes
            response = self._handle(request)
            entry["committed"] = self.org.changes != before
            self.org.flush()
            self._wake.set()
        if fault is not None and fault.name == "drop_after":
            await _drop(transport)
            return
        entry["status"] = response.status
        if fault is not None and fault.name == "truncate":
            await _send_half(send, response, self._date(), transport)
        elif fault is not None and fault.name == "drip":
            await _drip(send, response, self._date(), transport, fault.value)
        else:
            await _send(send, response, self._date())

    def _injected(self, fault: Fault | None) -> Response | None:
        """Return the answer a fault gives in place of handling the request."""
        if fault is not None and fault.name == "status":
            return self.org.failure(int(fault.value))
        if fault is not None and fault.name == "html_200":
            return Response(200, _HTML, {"content-type": "text/html; charset=utf-8"})
        return None

    def _handle(self, request: Request) -> Response:
        try:
            return self.org.handle(request)
        except Exception:
            traceback.print_exc()
            return self.org.failure(500)

    def _date(self) -> str:
        return formatdate(self.org.clock.now(), usegmt=True)


async def _read_body(receive: Callable[..., Any]) -> bytes | None:
    """Return the whole body; None when the client left or sent more than any vendor takes."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message["body"])
        size += len(message["body"])
        if size > MAX_BODY_BYTES:
            raise ValueError("request body too large")
        if not message["more_body"]:
            return parts[0] if len(parts) == 1 else b"".join(parts)


def _request(scope: Any, body: bytes) -> Request:
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    raw_path = scope["raw_path"].decode("latin-1")
    raw_query = scope["query_string"].decode("latin-1")
    return Request(
        method=scope["method"],
        path=unquote(raw_path, errors="replace"),
        raw_target=f"{raw_path}?{raw_query}" if raw_query else raw_path,
        query=parse_qs(raw_query, keep_blank_values=True) if raw_query else {},
        headers=headers,
        body=body,
        scheme=scope["scheme"],
    )


def _headers(response: Response, date: str) -> list[tuple[bytes, bytes]]:
    headers = {"date": date, **response.headers}
    if isinstance(response.body, bytes) and response.status not in (204, 304):
        headers["content-length"] = str(len(response.body))
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


async def _send(send: Any, response: Response, date: str) -> None:
    await _start(send, response, date)
    if isinstance(response.body, bytes):
        await send({"type": "http.response.body", "body": response.body})
        return
    for part in response.body:
        await send({"type": "http.response.body", "body": part, "more_body": True})
        await asyncio.sleep(0)
    await send({"type": "http.response.body", "body": b""})


async def _start(send: Any, response: Response, date: str) -> None:
    headers = _headers(response, date)
    await send({"type": "http.response.start", "status": response.status, "headers": headers})


async def _send_half(send: Any, response: Response, date: str, transport: Any) -> None:
    whole = _whole(response.body)
    await _start(send, response, date)
    half = whole[: len(whole) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})
    transport.close()
    await asyncio.sleep(0.01)


async def _drip(send: Any, response: Response, date: str, transport: Any, seconds: float) -> None:
    whole = _whole(response.body)
    await _start(send, response, date)
    for position in range(len(whole)):
        if transport.is_closing():
            return
        part = whole[position : position + 1]
        await send({"type": "http.response.body", "body": part, "more_body": True})
        await asyncio.sleep(seconds)
    await send({"type": "http.response.body", "body": b""})


def _whole(body: bytes | Iterable[bytes]) -> bytes:
    return body if isinstance(body, bytes) else b"".join(body)


async def _drop(transport: Any) -> None:
    """Close the connection at once and let the protocol notice before we return to it."""
    transport.abort()
    await asyncio.sleep(0.01)
