"""The REST API under ``/services/data/v<version>/``: who may call, and which file answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import unquote

from qontakmig.simulators.kit.messages import Request, Response
from qontakmig.simulators.salesforce.http import (
    allowances,
    composite,
    deploying,
    describes,
    queries,
    rows,
    tooling,
    versions,
)
from qontakmig.simulators.salesforce.http.calls import Call, Reply, error_reply, write
from qontakmig.simulators.salesforce.http.identity import identity_url
from qontakmig.simulators.salesforce.org.errors import OrgError, no_such_object

if TYPE_CHECKING:
    from qontakmig.simulators.salesforce.http.practice_org import SalesforceOrg
    from qontakmig.simulators.salesforce.http.sessions import Session

MAX_URL_BYTES = 16_384
RESOURCES = (
    "sobjects", "query", "queryAll", "composite", "jobs", "limits", "tooling", "search",
    "parameterizedSearch", "recent", "metadata", "actions",
)  # fmt: skip


def answer(org: SalesforceOrg, request: Request) -> Response:
    """Answer one REST request."""
    if len(request.raw_target) > MAX_URL_BYTES:
        return write(error_reply(OrgError(414, "URI_TOO_LONG", "URI Too Long")), request)
    session = session_of(org, request)
    if session is None:
        expired = OrgError(401, "INVALID_SESSION_ID", "Session expired or invalid")
        return write(error_reply(expired), request)
    try:
        org.engine.allowances.use()
        reply = dispatch(org, request, session)
    except OrgError as error:
        reply = error_reply(error)
    reply.headers.setdefault("sforce-limit-info", org.engine.allowances.info())
    return write(reply, request)


def dispatch(org: SalesforceOrg, request: Request, session: Session) -> Reply:
    """Return the reply to one call, top-level or inside a composite request. Raises OrgError."""
    path = request.raw_target.partition("?")[0]
    parts = [unquote(part) for part in path.split("/") if part]
    version = versions.parse(parts[2]) if len(parts) > 2 else None
    if version is None:
        raise no_such_object()
    call = Call(org, request, session, version)
    rest = parts[3:]
    if not rest:
        return Reply(200, _resource_map(call))
    handler = _HANDLERS.get(rest[0].lower())
    if handler is None:
        raise no_such_object()
    return handler(call, rest[1:])


def session_of(org: SalesforceOrg, request: Request) -> Session | None:
    """Return the session of the Authorization or X-SFDC-Session header, if it is good."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() not in ("bearer", "oauth"):
        token = request.headers.get("x-sfdc-session", "")
    return org.sessions.check(token.strip())


def _resource_map(call: Call) -> dict[str, str]:
    links = {name: call.url(name) for name in RESOURCES}
    links["identity"] = identity_url(call.org, call.request, call.session.user_id)
    return links


def _jobs(call: Call, parts: Sequence[str]) -> Reply:
    kind = parts[0].lower() if parts else ""
    if kind == "ingest":
        return call.org.ingest.answer(call, parts[1:])
    if kind == "query":
        return call.org.bulk_query.answer(call, parts[1:])
    raise no_such_object()


def _nothing_found(call: Call, parts: Sequence[str]) -> Reply:
    return Reply(200, {"searchRecords": []})


def _nothing_recent(call: Call, parts: Sequence[str]) -> Reply:
    return Reply(200, [])


_HANDLERS: dict[str, Callable[[Call, Sequence[str]], Reply]] = {
    "sobjects": lambda call, parts: rows.answer(call, parts) or describes.answer(call, parts),
    "query": queries.answer,
    "queryall": queries.answer_all,
    "limits": allowances.answer,
    "composite": composite.answer,
    "jobs": _jobs,
    "metadata": deploying.answer,
    "tooling": tooling.answer,
    "search": _nothing_found,
    "parameterizedsearch": _nothing_found,
    "recent": _nothing_recent,
    "actions": lambda call, parts: Reply(200, {"actions": []}),
}
