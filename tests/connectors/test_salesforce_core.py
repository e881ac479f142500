"""CSV, SOQL, metadata and error texts, without any network."""

import csv
import io
import zipfile
from urllib.parse import quote_plus
from xml.etree import ElementTree

import pytest

from qontakmig.connectors.base import FieldType, SchemaItem, WritePlan
from qontakmig.connectors.errors import (
    AuthError,
    PermissionMissing,
    RateLimitedError,
    RejectedError,
    StopError,
    TransientError,
)
from qontakmig.connectors.salesforce import bulk, metadata_xml
from qontakmig.connectors.salesforce.collections import json_value
from qontakmig.connectors.salesforce.faults import error_from, parse_row_error, without_values
from qontakmig.connectors.salesforce.query import URL_BYTES, in_lists, soql_text
from qontakmig.connectors.salesforce.value_sets import with_items

KEY = "Qontak_Id__c"


def plan(rows, operation="insert"):
    return WritePlan("Account", operation, KEY, rows)


def parsed(text):
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize(
    "text",
    ["PT Maju, Tbk", 'kata "kutip"', "baris\nbaru", "baris\r\nbaru", "a\rb", "\u2028\u0085\f",
     " spasi ", "=1+1", "é🎉", "x,\r"],
)  # fmt: skip
def test_every_text_survives_the_csv(text):
    made = bulk.rows_csv(plan([{KEY: "1", "Name": text}, {KEY: "2", "Name": "b"}]))

    assert parsed(made) == [[KEY, "Name"], ["1", text], ["2", "b"]]


def test_none_is_empty_on_insert_and_na_on_update():
    row = {KEY: "1", "Name": None, "Active__c": True, "Old__c": False, "Count__c": 3}

    inserted = parsed(bulk.rows_csv(plan([row])))
    updated = parsed(bulk.rows_csv(plan([row | {"Id": "001"}], "update")))

    assert inserted == [[KEY, "Active__c", "Count__c", "Name", "Old__c"], ["1", "true", "3", "", "false"]]  # fmt: skip # noqa: E501
    assert updated[0][:2] == ["Id", KEY]
    assert dict(zip(*updated, strict=True))["Name"] == "#N/A"


def test_deletes_carry_only_the_id():
    assert bulk.rows_csv(plan([{"Id": "001", "x": "y"}], "delete")) == "Id\n001\n"


def test_the_csv_does_not_depend_on_the_order_of_keys():
    one = bulk.rows_csv(plan([{KEY: "1", "B": "b", "A": "a"}]))

    assert one == bulk.rows_csv(plan([{"A": "a", "B": "b", KEY: "1"}]))


def test_a_job_above_the_limit_is_refused_before_anything_is_sent():
    rows = [{KEY: str(n), "Name": "x" * 1_000_000} for n in range(101)]

    with pytest.raises(RejectedError) as caught:
        bulk.job_upload(None, "750", plan(rows))

    assert caught.value.code == "job_too_large"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --",
         ("REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", ("Name",))),
        ("STRING_TOO_LONG:Name: data value too large: Siti Rahasia (max length=80):Name, X --",
         ("STRING_TOO_LONG", "Name: data value too large: … (max length=80)", ("Name", "X"))),
        ("UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record: --",
         ("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", ())),
        ("INVALID_FIELD:Failed to deserialize field at col 3. Due to, 'rahasia' is not a valid"
         " value for the type xsd:date:CloseDate --",
         ("INVALID_FIELD", "Failed to deserialize field at col 3. Due to, '…' is not a valid value"
          " for the type xsd:date", ("CloseDate",))),
        ("something else", ("ERROR", "something else", ())),
    ],
)  # fmt: skip
def test_row_errors_are_split_and_lose_the_records_values(text, expected):
    assert parse_row_error(text) == expected


def test_messages_lose_email_addresses():
    assert "siti@" not in without_values("Email: invalid email address: siti@example.com")


@pytest.mark.parametrize(
    ("status", "code", "kind", "short"),
    [
        (401, "INVALID_SESSION_ID", AuthError, "session_expired"),
        (403, "REQUEST_LIMIT_EXCEEDED", RateLimitedError, "rate_limited"),
        (403, "API_DISABLED_FOR_ORG", PermissionMissing, "api_disabled"),
        (403, "INSUFFICIENT_ACCESS", PermissionMissing, "permission_missing"),
        (400, "UNABLE_TO_LOCK_ROW", TransientError, "unable_to_lock_row"),
        (400, "QUERY_TIMEOUT", TransientError, "query_timeout"),
        (400, "STORAGE_LIMIT_EXCEEDED", StopError, "storage_full"),
        (400, "ExceededQuota", RateLimitedError, "rate_limited"),
        (400, "INVALID_FIELD", RejectedError, "invalid_field"),
        (400, "InvalidJobState", RejectedError, "invalid_job_state"),
        (404, "NOT_FOUND", RejectedError, "not_found"),
    ],
)
def test_vendor_errors_have_a_kind_a_code_and_advice(status, code, kind, short):
    error = error_from(status, [{"errorCode": code, "message": "m"}])

    assert type(error) is kind
    assert error.code == short
    assert error.system == "salesforce"
    assert error.advice


