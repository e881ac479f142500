"""Describe, SOQL, rows, collections and composite of the Salesforce practice org over HTTP."""

import gzip
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from salesforce_clients import API
from simple_salesforce import Salesforce, SalesforceResourceNotFound

from qontakmig.simulators.qontak.people import users

SOBJECTS = f"{API}/sobjects"


def mark() -> str:
    return uuid.uuid4().hex[:12]


def create(rest: httpx.Client, sobject: str, **row: Any) -> str:
    answer = rest.post(f"{SOBJECTS}/{sobject}", json=row)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def soql(rest: httpx.Client, text: str) -> dict[str, Any]:
    return rest.get(f"{API}/query", params={"q": text}).json()


def test_the_resource_map_names_the_identity(rest: httpx.Client, sandbox: dict[str, Any]) -> None:
    links = rest.get(f"{API}/").json()

    assert links["sobjects"] == f"{API}/sobjects"
    assert links["identity"].endswith(sandbox["credentials"]["user_id"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/services/data/v31.0/sobjects", 200),
        ("/services/data/v68.0/sobjects/", 200),
        ("/services/data/v30.0/sobjects", 404),
        ("/services/data/v69.0/sobjects", 404),
        (f"{API}/sobjects/contact/describe", 200),
        (f"{API}/sobjects/CONTACT/describe/", 200),
        (f"{API}/sobjects/Contact/describe/layouts", 200),
        (f"{API}/sobjects/NoSuch/describe", 404),
        (f"{API}/nothing", 404),
        ("/elsewhere", 404),
    ],
)
def test_paths_are_forgiving_about_case_and_slashes(
    rest: httpx.Client, path: str, status: int
) -> None:
    answer = rest.get(path)

    assert answer.status_code == status
    if status == 404:
        assert answer.json()[0]["errorCode"] == "NOT_FOUND"


def test_each_answer_counts_against_the_daily_calls(rest: httpx.Client) -> None:
    used = [rest.get(f"{API}/limits").headers["sforce-limit-info"] for _ in range(2)]

    first, second = (int(text.removeprefix("api-usage=").split("/")[0]) for text in used)
    assert second == first + 1


def test_the_daily_calls_run_out(rest: httpx.Client, control: httpx.Client) -> None:
    control.post("switches", json={"api_daily": "1"})

    answer = rest.get(f"{API}/limits")

    assert answer.status_code == 403
    assert answer.json()[0]["errorCode"] == "REQUEST_LIMIT_EXCEEDED"
    assert "retry-after" not in answer.headers


def test_answers_are_packed_and_printed_as_asked(rest: httpx.Client) -> None:
    plain = rest.get(f"{SOBJECTS}/Contact/describe", headers={"accept-encoding": "identity"})
    packed = rest.get(f"{SOBJECTS}/Contact/describe")
    pretty = rest.get(
        f"{SOBJECTS}/Contact/describe",
        headers={"x-prettyprint": "1", "accept-encoding": "identity"},
    )

    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert plain.json() == packed.json() == pretty.json()
    assert pretty.content.count(b"\n") > 1000 > plain.content.count(b"\n")


def test_describe_answers_304_until_the_schema_changes(rest: httpx.Client) -> None:
    first = rest.get(f"{SOBJECTS}/Lead/describe")

    since = {"if-modified-since": first.headers["last-modified"]}
    again = rest.get(f"{SOBJECTS}/Lead/describe", headers=since)
    older = rest.get(
        f"{SOBJECTS}/Lead/describe",
        headers={"if-modified-since": "Wed, 21 Oct 2015 07:28:00 GMT"},
    )

    assert (again.status_code, again.content) == (304, b"")
    assert older.status_code == 200


