"""Bulk API 2.0 of the Salesforce practice org: ingest, query, and jobs that go wrong."""

import csv
import io
import time
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
from salesforce_clients import API, client_for, until
from simple_salesforce import Salesforce

from qontakmig.simulators import serve

INGEST = f"{API}/jobs/ingest"
QUERY = f"{API}/jobs/query"
DONE = ("JobComplete", "Failed", "Aborted")


def create(rest: httpx.Client, operation: str = "insert", **more: Any) -> dict[str, Any]:
    answer = rest.post(INGEST, json={"object": "Contact", "operation": operation, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def load(rest: httpx.Client, text: str | bytes, **more: Any) -> dict[str, Any]:
    """Run one ingest job to its end and return its info."""
    job = create(rest, **more)
    content = text.encode() if isinstance(text, str) else text
    put = rest.put(f"/{job['contentUrl']}", content=content, headers={"content-type": "text/csv"})
    assert (put.status_code, put.content) == (201, b"")
    closed = rest.patch(f"{INGEST}/{job['id']}/", json={"state": "UploadComplete"}).json()
    assert closed["state"] == "UploadComplete"
    return ended(rest, f"{INGEST}/{job['id']}")


def ended(rest: httpx.Client, path: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        info = rest.get(path).json()
        return info if info["state"] in DONE else None

    return until(look)


def results(rest: httpx.Client, job: dict[str, Any], which: str) -> list[dict[str, str]]:
    answer = rest.get(f"{INGEST}/{job['id']}/{which}")
    assert answer.headers["content-type"] == "text/csv"
    delimiters = {"COMMA": ",", "TAB": "\t", "PIPE": "|", "SEMICOLON": ";", "CARET": "^",
                  "BACKQUOTE": "`"}  # fmt: skip
    text = io.StringIO(answer.content.decode(), newline="")
    rows = list(csv.DictReader(text, delimiter=delimiters[job["columnDelimiter"]]))
    assert answer.headers["sforce-numberofrecords"] == str(len(rows))
    assert answer.headers["sforce-locator"] == "null"
    return rows


def title() -> str:
    return uuid.uuid4().hex[:12]


def count(rest: httpx.Client, text: str) -> int:
    query = f"SELECT count() FROM Contact WHERE Title = '{text}'"
    return rest.get(f"{API}/query", params={"q": query}).json()["totalSize"]


def test_a_new_job_says_what_clients_read(rest: httpx.Client) -> None:
    job = create(rest)

    assert job["state"] == "Open"
    assert job["apiVersion"] == 62.0
    assert job["contentUrl"] == f"services/data/v62.0/jobs/ingest/{job['id']}/batches"
    assert (job["lineEnding"], job["columnDelimiter"], job["contentType"]) == (
        "LF",
        "COMMA",
        "CSV",
    )
    assert {"createdById", "createdDate", "systemModstamp", "concurrencyMode"} <= set(job)
    assert job["id"].startswith("750")


def test_good_and_bad_rows_come_back_in_their_lists(rest: httpx.Client) -> None:
    mark = title()
    text = (
        "LastName,Title,Email,Birthdate\n"
        f'"Sari, Dewi",{mark},a@example.com,1990-02-28\n'
        f",{mark},b@example.com,\n"
        f"Budi,{mark},no mail,\n"
        f"Tono,{mark},c@example.com,1990-02-30\n"
    )

    job = load(rest, text)
    good, bad = (results(rest, job, f"{which}Results") for which in ("successful", "failed"))

    assert job["state"] == "JobComplete"
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (4, 3)
    assert list(good[0])[:2] == ["sf__Id", "sf__Created"]
    assert (good[0]["LastName"], good[0]["sf__Created"]) == ("Sari, Dewi", "true")
    errors = {row["LastName"]: row["sf__Error"] for row in bad}
    assert errors[""] == (
        "REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --"
    )
    assert errors["Budi"].startswith("INVALID_EMAIL_ADDRESS:")
    assert errors["Tono"] == (
        "INVALID_FIELD:Failed to deserialize field at col 3. Due to, '1990-02-30' is not a valid "
        "value for the type xsd:date:Birthdate --"
    )
    assert [row["sf__Id"] for row in bad] == ["", "", ""]
    assert results(rest, job, "unprocessedrecords") == []
    assert count(rest, mark) == 1


def test_result_headers_are_quoted_only_where_the_vendor_does(rest: httpx.Client) -> None:
    job = load(rest, "LastName,Title\nA,B\n")

    good = rest.get(f"{INGEST}/{job['id']}/successfulResults/").text
    unprocessed = rest.get(f"{INGEST}/{job['id']}/unprocessedRecords").text

    assert good.startswith('"sf__Id","sf__Created",LastName,Title\n"003')
    assert good.endswith('","true","A","B"\n')
    assert unprocessed == "LastName,Title\n"


def test_results_do_not_keep_the_order_of_the_upload(rest: httpx.Client) -> None:
    names = [f"N{n:04}" for n in range(500)]

    job = load(rest, "LastName\n" + "\n".join(names))
    back = [row["LastName"] for row in results(rest, job, "successfulResults")]

    assert back != names
    assert sorted(back) == names


@pytest.mark.parametrize(
    ("delimiter", "character"),
    [("SEMICOLON", ";"), ("TAB", "\t"), ("PIPE", "|"), ("CARET", "^"), ("BACKQUOTE", "`")],
)
@pytest.mark.parametrize(("ending", "end"), [("LF", "\n"), ("CRLF", "\r\n")])
def test_every_delimiter_and_line_ending_is_read(
    rest: httpx.Client, delimiter: str, character: str, ending: str, end: str
) -> None:
    mark = title()
    rows = [["LastName", "Title"], [f'"A{character}""b""\nc"', mark], ["D", mark]]
    text = end.join(character.join(row) for row in rows) + end

    job = load(rest, text, columnDelimiter=delimiter, lineEnding=ending)

    names = {row["LastName"] for row in results(rest, job, "successfulResults")}
    assert names == {f'A{character}"b"\nc', "D"}


@pytest.mark.parametrize(
    ("text", "settings", "message"),
    [
        ("LastName\r\nA\r\n", {}, "LineEnding is invalid on user data. Current LineEnding "
         "setting is LF"),
        ("LastName\nA\n", {"lineEnding": "CRLF"}, "Current LineEnding setting is CRLF"),
        ("LastName,NoField\nA,B\n", {}, "InvalidBatch : Field name not found : NoField"),
        ("LastName;Title\nA;B\n", {}, "InvalidBatch : Field name not found : LastName;Title"),
        ("LastName,Title,LastName\nA,B,C\n", {}, "Duplicate field name"),
        ("", {}, "no header"),
        (b"LastName\n\xff\n", {}, "not valid UTF-8"),
    ],
)  # fmt: skip
def test_an_upload_that_cannot_be_read_fails_as_a_whole(
    rest: httpx.Client, text: str | bytes, settings: dict[str, str], message: str
) -> None:
    job = load(rest, text, **settings)

    assert job["state"] == "Failed"
    assert message in job["errorMessage"]
    assert job["numberRecordsProcessed"] == 0


def test_rows_of_a_failed_job_are_unprocessed(rest: httpx.Client) -> None:
    job = load(rest, "LastName,NoField\nA,B\nC,D\n")

    rows = results(rest, job, "unprocessedrecords")

    assert [row["LastName"] for row in rows] == ["A", "C"]


def test_a_row_with_text_behind_the_quotes_fails_alone(rest: httpx.Client) -> None:
    job = load(rest, 'LastName,Title\nA,B\n"C" ,D\nE,F\n')

    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (3, 1)
    names = {row["LastName"] for row in results(rest, job, "successfulResults")}
    assert names == {"A", "E"}


def test_upsert_update_and_delete_go_by_their_keys(rest: httpx.Client) -> None:
    mark = title()
    mails = [f"{n}.{mark}@example.com" for n in range(3)]
    text = "LastName,Title,Email\n" + "".join(f"L,{mark},{mail}\n" for mail in mails)

    first = load(rest, text, operation="upsert", externalIdFieldName="Email")
    again = load(rest, text, operation="upsert", externalIdFieldName="Email")
    ids = [row["sf__Id"] for row in results(rest, first, "successfulResults")]
    cleared = load(
        rest, "Id,FirstName,Title\n" + "".join(f"{one},F,#N/A\n" for one in ids), operation="update"
    )
    wrong = load(rest, "Id,Title\n003000000000001AAA,x\n", operation="update")
    gone = load(rest, "Id\n" + "\n".join(ids), operation="delete")

    assert {row["sf__Created"] for row in results(rest, again, "successfulResults")} == {"false"}
    assert cleared["numberRecordsFailed"] == 0
    assert results(rest, wrong, "failedResults")[0]["sf__Id"] == "003000000000001AAA"
    assert (gone["numberRecordsProcessed"], gone["numberRecordsFailed"]) == (3, 0)
    assert count(rest, mark) == 0


def test_an_upload_may_come_in_chunks(rest: httpx.Client) -> None:
    job = create(rest)
    pieces = (piece for piece in [b"LastName\nCh", b"unk\n", b"Two\n"])

    put = rest.put(f"{INGEST}/{job['id']}/batches", content=pieces)
    rest.patch(f"{INGEST}/{job['id']}", json={"state": "UploadComplete"})

    assert put.status_code == 201
    assert ended(rest, f"{INGEST}/{job['id']}")["numberRecordsProcessed"] == 2


def test_states_follow_the_rules(rest: httpx.Client, control: httpx.Client) -> None:
    control.post("switches", json={"bulk_delay_seconds": "0.3"})
    job = create(rest)
    path = f"{INGEST}/{job['id']}"

    closed_empty = rest.patch(path, json={"state": "UploadComplete"})
    deleted_open = rest.delete(path)
    rest.put(f"{path}/batches", content=b"LastName\nA\n")
    twice = rest.put(f"{path}/batches", content=b"LastName\nB\n")
    rest.patch(path, json={"state": "UploadComplete"})
    waiting = rest.get(path).json()["state"]
    early = rest.get(f"{path}/successfulResults")
    late = rest.put(f"{path}/batches", content=b"LastName\nB\n")
    finished = ended(rest, path)
    aborted = rest.patch(path, json={"state": "Aborted"})
    listed = rest.get(INGEST).json()
    gone = rest.delete(path)

    refused = (closed_empty, deleted_open, twice, early, late, aborted)
    assert [answer.status_code for answer in refused] == [400] * 6
    assert "only do 'PUT' once" in twice.json()[0]["message"]
    assert (waiting, finished["state"]) == ("UploadComplete", "JobComplete")
    assert job["id"] in [one["id"] for one in listed["records"]]
    assert (gone.status_code, rest.get(path).status_code) == (204, 404)


def test_an_aborted_job_saves_nothing_more(rest: httpx.Client, control: httpx.Client) -> None:
    control.post("switches", json={"bulk_delay_seconds": "5"})
    mark = title()
    job = create(rest)
    rest.put(f"{INGEST}/{job['id']}/batches", content=f"LastName,Title\nA,{mark}\n".encode())
    rest.patch(f"{INGEST}/{job['id']}", json={"state": "UploadComplete"})

    aborted = rest.patch(f"{INGEST}/{job['id']}", json={"state": "Aborted"}).json()

    assert aborted["state"] == "Aborted"
    rows = results(rest, {**job, "state": "Aborted"}, "unprocessedrecords")
    assert [row["Title"] for row in rows] == [mark]
    assert count(rest, mark) == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"object": "NoSuch", "operation": "insert"}, 400),
        ({"object": "Contact", "operation": "explode"}, 400),
        ({"object": "Contact", "operation": "upsert"}, 400),
        ({"object": "Contact", "operation": "insert", "columnDelimiter": "X"}, 400),
        ({"object": "Contact", "operation": "insert", "contentType": "JSON"}, 400),
        ([], 400),
    ],
)
def test_a_job_that_cannot_be_is_refused(rest: httpx.Client, body: Any, status: int) -> None:
    assert rest.post(INGEST, json=body).status_code == status


