"""Writing a Salesforce practice org over its own sockets."""

import time

import pytest

from qontakmig.connectors.base import SchemaItem, WritePlan
from qontakmig.connectors.errors import (
    AuthError,
    PermissionMissing,
    RateLimitedError,
    RejectedError,
    StopError,
    TransientError,
    WrongOrganization,
)
from qontakmig.connectors.salesforce.target import SalesforceTarget
from tests.connectors.conftest import salesforce_config

KEY = "Qontak_Id__c"
TEXT = 'PT "Maju",\r\nJaya \u2028 é🎉'


def field(object_name, name, **definition):
    return SchemaItem("field", object_name, name, {"label": name.removesuffix("__c"), **definition})


KEY_FIELD = {"type": "text", "length": 64, "external_id": True, "unique": True}
SCHEMA = [
    field("Account", KEY, **KEY_FIELD),
    field("Contact", KEY, **KEY_FIELD),
    field("Account", "Nilai__c", type="currency", precision=18, scale=2),
    field("Account", "Klas__c", type="picklist", options=["Gold", "Silver"], restricted=True),
    field("Account", "Catatan__c", type="long_text", length=32768),
    SchemaItem("value", "Opportunity", "Survey Lokasi", {"field": "StageName", "probability": 40}),
    SchemaItem("value", "Account", "Katering & Co", {"field": "Industry"}),
    SchemaItem("value", "Account", "Bronze", {"field": "Klas__c"}),
]


def ended(ask):
    """Return the first answer that is not None, within ten seconds."""
    end = time.monotonic() + 10
    while (answer := ask()) is None:
        assert time.monotonic() < end
        time.sleep(0.02)
    return answer


def deployed(target, items, *, check_only=False):
    deploy_id = target.deploy_start(items, check_only=check_only)

    def state():
        found = target.deploy_state(deploy_id, items)
        return found if found.done else None

    return ended(state)


@pytest.fixture
def prepared(salesforce):
    assert deployed(salesforce, SCHEMA).ok
    salesforce.grant_access(SCHEMA)
    yield salesforce
    ids = [row["Id"] for row in _rows(salesforce)]
    if ids:
        salesforce.write(WritePlan("Account", "delete", KEY, [{"Id": id_} for id_ in ids]))
    salesforce.schema_remove(SCHEMA)


def _rows(target):
    from qontakmig.connectors.salesforce.query import query

    return list(query(target._session, f"SELECT Id FROM Account WHERE {KEY} != null"))


def plan(rows, operation="insert"):
    return WritePlan("Account", operation, KEY, rows)


def run_job(target, wanted):
    job_id = target.job_open(wanted)
    target.job_send(job_id, wanted)
    return ended(lambda: target.job_results(job_id, wanted))


def account(number, **values):
    return {KEY: f"K-{number}", "Name": f"PT {number}", "Klas__c": "Gold", **values}


def secrets(org, *names):
    return {name: org.info["credentials"][name] for name in names}


# ---------------------------------------------------------------- who we are


def test_identify_names_org_user_allowance_and_permissions(salesforce, salesforce_org):
    identity = salesforce.identify()

    assert identity.organization_id == salesforce_org.info["organization_id"]
    assert identity.sandbox is True
    assert identity.edition == "Enterprise Edition"
    assert identity.user_id == salesforce_org.info["credentials"]["user_id"]
    assert 0 < identity.calls_left <= identity.calls_max
    assert identity.storage_max_mb
    assert {permission.name: permission.granted for permission in identity.permissions} == {
        "API Enabled": True,
        "Bulk API": True,
        "Modify Metadata": True,
        "View Setup and Configuration": True,
        "Set Audit Fields upon Record Creation": True,
    }


def test_a_missing_audit_permission_is_told_with_the_place_to_grant_it(salesforce, salesforce_org):
    salesforce_org.switch("audit_fields", "off")

    missing = [p for p in salesforce.identify().permissions if not p.granted]

    assert [permission.name for permission in missing] == ["Set Audit Fields upon Record Creation"]
    assert "User Interface" in missing[0].where


