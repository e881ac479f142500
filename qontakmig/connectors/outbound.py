"""The one module that opens connections to other systems. Nothing else imports an HTTP library.

Every request gets: a host and address check (the checked address is the one connected to), a total
deadline over all its attempts, a cap on the answer, checks of type and length, at most two repeats
if it only reads, a line in the call log. Proxy variables and redirects are ignored.
"""

from __future__ import annotations

import random
import ssl
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import Cookie, DefaultCookiePolicy
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx
import requests
from requests.structures import CaseInsensitiveDict

from qontakmig.connectors import http
from qontakmig.connectors.addresses import HostPolicy
from qontakmig.connectors.errors import (
    ConnectorError,
    RateLimitedError,
    StopError,
    TransientError,
)
from qontakmig.connectors.http import Answer, Call, Expect, label
from qontakmig.connectors.ratelimit import AdaptiveLimiter

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
TOTAL_SECONDS = 60.0
UPLOAD_SECONDS = 180.0
MAX_ANSWER_BYTES = 64_000_000
ATTEMPTS = 3
LONGEST_PAUSE_SECONDS = 5.0
"""Longest wait for the rate in place; a longer one goes back to the caller as state."""
UPLOAD_CHUNK_BYTES = 1 << 16
KEEPALIVE_SECONDS = 15.0

HeaderMaker = Callable[[str, str, float], Mapping[str, str]]
"""(method, request target as on the wire, server time) → headers; called for each attempt."""
CallLog = Callable[[Call], None]

_random = random.SystemRandom()


class _Deadline(threading.local):
    """When the request that this thread is making has to be over (monotonic seconds)."""

    at: float = float("inf")
    all_at: float = float("inf")
    """When all requests of the present ``within`` block have to be over."""

    def left(self, limit: float | None) -> float:
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("total deadline")
        return left if limit is None else min(left, limit)


class _Stream(httpcore.NetworkStream):
    """A connection whose every read and write also ends at the request's total deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(timeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Resolves a name once, checks all addresses, connects to what was checked."""

    def __init__(self, policy: HostPolicy, deadline: _Deadline) -> None:
        self._policy = policy
        self._deadline = deadline
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError("no address")
        for address in self._policy.resolve(host, port):
            try:
                stream = self._inner.connect_tcp(
                    address, port, self._deadline.left(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
                continue
            return _Stream(stream, self._deadline)
        raise failure


class _Transport(httpx.HTTPTransport):
    def __init__(self, context: ssl.SSLContext, backend: httpcore.NetworkBackend) -> None:
        # httpx has no parameter for the backend; its transport needs only the pool.
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=32,
            max_keepalive_connections=16,
            keepalive_expiry=KEEPALIVE_SECONDS,
            network_backend=backend,
        )


def _tls(ca_file: str | None, system: str) -> ssl.SSLContext:
    context = httpx.create_ssl_context(trust_env=False)
    if ca_file:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError):
            raise StopError(
                "The certificate file of this connection cannot be read.",
                system=system,
                code="ca_file_unreadable",
                advice="Give the path of a readable PEM file, or leave it empty.",
            ) from None
    return context


