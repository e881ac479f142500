"""A Qontak account as ``SourceConnector``, read through its APIs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from qontakmig.connectors.base import (
    Identity,
    ObjectDescribe,
    Pipeline,
    SourcePage,
    SourceRecord,
    Stage,
)
from qontakmig.connectors.errors import (
    AuthError,
    PermissionMissing,
    RejectedError,
)
from qontakmig.connectors.http import bad_answer
from qontakmig.connectors.outbound import CallLog
from qontakmig.connectors.qontak import templates, users
from qontakmig.connectors.qontak.capabilities import OBJECTS, Capability, permissions, probe
from qontakmig.connectors.qontak.client import SYSTEM, QontakClient
from qontakmig.connectors.qontak.paging import Fetch, RawPage, read
from qontakmig.connectors.qontak.records import Flattener
from qontakmig.connectors.qontak.slices import Sliced, begin, read_slice
from qontakmig.connectors.tokens import TokenStore


class QontakSource:
    """One Qontak account.

    config    base_url (default: the Mekari gateway), practice, ca_file, sso_id (UUID of the acting
              user), auth (``hmac`` or ``oauth``; guessed), chat_base_url (legacy hosts only)
    secrets   gateway: crm_client_id, crm_client_secret, chat_client_id, chat_client_secret (chat
              is optional); legacy: access_token or refresh_token or username and password, with
              client_id and client_secret where the account has an application, and the same with
              the prefix ``chat_``. Names may also stand in config.
    on_call   gets one ``http.Call`` for each request
    on_tokens stores renewed tokens of the legacy hosts; see ``tokens.TokenStore``
    """

    system = SYSTEM

    def __init__(
        self,
        config: Mapping[str, Any],
        secrets: Mapping[str, Any],
        *,
        on_call: CallLog | None = None,
        on_tokens: TokenStore | None = None,
    ) -> None:
        self._client = QontakClient(config, secrets, on_call=on_call, on_tokens=on_tokens)
        self._config = dict(config)
        self._templates: dict[str, list[Mapping[str, Any]]] = {}
        self._flatteners: dict[str, Flattener] = {}
        self._capabilities: dict[str, Capability] | None = None
        self._users: list[SourceRecord] | None = None
        self._pipelines: list[Pipeline] | None = None

    def close(self) -> None:
        self._client.close()

    def capabilities(self) -> Mapping[str, Capability]:
        """Return what this connection can read, with the reason for what it cannot."""
        if self._capabilities is None:
            self._capabilities = probe(self._client)
        return self._capabilities

    def identify(self) -> Identity:
        """Return who we are, as far as chat's user list tells, and what can be read.

        Raises PermissionMissing when no object can be read at all.
        """
        self._capabilities = None
        found = self.capabilities()
        readable = [name for name in OBJECTS if found[name].present]
        if not readable:
            raise PermissionMissing(
                f"Qontak lets this connection read nothing. {found['contacts'].reason}",
                system=SYSTEM,
                advice="Mekari developer portal › the application › scopes: qontak-crm:all.",
            )
        people = users.chat_users(self._client) if found["chat users"].present else []
        sso_id = str(self._config.get("sso_id") or "")
        me = next((p for p in people if sso_id and p.get("sso_id") == sso_id), None)
        company = me or (people[0] if people else {})
        return Identity(
            organization_id=str(company.get("company_id") or self._organization_id()),
            organization_name="",
            user_id=sso_id,
            user_name=str(me["full_name"]) if me else "",
            host=self._client.base("crm").split("/")[2],
            permissions=permissions(found),
            notes=tuple(_notes(found, sso_id, me)),
        )

    def _organization_id(self) -> str:
        try:
            rows = self._client.get("crm", "/pipelines").get("response") or [{}]
        except (PermissionMissing, RejectedError):
            return ""
        return str(rows[0].get("organization_id") or "")

    def objects(self) -> Sequence[str]:
        found = self.capabilities()
        readable = [name for name in OBJECTS if found[name].present]
        return ("users", *readable) if readable else ()

    def describe(self, object_name: str) -> ObjectDescribe:
        if object_name == "users":
            return templates.users_describe()
        template = self._template(object_name)
        answer = self._client.get("crm", f"/{object_name}", {"page": 1, "per_page": 25})
        seen: dict[str, Any] = {}
        for raw in _rows(answer):
            seen |= self._flattener(object_name).record(raw).values
        described = templates.describe_object(object_name, template, seen)
        return self._with_stages(described) if object_name == "deals" else described

    def _with_stages(self, deals: ObjectDescribe) -> ObjectDescribe:
        """The template has no options for pipeline and stage; the pipelines have."""
        return templates.with_pipeline_options(deals, self.pipelines())

    def count(self, object_name: str) -> int | None:
        if object_name == "users":
            return len(self._all_users())
        answer = self._client.get("crm", f"/{object_name}", {"page": 1, "per_page": 1})
        return _number(answer.get("total_data"))

    def read_page(self, object_name: str, cursor: str | None = None) -> SourcePage:
        """Return up to 100 records, at times none though more follow.

        See ``paging`` for what keeps the list whole, ``slices`` for lists cut off by the vendor.
        """
        if object_name == "users":
            found = self._all_users()
            return SourcePage(found, None, len(found))
        place = Sliced.load(cursor)
        total = None
        if place is None:
            try:
                rows, following, total = read(self._fetch(object_name, {}), cursor)
            except RejectedError as error:
                today = datetime.fromtimestamp(self._client.now(), UTC).date()
                place = begin(object_name, cursor, error, self.pipelines, today)
        if place is not None:
            rows, following = read_slice(
                object_name, place, lambda params: self._fetch(object_name, params)
            )
        flattener = self._flattener(object_name)
        return SourcePage([flattener.record(row) for row in rows], following, total)

    def _fetch(self, object_name: str, params: Mapping[str, str]) -> Fetch:
        def fetch(page: int, per_page: int) -> RawPage:
            asked: dict[str, str | int] = {**params, "page": page, "per_page": per_page}
            answer = self._client.get("crm", f"/{object_name}", asked)
            return RawPage(
                _rows(answer), _number(answer.get("total_page")), _number(answer.get("total_data"))
            )

        return fetch

    def pipelines(self) -> Sequence[Pipeline]:
        """Return the deal pipelines with their stages in order; inactive ones too."""
        if self._pipelines is None:
            self._pipelines = [
                Pipeline(
                    id=str(row["id"]),
                    name=str(row.get("name") or ""),
                    active=bool(row.get("active", True)),
                    stages=self._stages(str(row["id"])),
                )
                for row in _rows(self._client.get("crm", "/pipelines"))
            ]
        return self._pipelines

    def _stages(self, pipeline_id: str) -> tuple[Stage, ...]:
        rows = _rows(self._client.get("crm", f"/pipelines/{pipeline_id}/stages"))
        stages = [
            Stage(
                id=str(row["id"]),
                name=str(row.get("name") or ""),
                order=_number(row.get("order")) or 0,
                win_probability=_fraction(row.get("win_probability")),
                active=bool(row.get("active", True)),
            )
            for row in rows
        ]
        # Orders may repeat within a pipeline; the id settles it.
        return tuple(sorted(stages, key=lambda stage: (stage.order, int(stage.id))))

    def _all_users(self) -> list[SourceRecord]:
        if self._users is None:
            found = [self._template(name) for name in ("deals", "contacts", "companies")]
            chat: list[Mapping[str, Any]] = []
            if self._client.has("chat"):
                try:
                    chat = users.chat_users(self._client)
                except (AuthError, PermissionMissing, RejectedError):
                    chat = []
            self._users = users.user_records(users.owner_options(found), chat)
        return self._users

    def _template(self, object_name: str) -> list[Mapping[str, Any]]:
        if object_name not in OBJECTS:
            raise RejectedError(
                f"Qontak has no object {object_name}.", system=SYSTEM, code="not_found"
            )
        if object_name not in self._templates:
            try:
                self._templates[object_name] = _rows(
                    self._client.get("crm", f"/{object_name}/info")
                )
            except (PermissionMissing, RejectedError):
                if self.capabilities()[object_name].present:
                    raise
                self._templates[object_name] = []
        return self._templates[object_name]

    def _flattener(self, object_name: str) -> Flattener:
        if object_name not in self._flatteners:
            types = templates.custom_types(self._template(object_name))
            self._flatteners[object_name] = Flattener(object_name, types)
        return self._flatteners[object_name]


def _notes(found: Mapping[str, Capability], sso_id: str, me: Mapping[str, Any] | None) -> list[str]:
    notes = []
    if me is not None and me.get("role") != "admin":
        notes.append(
            f"The acting user is no administrator ({me.get('role')}): records of other teams stay"
            " invisible."
        )
    if not sso_id:
        notes.append("No SSO id is given: what is visible depends on the credential's owner.")
    elif me is None and found["chat users"].present:
        notes.append("The SSO id belongs to none of the omnichannel users.")
    if not found["chat users"].present:
        notes.append(
            "Roles and some e-mail addresses of users are missing: " + found["chat users"].reason
        )
    return notes


def _rows(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    rows = answer.get("response")
    if not isinstance(rows, list):
        raise bad_answer(SYSTEM, "a list has no rows", False)
    return rows


def _number(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) else None


def _fraction(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