def test_a_row_is_made_read_changed_and_deleted(rest: httpx.Client) -> None:
    made = rest.post(f"{SOBJECTS}/Contact/", json={"LastName": "Sari", "Email": "s@example.com"})
    link = made.headers["location"]
    read = rest.get(link, params={"fields": "LastName,Email"}).json()
    changed = rest.patch(link, json={"FirstName": "Dewi"})
    name = rest.get(link).json()["Name"]
    gone = rest.delete(link)

    assert made.json() == {"id": link[-18:], "success": True, "errors": []}
    assert read["attributes"] == {"type": "Contact", "url": link}
    assert (read["LastName"], read["Email"]) == ("Sari", "s@example.com")
    assert (changed.status_code, changed.content, name) == (204, b"", "Dewi Sari")
    assert (gone.status_code, rest.get(link).status_code) == (204, 404)
    assert rest.get(link).json()[0]["errorCode"] == "ENTITY_IS_DELETED"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "Contact", {"FirstName": "A"}, 400, "REQUIRED_FIELD_MISSING"),
        ("POST", "Contact", {"LastName": "A", "NoField": 1}, 400, "INVALID_FIELD"),
        ("POST", "Contact", {"LastName": "x" * 81}, 400, "STRING_TOO_LONG"),
        ("POST", "Contact", {"LastName": "A", "Email": "a b"}, 400, "INVALID_EMAIL_ADDRESS"),
        ("POST", "Contact", [1], 400, "JSON_PARSER_ERROR"),
        ("POST", "NoSuch", {"Name": "A"}, 404, "NOT_FOUND"),
        ("PATCH", "Contact/003000000000001AAA", {"LastName": "A"}, 404, None),
        ("PATCH", "Contact/nonsense", {"LastName": "A"}, 404, "NOT_FOUND"),
        ("GET", "Contact/003000000000001AAA", None, 404, "NOT_FOUND"),
        ("PUT", "Contact/003000000000001AAA", {"LastName": "A"}, 405, "METHOD_NOT_ALLOWED"),
    ],
)
def test_single_row_errors_have_the_vendors_shape(
    rest: httpx.Client, method: str, path: str, body: Any, status: int, code: str | None
) -> None:
    answer = rest.request(method, f"{SOBJECTS}/{path}", json=body)

    assert answer.status_code == status
    [error] = answer.json()
    assert set(error) <= {"message", "errorCode", "fields"}
    assert code in (None, error["errorCode"])


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 5000, b'"x"'])
def test_a_body_that_is_no_object_is_400(rest: httpx.Client, body: bytes) -> None:
    answer = rest.post(f"{SOBJECTS}/Contact", content=body)

    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] == "JSON_PARSER_ERROR"


def test_a_packed_body_is_unpacked(rest: httpx.Client) -> None:
    body = gzip.compress(b'{"LastName": "Packed"}')

    answer = rest.post(f"{SOBJECTS}/Contact", content=body, headers={"content-encoding": "gzip"})

    assert answer.status_code == 201


def test_upsert_by_a_lookup_key_creates_then_updates_then_cannot_choose(
    rest: httpx.Client,
) -> None:
    email = f"{mark()}+a/b@example.com"
    path = f"{SOBJECTS}/Contact/Email/{email.replace('/', '%2F').replace('+', '%2B')}"

    none = rest.patch(path, params={"updateOnly": "true"}, json={"LastName": "A"})
    made = rest.patch(path, json={"LastName": "A"})
    kept = rest.patch(path, json={"LastName": "B"})
    old = rest.patch(path.replace("v62.0", "v45.0"), json={"LastName": "C"})
    create(rest, "Contact", LastName="Twin", Email=email)
    torn = rest.patch(path, json={"LastName": "D"})

    assert none.status_code == 404
    assert (made.status_code, made.json()["created"]) == (201, True)
    assert (kept.status_code, kept.json()["created"]) == (200, False)
    assert (old.status_code, old.content) == (204, b"")
    assert (torn.status_code, len(torn.json())) == (300, 2)
    assert f"{SOBJECTS}/Contact/{made.json()['id']}" in torn.json()


def test_deleted_and_updated_rows_show_in_their_window(rest: httpx.Client) -> None:
    kept, gone = (create(rest, "Contact", LastName=name) for name in ("Kept", "Gone"))
    rest.delete(f"{SOBJECTS}/Contact/{gone}")
    now = datetime.now(UTC)
    window = {
        "start": (now - timedelta(minutes=5)).isoformat(timespec="seconds"),
        "end": (now + timedelta(minutes=5)).isoformat(timespec="seconds"),
    }

    updated = rest.get(f"{SOBJECTS}/Contact/updated/", params=window).json()
    deleted = rest.get(f"{SOBJECTS}/Contact/deleted/", params=window).json()

    assert kept in updated["ids"]
    assert gone not in updated["ids"]
    assert gone in [row["id"] for row in deleted["deletedRecords"]]
    assert "earliestDateAvailable" in deleted