def test_in_lists_cover_all_values_and_fit_a_url():
    values = [f"kunci/{n} é'" for n in range(3000)] + ["kunci/0 é'"]

    made = list(in_lists("SELECT Id FROM Account WHERE X", values))

    assert all(len(quote_plus(soql)) <= URL_BYTES for soql in made)
    assert sum(soql.count("kunci") for soql in made) == 3000
    assert list(in_lists("SELECT", [])) == []


@pytest.mark.parametrize(
    ("value", "literal"),
    [("a", "'a'"), ("O'Neil", r"'O\'Neil'"), ("a\\", r"'a\\'"), ("x\ny", r"'x\ny'")],
)
def test_soql_texts_are_quoted(value, literal):
    assert soql_text(value) == literal


@pytest.mark.parametrize(
    ("value", "kind", "wire"),
    [
        ("1000000000.50", FieldType.CURRENCY, 1000000000.5),
        ("123456789012345678", FieldType.DECIMAL, 123456789012345678),
        ("3", FieldType.INTEGER, 3),
        ("abc", FieldType.DECIMAL, "abc"),
        ("true", FieldType.BOOLEAN, True),
        ("1", FieldType.TEXT, "1"),
        ("", FieldType.TEXT, None),
        (None, FieldType.DATE, None),
        ("2024-01-01", FieldType.DATE, "2024-01-01"),
    ],
)
def test_direct_calls_send_numbers_as_numbers(value, kind, wire):
    made = json_value(value, kind)

    assert made == wire
    assert type(made) is type(wire)


def field(name, **definition):
    return SchemaItem("field", "Account", name, {"label": "Nama & Co", **definition})


@pytest.mark.parametrize(
    ("definition", "parts"),
    [
        ({"type": "text", "length": 64, "external_id": True, "unique": True},
         {"type": "Text", "length": "64", "externalId": "true", "unique": "true"}),
        ({"type": "long_text", "length": 10}, {"type": "LongTextArea", "length": "256"}),
        ({"type": "integer"}, {"type": "Number", "precision": "18", "scale": "0"}),
        ({"type": "decimal", "precision": 18, "scale": 4}, {"type": "Number", "scale": "4"}),
        ({"type": "currency"}, {"type": "Currency", "scale": "2"}),
        ({"type": "boolean"}, {"type": "Checkbox", "defaultValue": "false"}),
        ({"type": "multipicklist", "options": ["A & B"]}, {"visibleLines": "4", "restricted": "false"}),  # noqa: E501
        ({"type": "datetime"}, {"type": "DateTime"}),
    ],
)  # fmt: skip
def test_custom_fields_become_metadata(definition, parts):
    root = ElementTree.fromstring(metadata_xml.custom_field(field("X__c", **definition)))

    found = {node.tag: node.text for node in root.iter()}
    assert found["fullName"] == "X__c" or "options" in definition
    assert found["label"]
    assert {name: found.get(name) for name in parts} == parts


def test_the_zip_is_the_same_for_the_same_schema_and_lists_every_member():
    made = [
        metadata_xml.package_zip(
            "66.0",
            fields={"Account": [metadata_xml.custom_field(field("X__c", type="date"))]},
            permission_fields=["Account.X__c"],
            destroy={"CustomField": ["Account.Y__c"]},
        )
        for _ in range(2)
    ]

    assert made[0] == made[1]
    with zipfile.ZipFile(io.BytesIO(made[0])) as archive:
        assert set(archive.namelist()) == {
            "package.xml",
            "destructiveChanges.xml",
            "objects/Account.object",
            "permissionsets/Qontakmig_Migration.permissionset",
        }
        package = archive.read("package.xml").decode()
    assert "<members>Account.X__c</members>" in package
    assert "<members>Qontakmig_Migration</members>" in package


def test_a_new_stage_keeps_the_present_ones_and_gets_its_forecast():
    present = [{"fullName": "Closed Won", "default": False, "label": "Closed Won"}]
    items = [
        SchemaItem("value", "Opportunity", "closed won", {"field": "StageName"}),
        SchemaItem("value", "Opportunity", "Kalah", {"field": "StageName", "closed": True}),
        SchemaItem("value", "Opportunity", "Menang", {"field": "StageName", "won": True, "probability": 100}),  # noqa: E501
    ]  # fmt: skip

    values = with_items(present, "OpportunityStage", items)

    assert [value["fullName"] for value in values] == ["Closed Won", "Kalah", "Menang"]
    assert (values[1]["forecastCategory"], values[1]["closed"], values[1]["won"]) == (
        "Omitted",
        True,
        False,
    )
    assert (values[2]["forecastCategory"], values[2]["probability"]) == ("Closed", 100)
