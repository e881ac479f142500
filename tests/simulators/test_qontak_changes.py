import pytest
from qontak_fixtures import practice_account

KINDS = ("contacts", "companies", "deals")


@pytest.fixture
def account():
    running, account = practice_account({"contacts": 260, "companies": 60, "deals": 90})
    with running:
        yield account


@pytest.fixture(scope="module")
def untouched():
    running, account = practice_account({"contacts": 260, "companies": 60, "deals": 90})
    with running:
        yield account


def _ids(rows):
    return [row["id"] for row in rows]


@pytest.mark.parametrize("kind", KINDS)
def test_edits_move_to_the_front_and_deletions_vanish(account, kind):
    before = account.every(kind)

    edited = account.act(action="edit", object=kind, place=20, count=3)["edited"]
    gone = account.act(action="delete", object=kind, id=before[10]["id"])["deleted"]
    made = account.act(action="create", object=kind, count=2)["created"]

    assert edited == _ids(before)[20:23]
    rest = [one for one in _ids(before) if one not in edited + gone]
    assert _ids(account.every(kind)) == made[::-1] + edited[::-1] + rest
    assert account.control("stats")[kind] == len(before) + 1
    assert account.get(f"/qontak/crm/{kind}/{gone[0]}").status_code == 404
    after = {row["id"]: row for row in account.every(kind)}
    for row in before:
        if row["id"] in edited:
            assert after[row["id"]] != row
            assert after[row["id"]]["created_at"] == row["created_at"]


def test_a_delta_edits_creates_and_deletes_of_every_object(account):
    before = {kind: {row["id"]: row for row in account.every(kind)} for kind in KINDS}

    done = account.act(action="delta", count=2)

    for kind in KINDS:
        after = {row["id"]: row for row in account.every(kind)}
        assert set(before[kind]) - set(after) == set(done[kind]["deleted"])
        assert set(after) - set(before[kind]) == set(done[kind]["created"])
        newer = {i for i in after if i in before[kind]
                 and after[i]["updated_at"] != before[kind][i]["updated_at"]}  # fmt: skip
        assert newer == set(done[kind]["edited"])
        assert [len(ids) for ids in done[kind].values()] == [2, 2, 2]


def test_a_shift_pushes_rows_over_the_page_edge(account):
    first = account.crm("contacts?page=1&per_page=100")["response"]
    moved = account.act(action="shift", object="contacts", count=4)["shifted"]
    second = account.crm("contacts?page=2&per_page=100")["response"]

    assert set(_ids(first)) & set(_ids(second)) == set(_ids(first)[-4:])
    assert not set(moved) & set(_ids(first) + _ids(second))


def test_a_deletion_hides_a_row_from_a_reader_between_pages(account):
    rows = account.every("contacts")
    account.crm("contacts?page=1&per_page=100")

    account.act(action="delete", object="contacts", place=0, count=2)

    second = account.crm("contacts?page=2&per_page=100")["response"]
    assert _ids(second) == _ids(rows)[102:202]


def test_edits_can_share_one_moment(account):
    edited = account.act(action="edit", object="contacts", count=120, tie=True)["edited"]

    rows = account.every("contacts")
    assert len({row["updated_at"] for row in rows[:120]}) == 1
    assert _ids(rows)[:120] == sorted(edited, reverse=True)


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_record_has_the_keys_of_the_others(account, kind):
    known = account.crm(kind)["response"][0]

    body = {"name": "x", "first_name": "x"}
    made = account.send("POST", f"/qontak/crm/{kind}", json=body).json()["response"]

    assert set(made) == set(known)
    lists = {name for name, value in known.items() if isinstance(value, list)}
    assert all(made[name] == [] for name in lists)
    assert made["creator_name"]
    assert made["updated_at"] >= made["created_at"]


def test_names_and_lists_of_others_follow_a_change(account):
    company = next(row for row in account.every("companies") if row["crm_person_ids"])
    person = company["crm_person_ids"][0]

    account.act(action="edit", object="companies", id=company["id"], values={"name": "PT Baru"})
    assert account.crm(f"contacts/{person}")["response"]["crm_company_name"] == "PT Baru"

    account.act(action="delete", object="companies", id=company["id"])
    assert account.crm(f"contacts/{person}")["response"]["crm_company_id"] is None
    assert account.crm(f"contacts?crm_company_id={company['id']}")["response"] != []


