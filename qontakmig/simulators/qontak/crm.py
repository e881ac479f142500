"""CRM v3.1: routes of contacts, companies, deals and pipelines, the same on both hosts."""

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from qontakmig.simulators.kit.messages import Request, Response
from qontakmig.simulators.qontak import envelopes, history, pipelines, templates, writes
from qontakmig.simulators.qontak.crm_lists import Lists
from qontakmig.simulators.qontak.people import User
from qontakmig.simulators.qontak.rows import Row

if TYPE_CHECKING:
    from qontakmig.simulators.qontak.org import QontakOrg

_RECORD = re.compile(r"(contacts|companies|deals)/(\d{1,15})(?:/([a-z_-]+))?")
_PIPELINE = re.compile(r"pipelines/(\d{1,9})(/stages)?")
NO_RECORD = "Couldn't find record with that ID"

Answer = Response | None


class Crm:
    """Answers one CRM request; the caller has checked who asks."""

    def __init__(self, org: "QontakOrg") -> None:
        self._org, self._content = org, org.content
        self._lists = Lists(org.content, org.switches)

    def answer(self, request: Request, path: str, user: User) -> Response:
        """Return the answer to ``path`` below the CRM base, without slashes at its ends."""
        try:
            found = self._route(request, path, user)
        except writes.Rejected as reason:
            return self._failed(422, str(reason))
        return found or self._failed(404, NO_RECORD)

    def _route(self, request: Request, path: str, user: User) -> Answer:
        kind, _, rest = path.partition("/")
        if kind in templates.FIELDS and request.method == "GET" and rest == "info":
            return self._ok(templates.info(kind, self._org.seed))
        if kind in templates.FIELDS and not rest:
            return self._collection(kind, request, user)
        if match := _RECORD.fullmatch(path):
            return self._record(match[1], int(match[2]), match[3], request, user)
        if request.method != "GET":
            return None
        if path == "pipelines":
            return self._ok([pipelines.pipeline_json(one) for one in pipelines.pipelines()])
        match = _PIPELINE.fullmatch(path)
        pipeline = pipelines.find_pipeline(int(match[1])) if match else None
        if match is None or pipeline is None:
            return None
        if match[2]:
            return self._ok([pipelines.stage_json(stage) for stage in pipeline.stages])
        return self._ok(pipelines.pipeline_json(pipeline))

    def _collection(self, kind: str, request: Request, user: User) -> Answer:
        if request.method == "GET":
            return self._envelope(self._lists.page(kind, request, user))
        if request.method != "POST":
            return None
        row = writes.create(self._content, kind, _body(request), user, self._now_ms())
        self._org.record({"kind": kind, "row": row})
        return self._ok(self._content.read(kind, row["id"]))

    def _record(
        self, kind: str, record_id: int, part: str | None, request: Request, user: User
    ) -> Answer:
        row = self._content.read(kind, record_id)
        if row is None or not self._lists.visible(row, user):
            return None
        if part is None:
            change: dict[str, Callable[[], Response]] = {
                "GET": lambda: self._one(kind, row),
                "PUT": lambda: self._update(kind, row, _body(request), user),
                "DELETE": lambda: self._delete(kind, record_id),
            }
            return change[request.method]() if request.method in change else None
        if part == "update_owner" and request.method == "PUT":
            writes.set_owner(self._content, row, _body(request).get("creator_id"))
            return self._update(kind, row, {}, user)
        tell = history.PARTS.get((kind, part)) if request.method == "GET" else None
        return self._ok(tell(self._org.seed, row)) if tell else None

    def _one(self, kind: str, row: Row) -> Response:
        listed = kind == "contacts" and self._org.switches["contact_shape"] == "list"
        return self._ok([row] if listed else row)

    def _update(self, kind: str, row: Row, body: Row, user: User) -> Response:
        row = writes.update(self._content, kind, row, body, user, self._now_ms())
        self._org.record({"kind": kind, "row": row})
        if self._org.switches["put_answer"] == "meta":
            return self._envelope({})
        return self._ok(self._content.read(kind, row["id"]))

    def _delete(self, kind: str, record_id: int) -> Response:
        self._content.delete(kind, record_id)
        self._org.record({"kind": kind, "delete": record_id})
        return self._envelope({})

    def _now_ms(self) -> int:
        return int(self._org.clock.now() * 1000)

    def _ok(self, response: Any) -> Response:
        return self._envelope({"response": response})

    def _envelope(self, content: Row) -> Response:
        meta = envelopes.meta(200, self._org.clock.now(), self._org.next_log_id())
        return Response.json({"meta": meta, **content})

    def _failed(self, status: int, reason: str) -> Response:
        meta = envelopes.meta(status, self._org.clock.now(), self._org.next_log_id(), reason)
        return Response.json({"meta": meta}, status)


def _body(request: Request) -> Row:
    """Return the body as an object, from JSON or a form. Raises Rejected."""
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
    try:
        body = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        raise writes.Rejected("Body is not valid JSON") from None
    if not isinstance(body, dict):
        raise writes.Rejected("Body must be an object")
    return body