@pytest.mark.parametrize(("system", "promised"), [("salesforce", False), ("salesforce_production", True)])  # fmt: skip # noqa: E501
def test_an_org_of_the_other_kind_is_refused_before_any_write(orgs, system, promised):
    info = orgs.info[system]
    token = {"access_token": info["credentials"]["access_token"]}
    target = SalesforceTarget(salesforce_config(info) | {"sandbox": promised}, token)

    for action in (
        target.identify,
        lambda: target.write(plan([account(1)])),
        lambda: target.job_open(plan([account(1)])),
        lambda: target.deploy_start(SCHEMA, check_only=True),
    ):
        with pytest.raises(WrongOrganization) as caught:
            action()
    assert "Nothing was written" in caught.value.advice


def test_another_org_than_the_connected_one_is_refused(salesforce_org):
    config = salesforce_config(salesforce_org.info) | {"organization_id": "00DXX0000000001"}
    target = SalesforceTarget(config, secrets(salesforce_org, "access_token"))

    with pytest.raises(WrongOrganization) as caught:
        target.identify()

    assert caught.value.code == "other_organization"


# ---------------------------------------------------------------- logging in

WAYS = {
    "refresh_token": ("refresh_token", "client_id", "client_secret"),
    "client_credentials": ("client_id", "client_secret"),
    "password": ("username", "password", "security_token"),
}


@pytest.mark.parametrize("kind", WAYS)
@pytest.mark.parametrize("scheme", ["base_url", "http_url"])
def test_each_way_to_log_in_works_over_tls_and_plain(salesforce_org, kind, scheme):
    config = salesforce_config(salesforce_org.info) | {"auth": kind}
    config["base_url"] = salesforce_org.info[scheme]
    target = SalesforceTarget(config, secrets(salesforce_org, *WAYS[kind]))

    assert target.identify().sandbox is True


def test_a_signed_assertion_logs_in(salesforce_org):
    config = salesforce_config(salesforce_org.info) | {"auth": "jwt"}
    given = secrets(salesforce_org, "client_id", "username")
    given["private_key"] = salesforce_org.info["credentials"]["jwt_private_key"]
    config["audience"] = "https://test.salesforce.com"

    assert SalesforceTarget(config, given).identify().sandbox is True


@pytest.mark.parametrize("kind", WAYS)
def test_wrong_credentials_are_told_in_a_sentence_without_them(salesforce_org, kind):
    given = secrets(salesforce_org, *WAYS[kind])
    given[WAYS[kind][-1]] = "salah-sekali"
    config = salesforce_config(salesforce_org.info) | {"auth": kind}

    with pytest.raises(AuthError) as caught:
        SalesforceTarget(config, given).identify()

    assert caught.value.code == "auth_failed"
    assert caught.value.advice
    assert "salah-sekali" not in str(caught.value)


def test_an_app_without_a_run_as_user_is_told_where_to_name_one(salesforce_org):
    salesforce_org.switch("run_as_user", "off")
    config = salesforce_config(salesforce_org.info) | {"auth": "client_credentials"}

    with pytest.raises(PermissionMissing) as caught:
        SalesforceTarget(config, secrets(salesforce_org, "client_id", "client_secret")).identify()

    assert "run-as user" in caught.value.advice


def test_an_expired_session_is_renewed_once_and_the_call_repeated(salesforce_org):
    stored = secrets(salesforce_org, "refresh_token", "client_id", "client_secret")
    renewals = []

    def store(name, stale, ask):
        if stored.get(name, "") == stale:
            stored.update(ask(stored))
            renewals.append(name)
        return dict(stored)

    config = salesforce_config(salesforce_org.info) | {"auth": "refresh_token"}
    one = SalesforceTarget(config, dict(stored), on_tokens=store)
    two = SalesforceTarget(config, dict(stored), on_tokens=store)
    assert one.identify().sandbox
    assert two.identify().sandbox
    one._session._sf.session_id = two._session._sf.session_id = "00D!expired"
    for target in (one, two):
        target._session._sf.headers["Authorization"] = "Bearer 00D!expired"
    stored["access_token"] = "00D!expired"

    assert list(one.users())
    assert list(two.users())

    assert renewals == ["access_token", "access_token"]