def test_records_are_written_through_the_api(account):
    company = account.crm("companies")["response"][0]["id"]
    owner = account.crm("contacts")["response"][0]["creator_id"]
    body = {
        "first_name": "Sari", "email": "sari.baru@example.co.id", "crm_company_id": company,
        "crm_status_id": 614, "telephone": "0812 000", "creator_id": None, "nonsense": 1,
        "additional_fields": [{"id": 6069901, "name": "jenis_layanan", "value": "5879092"},
                              {"id": 6069905, "name": "minat_produk", "value": "435,437"}],
    }  # fmt: skip

    made = account.send("POST", "/qontak/crm/contacts", json=body).json()["response"]

    assert (made["crm_status_name"], made["crm_company_id"]) == ("Pelanggan", company)
    assert made["creator_id"] != owner or made["creator_name"]
    assert [e["value_name"] for e in made["additional_fields"]] == [
        "Penjualan", ["WhatsApp API", "Chatbot"]
    ]  # fmt: skip
    assert made["id"] in account.crm(f"companies/{company}")["response"]["crm_person_ids"]
    changed = account.send("PUT", f"/qontak/crm/contacts/{made['id']}", json={"city": "Solo"})
    assert changed.json()["response"]["city"] == "Solo"
    account.control("switches", {"put_answer": "meta"})
    silent = account.send("PUT", f"/qontak/crm/contacts/{made['id']}", json={"city": "Tuban"})
    assert "response" not in silent.json()
    assert account.crm("contacts")["response"][0]["city"] == "Tuban"
    assert account.send("DELETE", f"/qontak/crm/contacts/{made['id']}").status_code == 200
    assert account.send("DELETE", f"/qontak/crm/contacts/{made['id']}").status_code == 404


def test_a_deal_is_written_with_its_associations(account):
    company = account.crm("companies")["response"][0]["id"]
    contact = account.crm("contacts")["response"][0]["id"]
    body = {"name": "Order", "size": "5000000.0", "crm_stage_id": 3204,
            "crm_company_id": company, "crm_lead_ids": [contact]}  # fmt: skip

    made = account.send("POST", "/qontak/crm/deals", json=body).json()["response"]

    assert (made["crm_pipeline_name"], made["crm_company_id"]) == ("Tender Pemerintah", [company])
    assert made["id"] in account.crm(f"contacts/{contact}")["response"]["crm_deal_ids"]
    assert account.crm(f"deals?company_ids={company}")["response"][0]["id"] == made["id"]


@pytest.mark.parametrize(
    ("kind", "body", "reason"),
    [
        ("contacts", {"last_name": "x"}, "First name can't be blank"),
        ("companies", {"name": " "}, "Name can't be blank"),
        ("deals", {}, "Name can't be blank"),
        ("contacts", {"first_name": "x", "crm_status_id": 9}, "Status is not included in the list"),
        ("deals", {"name": "x", "crm_stage_id": 1}, "Crm stage must exist"),
        ("deals", {"name": "x", "crm_stage_id": 3101, "crm_pipeline_id": 32},
         "Crm stage must exist"),
        ("deals", {"name": "x", "crm_company_id": [4]}, "Couldn't find companies with 'id'=4"),
        ("contacts", {"first_name": "x", "additional_fields": "a"},
         "additional_fields must be a list of objects"),
        ("contacts", {"first_name": "x", "additional_fields": [{"id": 6069901, "value": "1"}]},
         "Jenis Layanan is not included in the list"),
        ("contacts", [], "Body must be an object"),
        ("contacts", {"first_name": {"a": 1}}, "First name is invalid"),
        ("contacts", {"first_name": "a\0b"}, "First name is invalid"),
        ("deals", {"name": "x", "crm_lead_ids": [{}]}, "contacts ids must be numbers"),
        ("deals", {"name": "x", "crm_stage_id": [3101]}, "Crm stage must exist"),
    ],
)  # fmt: skip
def test_a_write_that_does_not_hold_is_a_422_with_its_reason(untouched, kind, body, reason):
    answer = untouched.send("POST", f"/qontak/crm/{kind}", json=body)

    assert answer.status_code == 422
    assert answer.json()["meta"]["developer_message"] == reason
    counts = untouched.control("stats")
    assert [counts[kind] for kind in KINDS] == [260, 60, 90]