def test_queries_come_in_pages(rest: httpx.Client) -> None:
    title = mark()
    rows = [{"attributes": {"type": "Contact"}, "LastName": f"P{n:03}", "Title": title}
            for n in range(200)]  # fmt: skip
    for _ in range(3):
        rest.post(f"{API}/composite/sobjects", json={"records": rows})
    query = f"SELECT Id, LastName FROM Contact WHERE Title = '{title}' ORDER BY Id"

    small = {"sforce-query-options": "batchSize=250"}
    page = rest.get(f"{API}/query/", params={"q": query}, headers=small).json()
    found = page["records"].copy()
    sizes = [len(page["records"])]
    while not page["done"]:
        page = rest.get(page["nextRecordsUrl"], headers=small).json()
        sizes.append(len(page["records"]))
        found += page["records"]

    assert (page["totalSize"], sizes) == (600, [250, 250, 100])
    assert len({row["Id"] for row in found}) == 600
    assert "nextRecordsUrl" not in page
    assert len(soql(rest, query)["records"]) == 600


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT Id FROM", "MALFORMED_QUERY"),
        ("SELECT IsPersonAccount FROM Account LIMIT 1", "INVALID_FIELD"),
        ("SELECT Id FROM Accout", "INVALID_TYPE"),
        ("", "MALFORMED_QUERY"),
    ],
)
def test_bad_queries_are_400(rest: httpx.Client, query: str, code: str) -> None:
    answer = rest.get(f"{API}/query", params={"q": query})

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


@pytest.mark.parametrize("locator", ["01gXX0000000001AAA-2000", "nonsense"])
def test_a_locator_of_nothing_is_400(rest: httpx.Client, locator: str) -> None:
    answer = rest.get(f"{API}/query/{locator}")

    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_query_all_sees_deleted_rows(rest: httpx.Client) -> None:
    title = mark()
    gone = create(rest, "Contact", LastName="Gone", Title=title)
    rest.delete(f"{SOBJECTS}/Contact/{gone}")
    query = {"q": f"SELECT Id, IsDeleted FROM Contact WHERE Title = '{title}'"}

    live = rest.get(f"{API}/query", params=query).json()
    every = rest.get(f"{API}/queryAll", params=query).json()

    assert live["totalSize"] == 0
    assert [row["IsDeleted"] for row in every["records"]] == [True]


def test_column_metadata_says_what_a_query_selects(rest: httpx.Client) -> None:
    query = "SELECT Id, LastName, Account.Name FROM Contact"

    answer = rest.get(f"{API}/query", params={"q": query, "columns": "true"}).json()

    names = [column["columnName"] for column in answer["columnMetadata"]]
    assert names == ["Id", "LastName", "Account"]
    assert answer["columnMetadata"][2]["joinColumns"][0]["columnName"] == "Name"
    assert (answer["entityName"], answer["idSelected"], answer["keyPrefix"]) == (
        "Contact",
        True,
        "003",
    )


def test_collections_keep_order_and_say_status_code(rest: httpx.Client) -> None:
    records = [
        {"attributes": {"type": "Contact"}, "LastName": "Good"},
        {"attributes": {"type": "Contact"}, "FirstName": "Bad"},
        {"attributes": {"type": "Account"}, "Name": "PT Good"},
    ]

    answer = rest.post(f"{API}/composite/sobjects", json={"allOrNone": False, "records": records})

    good, bad, account = answer.json()
    assert answer.status_code == 200
    assert (good["success"], account["success"], account["id"][:3]) == (True, True, "001")
    assert bad == {
        "success": False,
        "errors": [
            {
                "statusCode": "REQUIRED_FIELD_MISSING",
                "message": "Required fields are missing: [LastName]",
                "fields": ["LastName"],
            }
        ],
    }


def test_all_or_none_takes_back_every_run(rest: httpx.Client) -> None:
    name = mark()
    records = [
        {"attributes": {"type": "Account"}, "Name": name},
        {"attributes": {"type": "Contact"}, "FirstName": "Bad"},
    ]

    answer = rest.post(f"{API}/composite/sobjects", json={"allOrNone": True, "records": records})

    codes = [row["errors"][0]["statusCode"] for row in answer.json()]
    assert codes == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"]
    assert soql(rest, f"SELECT Id FROM Account WHERE Name = '{name}'")["totalSize"] == 0


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ([], "REQUIRED_FIELD_MISSING"),
        (
            [{"attributes": {"type": "Contact"}, "LastName": "A"}] * 201,
            "NUMBER_OUTSIDE_VALID_RANGE",
        ),
        (
            [{"attributes": {"type": t}, "LastName": "A"} for t in ["Contact", "Lead"] * 6],
            "INVALID_INPUT",
        ),
        ([{"LastName": "A"}], "INVALID_INPUT"),
        ("text", "REQUIRED_FIELD_MISSING"),
    ],
)
def test_a_malformed_collection_is_400(rest: httpx.Client, records: Any, code: str) -> None:
    answer = rest.post(f"{API}/composite/sobjects", json={"records": records})

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


