"""Bulk API 1.0 of the Salesforce practice org, spelt as third-party clients spell it."""

import json
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

import httpx
import pytest
from defusedxml.ElementTree import fromstring
from salesforce_clients import until

ASYNC = "/services/async/62.0"
NS = "{http://www.force.com/2009/06/asyncapi/dataload}"
XML = {"content-type": "application/xml; charset=UTF-8"}
JSON = {"content-type": "application/json"}


@pytest.fixture
def bulk(rest: httpx.Client, sandbox: dict[str, Any]) -> Iterator[httpx.Client]:
    """A client with the session in X-SFDC-Session alone, as Bulk API 1.0 has it."""
    token = sandbox["credentials"]["access_token"]
    rest_token = rest.headers.pop("authorization")
    rest.headers["x-sfdc-session"] = token
    yield rest
    del rest.headers["x-sfdc-session"]
    rest.headers["authorization"] = rest_token


def job_xml(bulk: httpx.Client, operation: str, sobject: str, content_type: str = "CSV") -> str:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<jobInfo xmlns="{NS[1:-1]}">\n  <operation>{operation}</operation>\n'
        f"  <object>{sobject}</object>\n  <contentType>{content_type}</contentType>\n</jobInfo>"
    )
    answer = bulk.post(f"{ASYNC}/job", content=body, headers=XML)
    assert answer.status_code == 201, answer.text
    assert answer.headers["content-type"] == "application/xml"
    info = fromstring(answer.content)
    assert text(info, "state") == "Open"
    return text(info, "id")


def text(element: Element, name: str) -> str:
    found = element.find(f"{NS}{name}")
    assert found is not None, name
    return found.text or ""


def add(bulk: httpx.Client, job: str, content: Any, content_type: str) -> Element:
    answer = bulk.post(
        f"{ASYNC}/job/{job}/batch", content=content, headers={"content-type": content_type}
    )
    assert answer.status_code == 201, answer.text
    return fromstring(answer.content)


def finished(bulk: httpx.Client, job: str, batch: str) -> Element:
    def done() -> Element | None:
        # One client asks for a CSV job's batch with a JSON header and parses XML.
        answer = bulk.get(f"{ASYNC}/job/{job}/batch/{batch}", headers=JSON)
        assert answer.headers["content-type"] == "application/xml"
        info = fromstring(answer.content)
        return info if text(info, "state") in ("Completed", "Failed") else None

    return until(done)


def test_csv_in_chunks_gives_results_in_order_of_upload(bulk: httpx.Client) -> None:
    job = job_xml(bulk, "insert", "Account")
    chunks = ['"Name","Site"\r\n"Satu","1"\r\n"",', '"2"\r\n"Tiga é","3"\r\n']

    batch = text(add(bulk, job, (part.encode() for part in chunks), "text/csv"), "id")
    info = finished(bulk, job, batch)
    results = bulk.get(f"{ASYNC}/job/{job}/batch/{batch}/result")

    assert (text(info, "numberRecordsProcessed"), text(info, "numberRecordsFailed")) == ("3", "1")
    assert results.headers["content-type"] == "text/csv"
    lines = results.text.splitlines()
    assert lines[0] == '"Id","Success","Created","Error"'
    assert lines[1].startswith('"001')
    assert lines[1].endswith('","true","true",""')
    assert lines[2] == (
        '"","false","false","REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --"'
    )
    assert lines[3].startswith('"001')


