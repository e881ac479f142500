"""Salesforce as ``TargetConnector``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from qontakmig.connectors.base import (
    DeployState,
    Evidence,
    Identity,
    ObjectDescribe,
    ReadPage,
    SchemaItem,
    TargetRow,
    TargetUser,
    WritePlan,
    WriteResult,
)
from qontakmig.connectors.errors import WrongOrganization
from qontakmig.connectors.http import parse_time
from qontakmig.connectors.outbound import TOTAL_SECONDS, UPLOAD_SECONDS, CallLog
from qontakmig.connectors.salesforce import bulk, collections, limits, metadata
from qontakmig.connectors.salesforce.dependents import dependents
from qontakmig.connectors.salesforce.describe import object_describe
from qontakmig.connectors.salesforce.faults import SYSTEM
from qontakmig.connectors.salesforce.query import (
    count,
    in_lists,
    query,
    select,
    soql_text,
    target_row,
)
from qontakmig.connectors.salesforce.session import Session
from qontakmig.connectors.tokens import TokenStore

WRITE_SECONDS = TOTAL_SECONDS
"""For all calls of one ``write`` together: the caller's lease covers that and no more."""


class SalesforceTarget:
    """One Salesforce org.

    config    base_url (My Domain address; required), practice, ca_file, sandbox (True or False:
              what this connection promises; checked before anything is written),
              organization_id (the org this must be, 15 or 18 characters), auth (``token``,
              ``refresh_token``, ``client_credentials``, ``jwt``, ``password``; guessed from the
              secrets otherwise), login_url, username, client_id
    secrets   access_token, instance_url, refresh_token, client_id, client_secret, private_key,
              username, password, security_token: those that the way to log in needs
    on_call   gets one ``http.Call`` for each request
    on_tokens stores renewed tokens under a lock; see ``tokens.TokenStore``
    """

    system = SYSTEM
    job_threshold = 2000
    retry_codes = frozenset(
        {
            "UNABLE_TO_LOCK_ROW",
            "QUERY_TIMEOUT",
            "REQUEST_RUNNING_TOO_LONG",
            "SERVER_UNAVAILABLE",
            "UNKNOWN_EXCEPTION",
        }
    )
    """Row codes that the retry table of the reference (section 5) says to send again."""

    def __init__(
        self,
        config: Mapping[str, Any],
        secrets: Mapping[str, Any],
        *,
        on_call: CallLog | None = None,
        on_tokens: TokenStore | None = None,
    ) -> None:
        self._config = dict(config)
        self._session = Session(config, secrets, on_call=on_call, on_tokens=on_tokens)
        self._raw: dict[str, Mapping[str, Any]] = {}
        self._describes: dict[str, ObjectDescribe] = {}
        self._readable: set[str] = set()
        self._user_id = ""
        self._organization: Mapping[str, Any] | None = None

    def close(self) -> None:
        self._session.close()

    # who and what

    def identify(self) -> Identity:
        """Return who we are and what is left. Raises WrongOrganization, AuthError and the like."""
        self._organization = None
        org = self._promised_organization()
        return limits.identity(
            self._session, org, self.describe("Account"), self.describe("Contact")
        )

    def _promised_organization(self) -> Mapping[str, Any]:
        """Return the org's row once it is known to be the one this connection promises."""
        if self._organization is None:
            org = limits.organization(self._session)
            self._refuse_other_kind(org)
            self._organization = org
        return self._organization

    def _refuse_other_kind(self, org: Mapping[str, Any]) -> None:
        name, found = str(org.get("Name") or org["Id"]), bool(org.get("IsSandbox"))
        expected = self._config.get("organization_id")
        if expected and str(expected)[:15] != str(org["Id"])[:15]:
            raise WrongOrganization(
                f"{name} is another Salesforce org than the one this project was connected to.",
                system=SYSTEM,
                code="other_organization",
                advice="Nothing was written. Connect the first org again, or start a new project.",
            )
        promised = self._config.get("sandbox")
        if promised is None or bool(promised) == found:
            return
        kinds = {True: "a sandbox", False: "a production org"}
        raise WrongOrganization(
            f"{name} is {kinds[found]}, but this connection promises {kinds[bool(promised)]}.",
            system=SYSTEM,
            advice="Nothing was written. Check the address: a sandbox has"
            " '.sandbox.my.salesforce.com' in it. A Developer Edition counts as production.",
        )

    def describe(self, object_name: str) -> ObjectDescribe:
        """Return the object as this user sees it; kept until the schema is changed here."""
        if object_name not in self._describes:
            self._describes[object_name] = object_describe(self._raw_describe(object_name))
        return self._describes[object_name]

    def _raw_describe(self, object_name: str) -> Mapping[str, Any]:
        if object_name not in self._raw:
            self._raw[object_name] = self._session.rest(f"sobjects/{object_name}/describe")
        return self._raw[object_name]

    def _forget_describes(self) -> None:
        self._raw.clear()
        self._describes.clear()

    def users(self) -> Iterator[TargetUser]:
        """Yield the people among the users; automatic ones cannot own records."""
        rows = query(
            self._session,
            "SELECT Id, Name, Email, Username, IsActive FROM User WHERE UserType = 'Standard'",
        )
        for row in rows:
            yield TargetUser(
                id=str(row["Id"]),
                name=str(row.get("Name") or ""),
                email=str(row.get("Email") or ""),
                username=str(row.get("Username") or ""),
                active=bool(row.get("IsActive")),
            )

    # schema

    def deploy_start(self, items: Sequence[SchemaItem], *, check_only: bool) -> str:
        self._promised_organization()
        return metadata.deploy_start(self._session, items, self.describe, check_only=check_only)

    def deploy_state(self, deploy_id: str, items: Sequence[SchemaItem]) -> DeployState:
        self._forget_describes()
        return metadata.deploy_state(self._session, deploy_id, items)

    def grant_access(self, items: Sequence[SchemaItem]) -> None:
        self._promised_organization()
        metadata.grant_access(self._session, items)
        self._forget_describes()

    def schema_remove(self, items: Sequence[SchemaItem]) -> DeployState:
        self._promised_organization()
        state = metadata.schema_remove(self._session, items, self.describe)
        self._forget_describes()
        return state

    # writing

    def write(self, plan: WritePlan) -> list[WriteResult]:
        with self._session.outbound.within(WRITE_SECONDS):
            self._promised_organization()
            return collections.write(self._session, plan, lambda: self.describe(plan.object))

    def job_open(self, plan: WritePlan) -> str:
        with self._session.outbound.within(WRITE_SECONDS):
            self._promised_organization()
            return bulk.job_create(self._session, plan)

    def job_send(self, job_id: str, plan: WritePlan) -> None:
        with self._session.outbound.within(UPLOAD_SECONDS):
            bulk.job_upload(self._session, job_id, plan)

    def job_sent(self, job_id: str) -> bool:
        return bulk.job_closed(self._session, job_id)

    def job_results(self, job_id: str, plan: WritePlan) -> list[WriteResult] | None:
        return bulk.job_results(self._session, job_id, plan)

    def job_abort(self, job_id: str) -> None:
        bulk.job_abort(self._session, job_id)

    # reading back

    def find_by_key(
        self, object_name: str, key_field: str, keys: Sequence[str], fields: Sequence[str]
    ) -> dict[str, list[TargetRow]]:
        asked = {key.casefold(): key for key in keys}
        found: dict[str, list[TargetRow]] = {}
        head = f"{select(object_name, key_field, fields)} WHERE {key_field}"
        for soql in in_lists(head, keys):
            for raw in query(self._session, soql):
                row = target_row(raw, key_field, fields)
                # Salesforce compares text without regard to case.
                key = asked.get((row.key or "").casefold())
                if key is not None:
                    found.setdefault(key, []).append(row)
        return found

    def find_by_id(
        self, object_name: str, ids: Sequence[str], fields: Sequence[str], key_field: str
    ) -> dict[str, TargetRow]:
        asked = {id_[:15]: id_ for id_ in ids}
        head = f"{select(object_name, key_field, fields)} WHERE Id"
        rows = (
            target_row(raw, key_field, fields)
            for soql in in_lists(head, ids)
            for raw in query(self._session, soql)
        )
        return {asked[row.id[:15]]: row for row in rows}

    def read_open(self, object_name: str, key_field: str, fields: Sequence[str]) -> str:
        soql = f"{select(object_name, key_field, fields)} WHERE {key_field} != null"
        return bulk.query_create(self._session, soql)

    def read_page(self, job_id: str, cursor: str | None, key_field: str) -> ReadPage | None:
        return bulk.query_page(self._session, job_id, cursor, key_field)

    def count_keyed(self, object_name: str, key_field: str) -> int:
        soql = f"SELECT COUNT() FROM {object_name} WHERE {key_field} != null"  # noqa: S608
        return count(self._session, soql)

    def evidence(self, object_name: str, key_field: str, ids: Sequence[str]) -> dict[str, Evidence]:
        """Evidence for those of ``ids`` that exist; time from SystemModstamp."""
        asked = {id_[:15]: id_ for id_ in ids}
        fields = ("CreatedById", "LastModifiedById", "SystemModstamp")
        found = {}
        for soql in in_lists(f"{select(object_name, key_field, fields)} WHERE Id", ids):
            for raw in query(self._session, soql):
                row = target_row(raw, key_field, fields)
                created, modified = row.values["CreatedById"], row.values["LastModifiedById"]
                found[asked[row.id[:15]]] = Evidence(
                    id=row.id,
                    key=row.key,
                    created_by=None if created is None else str(created),
                    modified_by=None if modified is None else str(modified),
                    modified_at=parse_time(row.values["SystemModstamp"]),
                )
        return found

    def last_change(self, object_name: str, key_field: str, user_id: str) -> datetime | None:
        rows = query(
            self._session,
            f"SELECT MAX(SystemModstamp) latest FROM {object_name} "  # noqa: S608  names of ours
            f"WHERE {key_field} != null AND LastModifiedById = {soql_text(user_id)}",
        )
        return parse_time(next(iter(rows)).get("latest"))

    def dependents(self, object_name: str, ids: Sequence[str]) -> dict[str, int]:
        if not self._readable:
            listed = self._session.rest("sobjects")
            self._readable = {
                str(entry["name"]) for entry in listed["sobjects"] if entry.get("queryable")
            }
        if not self._user_id:
            self._user_id, _ = limits.user(self._session)
        raw = self._raw_describe(object_name)
        return dependents(self._session, object_name, ids, raw, self._readable, self._user_id)
