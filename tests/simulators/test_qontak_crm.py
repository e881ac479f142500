import re

import pytest
from qontak_fixtures import practice_account

KINDS = ("contacts", "companies", "deals")


@pytest.fixture(scope="module")
def account():
    running, account = practice_account()
    with running:
        yield account


@pytest.fixture
def switch(account):
    before = account.control("switches")
    yield lambda **values: account.control("switches", values)
    account.control("switches", before)


@pytest.mark.parametrize("kind", KINDS)
def test_pages_hold_every_record_once_newest_change_first(account, kind):
    rows = account.every(kind)

    keys = [(row["updated_at"], row["id"]) for row in rows]
    assert keys == sorted(keys, reverse=True)
    assert len({row["id"] for row in rows}) == len(rows)
    assert len(rows) == account.control("stats")[kind]
    assert {str(row["id"]): row for row in rows} == account.control(f"dump?object={kind}")[kind]


def test_the_envelope_has_meta_and_paging_at_top_level(account):
    answer = account.crm("contacts?page=2&per_page=100")

    assert answer["meta"]["status"] == 200
    assert answer["meta"]["timestamp"].endswith("+07:00")
    paging = {name: answer[name] for name in ("page", "total_page", "current_data", "total_data")}
    assert paging == {"page": 2, "total_page": 5, "current_data": 100, "total_data": 420}


@pytest.mark.parametrize(
    ("query", "shown"),
    [("", 25), ("?per_page=40", 40), ("?per_page=1000", 100), ("?per_page=0", 25),
     ("?per_page=-3", 25), ("?per_page=abc", 25), ("?page=0&per_page=7", 7), ("?page=99", 0),
     ("?updated_after=2025-01-01", 25), ("?page=²", 25)],
)  # fmt: skip
def test_odd_paging_is_clamped_or_ignored_without_a_word(account, query, shown):
    answer = account.crm(f"contacts{query}")

    assert answer["current_data"] == len(answer["response"]) == shown
    assert answer["total_data"] == 420


def test_page_size_and_depth_can_be_limited_openly(account, switch):
    switch(per_page_max="reject")
    assert account.get("/qontak/crm/deals?per_page=101").status_code == 422
    switch(per_page_max="50", max_window="200")

    assert account.crm("deals?per_page=100")["current_data"] == 50
    assert account.get("/qontak/crm/contacts?page=5&per_page=50").status_code == 422
    assert account.get("/qontak/crm/contacts?page=4&per_page=50").status_code == 200


def test_the_list_may_be_ordered_by_creation(account, switch):
    switch(list_order="created")

    made = [(row["created_at"], row["id"]) for row in account.every("contacts")]

    assert made == sorted(made, reverse=True)


def test_only_companies_carry_a_cursor_of_their_last_row(account):
    answer = account.crm("companies?per_page=10")

    assert len(answer["next_cursor"]) == 1
    assert answer["next_cursor"][0] > 1_500_000_000_000
    assert "next_cursor" not in account.crm("contacts?per_page=10")


@pytest.mark.parametrize("kind", KINDS)
def test_a_record_alone_is_the_record_of_the_list(account, kind):
    row = account.crm(kind)["response"][3]

    assert account.crm(f"{kind}/{row['id']}")["response"] == row


def test_a_contact_alone_may_come_in_a_list(account, switch):
    switch(contact_shape="list")
    row = account.crm("contacts")["response"][0]

    assert account.crm(f"contacts/{row['id']}")["response"] == [row]


@pytest.mark.parametrize(
    "path",
    ["contacts/1", "contacts/x", "deals/99999999999999", "calls", "teams", "pipelines/1",
     "contacts/48000211/files", "pipelines/31/nothing", "companies/1/timeline"],
)  # fmt: skip
def test_what_is_not_there_is_a_404_envelope_without_response(account, path):
    answer = account.get(f"/qontak/crm/{path}")

    assert answer.status_code == 404
    assert answer.json()["meta"]["developer_message"] == "Couldn't find record with that ID"
    assert "response" not in answer.json()


def test_templates_tell_built_in_from_custom_fields(account):
    for kind, custom in (("contacts", 16), ("companies", 13), ("deals", 14)):
        items = account.crm(f"{kind}/info")["response"]
        own = [item for item in items if item["additional_field"]]

        assert len(own) == custom
        assert all(isinstance(item["id"], int) for item in own)
        assert all(item["id"] is None for item in items if not item["additional_field"])
        assert ("required" in items[0]) == (kind != "deals")
    slugs = [item["name"] for item in account.crm("contacts/info")["response"]]
    assert slugs.count("service_type") == 2


def test_owners_come_from_dropdowns_and_deals_give_their_address(account):
    owners = next(
        i["dropdown"] for i in account.crm("deals/info")["response"] if i["name"] == "creator_id"
    )
    assert len(owners) == 21
    assert len({owner["email"] for owner in owners}) == 21
    assert owners[0]["crm_teams"][0]["name"]

    known = {owner["id"] for owner in owners}
    used = {row["creator_id"] for kind in KINDS for row in account.every(kind)}
    assert used - known
    assert used & known


def test_won_and_lost_are_known_only_by_probability(account):
    pipelines = account.crm("pipelines")["response"]
    stages = {p["id"]: account.crm(f"pipelines/{p['id']}/stages")["response"] for p in pipelines}

    lowest = [min(stage["win_probability"] for stage in group) for group in stages.values()]
    assert sorted(lowest) == ["0.00", "0.00", "0.01"]
    assert [len(group) for group in stages.values()] == [7, 5, 17]
    assert [s["name"] for g in stages.values() for s in g if not s["active"]] == [
        "Survey Lokasi (lama)"
    ]
    orders = [stage["order"] for stage in stages[31]]
    assert len(set(orders)) < len(orders)


