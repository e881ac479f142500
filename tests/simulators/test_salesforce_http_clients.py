"""Requests as third-party clients of Salesforce spell them, sent to the practice org."""

from typing import Any

import httpx
import pytest
from salesforce_clients import API


def test_an_instance_url_with_a_slash_at_its_end_reaches_the_org(
    rest: httpx.Client, sandbox: dict[str, Any]
) -> None:
    """The vendor's own command line keeps "https://host/" and appends "/services/..."."""
    answer = rest.get(f"{sandbox['base_url']}/{API}/query?q=SELECT+Id+FROM+User+LIMIT+1")

    assert answer.status_code == 200
    assert answer.json()["totalSize"] == 1


@pytest.mark.parametrize(
    ("resource", "soql", "rows"),
    [
        # One loader asks over several lines which objects there are.
        (
            "query",
            "SELECT  QualifiedApiName, Label \n  FROM EntityDefinition \n"
            "  WHERE QualifiedApiName IN ('Account') ORDER BY Label",
            [{"QualifiedApiName": "Account", "Label": "Account"}],
        ),
        (
            "tooling/query/",
            "SELECT QualifiedApiName, DataType, EntityDefinition.KeyPrefix FROM FieldDefinition "
            "WHERE EntityDefinition.QualifiedApiName = 'Contact' AND QualifiedApiName = 'Email'",
            [
                {
                    "QualifiedApiName": "Email",
                    "DataType": "Email",
                    "EntityDefinition": {"KeyPrefix": "003"},
                }
            ],
        ),
        ("tooling/query", "SELECT Id FROM InstalledSubscriberPackage", []),
    ],
)
def test_the_schema_answers_queries(
    rest: httpx.Client, resource: str, soql: str, rows: list[dict[str, Any]]
) -> None:
    answer = rest.get(f"{API}/{resource}", params={"q": soql})

    assert answer.status_code == 200, answer.text
    assert [_bare(row) for row in answer.json()["records"]] == rows


def _bare(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _bare(value) if isinstance(value, dict) else value
        for name, value in row.items()
        if name != "attributes"
    }


def test_a_custom_field_made_by_tooling_is_found_by_tooling(rest: httpx.Client) -> None:
    made = rest.post(
        f"{API}/tooling/sobjects/CustomField",
        json={"FullName": "Lead.Sought__c",
              "Metadata": {"type": "Text", "length": 30, "label": "Sought"}},
    )  # fmt: skip
    soql = (
        "SELECT Id, DeveloperName, TableEnumOrId, Length FROM CustomField "
        "WHERE DeveloperName = 'Sought' AND TableEnumOrId = 'Lead'"
    )

    [found] = rest.get(f"{API}/tooling/query", params={"q": soql}).json()["records"]

    assert _bare(found) == {
        "Id": made.json()["id"],
        "DeveloperName": "Sought",
        "TableEnumOrId": "Lead",
        "Length": 30,
    }


def test_custom_fields_are_no_object_of_the_data_api(rest: httpx.Client) -> None:
    answer = rest.get(f"{API}/query", params={"q": "SELECT Id FROM CustomField"})

    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] == "INVALID_TYPE"


def partner(rest: httpx.Client, sandbox: dict[str, Any], call: str) -> str:
    token = sandbox["credentials"]["access_token"]
    envelope = (
        '<?xml version="1.0" encoding="utf-8"?><soapenv:Envelope '
        'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns="urn:partner.soap.sforce.com"><soapenv:Header><SessionHeader>'
        f"<sessionId>{token}</sessionId></SessionHeader></soapenv:Header>"
        f"<soapenv:Body>{call}</soapenv:Body></soapenv:Envelope>"
    )
    headers = {"content-type": "text/xml", "soapaction": '""'}
    return rest.post("/services/Soap/u/62.0", content=envelope, headers=headers).text