def test_an_expired_handed_over_token_asks_to_connect_again(salesforce_org):
    target = SalesforceTarget(salesforce_config(salesforce_org.info), {"access_token": "00D!gone"})

    with pytest.raises(AuthError) as caught:
        target.identify()

    assert caught.value.code == "session_expired"
    assert "Connect again" in caught.value.advice


def test_a_host_that_is_no_salesforce_is_told(qontak_org):
    config = {"base_url": qontak_org.info["base_url"], "practice": True}

    with pytest.raises(StopError) as caught:
        SalesforceTarget(config, {"access_token": "x"}).identify()

    assert caught.value.code == "not_salesforce"


def test_an_unreachable_host_is_told():
    config = {"base_url": "https://127.0.0.1:1", "practice": True}

    with pytest.raises(TransientError) as caught:
        SalesforceTarget(config, {"access_token": "x"}).identify()

    assert caught.value.code == "unreachable"


# ---------------------------------------------------------------- schema


def test_a_dry_run_creates_nothing(salesforce):
    state = deployed(salesforce, SCHEMA, check_only=True)
    salesforce.grant_access([])

    assert state.ok
    assert salesforce.describe("Account").field(KEY) is None


def test_schema_is_created_made_visible_and_taken_back(salesforce):
    stages = salesforce.describe("Opportunity").field("StageName").options

    state = deployed(salesforce, SCHEMA)
    assert salesforce.describe("Account").field(KEY) is None
    salesforce.grant_access(SCHEMA)
    salesforce.grant_access(SCHEMA)

    assert state.ok
    assert [outcome.ok for outcome in state.outcomes] == [True] * len(SCHEMA)
    key = salesforce.describe("Account").field(KEY)
    assert (key.external_id, key.unique, key.length, key.required) == (True, True, 64, False)
    klas = salesforce.describe("Account").field("Klas__c")
    assert [option.value for option in klas.options] == ["Gold", "Silver", "Bronze"]
    now = salesforce.describe("Opportunity").field("StageName").options
    assert [o.value for o in now] == [*(o.value for o in stages), "Survey Lokasi"]
    for _ in range(2):
        assert salesforce.schema_remove(SCHEMA).ok
    assert salesforce.describe("Account").field(KEY) is None
    active = [
        o.value for o in salesforce.describe("Opportunity").field("StageName").options if o.active
    ]
    assert active == [option.value for option in stages]


def test_one_bad_item_stops_the_whole_deployment(salesforce):
    items = [*SCHEMA[:1], field("Account", "Bad__Name__c", type="text", length=10)]

    state = deployed(salesforce, items)

    assert not state.ok
    assert [outcome.ok for outcome in state.outcomes] == [False, False]
    assert state.outcomes[1].message
    salesforce.grant_access([])
    assert salesforce.describe("Account").field(KEY) is None


# ---------------------------------------------------------------- writing


@pytest.mark.parametrize("how", ["write", "job"])
def test_results_come_by_key_with_the_vendors_reason(prepared, how):
    rows = [account(n, Name=TEXT, Klas__c="Bogus" if n == 3 else "Gold") for n in range(7)]
    wanted = plan(rows)

    results = prepared.write(wanted) if how == "write" else run_job(prepared, wanted)

    by_key = {result.key: result for result in results}
    assert set(by_key) == {row[KEY] for row in rows}
    bad = by_key.pop("K-3")
    assert (bad.ok, bad.code, bad.fields) == (
        False,
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        ("Klas__c",),
    )
    assert all(result.ok and result.created and result.target_id for result in by_key.values())
    found = prepared.find_by_key("Account", KEY, [row[KEY] for row in rows], ["Name"])
    assert {key: rows[0].id for key, rows in found.items()} == {
        key: result.target_id for key, result in by_key.items()
    }
    assert found["K-0"][0].values["Name"].splitlines()[0] == 'PT "Maju",'