def test_both_ends_of_every_association_agree(account):
    contacts, companies, deals = ({r["id"]: r for r in account.every(kind)} for kind in KINDS)

    for contact in contacts.values():
        company = contact["crm_company_id"]
        assert company is None or contact["id"] in companies[company]["crm_person_ids"]
        assert all(contact["id"] in deals[i]["crm_lead_ids"] for i in contact["crm_deal_ids"])
    for company in companies.values():
        people, own = company["crm_person_ids"], company["crm_deal_ids"]
        assert all(contacts[i]["crm_company_id"] == company["id"] for i in people)
        assert all(company["id"] in deals[i]["crm_company_id"] for i in own)
        assert company["crm_deal_name"] == [deals[i]["name"] for i in own]
    for deal in deals.values():
        assert all(deal["id"] in companies[i]["crm_deal_ids"] for i in deal["crm_company_id"] or [])
        assert all(deal["id"] in contacts[i]["crm_deal_ids"] for i in deal["crm_lead_ids"])


def test_filters_on_associations_and_words(account):
    contacts, deals = account.every("contacts"), account.every("deals")
    company = next(row["crm_company_id"] for row in contacts if row["crm_company_id"])
    expected = [row["id"] for row in contacts if row["crm_company_id"] == company]
    assert _ids(account.crm(f"contacts?crm_company_id={company}")) == expected

    contact = next(row["id"] for row in contacts if row["crm_deal_ids"])
    expected = [row["id"] for row in deals if contact in row["crm_lead_ids"]]
    assert _ids(account.crm(f"deals?contact_ids={contact}")) == expected
    assert account.crm("deals?contact_ids=77")["total_data"] == 0

    lost = [row["id"] for row in deals if row["crm_stage_id"] == 3107]
    assert sorted(_ids(account.crm("deals?stage_id=3107&per_page=100"))) == sorted(lost)
    named = [r["id"] for r in contacts if "siti" in f"{r['first_name']} {r['last_name']}".lower()]
    assert _ids(account.crm("contacts?name=SITI&per_page=100")) == named


def _ids(answer):
    return [row["id"] for row in answer["response"]]


@pytest.mark.parametrize(
    "query",
    ["created_after=15-06-2021", "created_between_start=15/06/2021",
     "created_between_start=15/06/2021&created_between_end=31/12/2030"],
)  # fmt: skip
def test_contacts_can_be_sliced_by_creation(account, query):
    expected = [
        row["id"] for row in account.every("contacts") if row["created_at"][:10] >= "2021-06-15"
    ]
    first = account.crm(f"contacts?{query}&per_page=100")
    second = account.crm(f"contacts?{query}&per_page=100&page=2")

    assert first["total_data"] == len(expected) > 100
    assert _ids(first) + _ids(second) == expected[:200]


def test_who_is_no_administrator_sees_the_own_team_only(account):
    agent = [("X-Crm-User-Sso-Id", account.credentials["agent_sso_id"])]
    mine = account.crm("deals?per_page=100", headers=agent)

    assert 0 < mine["total_data"] < 160
    hidden = {row["id"] for row in account.every("deals")} - set(_ids(mine))
    assert account.get(f"/qontak/crm/deals/{hidden.pop()}", headers=agent).status_code == 404


def test_single_deals_tell_their_history(account):
    deal = next(row for row in account.every("deals") if row["crm_stage_name"] == "Menang")

    moves = account.crm(f"deals/{deal['id']}/stage_history")["response"]
    assert moves[-1]["current_stage"]["id"] == deal["crm_stage_id"]
    creator = account.crm(f"deals/{deal['id']}/real_creator")["response"]
    assert creator["email"].count("@") == 1
    assert account.crm(f"deals/{deal['id']}/timeline")["meta"]["status"] == 200
    contact = account.crm("contacts")["response"][0]
    room = account.crm(f"contacts/{contact['id']}/chat-history")["response"]["room_id"]
    assert re.fullmatch("[0-9a-f]{32}", room)


def test_chat_users_join_by_address_and_page_by_number(account):
    answer = account.get("/qontak/chat/v1/users?limit=15&offset=2", family="chat").json()
    everyone = account.get("/qontak/chat/v1/users?limit=500", family="chat").json()["data"]

    assert answer["data"] == everyone[15:]
    assert answer["meta"]["pagination"]["total"] == len(everyone) - 15
    assert account.credentials["sso_id"] in {user["sso_id"] for user in everyone}
    owners = next(
        i["dropdown"] for i in account.crm("deals/info")["response"] if i["name"] == "creator_id"
    )
    crm = {owner["email"].lower() for owner in owners}
    assert {user["email"].lower() for user in everyone} < crm
    agents = account.get("/qontak/chat/v1/users?role=agent&limit=100", family="chat").json()
    assert {user["role"] for user in agents["data"]} == {"agent"}


def test_a_write_to_chat_is_recorded_as_a_violation(account):
    before = account.control("stats")["chat_violations"]

    account.send("POST", "/qontak/chat/v1/broadcasts/whatsapp/direct", family="chat", json={})

    assert account.control("stats")["chat_violations"] == before + 1
    assert (
        account.act(action="violations")["violations"][-1]["path"] == "broadcasts/whatsapp/direct"
    )
    channels = account.get("/qontak/chat/v1/integrations", family="chat").json()["data"]
    assert any("SECRET-" in str(channel["settings"]) for channel in channels)
    unknown = account.get("/qontak/chat/v1/nothing", family="chat")
    assert unknown.json()["error"] == {"code": 404, "messages": ["Resource not found."]}
