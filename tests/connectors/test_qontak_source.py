"""Reading a Qontak practice org over its own sockets."""

import pytest

from qontakmig.connectors.base import FieldType
from qontakmig.connectors.errors import AuthError, PermissionMissing, RejectedError
from qontakmig.connectors.qontak.source import QontakSource
from tests.connectors.conftest import qontak_secrets


def read_all(source, name):
    found, cursor = {}, None
    while True:
        page = source.read_page(name, cursor)
        found.update((record.id, record) for record in page.records)
        cursor = page.next_cursor
        if cursor is None:
            return found


def opened(org, secrets=None, **config):
    credentials = org.info["credentials"]
    given = {"base_url": org.info["base_url"], "practice": True, "sso_id": credentials["sso_id"]}
    return QontakSource(given | config, qontak_secrets(org.info) if secrets is None else secrets)


def test_identify_says_who_we_are_and_what_can_be_read(qontak, qontak_org):
    identity = qontak.identify()

    assert identity.user_id == qontak_org.info["credentials"]["sso_id"]
    assert identity.user_name
    assert identity.organization_id
    assert all(permission.granted for permission in identity.permissions)
    assert identity.notes == ()


@pytest.mark.parametrize("name", ["companies", "contacts", "deals"])
def test_every_record_of_the_account_is_read_once_told_by_id(qontak, qontak_org, name):
    found = read_all(qontak, name)

    assert len(found) == qontak.count(name) == qontak_org.ask("stats")[name]


@pytest.mark.parametrize("name", ["users", "companies", "contacts", "deals"])
def test_every_value_has_its_field_in_the_describe(qontak, name):
    described = {field.name for field in qontak.describe(name).fields}

    keys = {key for record in read_all(qontak, name).values() for key in record.values}

    assert keys <= described


def test_describe_types_fields_and_gives_stages_as_options(qontak):
    deals = qontak.describe("deals")

    stages = deals.field("crm_stage_id")
    assert stages.type is FieldType.PICKLIST
    assert len(stages.options) == sum(len(p.stages) for p in qontak.pipelines())
    assert deals.field("crm_lead_ids").reference_to == ("contacts",)
    assert deals.field("crm_lead_ids").multiple
    assert deals.field("created_at").type is FieldType.DATETIME


def test_pipelines_have_stages_in_order_with_their_odds(qontak):
    sales = qontak.pipelines()[0]

    assert [stage.order for stage in sales.stages] == sorted(s.order for s in sales.stages)
    assert {stage.win_probability for stage in sales.stages} >= {0.0, 1.0}
    assert not all(stage.active for stage in sales.stages)


def test_users_of_crm_and_chat_are_joined_by_email_without_regard_to_case(qontak):
    people = qontak.read_page("users").records

    assert len({person.id for person in people}) == len(people)
    assert all(person.values["in_dropdown"] for person in people)
    without_chat = [person for person in people if person.values["role"] is None]
    assert len(without_chat) == 1


def test_records_edited_and_deleted_while_reading_are_not_missed(qontak, qontak_org):
    first = qontak.read_page("contacts")
    qontak_org.ask("act", {"action": "shift", "object": "contacts", "count": 3})
    qontak_org.ask("act", {"action": "delete", "object": "contacts", "place": 0, "count": 2})
    found = {record.id for record in first.records}
    cursor = first.next_cursor
    while cursor is not None:
        page = qontak.read_page("contacts", cursor)
        found |= {record.id for record in page.records}
        cursor = page.next_cursor

    live = {str(key) for key in qontak_org.ask("dump?object=contacts")["contacts"]}

    assert live <= found


@pytest.mark.parametrize("clamp", ["50", "reject"])
def test_another_page_maximum_changes_nothing(qontak, qontak_org, clamp):
    qontak_org.switch("per_page_max", clamp)

    assert len(read_all(qontak, "companies")) == qontak_org.ask("stats")["companies"]


@pytest.mark.parametrize(("name", "window"), [("contacts", "200"), ("deals", "100")])
def test_lists_that_stop_at_a_row_are_read_in_slices(qontak, qontak_org, name, window):
    qontak_org.switch("max_window", window)

    assert len(read_all(qontak, name)) == qontak_org.ask("stats")[name]