@pytest.mark.parametrize("how", ["write", "job"])
def test_updates_set_and_empty_fields_by_id(prepared, how):
    made = prepared.write(plan([account(1, Nilai__c="1000000000.50"), account(2, Nilai__c="2")]))
    rows = [{"Id": r.target_id, KEY: r.key, "Name": "Baru", "Nilai__c": None} for r in made]
    wanted = plan(rows, "update")

    results = prepared.write(wanted) if how == "write" else run_job(prepared, wanted)

    assert all(result.ok and not result.created for result in results)
    ids = [result.target_id for result in made]
    found = prepared.find_by_id("Account", ids, ["Name", "Nilai__c"], KEY)
    assert {row.key: dict(row.values) for row in found.values()} == {
        key: {"Name": "Baru", "Nilai__c": None} for key in ("K-1", "K-2")
    }


@pytest.mark.parametrize("how", ["write", "job"])
def test_deletes_go_by_id_and_a_second_time_say_that_it_is_gone(prepared, how):
    made = prepared.write(plan([account(1), account(2)]))
    wanted = plan([{"Id": result.target_id} for result in made], "delete")

    def delete():
        return prepared.write(wanted) if how == "write" else run_job(prepared, wanted)

    assert {r.key for r in delete() if r.ok} == {result.target_id for result in made}
    assert {result.code for result in delete()} == {"ENTITY_IS_DELETED"}


def test_original_dates_are_taken_on_insert(prepared):
    prepared.write(plan([account(1, CreatedDate="2021-07-20T03:04:05.000Z")]))

    row = prepared.find_by_key("Account", KEY, ["K-1"], ["CreatedDate"])["K-1"][0]

    assert row.values["CreatedDate"].startswith("2021-07-20T03:04:05")


def test_more_rows_than_a_call_takes_are_sent_in_several(prepared, salesforce_org):
    before = len(salesforce_org.requests())

    results = prepared.write(plan([account(n) for n in range(450)]))

    made = salesforce_org.requests()[before:]
    calls = [r for r in made if r["path"].endswith("/composite/sobjects")]
    assert len(calls) == 3
    assert len({result.target_id for result in results}) == 450


def test_rows_of_a_call_whose_answer_is_lost_have_no_result(prepared, salesforce_org):
    prepared.describe("Account")
    salesforce_org.fault("slow=0x1@POST@/composite", "drop_after=x1@POST@/composite")
    rows = [account(n) for n in range(300)]

    results = prepared.write(plan(rows))

    assert len(results) == 200
    assert prepared.count_keyed("Account", KEY) == 300


def test_a_write_of_many_calls_ends_within_its_time(prepared, salesforce_org, monkeypatch):
    prepared.describe("Account")
    monkeypatch.setattr("qontakmig.connectors.salesforce.target.WRITE_SECONDS", 1.0)
    salesforce_org.ask("latency", {"milliseconds": 300})
    started = time.monotonic()

    results = prepared.write(plan([account(n) for n in range(1900)]))

    assert time.monotonic() - started < 1.5
    salesforce_org.ask("latency", {"milliseconds": 0})
    assert 200 <= len(results) <= 800


def test_a_lost_first_answer_may_have_been_done(prepared, salesforce_org):
    salesforce_org.fault("drop_after=x1@POST@/composite")

    with pytest.raises(TransientError) as caught:
        prepared.write(plan([account(1)]))

    assert caught.value.maybe_done
    assert prepared.count_keyed("Account", KEY) == 1