@pytest.mark.parametrize("body", [b"{", b"[" * 100_000, b"\xff\xfe", b'{"name":"x","size":1e400}'])
def test_a_body_that_is_no_record_is_a_422(untouched, body):
    answer = untouched.send("POST", "/qontak/crm/deals", content=body)

    assert answer.status_code == 422
    assert untouched.control("stats")["deals"] == 90


def test_an_address_that_another_contact_has_is_refused(account):
    rows = account.every("contacts")
    taken = next(r["email"] for r in rows if r["email"] and "@" in r["email"][3:-4])

    for address in (taken, taken.upper()):
        body = {"first_name": "x", "email": address}
        answer = account.send("POST", "/qontak/crm/contacts", json=body)
        assert (answer.status_code, answer.json()["meta"]["developer_message"]) == (
            422, "Email has already been taken"
        )  # fmt: skip
    body = {"first_name": "x", "email": "satu@example.co.id"}
    assert account.send("POST", "/qontak/crm/contacts", json=body).status_code == 200
    assert account.send("POST", "/qontak/crm/contacts", json=body).status_code == 422


def test_the_owner_changes_only_to_somebody_who_is_there(account):
    deal = account.crm("deals")["response"][0]["id"]
    owners = next(
        i["dropdown"] for i in account.crm("deals/info")["response"] if i["name"] == "creator_id"
    )
    path = f"/qontak/crm/deals/{deal}/update_owner"

    good = account.send("PUT", path, json={"creator_id": owners[4]["id"]})

    assert good.json()["response"]["creator_name"] == owners[4]["name"]
    assert account.send("PUT", path, json={"creator_id": None}).status_code == 422
    assert account.send("PUT", path, json={"creator_id": 5}).status_code == 422


def test_changes_survive_a_killed_process(tmp_path):
    sizes = {"contacts": 120, "companies": 20, "deals": 30}
    running, account = practice_account(sizes, state=tmp_path)
    with running:
        account.act(action="edit", object="contacts", count=5)
        account.act(action="delete", object="deals", count=3)
        account.act(action="create", object="companies", count=2)
        account.act(action="edit", object="contacts", place=2, count=2)
        login = {"grant_type": "refresh_token",
                 "refresh_token": account.credentials["legacy_crm"]["refresh_token"]}  # fmt: skip
        token = account.http.post("/oauth/token", json=login).json()["access_token"]
        before = account.control("dump")
        order = [_ids(account.every(kind)) for kind in KINDS]
        running.process.kill()
        running.process.wait()

    running, account = practice_account(sizes, state=tmp_path)
    with running:
        assert account.control("dump") == before
        assert [_ids(account.every(kind)) for kind in KINDS] == order
        bearer = {"Authorization": f"Bearer {token}"}
        assert account.http.get("/api/v3.1/deals", headers=bearer).status_code == 200


def test_large_accounts_are_dumped_in_pieces(account):
    account.act(action="delete", object="contacts", place=7)
    account.act(action="create", object="contacts", count=3)
    account.act(action="edit", object="contacts", place=40)
    found, after = {}, 0

    while after is not None:
        piece = account.act(action="dump", object="contacts", after=after, limit=50)
        found |= piece["contacts"]
        after = piece["next_after"]

    assert found == account.control("dump?object=contacts")["contacts"]


@pytest.mark.parametrize(
    "action",
    [{}, {"action": "dance"}, {"action": "edit", "object": "calls"}, {"action": "edit", "id": 5},
     {"action": "delete", "place": 99999}],
)  # fmt: skip
def test_an_action_that_makes_no_sense_changes_nothing(untouched, action):
    answer = untouched.http.post("/__practice__/act", json=action)

    assert answer.status_code == 400
    assert untouched.control("stats")["contacts"] == 260
