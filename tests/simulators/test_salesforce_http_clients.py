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