def test_a_job_is_known_as_sent_only_when_its_upload_was_closed(prepared, salesforce_org):
    wanted = plan([account(1)])
    job_id = prepared.job_open(wanted)
    assert not prepared.job_sent(job_id)
    salesforce_org.fault("drop_after=x1@PATCH@/jobs/ingest")

    with pytest.raises(TransientError) as caught:
        prepared.job_send(job_id, wanted)

    assert caught.value.maybe_done
    assert prepared.job_sent(job_id)
    assert len(ended(lambda: prepared.job_results(job_id, wanted))) == 1


def test_an_aborted_or_unknown_job_leaves_its_rows_without_results(prepared):
    wanted = plan([account(1)])
    job_id = prepared.job_open(wanted)
    prepared.job_abort(job_id)
    prepared.job_abort(job_id)

    assert not prepared.job_sent(job_id)
    assert prepared.job_results(job_id, wanted) == []
    assert prepared.job_results("750000000000001AAA", wanted) == []
    assert prepared.count_keyed("Account", KEY) == 0


def test_a_job_with_an_unknown_field_is_refused_as_a_whole(prepared):
    with pytest.raises(RejectedError) as caught:
        run_job(prepared, plan([account(1, Nope__c="x")]))

    assert caught.value.code == "job_failed"
    assert "Nope__c" in str(caught.value)


def test_a_used_up_allowance_waits(salesforce, salesforce_org):
    salesforce_org.switch("api_daily", "1")

    with pytest.raises(RateLimitedError) as caught:
        list(salesforce.users())

    assert caught.value.retry_after > 60


# ---------------------------------------------------------------- reading back


def test_every_keyed_row_is_read_back_with_its_text_whole(prepared):
    rows = [account(n, Catatan__c=f"{TEXT}\n{n}") for n in range(30)]
    prepared.write(plan([*rows[:-1], account(29)]))

    job_id = prepared.read_open("Account", KEY, ["Catatan__c", "Nilai__c"])
    page = ended(lambda: prepared.read_page(job_id, None, KEY))

    assert page.next_cursor is None
    assert {row.key for row in page.rows} == {row[KEY] for row in rows}
    texts = {row.key: row.values["Catatan__c"] for row in page.rows}
    assert texts["K-29"] is None
    assert texts["K-5"].endswith("\n5")
    assert "\u2028 é🎉" in texts["K-5"]


def test_pages_follow_the_locator(prepared, monkeypatch):
    monkeypatch.setattr("qontakmig.connectors.salesforce.bulk.PAGE_ROWS", 10)
    prepared.write(plan([account(n) for n in range(25)]))
    job_id = prepared.read_open("Account", KEY, ["Name"])
    page = ended(lambda: prepared.read_page(job_id, None, KEY))
    keys = [row.key for row in page.rows]
    while page.next_cursor:
        page = prepared.read_page(job_id, page.next_cursor, KEY)
        keys += [row.key for row in page.rows]

    assert sorted(keys) == sorted(f"K-{n}" for n in range(25))


def test_evidence_and_dependents_are_asked_before_a_delete(prepared):
    made = prepared.write(plan([account(1), account(2)]))
    one, two = (result.target_id for result in made)
    contact = {KEY: "C-1", "LastName": "Siti", "AccountId": one}
    (child,) = prepared.write(WritePlan("Contact", "insert", KEY, [contact]))

    evidence = prepared.evidence("Account", KEY, [one, two, "001000000000000AAA"])

    assert set(evidence) == {one, two}
    assert evidence[one].created_by == prepared.identify().user_id
    assert abs(evidence[one].modified_at.timestamp() - time.time()) < 60
    assert prepared.dependents("Account", [one, two]) == {one: 1}
    assert prepared.dependents("Contact", [child.target_id]) == {}


def test_users_are_people_with_their_addresses(salesforce):
    people = list(salesforce.users())

    assert len(people) > 5
    assert all(person.id.startswith("005") and "@" in person.email for person in people)
