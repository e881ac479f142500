"""Each kind of bad input ends in a sentence that says what happened and what to do."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from mapping import services as mapping_services
from mapping.opening import draft_from_accounts
from mapping.rehearsing import review_as_proposed
from projects.discovery import DiscoveryRefused, discovery_drive, discovery_start
from projects.models import Connection
from qontakmig.connectors.base import FieldDescribe, FieldType
from qontakmig.connectors.qontak.source import QontakSource
from runs import services
from runs.errors import RunRefused
from tests.e2e.conftest import control

pytestmark = pytest.mark.django_db


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def assert_told(connection, *words):
    """The connection failed in words for people: what happened, what to do, and no secret."""
    assert connection.state == Connection.State.FAILED
    for word in words:
        assert word.casefold() in f"{connection.problem} {connection.advice}".casefold()
    assert connection.problem.endswith(".")
    assert connection.advice
    assert "Traceback" not in connection.problem


@pytest.mark.parametrize(
    ("side", "system", "changes", "words"),
    [
        (
            "source",
            "qontak",
            {"crm_client_secret": "not-the-secret"},
            ("does not accept", "client secret"),
        ),
        ("sandbox", "salesforce", {"refresh_token": "not-the-token"}, ("connect",)),
        ("sandbox", "salesforce", {"client_secret": "not-the-secret"}, ("client",)),
    ],
)
def test_wrong_credentials_are_told_without_them(connected, side, system, changes, words):
    connection = connected(side, system, **changes)
    assert_told(connection, *words)
    assert not any(text in connection.problem for text in changes.values())


def test_a_production_org_where_a_sandbox_was_promised_is_refused(connected):
    assert_told(connected("sandbox", "salesforce_production"), "production", "sandbox")


def test_a_sandbox_where_the_production_org_was_promised_is_refused(connected):
    assert_told(connected("production", "salesforce"), "production", "sandbox")


def test_credentials_without_the_crm_scope_are_told_which_scope_is_missing(connected, orgs):
    chat = orgs["qontak"]["credentials"]["chat"]
    connection = connected(
        "source",
        "qontak",
        crm_client_id=chat["client_id"],
        crm_client_secret=chat["client_secret"],
    )
    assert_told(connection, "crm")


@pytest.mark.parametrize(("side", "system"), [("source", "qontak"), ("sandbox", "salesforce")])
def test_an_unreachable_host_is_told_by_name(connected, side, system):
    connection = connected(side, system, base_url=f"http://127.0.0.1:{free_port()}")
    assert_told(connection, "127.0.0.1")


def test_an_expired_handed_over_token_asks_to_connect_again(connected):
    connection = connected("sandbox", "salesforce", credentials={"access_token": "00D1!expired"})
    assert_told(connection, "connect", "again")


def test_an_audit_without_a_working_connection_is_refused(connected, project, consultant):
    connected("source", "qontak", crm_client_secret="not-the-secret")
    with pytest.raises(DiscoveryRefused, match="Connect Qontak and test the connection first"):
        discovery_start(project=project, actor=consultant)


# ---------------------------------------------------------------- odd accounts


@pytest.fixture
def drafted(connected, project, consultant):
    """Audit the account and propose a map, with ``change`` applied to the source's describes."""

    def draft():
        for side, system in (("source", "qontak"), ("sandbox", "salesforce")):
            assert connected(side, system).state == Connection.State.WORKING
        found = discovery_drive(discovery_start(project=project, actor=consultant))
        assert found.state == "done", found.problem
        return draft_from_accounts(
            project=project, discovery=found, environment="sandbox", actor=consultant
        )

    return draft


@pytest.fixture
def more_fields(monkeypatch):
    """Let the account describe further fields of an object and fill them in every record."""

    def add(object_name, fields, value):
        describe, read_page = QontakSource.describe, QontakSource.read_page

        def described(self, name):
            found = describe(self, name)
            if name == object_name:
                found = replace(found, fields=(*found.fields, *fields))
            return found

        def filled(self, name, *arguments, **options):
            page = read_page(self, name, *arguments, **options)
            if name != object_name:
                return page
            extra = {field.name: value for field in fields}
            records = [replace(r, values={**r.values, **extra}) for r in page.records]
            return replace(page, records=records)

        monkeypatch.setattr(QontakSource, "describe", described)
        monkeypatch.setattr(QontakSource, "read_page", filled)

    return add


def lines_of(version, phase):
    lines = version.objects_drafted.get(phase=phase).lines.all()
    return {line.source_field: line for line in lines}


def test_a_field_without_a_label_is_shown_by_its_name_and_mapped(drafted, more_fields):
    nameless = FieldDescribe("custom_77", "", FieldType.TEXT, "Single-line text", custom=True)
    more_fields("companies", [nameless], "isi")
    line = lines_of(drafted(), "accounts")["custom_77"]
    assert line.outcome["action"] in ("custom", "field")
    assert line.label == "custom_77"


def test_three_hundred_fields_are_proposed_and_confirmed(drafted, more_fields, consultant):
    fields = [
        FieldDescribe(f"extra_{n}", f"Kolom {n}", FieldType.TEXT, "Single-line text", custom=True)
        for n in range(300)
    ]
    more_fields("companies", fields, "isi")
    version = drafted()
    assert sum(name.startswith("extra_") for name in lines_of(version, "accounts")) == 300
    assert review_as_proposed(version, consultant) == []
    confirmed = mapping_services.version_confirm(
        version=version, actor=consultant, role="consultant"
    )
    assert len(confirmed.content_hash) == 64


def test_nothing_moves_before_the_map_is_confirmed(drafted, project, consultant):
    with pytest.raises(RunRefused, match="Nothing moves before it is confirmed"):
        services.run_create(
            project=project, environment="sandbox", map_version=drafted(), actor=consultant
        )


def test_nothing_moves_to_production_before_the_sandbox_was_signed_off(
    drafted, project, consultant
):
    version = drafted()
    review_as_proposed(version, consultant)
    version = mapping_services.version_confirm(version=version, actor=consultant, role="consultant")
    with pytest.raises(RunRefused, match="sandbox run of this very map"):
        services.run_create(
            project=project, environment="production", map_version=version, actor=consultant
        )


def test_a_session_that_ended_is_renewed_without_a_word(connected, orgs):
    connected("sandbox", "salesforce")
    control(orgs["salesforce"], "act", {"do": "expire_sessions"})
    assert connected("sandbox", "salesforce").state == Connection.State.WORKING