def test_undelete_takes_a_row_out_of_the_bin_once(
    rest: httpx.Client, sandbox: dict[str, Any]
) -> None:
    path = f"{API}/sobjects/Account"
    row_id = rest.post(path, json={"Name": "Kembali"}).json()["id"]
    rest.delete(f"{path}/{row_id}")
    call = f"<undelete><ids>{row_id}</ids><ids>999000000000000AAA</ids></undelete>"

    first, second = partner(rest, sandbox, call), partner(rest, sandbox, call)

    assert f"<result><id>{row_id}</id><success>true</success></result>" in first
    assert "<statusCode>MALFORMED_ID</statusCode>" in first
    assert rest.get(f"{path}/{row_id}").json()["Name"] == "Kembali"
    assert "<success>true</success>" not in second


def test_the_server_tells_its_time_by_soap(rest: httpx.Client, sandbox: dict[str, Any]) -> None:
    assert "<timestamp>20" in partner(rest, sandbox, "<getServerTimestamp/>")


def test_locked_rows_are_refused_as_often_as_switched_on(
    rest: httpx.Client, control: httpx.Client
) -> None:
    control.post("switches", json={"row_locks": "2"})
    rows = [{"attributes": {"type": "Account"}, "Name": f"Kunci {n}"} for n in range(3)]

    answer = rest.post(f"{API}/composite/sobjects", json={"allOrNone": False, "records": rows})
    refused = [row["errors"][0]["statusCode"] for row in answer.json() if row["errors"]]

    assert refused == ["UNABLE_TO_LOCK_ROW"] * 2
    assert answer.json()[2]["success"]


def test_a_share_of_rows_can_be_locked(rest: httpx.Client, control: httpx.Client) -> None:
    control.post("switches", json={"row_locks": "0.5"})
    rows = [{"attributes": {"type": "Account"}, "Name": f"Kunci {n}"} for n in range(100)]

    answer = rest.post(f"{API}/composite/sobjects", json={"allOrNone": False, "records": rows})

    assert 20 < sum(row["success"] for row in answer.json()) < 80


def metadata(rest: httpx.Client, sandbox: dict[str, Any], call: str) -> str:
    token = sandbox["credentials"]["access_token"]
    envelope = (
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns="http://soap.sforce.com/2006/04/metadata"><soapenv:Header><SessionHeader>'
        f"<sessionId>{token}</sessionId></SessionHeader></soapenv:Header>"
        f"<soapenv:Body>{call}</soapenv:Body></soapenv:Envelope>"
    )
    headers = {"content-type": "text/xml", "soapaction": '""'}
    return rest.post("/services/Soap/m/62.0", content=envelope, headers=headers).text


def test_a_custom_field_is_listed_and_read_back_as_metadata(
    rest: httpx.Client, sandbox: dict[str, Any]
) -> None:
    made = rest.post(
        f"{API}/tooling/sobjects/CustomField",
        json={"FullName": "Lead.Dibaca__c",
              "Metadata": {"type": "Text", "length": 31, "label": "Dibaca",
                           "externalId": True, "unique": True}},
    )  # fmt: skip
    field = "<fullNames>Lead.Dibaca__c</fullNames><fullNames>Lead.Tiada__c</fullNames>"

    listed = metadata(
        rest,
        sandbox,
        "<listMetadata><queries><type>CustomField</type></queries></listMetadata>",
    )
    read = metadata(rest, sandbox, f"<readMetadata><type>CustomField</type>{field}</readMetadata>")

    assert f"<fullName>Lead.Dibaca__c</fullName><id>{made.json()['id']}</id>" in listed
    assert '<records xsi:type="CustomField"><fullName>Lead.Dibaca__c</fullName>' in read
    assert "<externalId>true</externalId><label>Dibaca</label><length>31</length>" in read
    assert '<records xsi:nil="true"/>' in read


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("ingest", {"operation": "insert", "object": "NoSuch"}),
        ("query", {"operation": "query", "query": "SELECT Id FROM NoSuch"}),
    ],
)
def test_bulk_refuses_an_unknown_object_as_an_entity(
    rest: httpx.Client, kind: str, body: dict[str, str]
) -> None:
    """One tap falls back to REST on this very code."""
    answer = rest.post(f"{API}/jobs/{kind}", json=body)

    assert answer.status_code == 400
    assert answer.json() == [
        {
            "message": "Entity 'NoSuch' is not supported by the Bulk API.",
            "errorCode": "INVALIDENTITY",
        }
    ]