def test_json_is_answered_in_json(bulk: httpx.Client) -> None:
    ask = {"operation": "insert", "object": "Account", "contentType": "JSON"}
    made = bulk.post(f"{ASYNC}/job", json=ask)
    path = f"{ASYNC}/job/{made.json()['id']}"
    batch = bulk.post(f"{path}/batch", json=[{"Name": "Satu"}, {"Site": "x"}]).json()
    until(lambda: bulk.get(f"{path}/batch/{batch['id']}").json()["state"] == "Completed")

    good, bad = bulk.get(f"{path}/batch/{batch['id']}/result").json()
    closed = bulk.post(path, json={"state": "Closed"}).json()
    listed = bulk.get(f"{path}/batch").json()["batchInfo"]

    assert made.headers["content-type"] == "application/json"
    assert made.json()["apiVersion"] == 62.0
    assert good["success"]
    assert good["created"]
    assert good["id"].startswith("001")
    assert bad["id"] is None
    assert bad["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert closed["state"] == "Closed"
    assert closed["numberRecordsProcessed"] == 2
    assert [one["numberRecordsFailed"] for one in listed] == [1]


def test_xml_rows_are_saved(bulk: httpx.Client) -> None:
    job = job_xml(bulk, "insert", "Account", "XML")
    rows = (
        f'<sObjects xmlns="{NS[1:-1]}"><sObject><Name>A &amp; B</Name></sObject>'
        "<sObject><Site>x</Site></sObject></sObjects>"
    )
    batch = text(add(bulk, job, rows, "application/xml"), "id")
    finished(bulk, job, batch)

    results = fromstring(bulk.get(f"{ASYNC}/job/{job}/batch/{batch}/result").content)

    assert [text(one, "success") for one in results] == ["true", "false"]
    assert text(results[1].find(f"{NS}errors"), "statusCode") == "REQUIRED_FIELD_MISSING"


@pytest.mark.parametrize(
    ("content_type", "kind", "shown"),
    [("CSV", "text/csv", '"Id"'), ("JSON", "application/json", '"attributes"')],
)
def test_a_query_lists_its_results(
    bulk: httpx.Client, content_type: str, kind: str, shown: str
) -> None:
    as_json = content_type == "JSON"
    ask = {"operation": "query", "object": "User", "contentType": content_type}
    job = bulk.post(f"{ASYNC}/job", json=ask).json()["id"]
    soql = "SELECT Id FROM User LIMIT 2"
    made = bulk.post(f"{ASYNC}/job/{job}/batch", content=soql, headers={"content-type": kind})
    batch = made.json()["id"] if as_json else text(fromstring(made.content), "id")
    path = f"{ASYNC}/job/{job}/batch/{batch}"
    until(lambda: "Completed" in bulk.get(path).text)

    listing = bulk.get(f"{path}/result", headers=JSON)
    ids = listing.json() if as_json else [one.text for one in fromstring(listing.content)]
    rows = bulk.get(f"{path}/result/{ids[0]}")

    assert len(ids) == 1
    assert rows.headers["content-type"] == kind
    assert shown in rows.text
    assert len(rows.json()) == 2 if as_json else len(rows.text.splitlines()) == 3


def test_a_query_without_rows_says_so_in_csv(bulk: httpx.Client) -> None:
    job = job_xml(bulk, "query", "User")
    soql = "SELECT Id FROM User WHERE LastName = 'nobody at all'"
    batch = text(add(bulk, job, soql, "text/csv; charset=UTF-8"), "id")
    finished(bulk, job, batch)
    path = f"{ASYNC}/job/{job}/batch/{batch}/result"

    result = fromstring(bulk.get(path).content)[0].text

    assert bulk.get(f"{path}/{result}").text == "Records not found for this query\n"


def test_more_than_ten_thousand_rows_fail_the_batch(bulk: httpx.Client) -> None:
    job = job_xml(bulk, "insert", "Account")
    batch = text(add(bulk, job, "Name\n" + "x\n" * 10_001, "text/csv"), "id")

    info = finished(bulk, job, batch)

    assert text(info, "state") == "Failed"
    assert "Exceeded number of records: 10002" in text(info, "stateMessage")


def test_an_unknown_column_fails_the_batch(bulk: httpx.Client) -> None:
    job = job_xml(bulk, "insert", "Account")
    batch = text(add(bulk, job, "Name,Nope\nx,y\n", "text/csv"), "id")

    info = finished(bulk, job, batch)

    result = bulk.get(f"{ASYNC}/job/{job}/batch/{batch}/result")
    assert text(info, "stateMessage") == "InvalidBatch : Field name not found : Nope"
    assert text(info, "numberRecordsProcessed") == "0"
    assert result.status_code == 400
    assert text(fromstring(result.content), "exceptionMessage") == "Records not processed"


def test_a_query_of_another_object_fails_the_batch(bulk: httpx.Client) -> None:
    job = job_xml(bulk, "query", "Account")
    batch = text(add(bulk, job, "SELECT Id FROM Contact", "text/csv"), "id")

    info = finished(bulk, job, batch)

    assert text(info, "stateMessage") == (
        "InvalidBatch : Failed to process query: INVALID_TYPE_FOR_OPERATION: The root entity of "
        "the requested query (Contact) does not match the entity of the requested Bulk API Job "
        "(Account)."
    )


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("job", {"operation": "insert", "object": "NoSuch"}, "InvalidEntity"),
        ("job", {"operation": "merge", "object": "Account"}, "InvalidOperation"),
        ("job", {"operation": "upsert", "object": "Account"}, "InvalidJob"),
        ("job", [], "InvalidJob"),
        ("job/750000000000000AAA", {"state": "Closed"}, "InvalidJob"),
        ("elsewhere", {}, "InvalidUrl"),
    ],
)
def test_what_is_wrong_is_named(bulk: httpx.Client, path: str, body: Any, code: str) -> None:
    answer = bulk.post(f"{ASYNC}/{path}", content=json.dumps(body), headers=JSON)

    assert answer.status_code == 400
    assert answer.json()["exceptionCode"] == code


def test_a_closed_job_takes_no_batch(bulk: httpx.Client) -> None:
    job = job_xml(bulk, "insert", "Account")
    close = f'<jobInfo xmlns="{NS[1:-1]}"><state>Closed</state></jobInfo>'
    assert text(fromstring(bulk.post(f"{ASYNC}/job/{job}", content=close, headers=XML).content),
                "state") == "Closed"  # fmt: skip

    answer = bulk.post(f"{ASYNC}/job/{job}/batch", content="Name\nx\n", headers=XML)

    assert text(fromstring(answer.content), "exceptionCode") == "InvalidJobState"


def test_a_bad_session_is_400_and_named(bulk: httpx.Client) -> None:
    """Clients renew the session on this very text."""
    answer = bulk.post(
        f"{ASYNC}/job", content="<jobInfo/>", headers={**XML, "x-sfdc-session": "nonsense"}
    )

    assert answer.status_code == 400
    assert b"<exceptionCode>InvalidSessionId</exceptionCode>" in answer.content