def test_collections_update_upsert_retrieve_and_delete(rest: httpx.Client) -> None:
    email = f"{mark()}@example.com"
    kind = {"attributes": {"type": "Contact"}}
    records = [{**kind, "LastName": "A", "Email": email}, {**kind, "LastName": "B", "Id": None}]

    [made] = rest.patch(
        f"{API}/composite/sobjects/Contact/Email", json={"records": records[:1]}
    ).json()
    [new] = rest.patch(f"{API}/composite/sobjects/Contact/Id", json={"records": records[1:]}).json()
    [changed] = rest.patch(
        f"{API}/composite/sobjects", json={"records": [{**kind, "id": made["id"], "Title": "CEO"}]}
    ).json()
    read = rest.post(
        f"{API}/composite/sobjects/Contact",
        json={"ids": [made["id"], "003000000000001AAA"], "fields": ["Title"]},
    ).json()
    gone = rest.delete(
        f"{API}/composite/sobjects", params={"ids": f"{made['id']},{new['id']}"}
    ).json()

    assert (made["created"], new["created"], changed["success"]) == (True, True, True)
    assert (read[0]["Title"], read[1]) == ("CEO", None)
    assert [row["success"] for row in gone] == [True, True]


def test_composite_fills_references_and_halts_what_depends_on_failure(rest: httpx.Client) -> None:
    name = mark()
    steps = [
        {"method": "POST", "url": f"{SOBJECTS}/Account", "referenceId": "org",
         "body": {"Name": name}},
        {"method": "POST", "url": f"{SOBJECTS}/Contact", "referenceId": "person",
         "body": {"LastName": "C", "AccountId": "@{org.id}"}},
        {"method": "GET", "referenceId": "found",
         "url": f"{API}/query?q=SELECT Id, Name FROM Account WHERE Name = '{name}'"},
        {"method": "GET", "url": f"{SOBJECTS}/Account/@{{found.records[0].Id}}",
         "referenceId": "same"},
        {"method": "POST", "url": f"{SOBJECTS}/Contact", "referenceId": "bad", "body": {}},
        {"method": "GET", "url": f"{SOBJECTS}/Contact/@{{bad.id}}", "referenceId": "halted"},
        {"method": "GET", "url": f"{SOBJECTS}/Contact/describe", "referenceId": "seen",
         "httpHeaders": {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}},
    ]  # fmt: skip

    answers = rest.post(f"{API}/composite", json={"compositeRequest": steps}).json()
    codes = [one["httpStatusCode"] for one in answers["compositeResponse"]]
    by_name = {one["referenceId"]: one for one in answers["compositeResponse"]}

    assert codes == [201, 201, 200, 200, 400, 400, 304]
    assert by_name["same"]["body"]["Name"] == name
    assert by_name["halted"]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert "Last-Modified" in by_name["seen"]["httpHeaders"]
    assert by_name["org"]["httpHeaders"]["Location"].endswith(by_name["org"]["body"]["id"])


@pytest.mark.parametrize("kind", ["composite", "graph"])
def test_a_failed_step_takes_an_all_or_none_composite_back(rest: httpx.Client, kind: str) -> None:
    name = mark()
    steps = [
        {
            "method": "POST",
            "url": f"{SOBJECTS}/Account",
            "referenceId": "a",
            "body": {"Name": name},
        },
        {"method": "POST", "url": f"{SOBJECTS}/Contact", "referenceId": "b", "body": {}},
    ]
    if kind == "composite":
        body: dict[str, Any] = {"allOrNone": True, "compositeRequest": steps}
        answers = rest.post(f"{API}/composite", json=body).json()["compositeResponse"]
    else:
        body = {"graphs": [{"graphId": "1", "compositeRequest": steps}]}
        [graph] = rest.post(f"{API}/composite/graph", json=body).json()["graphs"]
        assert graph["isSuccessful"] is False
        answers = graph["graphResponse"]["compositeResponse"]

    assert [one["httpStatusCode"] for one in answers] == [400, 400]
    assert soql(rest, f"SELECT Id FROM Account WHERE Name = '{name}'")["totalSize"] == 0