def test_a_list_that_stops_and_has_no_filter_is_refused_in_a_sentence(qontak, qontak_org):
    qontak_org.switch("max_window", "100")

    with pytest.raises(RejectedError) as caught:
        read_all(qontak, "companies")

    assert caught.value.code == "window_limit"
    assert "first 100 companies" in str(caught.value)


@pytest.mark.parametrize("offset", [-86_400, 900, 86_400])
def test_a_wrong_clock_here_is_corrected_by_the_servers_date(qontak, qontak_org, offset):
    qontak_org.ask("clock", {"offset_seconds": offset})

    assert qontak.count("companies") == qontak_org.ask("stats")["companies"]


def test_strict_switches_of_the_gateway_are_satisfied(qontak, qontak_org):
    for name, value in (("sso_header", "required"), ("query_sign", "raw_only")):
        qontak_org.switch(name, value)

    assert len(read_all(qontak, "deals")) == qontak_org.ask("stats")["deals"]


def test_a_wrong_secret_is_told_in_a_sentence_without_the_secret(qontak_org):
    secrets = qontak_secrets(qontak_org.info) | {"crm_client_secret": "salah-sekali"}
    source = opened(qontak_org, secrets)

    with pytest.raises(AuthError) as caught:
        source.identify()

    assert caught.value.code == "auth_failed"
    assert caught.value.advice
    assert "salah-sekali" not in str(caught.value) + caught.value.advice


def test_crm_credentials_of_the_chat_application_lack_the_scope(qontak_org):
    given = qontak_secrets(qontak_org.info)
    crossed = {
        "crm_client_id": given["chat_client_id"],
        "crm_client_secret": given["chat_client_secret"],
    }

    with pytest.raises(PermissionMissing) as caught:
        opened(qontak_org, crossed).identify()

    assert "qontak-crm:all" in caught.value.advice


def test_without_chat_the_crm_is_read_and_the_lack_is_noted(qontak_org):
    given = qontak_secrets(qontak_org.info)
    crm_only = {name: value for name, value in given.items() if name.startswith("crm")}
    source = opened(qontak_org, crm_only)

    identity = source.identify()

    assert any("omnichannel" in note for note in identity.notes)
    assert len(source.read_page("users").records) > 5


def test_an_agents_view_is_noted(qontak_org):
    source = opened(qontak_org, sso_id=qontak_org.info["credentials"]["agent_sso_id"])

    assert any("administrator" in note for note in source.identify().notes)


def test_an_unknown_object_is_refused(qontak):
    with pytest.raises(RejectedError):
        qontak.describe("rockets")


def legacy(org, names, **hooks):
    given = org.info["credentials"]["legacy_crm"]
    secrets = {name: given[name] for name in names}
    config = {"base_url": org.info["base_url"], "practice": True, "auth": "oauth"}
    return QontakSource(config, secrets, **hooks)


@pytest.mark.parametrize(
    "names",
    [("username", "password"), ("username", "password", "client_id", "client_secret")],
)
def test_the_legacy_host_is_read_with_a_password(qontak_org, names):
    source = legacy(qontak_org, names)

    assert source.count("deals") == qontak_org.ask("stats")["deals"]


def test_a_used_up_refresh_token_is_replaced_before_it_is_needed_again(qontak_org):
    stored = {"refresh_token": qontak_org.info["credentials"]["legacy_crm"]["refresh_token"]}

    def store(name, stale, ask):
        if stored.get(name, "") == stale:
            stored.update(ask(stored))
        return dict(stored)

    first = legacy(qontak_org, ("refresh_token",), on_tokens=store)
    second = legacy(qontak_org, ("refresh_token",), on_tokens=store)

    assert first.count("deals") == second.count("deals")
    grants = [r for r in qontak_org.requests() if r["path"].endswith("/oauth/token")]
    assert len(grants) == 1


def test_a_wrong_password_of_the_legacy_host_is_told(qontak_org):
    config = {"base_url": qontak_org.info["base_url"], "practice": True, "auth": "oauth"}

    with pytest.raises(AuthError):
        QontakSource(config, {"username": "a", "password": "b"}).identify()


def test_nothing_was_ever_written_to_qontak(qontak, qontak_org):
    read_all(qontak, "companies")

    methods = {r["method"] for r in qontak_org.requests() if not r["path"].endswith("/token")}
    assert methods == {"GET"}
    assert qontak_org.ask("act", {"action": "violations"})["violations"] == []