def test_a_query_job_pages_by_locator_and_keeps_its_version(rest: httpx.Client) -> None:
    mark = title()
    load(rest, "LastName,Title\n" + "".join(f"L{n},{mark}\n" for n in range(25)))
    text = f"SELECT Id, LastName, Account.Name FROM Contact WHERE Title = '{mark}'"

    job = rest.post(QUERY, json={"operation": "query", "query": text}).json()
    finished = ended(rest, f"{QUERY}/{job['id']}")
    path, rows, locator = f"{QUERY}/{job['id']}/results", [], ""
    while locator != "null":
        params = {"maxRecords": "10", **({"locator": locator} if locator else {})}
        page = rest.get(path, params=params)
        locator = page.headers["sforce-locator"]
        rows += list(csv.DictReader(io.StringIO(page.text)))
    other = rest.get(path.replace("v62.0", "v60.0"))
    pages = rest.get(f"{QUERY}/{job['id']}/resultPages").json()["resultPages"]
    links = [list(csv.DictReader(io.StringIO(rest.get(p["resultLink"]).text))) for p in pages]

    assert (job["state"], finished["numberRecordsProcessed"]) == ("UploadComplete", 25)
    assert list(rows[0]) == ["Id", "LastName", "Account.Name"]
    assert len({row["Id"] for row in rows}) == 25
    assert sum(map(len, links)) == 25
    assert other.status_code == 409
    assert rest.delete(f"{QUERY}/{job['id']}").status_code == 204


