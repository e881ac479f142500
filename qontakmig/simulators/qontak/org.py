"""The Qontak practice org: hosts, authentication, rates and content, put together."""

import json
from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qsl
from uuid import UUID

from qontakmig.simulators.kit.messages import Request, Response
from qontakmig.simulators.kit.practice_org import PracticeOrg, Switch, UnknownSwitch
from qontakmig.simulators.kit.rate_limit import RateLimit
from qontakmig.simulators.qontak import actions, envelopes, exports, oauth, pipelines, signing
from qontakmig.simulators.qontak.chat import Chat
from qontakmig.simulators.qontak.content import Content
from qontakmig.simulators.qontak.crm import Crm
from qontakmig.simulators.qontak.draws import draws
from qontakmig.simulators.qontak.people import User, active_users, users, uuid_from
from qontakmig.simulators.qontak.rows import KINDS, Rows

DEFAULT_SIZES = {"contacts": 600, "companies": 150, "deals": 240}
DUMP_MAX = 250_000
"""Records of one ``dump``; larger accounts are read in pieces by the action "dump"."""

CRM_BASE, CHAT_BASE = "/qontak/crm/", "/qontak/chat/v1/"
LEGACY_CRM_BASE, LEGACY_CHAT_BASE = "/api/v3.1/", "/api/open/v1/"
VENDOR_PER_MINUTE = {"crm": 120, "chat": 60}
_NUMBERS: dict[str, Callable[[str], bool]] = {
    "dirt": lambda text: 0 <= float(text) <= 1,
    "max_window": lambda text: int(text) >= 0,
}
_EXPORT_BASES = ("/__practice__/exports/", "/exports/")