class Outbound:
    """Requests of one connection. Threads may share it. Use as a context manager or ``close``."""

    def __init__(
        self,
        policy: HostPolicy,
        *,
        ca_file: str | None = None,
        on_call: CallLog | None = None,
        limiter: AdaptiveLimiter | None = None,
    ) -> None:
        self.system = policy.system
        self.policy = policy
        self.clock_offset = 0.0
        self._on_call = on_call
        self._limiter = limiter or AdaptiveLimiter()
        self._deadline = _Deadline()
        self._client = httpx.Client(
            transport=_Transport(_tls(ca_file, policy.system), _Backend(policy, self._deadline)),
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            headers={"User-Agent": "qontakmig", "Accept-Encoding": "gzip"},
        )
        self._client.cookies.jar.set_policy(_NoCookies())

    def __enter__(self) -> Outbound:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """End all requests that this thread makes in the block within ``seconds`` from now.

        For writes of several requests: none may be sent after the caller's lease ran out. One that
        finds no time left is not sent and raises TransientError ``timeout``.
        """
        before = self._deadline.all_at
        self._deadline.all_at = min(before, time.monotonic() + seconds)
        try:
            yield
        finally:
            self._deadline.all_at = before

    def now(self) -> float:
        """Return the time as the other side has it, in epoch seconds."""
        return time.time() + self.clock_offset

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | HeaderMaker | None = None,
        body: bytes = b"",
        expect: Expect = "json",
        parse: bool = True,
        reads: bool | None = None,
        server_faults: bool = False,
        total_seconds: float = TOTAL_SECONDS,
        max_bytes: int = MAX_ANSWER_BYTES,
    ) -> Answer:
        """Send a request and return the whole answer, whatever its status below 500 but 429.

        reads          nothing changes on the other side, so it may be sent again; by default
                       true for GET and HEAD
        server_faults  return answers of 500 and above too (SOAP puts its faults there)
        total_seconds  for all attempts together

        Raises RateLimitedError, TransientError (``unreachable``, ``network``, ``timeout``,
        ``server_error``, ``bad_answer``; ``maybe_done`` when a write may have arrived) and
        StopError (``host_refused``, ``tls_failed``, ``answer_too_large``).
        """
        self.policy.check_url(url)
        may_repeat = method in ("GET", "HEAD") if reads is None else reads
        end = min(time.monotonic() + total_seconds, self._deadline.all_at)
        if time.monotonic() >= end:
            raise self._trouble("timeout", "had no time left to answer", writes=False)
        attempt = 1
        while True:
            self._pause(end)
            try:
                answer = self._send(method, url, headers, body, end, max_bytes, not may_repeat)
                self._check(answer, expect, parse, server_faults, maybe_done=not may_repeat)
                return answer
            except RateLimitedError:
                raise
            except TransientError as error:
                pause = _random.uniform(0.05, 0.2) * 3**attempt
                out_of_time = time.monotonic() + pause + 1 > end
                if not may_repeat or attempt == ATTEMPTS or out_of_time:
                    raise
                if error.code == "unreachable" and attempt > 1:
                    raise
                attempt += 1
                time.sleep(pause)

    def _pause(self, end: float) -> None:
        wait = self._limiter.reserve()
        if wait > min(LONGEST_PAUSE_SECONDS, end - time.monotonic()):
            self._limiter.give_back()
            raise RateLimitedError(
                f"{label(self.system)} asked for fewer requests.",
                retry_after=wait,
                system=self.system,
            )
        if wait > 0:
            time.sleep(wait)

    def _send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | HeaderMaker | None,
        body: bytes,
        end: float,
        max_bytes: int,
        writes: bool,
    ) -> Answer:
        parsed = httpx.URL(url)
        target = parsed.raw_path.decode("ascii")
        made = headers(method, target, self.now()) if callable(headers) else headers
        request = self._client.build_request(
            method, parsed, headers={**(made or {}), **_length(body, method)}, content=_parts(body)
        )
        started = time.monotonic()
        self._deadline.at = end
        try:
            answer = self._receive(request, max_bytes, writes)
        except ConnectorError as error:
            self._log(method, parsed, None, started, len(body), error.code)
            raise
        finally:
            self._deadline.at = float("inf")
        self._log(method, parsed, answer, started, len(body), "")
        self._learn_clock(answer)
        return answer

    def _receive(self, request: httpx.Request, max_bytes: int, writes: bool) -> Answer:
        try:
            response = self._client.send(request, stream=True)
            try:
                body = self._body(response, max_bytes)
            finally:
                response.close()
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise self._unreachable(request.url.host, error) from None
        except (httpx.TimeoutException, httpcore.TimeoutException):
            raise self._trouble("timeout", "did not answer in time", writes) from None
        except (httpx.HTTPError, httpcore.ProtocolError, httpcore.NetworkError):
            raise self._trouble("network", "broke off the connection", writes) from None
        found = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, found, body, str(request.url))

    def _body(self, response: httpx.Response, max_bytes: int) -> bytes:
        parts: list[bytes] = []
        size = 0
        for part in response.iter_bytes():
            size += len(part)
            if size > max_bytes:
                raise StopError(
                    f"{label(self.system)} sent an answer of more than {max_bytes:,} bytes.",
                    system=self.system,
                    code="answer_too_large",
                )
            parts.append(part)
        return b"".join(parts)

    def _check(
        self, answer: Answer, expect: Expect, parse: bool, server_faults: bool, *, maybe_done: bool
    ) -> None:
        if answer.status == 429:
            wait = self._limiter.refused(http.retry_after_seconds(answer.headers))
            raise RateLimitedError(
                f"{label(self.system)} asked for fewer requests.",
                retry_after=wait,
                system=self.system,
            )
        self._limiter.answered()
        if answer.status >= 500 and not server_faults:
            raise TransientError(
                f"{label(self.system)} answered with a fault of its own (HTTP {answer.status}).",
                system=self.system,
                code="server_error",
                advice="Nothing yet: it is tried again. The vendor's status page may say more.",
                maybe_done=maybe_done,
            )
        http.check_type(answer, expect, system=self.system, maybe_done=maybe_done)
        if parse and expect == "json" and answer.status < 300:
            answer.data = http.parse_json(answer, system=self.system, maybe_done=maybe_done)

    def _unreachable(self, host: str, error: Exception) -> ConnectorError:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            return StopError(
                f"The certificate of {host} is not one that this machine trusts.",
                system=self.system,
                code="tls_failed",
                advice="Check the address; for an own authority name its certificate file.",
            )
        return TransientError(
            f"{label(self.system)} cannot be reached: {host} does not accept a connection.",
            system=self.system,
            code="unreachable",
            advice="Check the address in the connection, and this machine's network.",
        )

    def _trouble(self, code: str, what: str, writes: bool) -> TransientError:
        return TransientError(
            f"{label(self.system)} {what}.",
            system=self.system,
            code=code,
            advice="Nothing yet: it is tried again.",
            maybe_done=writes,
        )

    def _learn_clock(self, answer: Answer) -> None:
        """Keep the difference between the server's clock and ours (rule R10)."""
        theirs = http.server_time(answer.headers)
        if theirs is not None:
            # The header has whole seconds: half a second is the expected rest.
            self.clock_offset = theirs + 0.5 - time.time()

    def _log(
        self,
        method: str,
        url: httpx.URL,
        answer: Answer | None,
        started: float,
        sent: int,
        error: str,
    ) -> None:
        if self._on_call is None:
            return
        self._on_call(
            Call(
                system=self.system,
                method=method,
                host=url.host,
                path=http.path_template(url.path),
                status=answer.status if answer else 0,
                seconds=time.monotonic() - started,
                sent_bytes=sent,
                received_bytes=len(answer.body) if answer else 0,
                quota=http.quota_headers(answer.headers) if answer else {},
                error=error,
            )
        )