@pytest.mark.parametrize(
    "text",
    ["SELECT count(Id) FROM Contact", "SELECT Id, (SELECT Id FROM Contacts) FROM Account"],
)
def test_bulk_queries_have_no_aggregates_or_subqueries(rest: httpx.Client, text: str) -> None:
    job = rest.post(QUERY, json={"operation": "query", "query": text}).json()

    finished = ended(rest, f"{QUERY}/{job['id']}")

    assert finished["state"] == "Failed"
    assert "FUNCTIONALITY_NOT_ENABLED" in finished["errorMessage"]


def test_simple_salesforce_loads_and_extracts(
    sandbox: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", sandbox["ca_file"])
    sf = Salesforce(
        instance_url=sandbox["base_url"],
        session_id=sandbox["credentials"]["access_token"],
        version="62.0",
    )
    mark = title()
    records = [{"LastName": f"É{n}", "Title": mark} for n in range(3)] + [{"Title": mark}]

    [done] = sf.bulk2.Contact.insert(records=records, wait=0.05)
    failed = sf.bulk2.Contact.get_failed_records(done["job_id"])
    soql = f"SELECT LastName FROM Contact WHERE Title = '{mark}'"
    [page] = list(sf.bulk2.Contact.query(soql, wait=0.05))

    assert (done["numberRecordsProcessed"], done["numberRecordsFailed"]) == (4, 1)
    assert "REQUIRED_FIELD_MISSING" in failed
    assert sorted(page.split()) == ['"LastName"', '"É0"', '"É1"', '"É2"']


def test_the_org_stays_responsive_while_rows_are_saved(rest: httpx.Client) -> None:
    job = create(rest)
    rows = "".join(f"Busy {n},{n}@example.com\n" for n in range(20_000))
    rest.put(f"{INGEST}/{job['id']}/batches", content=f"LastName,Email\n{rows}".encode())
    rest.patch(f"{INGEST}/{job['id']}", json={"state": "UploadComplete"})

    slowest, seen = 0.0, set()
    while (info := rest.get(f"{INGEST}/{job['id']}").json())["state"] not in DONE:
        begun = time.monotonic()
        rest.get("/services/data")
        slowest = max(slowest, time.monotonic() - begun)
        seen.add(info.get("numberRecordsProcessed"))

    assert info["numberRecordsProcessed"] == 20_000
    assert slowest < 0.5
    assert len(seen) > 1


def test_a_killed_org_goes_on_where_it_was(tmp_path: Path) -> None:
    total = 12_000
    rows = "".join(f"L{n},{n}@example.com\n" for n in range(total))
    with serve.start(["salesforce"], state=tmp_path) as running:
        with client_for(running.info["salesforce"]) as rest:
            made = rest.post(f"{API}/sobjects/Account", json={"Name": "PT Tetap"}).json()["id"]
            job = create(rest)
            rest.put(f"/{job['contentUrl']}", content=f"LastName,Email\n{rows}".encode())
            rest.patch(f"{INGEST}/{job['id']}", json={"state": "UploadComplete"})
            until(lambda: rest.get(f"{INGEST}/{job['id']}").json().get("numberRecordsProcessed"))
        running.process.kill()
        running.process.wait()

    with (
        serve.start(["salesforce"], state=tmp_path) as running,
        client_for(running.info["salesforce"]) as rest,
    ):
        finished = ended(rest, f"{INGEST}/{job['id']}")
        good = results(rest, finished, "successfulResults")
        query = "SELECT count() FROM Contact"
        stored = rest.get(f"{API}/query", params={"q": query}).json()["totalSize"]
        account = rest.get(f"{API}/sobjects/Account/{made}")
        fresh = create(rest)

    assert finished["state"] == "JobComplete"
    assert (finished["numberRecordsProcessed"], stored) == (total, total)
    assert len({row["LastName"] for row in good}) == len({row["sf__Id"] for row in good}) == total
    assert account.json()["Name"] == "PT Tetap"
    assert fresh["id"] != job["id"]


@pytest.mark.slow
def test_fifty_thousand_contacts_load_fast_over_http(rest: httpx.Client) -> None:
    header = "LastName,FirstName,Email,Phone,Title,MailingCity,Description\n"
    rows = "".join(
        f'Siti {n},Budi,s{n}@example.com,+62812{n:07d},Manager,Jakarta,"Catatan {n}, panjang"\n'
        for n in range(50_000)
    )
    begun = time.monotonic()

    job = load(rest, header + rows)

    assert job["numberRecordsProcessed"] == 50_000
    assert job["numberRecordsFailed"] == 0
    # 64,000 rows a second were measured; the floor leaves room for a busy machine.
    assert 50_000 / (time.monotonic() - begun) > 5_000