def test_batch_runs_each_request_by_itself(rest: httpx.Client) -> None:
    requests = [
        {"method": "GET", "url": "v57.0/limits"},
        {"method": "GET", "url": "v57.0/sobjects/NoSuch"},
        {"method": "POST", "url": "v57.0/sobjects/Account", "richInput": {"Name": "PT Batch"}},
    ]

    whole = rest.post(f"{API}/composite/batch", json={"batchRequests": requests}).json()
    halted = rest.post(
        f"{API}/composite/batch", json={"batchRequests": requests, "haltOnError": True}
    ).json()

    assert [one["statusCode"] for one in whole["results"]] == [200, 404, 201]
    assert [one["statusCode"] for one in halted["results"]] == [200, 404, 412]
    assert whole["hasErrors"] is True


def test_a_tree_is_saved_whole_or_not_at_all(rest: httpx.Client) -> None:
    name = mark()

    def tree(last_name: str) -> dict[str, Any]:
        person = {"attributes": {"type": "Contact", "referenceId": "c"}, "LastName": last_name}
        account = {"attributes": {"type": "Account", "referenceId": "a"}, "Name": name}
        return {"records": [{**account, "Contacts": {"records": [person]}}]}

    refused = rest.post(f"{API}/composite/tree/Account", json=tree(""))
    query = f"SELECT Id, Account.Name FROM Contact WHERE Account.Name = '{name}'"
    before = soql(rest, query)["totalSize"]
    made = rest.post(f"{API}/composite/tree/Account/", json=tree("Child"))

    assert (refused.status_code, refused.json()["hasErrors"], before) == (400, True, 0)
    assert refused.json()["results"][0]["referenceId"] == "c"
    assert (made.status_code, made.json()["hasErrors"]) == (201, False)
    assert [row["referenceId"] for row in made.json()["results"]] == ["a", "c"]
    assert soql(rest, query)["totalSize"] == 1


def test_record_counts_are_by_object(rest: httpx.Client) -> None:
    create(rest, "Lead", LastName="A", Company="B")

    answer = rest.get(f"{API}/limits/recordCount", params={"sObjects": "Lead,Campaign"}).json()

    counts = {item["name"]: item["count"] for item in answer["sObjects"]}
    assert counts["Lead"] >= 1
    assert counts["Campaign"] == 0


def test_a_url_too_long_is_414(rest: httpx.Client) -> None:
    answer = rest.get(f"{API}/query", params={"q": "SELECT Id FROM Contact" + " " * 17_000})

    assert answer.status_code == 414


def test_simple_salesforce_works_as_with_its_vendor(
    sandbox: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", sandbox["ca_file"])
    sf = Salesforce(
        instance_url=sandbox["base_url"],
        session_id=sandbox["credentials"]["access_token"],
        version="62.0",
    )
    email = f"{mark()}@example.com"

    made = sf.Contact.create({"LastName": "Simple", "Email": email})
    status = sf.Contact.upsert(f"Email/{email}", {"FirstName": "Very"})
    read = sf.Contact.get(made["id"])
    sf.Contact.delete(made["id"])

    assert (made["success"], status, read["Name"]) == (True, 200, "Very Simple")
    assert sf.query_all("SELECT Id FROM Organization")["totalSize"] == 1
    assert sf.is_sandbox()
    assert sf.api_usage["api-usage"].used > 0
    with pytest.raises(SalesforceResourceNotFound):
        sf.Contact.get(made["id"])


def test_both_orgs_know_most_of_the_same_people(
    salesforce_orgs: dict[str, Any], rest: httpx.Client
) -> None:
    emails = {user.email for user in users(5)}
    rows = soql(rest, "SELECT Id, Email, IsActive FROM User")["records"]
    known = [row for row in rows if row["Email"] in emails]
    organization = soql(rest, "SELECT Id, IsSandbox FROM Organization")["records"][0]

    assert 0.7 * len(emails) < len(known) < len(emails)
    assert any(not row["IsActive"] for row in known)
    assert organization["IsSandbox"] is True
    production = salesforce_orgs["salesforce_production"]
    assert production["organization_id"] != organization["Id"]
    assert production["credentials"]["user_id"] not in {row["Id"] for row in rows}


def test_json_numbers_and_unicode_survive(rest: httpx.Client) -> None:
    name = "Toko “Béčak” 😀 — 株式会社"
    record = create(rest, "Account", Name=name, AnnualRevenue=1250000)

    read = rest.get(f"{SOBJECTS}/Account/{record}").json()

    assert (read["Name"], read["AnnualRevenue"]) == (name, 1250000)
    assert json.loads(rest.get(f"{SOBJECTS}/Account/{record}").content)["Name"] == name