def _length(body: bytes, method: str) -> dict[str, str]:
    return {"Content-Length": str(len(body))} if body or method in ("POST", "PUT", "PATCH") else {}


def _parts(body: bytes) -> bytes | Iterator[bytes]:
    """Return the body in parts when it is large: httpcore copies the unsent rest at each send."""
    if len(body) <= UPLOAD_CHUNK_BYTES:
        return body
    view = memoryview(body)
    starts = range(0, len(body), UPLOAD_CHUNK_BYTES)
    return (bytes(view[start : start + UPLOAD_CHUNK_BYTES]) for start in starts)


class _NoCookies(DefaultCookiePolicy):
    """An API needs no cookies; the CDN before Qontak sets some."""

    def set_ok(self, cookie: Cookie, request: urllib.request.Request) -> bool:
        return False


MAX_RESULT_BYTES = 400_000_000
"""A result list repeats every uploaded column: above the 100 MB that a job takes."""
_CSV_ENDINGS = ("results", "unprocessedrecords")
_NOT_SENT = ("content-length", "x-prettyprint")
"""Pretty printing, which simple-salesforce asks for, makes answers half as long again."""


class SessionForSimpleSalesforce(requests.Session):
    """What simple-salesforce takes for a ``requests`` session; everything goes through Outbound.

    simple-salesforce sets no deadline and writes ``https://`` into every URL. ``plain_http_host``
    is the host (with port) of a practice org that speaks http.
    """

    def __init__(self, outbound: Outbound, *, plain_http_host: str | None = None) -> None:
        super().__init__()
        self.trust_env = False
        self._outbound = outbound
        self._plain_http_host = plain_http_host

    def request(  # type: ignore[override]
        self, method: str, url: str, **options: Any
    ) -> requests.Response:
        """Send and return as ``requests`` would. Raises what ``Outbound.request`` raises."""
        wanted = ("headers", "params", "data", "json", "files")
        prepared = requests.Request(
            method.upper(), url, **{name: options[name] for name in wanted if name in options}
        ).prepare()
        body = prepared.body or b""
        answer = self._outbound.request(
            method.upper(),
            self._scheme(prepared.url or url),
            headers={k: v for k, v in prepared.headers.items() if k.lower() not in _NOT_SENT},
            body=body.encode() if isinstance(body, str) else body,
            expect="csv" if url.lower().endswith(_CSV_ENDINGS) else "json",
            parse=False,
            total_seconds=UPLOAD_SECONDS if method.upper() == "PUT" else TOTAL_SECONDS,
            max_bytes=MAX_RESULT_BYTES,
        )
        return _as_requests(answer, prepared)

    def _scheme(self, url: str) -> str:
        if self._plain_http_host and urlsplit(url).netloc == self._plain_http_host:
            return "http" + url.removeprefix("https")
        return url


def _as_requests(answer: Answer, prepared: requests.PreparedRequest) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status
    response.headers = CaseInsensitiveDict(answer.headers)
    response._content = answer.body
    response.url = answer.url
    response.request = prepared
    # Salesforce sends UTF-8 and at times no charset; requests would then guess Latin-1.
    response.encoding = "utf-8"
    return response
