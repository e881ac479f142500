"""The Salesforce practice orgs, one sandbox and one production, as the kit serves them."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from qontakmig.simulators.kit.clock import Clock
from qontakmig.simulators.kit.messages import Request, Response
from qontakmig.simulators.kit.practice_org import PracticeOrg, Switch, UnknownSwitch
from qontakmig.simulators.salesforce.http import (
    identity,
    jwt,
    oauth,
    rest,
    soap_login,
    soap_metadata,
    versions,
)
from qontakmig.simulators.salesforce.http.bulk_query import BulkQuery
from qontakmig.simulators.salesforce.http.bulk_v1 import BulkV1
from qontakmig.simulators.salesforce.http.calls import Reply, error_reply, write
from qontakmig.simulators.salesforce.http.deploying import Deploys
from qontakmig.simulators.salesforce.http.durability import JoinedLog
from qontakmig.simulators.salesforce.http.ingest import Ingest
from qontakmig.simulators.salesforce.http.people import colleagues
from qontakmig.simulators.salesforce.http.queries import Cursors
from qontakmig.simulators.salesforce.http.sessions import Sessions
from qontakmig.simulators.salesforce.org import Org, OrgError
from qontakmig.simulators.salesforce.org.dates import print_moment
from qontakmig.simulators.salesforce.org.errors import no_such_object
from qontakmig.simulators.salesforce.org.switches import SWITCHES as ENGINE_SWITCHES
from qontakmig.simulators.salesforce.org.switches import check as check_engine_switch

_ON_OFF = ("on", "off")


class SalesforceOrg(PracticeOrg):
    """What both have in common; ``sandbox`` tells them apart.

    ``engine`` holds schema and rows; this class adds log-ins, jobs and the web.
    """

    tls = True
    sandbox = True
    SWITCHES: ClassVar[dict[str, Switch]] = {
        **{name: Switch(default, about) for name, (default, _, about) in ENGINE_SWITCHES.items()},
        "token_lifetime_seconds": Switch("0", "access tokens end so long after issue; 0: never"),
        "soap_login": Switch("on", "SOAP login() is available up to API v64", _ON_OFF),
        "run_as_user": Switch("on", "the app has a user for client credentials", _ON_OFF),
        "consent": Switch("ask", "what the consent page does", ("ask", "auto", "deny")),
        "bulk_delay_seconds": Switch("0", "bulk jobs wait so long before they are worked on"),
        "deploy_delay_seconds": Switch("0", "deploys wait so long before they run"),
    }

    def __init__(
        self,
        *,
        seed: int = 1,
        sizes: Mapping[str, int] | None = None,
        switches: Mapping[str, str] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.engine: Org | None = None  # type: ignore[assignment]
        super().__init__(seed=seed, sizes=sizes, switches=switches, clock=clock)
        self._key_file: Path | None = None
        self._build(None)

    def _build(self, log_path: Path | None) -> None:
        """Make the engine, fresh or from its log, and everything that hangs on its ids."""
        self.engine = Org(
            sandbox=self.sandbox,
            seed=self.seed,
            edition=self.switches["edition"],
            switches={name: self.switches[name] for name in ENGINE_SWITCHES},
            clock=self.clock.utcnow,
            extra_users=colleagues(self.seed),
            log_path=log_path,
        )
        self.joined_log = JoinedLog(self.engine)
        self.org_id, self.admin_id = self.engine.org_id, self.engine.user_id
        secret = f"{self.name} {self.seed}"
        self.sessions = Sessions(self.org_id, secret, self.clock)
        self.sessions.lifetime_seconds = float(self.switches["token_lifetime_seconds"])
        self.client_id = f"3MVG9{_invented(secret, 'client id', 75)}"
        self.client_secret = _invented(secret, "client secret", 64).upper()
        self.password = f"Praktik-{_invented(secret, 'password', 10)}"
        self.security_token = _invented(secret, "security token", 24)
        self.jwt_public_key, self.jwt_private_pem = self._jwt_key()
        self.codes: dict[str, dict[str, Any]] = {}
        self.cursors = Cursors()
        self.ingest = Ingest(self)
        self.bulk_query = BulkQuery(self)
        self.bulk_v1 = BulkV1(self)
        self.deploys = Deploys(self)
        self._schema_seen = (0, 0)
        self._schema_changed_at = 0.0

    def _jwt_key(self) -> tuple[Any, str]:
        """Return the app's registered key; with a state folder it stays the same."""
        if self._key_file is not None and self._key_file.exists():
            pem = self._key_file.read_text()
            return jwt.public_half(pem), pem
        key, pem = jwt.make_key()
        if self._key_file is not None:
            self._key_file.touch(mode=0o600)
            self._key_file.write_text(pem)
        return key, pem

    # What the kit asks

    def handle(self, request: Request) -> Response:
        _forgive_leading_slashes(request)
        path = request.path.lower()
        before = self.engine.changed
        try:
            if path.rstrip("/") == "/services/data":
                return write(Reply(200, versions.listing()), request)
            if path.startswith("/services/data/"):
                return rest.answer(self, request)
            if path.startswith("/services/async/"):
                return self.bulk_v1.answer(request, rest.session_of(self, request))
            if path.startswith("/services/oauth2/"):
                return oauth.answer(self, request)
            if path.startswith("/services/soap/m/"):
                return soap_metadata.answer(self, request)
            if path.startswith(("/services/soap/u/", "/services/soap/c/")):
                return soap_login.answer(self, request)
            if path.startswith("/id/"):
                return identity.answer_identity(self, request)
            return write(error_reply(no_such_object()), request)
        finally:
            self.changes += self.engine.changed - before

    def work(self, budget_seconds: float) -> bool:
        deadline = time.monotonic() + budget_seconds
        while self.deploys.work() or self.bulk_query.work():
            if time.monotonic() >= deadline:
                return True
        return self.ingest.work(deadline) or self.bulk_v1.work(deadline)

    def dump(self) -> dict[str, Any]:
        """Return {object: {id: row}} of live rows, and the custom fields under "#fields"."""
        content = self.engine.dump()
        return {**content["rows"], "#fields": content["fields"]}

    def stats(self) -> dict[str, int]:
        return self.engine.counts()

    def details(self) -> dict[str, Any]:
        return {"sandbox": self.sandbox, "organization_id": self.org_id, "name": self.org_name}

    def credentials(self) -> dict[str, Any]:
        return {
            "access_token": self.sessions.standing_token(self.admin_id, "access"),
            "refresh_token": self.sessions.standing_token(self.admin_id, "refresh"),
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "username": self.username,
            "password": self.password,
            "security_token": self.security_token,
            "jwt_private_key": self.jwt_private_pem,
            "user_id": self.admin_id,
        }

    def rate_limited(self, retry_after_seconds: int) -> Response:
        """Return 403 without Retry-After: Salesforce has no per-minute limit to speak of."""
        return self.failure(429)

    def failure(self, status: int) -> Response:
        code, message = {
            403: ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
            429: (
                "REQUEST_LIMIT_EXCEEDED",
                "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
            ),
            401: ("INVALID_SESSION_ID", "Session expired or invalid"),
            503: ("SERVER_UNAVAILABLE", "Server unavailable"),
        }.get(status, ("UNKNOWN_EXCEPTION", "An unexpected error occurred. ErrorId: 1-1 (1)"))
        shown = 403 if status == 429 else status
        return Response.json([{"errorCode": code, "message": message}], shown)

    def act(self, action: Mapping[str, Any]) -> Any:
        """Do what an administrator does in Setup.

        {"do": "expire_sessions"}                      every access token ends
        {"do": "save", "operation": "insert", "object": "Contact", "rows": [...]}
        """
        what = action.get("do")
        if what == "expire_sessions":
            self.sessions.expire_all()
            return {"done": what}
        if what == "save":
            before = self.engine.changed
            try:
                results = self.engine.save(
                    action["operation"], action["object"], action["rows"], self.admin_id
                )
            except OrgError as error:
                raise UnknownSwitch(str(error)) from None
            self.changes += self.engine.changed - before
            return [
                {"id": r.id, "success": r.success, "errors": [e.csv() for e in r.errors]}
                for r in results
            ]
        raise UnknownSwitch(f"no action {what!r}; there are: expire_sessions, save")

    def switch_changed(self, name: str, value: str) -> None:
        if name.endswith("_seconds"):
            try:
                float(value)
            except ValueError:
                raise UnknownSwitch(f"{self.name}.{name} takes a number, not {value!r}") from None
        if self.engine is None:
            self._check_engine_switch(name, value)
        elif name in ENGINE_SWITCHES:
            try:
                self.engine.set_switch(name, value)
            except OrgError as error:
                raise UnknownSwitch(error.message) from None
        elif name == "token_lifetime_seconds":
            self.sessions.lifetime_seconds = float(value)

    def _check_engine_switch(self, name: str, value: str) -> None:
        if name in ENGINE_SWITCHES:
            try:
                check_engine_switch(name, value)
            except OrgError as error:
                raise UnknownSwitch(error.message) from None

    # Durability: the engine keeps one log, into which the jobs' events go too

    def load(self, state_dir: Path) -> None:
        """Go on from ``state_dir/<name>.log``, or begin it."""
        state_dir.mkdir(parents=True, exist_ok=True)
        self._key_file = state_dir / f"{self.name}.jwt.pem"
        path = state_dir / f"{self.name}.log"
        self._build(path)
        self.ingest.folder = state_dir / f"{self.name}.jobs"
        for event in self.joined_log.events(path):
            self.ingest.replay(event)
        self.ingest.resume()

    def record(self, change: Any) -> None:
        self.changes += 1
        self.joined_log.append(change)

    @contextmanager
    def one_change(self) -> Iterator[None]:
        """Make the rows saved and the events recorded inside survive together, or not at all."""
        before = self.engine.changed
        with self.joined_log.joined(), self.engine.transaction():
            yield
        self.changes += self.engine.changed - before

    # What the endpoints ask

    @property
    def username(self) -> str:
        return self.user(self.admin_id)["Username"]

    @property
    def org_name(self) -> str:
        return self.engine.tables["Organization"].live[self.org_id]["Name"]

    def user(self, user_id: str) -> dict[str, Any]:
        """Return a User row."""
        return self.engine.tables["User"].live[user_id]

    def log_in(self, username: str, password: str) -> str | None:
        """Return the id of the user these belong to: the password with the token appended."""
        good = password == self.password + self.security_token
        return self.admin_id if good and username.lower() == self.username.lower() else None

    def object_name(self, name: str) -> str:
        """Return an object's name as the org spells it. Raises OrgError 404."""
        return self.engine.sobject(name).name

    def next_id(self, prefix: str) -> str:
        return self.engine.new_id(prefix)

    def moment(self, seconds: float) -> str:
        """Return epoch seconds as the API prints a date-time."""
        return print_moment(datetime.fromtimestamp(seconds, UTC))

    def schema_changed_at(self) -> float:
        """Return when describes last changed, in epoch seconds, as far as anyone has asked."""
        seen = (self.engine.schema.version, self.engine.access.version)
        if seen != self._schema_seen:
            self._schema_seen, self._schema_changed_at = seen, self.clock.now()
        return self._schema_changed_at


class SalesforceSandbox(SalesforceOrg):
    name = "salesforce"


class SalesforceProduction(SalesforceOrg):
    name = "salesforce_production"
    sandbox = False


def _forgive_leading_slashes(request: Request) -> None:
    """Read "//services" as "/services": Salesforce's own CLI keeps a slash at the instance URL."""
    if request.raw_target.startswith("//"):
        request.raw_target = "/" + request.raw_target.lstrip("/")
        request.path = "/" + request.path.lstrip("/")


def _invented(secret: str, purpose: str, length: int) -> str:
    """Return a credential that follows from the seed."""
    text = "".join(hashlib.sha256(f"{secret} {purpose} {n}".encode()).hexdigest() for n in range(2))
    return text[:length]