class QontakOrg(PracticeOrg):
    """One Qontak account behind the gateway and, at the same port, the legacy hosts.

    sizes   contacts, companies, deals; those not named get DEFAULT_SIZES
    """

    name = "qontak"
    SWITCHES: ClassVar[dict[str, Switch]] = {
        "dirt": Switch("0.01", "share (0..1) of records with a value that fits no other CRM"),
        "rate": Switch("off", "vendor: 120 a minute on CRM, 60 on chat", ("off", "vendor")),
        "retry_after": Switch("present", "the header of a 429", ("present", "absent")),
        "hmac_error_style": Switch("plain", "texts of a refused signature", ("plain", "kong")),
        "digest": Switch("optional", "is a digest asked of writes", ("optional", "required")),
        "query_sign": Switch("any", "signature over a decoded query", ("any", "raw_only")),
        "sso_header": Switch("optional", "X-Crm-User-Sso-Id on CRM", ("optional", "required")),
        "unknown_sso": Switch("401", "status for a stranger's sso id", ("401", "403")),
        "refresh_rotation": Switch("on", "a refresh token serves once", ("on", "off")),
        "per_page_max": Switch("100", "silent clamp, or 422", ("100", "50", "reject")),
        "list_order": Switch("updated", "newest change or newest record", ("updated", "created")),
        "max_window": Switch("0", "422 when page * per_page passes it; 0: no limit"),
        "contact_shape": Switch("object", "GET /contacts/:id", ("object", "list")),
        "put_answer": Switch("record", "what PUT returns", ("record", "meta")),
    }

    def __init__(self, **given: Any) -> None:
        self._answers = 0
        self.content: Content | None = None  # type: ignore[assignment]
        super().__init__(**given)
        self._make_content()
        self.chat = Chat(self)
        self._tokens = {
            "crm": oauth.Tokens("crm", self.seed, self._client("crm"), oauth.CRM_SECONDS),
            "chat": oauth.Tokens("chat", self.seed, self._client("chat"), oauth.CHAT_SECONDS),
        }
        self._limits: dict[str, RateLimit] = {}

    def _make_content(self) -> None:
        sizes = {kind: max(int(self.sizes.get(kind, DEFAULT_SIZES[kind])), 0) for kind in KINDS}
        self.content: Content = Content(Rows(self.seed, sizes, float(self.switches["dirt"])))
        self.crm = Crm(self)

    def set_switch(self, name: str, value: str) -> None:
        try:
            good = _NUMBERS[name](value) if name in _NUMBERS else True
        except ValueError:
            good = False
        if not good:
            raise UnknownSwitch(
                f"qontak.{name} does not take {value!r}: {self.SWITCHES[name].help}"
            )
        if name == "dirt" and self.content is not None and self.changes:
            raise UnknownSwitch("qontak.dirt cannot change once records were changed")
        super().set_switch(name, value)

    def switch_changed(self, name: str, value: str) -> None:
        if name == "dirt" and self.content is not None:
            self._make_content()

    # Who asks

    def credentials(self) -> dict[str, Any]:
        """Return both HMAC pairs, the administrator's sso id, and the legacy logins."""
        admin = users(self.seed)[0]
        return {
            "crm": self._pair("crm"),
            "chat": self._pair("chat"),
            "sso_id": admin.sso_id,
            "agent_sso_id": next(u.sso_id for u in active_users(self.seed) if u.role == "agent"),
            "legacy_crm": _as_dict(self._client("crm")),
            "legacy_chat": _as_dict(self._client("chat")),
        }

    def details(self) -> dict[str, Any]:
        return {"company": "Nusantara Makmur", "paths": {
            "crm": CRM_BASE, "chat": CHAT_BASE, "legacy_crm": LEGACY_CRM_BASE,
            "legacy_chat": LEGACY_CHAT_BASE, "exports": _EXPORT_BASES[1],
        }}  # fmt: skip

    def _pair(self, family: str) -> dict[str, str]:
        r = draws(self.seed, f"credential-{family}", 0)
        return {
            "client_id": f"{family}-{uuid_from(r[:4])[:18]}",
            "client_secret": "".join(f"{word:08x}" for word in r[4:8]),
        }

    def _client(self, family: str) -> oauth.Client:
        r = draws(self.seed, f"legacy-{family}", 0)
        words = ["".join(f"{word:08x}" for word in r[n : n + 4]) for n in range(0, 20, 4)]
        return oauth.Client(users(self.seed)[0].email, f"Rahasia-{words[0][:8]}", *words[1:])

    # Requests

    def handle(self, request: Request) -> Response:
        response = self._routed(request)
        response.headers.setdefault("server", "Mekari")
        response.headers["x-request-id"] = self.next_log_id()
        return response

    def _routed(self, request: Request) -> Response:
        path = request.path
        for base in _EXPORT_BASES:
            if path.startswith(base):
                return self._export(path[len(base) :])
        if path.startswith((CRM_BASE, CHAT_BASE)):
            return self._gateway(request)
        if path in ("/oauth/token", f"{LEGACY_CHAT_BASE}oauth/token"):
            return self._grant(request, "crm" if path == "/oauth/token" else "chat")
        if path.startswith((LEGACY_CRM_BASE, LEGACY_CHAT_BASE)):
            return self._legacy(request)
        return envelopes.gateway(404, "no Route matched with those values")

    def _gateway(self, request: Request) -> Response:
        family = "crm" if request.path.startswith(CRM_BASE) else "chat"
        pairs = {self._pair(name)["client_id"]: name for name in ("crm", "chat")}
        secrets = {key: self._pair(name)["client_secret"] for key, name in pairs.items()}
        kong = self.switches["hmac_error_style"] == "kong"
        try:
            client_id = signing.signer(
                request,
                secrets,
                self.clock.now(),
                raw_only=self.switches["query_sign"] == "raw_only",
                digest_required=self.switches["digest"] == "required",
            )
        except signing.Refused as reason:
            return envelopes.gateway(401, str(reason) if kong else "Unauthorized")
        if wait := self._over_rate(client_id, pairs[client_id]):
            return self.rate_limited(wait)
        if pairs[client_id] != family:
            return envelopes.gateway(
                403, "You cannot consume this service" if kong else "Forbidden"
            )
        if family == "chat":
            return self.chat.answer(request, request.path[len(CHAT_BASE) :].strip("/"))
        user = self._acting(request.headers.get("x-crm-user-sso-id"))
        if user is None:
            status = int(self.switches["unknown_sso"])
            return envelopes.gateway(status, "Unauthorized" if status == 401 else "Forbidden")
        return self.crm.answer(request, request.path[len(CRM_BASE) :].strip("/"), user)

    def _acting(self, sso_id: str | None) -> User | None:
        """Return the acting user: the account's owner when the header is absent."""
        if not sso_id:
            return None if self.switches["sso_header"] == "required" else users(self.seed)[0]
        return next((u for u in active_users(self.seed) if u.sso_id == sso_id), None)

    def _legacy(self, request: Request) -> Response:
        chat = request.path.startswith(LEGACY_CHAT_BASE)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        family = "chat" if chat else "crm"
        valid = self._tokens[family].valid(token.strip(), self.clock.now())
        if scheme.lower() != "bearer" or not valid:
            return Response.json({"error": "invalid_token", "error_description":
                                  "The access token is invalid or expired"}, 401)  # fmt: skip
        if wait := self._over_rate(token, family):
            return self.rate_limited(wait)
        if chat:
            return self.chat.answer(request, request.path[len(LEGACY_CHAT_BASE) :].strip("/"))
        path = request.path[len(LEGACY_CRM_BASE) :].strip("/")
        return self.crm.answer(request, path, users(self.seed)[0])

    def _grant(self, request: Request, family: str) -> Response:
        if request.method != "POST":
            return envelopes.gateway(404, "Not Found")
        rotate = self.switches["refresh_rotation"] == "on"
        fields = _fields(request)
        used = fields.get("refresh_token")

        def keep(grant: oauth.Grant) -> None:
            if self.log is not None:
                self.log.append({"grant": grant, "family": family, "used": used})

        status, body = oauth.grant_answer(
            self._tokens[family], fields, self.clock.now(), rotate=rotate, keep=keep
        )
        return Response.json(body, 201 if status == 200 and family == "chat" else status)

    def _export(self, name: str) -> Response:
        kind, _, form = name.partition(".")
        if kind not in KINDS or form not in exports.FORMATS:
            return envelopes.gateway(404, "Not Found")
        content_type = exports.TYPES["xlsx" if form == "xlsx" else "csv"]
        headers = {
            "content-type": content_type,
            "content-disposition": f"attachment; filename={name}",
        }
        return Response(200, exports.export(self.content, kind, form), headers)

    # Rates and failures

    def _over_rate(self, credential: str, family: str) -> int:
        if self.switches["rate"] != "vendor":
            return 0
        limit = self._limits.setdefault(credential, RateLimit(VENDOR_PER_MINUTE[family]))
        return limit.take()

    def rate_limited(self, retry_after_seconds: int) -> Response:
        present = self.switches["retry_after"] == "present"
        headers = {"retry-after": str(retry_after_seconds)} if present else {}
        return envelopes.gateway(429, "API rate limit exceeded", headers)

    def failure(self, status: int) -> Response:
        texts = {429: "API rate limit exceeded", 502: "Bad Gateway", 503: "Service Unavailable",
                 504: "Gateway Timeout"}  # fmt: skip
        return envelopes.gateway(status, texts.get(status, "Internal Server Error"))

    def next_log_id(self) -> str:
        self._answers += 1
        return str(UUID(int=(self.seed & 0xFFFF) << 96 | self._answers, version=4))

    # Content from outside

    def stats(self) -> dict[str, int]:
        counts = {kind: len(shelf) for kind, shelf in self.content.shelves.items()}
        return {**counts, "users": len(active_users(self.seed)),
                "pipelines": len(pipelines.pipelines()),
                "chat_violations": len(self.chat.violations)}  # fmt: skip

    def dump(self) -> dict[str, Any]:
        total = sum(len(shelf) for shelf in self.content.shelves.values())
        if total > DUMP_MAX:
            raise ValueError(f"{total} records are too many for one dump; use the action dump")
        read = self.content.read
        found: dict[str, Any] = {
            kind: {str(one): read(kind, one) for one in shelf.ids()}
            for kind, shelf in self.content.shelves.items()
        }
        found["users"] = {
            str(u.id): {"name": u.name, "email": u.email, "active": u.active, "role": u.role}
            for u in users(self.seed)
        }
        found["pipelines"] = {
            str(p.id): {**pipelines.pipeline_json(p),
                        "stages": [pipelines.stage_json(s) for s in p.stages]}
            for p in pipelines.pipelines()
        }  # fmt: skip
        return found

    def act(self, action: Mapping[str, Any]) -> Any:
        return actions.act(self, action)

    def replay(self, change: Any) -> None:
        if "grant" in change:
            self._tokens[change["family"]].keep(change["grant"], change["used"])
        elif "delete" in change:
            self.content.delete(change["kind"], change["delete"])
        else:
            self.content.restore(change["kind"], change["row"])


def _as_dict(client: oauth.Client) -> dict[str, str]:
    return {name: getattr(client, name) for name in client.__slots__}


def _fields(request: Request) -> dict[str, str]:
    """Return the fields of a form or JSON body, empty when it is neither."""
    text = request.body.decode("utf-8", "replace")
    if not text.lstrip().startswith("{"):
        return dict(parse_qsl(text, keep_blank_values=True))
    try:
        return {name: str(value) for name, value in json.loads(text).items()}
    except (ValueError, RecursionError):
        return {}
