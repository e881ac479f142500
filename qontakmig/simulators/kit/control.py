"""The control plane of a practice org, under ``/__practice__/`` on the org's own port.

GET  journal?after=N&limit=M   requests received        DELETE journal  forget them
GET  dump[?object=NAME]        whole content            GET  stats      rows per object
GET  switches   POST switches  {"name": "value"}
GET  faults     POST faults    {"add": ["status=503x3"], "clear": true}   DELETE faults
POST clock      {"offset_seconds": 3600}
POST latency    {"milliseconds": 50}
POST rate_limit {"per_minute": 600}        0 lifts the limit
POST act        whatever the org offers
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from qontakmig.simulators.kit.faults import BadFault
from qontakmig.simulators.kit.messages import Request, Response
from qontakmig.simulators.kit.practice_org import UnknownSwitch

if TYPE_CHECKING:
    from qontakmig.simulators.kit.server import OrgServer

PREFIX = "/__practice__/"


def answer(server: OrgServer, request: Request) -> Response:
    """Answer one request to the control plane; never journalled, never faulted."""
    name = request.path[len(PREFIX) :].strip("/")
    handler = _HANDLERS.get((request.method, name))
    if handler is None:
        return Response.json({"error": f"no {request.method} {name}", "see": __doc__}, 404)
    try:
        body = json.loads(request.body) if request.body else {}
        return Response.json(handler(server, request, body))
    except (BadFault, UnknownSwitch, KeyError, TypeError, ValueError) as error:
        return Response.json({"error": f"{type(error).__name__}: {error}"}, 400)


def _journal(server: OrgServer, request: Request, body: Any) -> Any:
    after = int(request.param("after") or 0)
    limit = int(request.param("limit") or 1000)
    return {"requests": server.journal.after(after, limit)}


def _forget_journal(server: OrgServer, request: Request, body: Any) -> Any:
    server.journal.clear()
    return {"requests": []}


def _dump(server: OrgServer, request: Request, body: Any) -> Any:
    content = server.org.dump()
    wanted = request.param("object")
    return {wanted: content.get(wanted, {})} if wanted else content


def _stats(server: OrgServer, request: Request, body: Any) -> Any:
    return server.org.stats()


def _switches(server: OrgServer, request: Request, body: Any) -> Any:
    for name, value in body.items():
        server.org.set_switch(name, str(value))
    return server.org.switches


def _faults(server: OrgServer, request: Request, body: Any) -> Any:
    if body.get("clear"):
        server.faults.clear()
    server.faults.add(body.get("add", []))
    return {"faults": server.faults.listing()}


def _clear_faults(server: OrgServer, request: Request, body: Any) -> Any:
    server.faults.clear()
    return {"faults": []}


def _clock(server: OrgServer, request: Request, body: Any) -> Any:
    server.org.clock.offset_seconds = float(body["offset_seconds"])
    return {"offset_seconds": server.org.clock.offset_seconds}


def _latency(server: OrgServer, request: Request, body: Any) -> Any:
    server.latency_ms = float(body["milliseconds"])
    return {"milliseconds": server.latency_ms}


def _rate_limit(server: OrgServer, request: Request, body: Any) -> Any:
    server.rate_limit.per_minute = int(body["per_minute"])
    return {"per_minute": server.rate_limit.per_minute}


def _act(server: OrgServer, request: Request, body: Any) -> Any:
    return server.org.act(body)


_HANDLERS = {
    ("GET", "journal"): _journal,
    ("DELETE", "journal"): _forget_journal,
    ("GET", "dump"): _dump,
    ("GET", "stats"): _stats,
    ("GET", "switches"): _switches,
    ("POST", "switches"): _switches,
    ("GET", "faults"): _faults,
    ("POST", "faults"): _faults,
    ("DELETE", "faults"): _clear_faults,
    ("POST", "clock"): _clock,
    ("POST", "latency"): _latency,
    ("POST", "rate_limit"): _rate_limit,
    ("POST", "act"): _act,
}
