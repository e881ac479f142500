"""Deploys and metadata calls to the Salesforce practice org over HTTP."""

import io
import json
import uuid
import zipfile
from typing import Any

import httpx
import pytest
from salesforce_clients import API, until
from simple_salesforce import Salesforce

DEPLOY = f"{API}/metadata/deployRequest"
NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
GRANT = """<fieldPermissions><editable>true</editable><field>Contact.{name}</field>
<readable>true</readable></fieldPermissions>"""


def package(name: str, *, length: int = 64) -> bytes:
    """A zip with one external id on Contact and a permission set that opens it."""
    files = {
        "package.xml": f"""<Package xmlns="{NAMESPACE}">
            <types><members>Contact.{name}</members><name>CustomField</name></types>
            <types><members>Set_{name}</members><name>PermissionSet</name></types>
            <version>62.0</version></Package>""",
        "objects/Contact.object": f"""<CustomObject xmlns="{NAMESPACE}"><fields>
            <fullName>{name}</fullName><label>Id</label><type>Text</type>
            <length>{length}</length><externalId>true</externalId><unique>true</unique>
            </fields></CustomObject>""",
        f"permissionsets/Set_{name}.permissionset": f"""<PermissionSet xmlns="{NAMESPACE}">
            <label>Set</label>{GRANT.format(name=name)}</PermissionSet>""",
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return buffer.getvalue()


def field_name() -> str:
    return f"T{uuid.uuid4().hex[:8]}__c"


def deploy(rest: httpx.Client, content: bytes, names: tuple[str, str], **options: Any) -> Any:
    parts = {
        names[0]: (None, json.dumps({"deployOptions": options}), "application/json"),
        names[1]: ("deploy.zip", content, "application/zip"),
    }
    answer = rest.post(DEPLOY, files=parts)
    assert answer.status_code == 201, answer.text
    return answer.json()


def finished(rest: httpx.Client, deploy_id: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        answer = rest.get(f"{DEPLOY}/{deploy_id}", params={"includeDetails": "true"})
        result = answer.json()["deployResult"]
        return result if result["done"] else None

    return until(look)


@pytest.mark.parametrize("names", [("json", "file"), ("entity_content", "file")])
def test_a_deployed_field_is_seen_once_its_permission_set_is_assigned(
    rest: httpx.Client, sandbox: dict[str, Any], names: tuple[str, str]
) -> None:
    name = field_name()

    started = deploy(rest, package(name), names, rollbackOnError=True, singlePackage=True)
    result = finished(rest, started["id"])
    described = rest.get(f"{API}/sobjects/Contact/describe")
    hidden = {field["name"] for field in described.json()["fields"]}
    query = f"SELECT Id FROM PermissionSet WHERE Name = 'Set_{name}'"
    [granting] = rest.get(f"{API}/query", params={"q": query}).json()["records"]
    assigned = rest.post(
        f"{API}/sobjects/PermissionSetAssignment",
        json={
            "AssigneeId": sandbox["credentials"]["user_id"],
            "PermissionSetId": granting["Id"],
        },
    )
    fields = rest.get(f"{API}/sobjects/Contact/describe").json()["fields"]
    seen = {field["name"]: field for field in fields}

    assert started["deployResult"]["done"] is False
    assert (result["status"], result["success"], result["id"]) == (
        "Succeeded",
        True,
        started["id"],
    )
    assert name not in hidden
    assert assigned.status_code == 201
    assert (seen[name]["externalId"], seen[name]["length"]) == (True, 64)
    upsert = rest.patch(f"{API}/sobjects/Contact/{name}/41", json={"LastName": "By key"})
    assert upsert.status_code == 201


def test_a_failed_deploy_names_the_component_and_changes_nothing(rest: httpx.Client) -> None:
    name = field_name()

    started = deploy(rest, package(name, length=999), ("json", "file"), rollbackOnError=True)
    result = finished(rest, started["id"])

    assert (result["status"], result["success"]) == ("Failed", False)
    assert name in json.dumps(result["details"]["componentFailures"])
    query = f"SELECT Id FROM PermissionSet WHERE Name = 'Set_{name}'"
    assert rest.get(f"{API}/query", params={"q": query}).json()["totalSize"] == 0


def test_a_file_that_is_no_zip_fails_in_the_deploy(rest: httpx.Client) -> None:
    started = deploy(rest, b"no zip", ("json", "file"), rollbackOnError=True)

    assert finished(rest, started["id"])["status"] == "Failed"


@pytest.mark.parametrize(
    "options",
    [
        {"content": b"x", "headers": {"content-type": "multipart/form-data"}},
        {"content": b"x", "headers": {"content-type": "multipart/form-data; boundary=b"}},
        {"files": {"json": (None, "{}", "application/json")}},
        {"json": {"deployOptions": {}}},
    ],
)
def test_a_malformed_deploy_request_is_400(rest: httpx.Client, options: dict[str, Any]) -> None:
    assert rest.post(DEPLOY, **options).status_code == 400


def test_a_waiting_deploy_can_be_cancelled(rest: httpx.Client, control: httpx.Client) -> None:
    control.post("switches", json={"deploy_delay_seconds": "60"})
    started = deploy(rest, package(field_name()), ("json", "file"))

    answer = rest.patch(f"{DEPLOY}/{started['id']}", json={"deployResult": {"status": "Canceling"}})

    assert answer.status_code == 202
    assert finished(rest, started["id"])["status"] == "Canceled"


@pytest.fixture
def simple(sandbox: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Salesforce:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", sandbox["ca_file"])
    return Salesforce(
        instance_url=sandbox["base_url"],
        session_id=sandbox["credentials"]["access_token"],
        version="62.0",
    )


def test_simple_salesforce_deploys_over_soap(simple: Salesforce) -> None:
    name = field_name()

    started = simple.deploy(io.BytesIO(package(name)), sandbox=True)
    status = until(lambda: _ended(simple, started["asyncId"]))

    assert status["state"] == "Succeeded"
    assert status["deployment_detail"]["failed_count"] == "0"


def _ended(simple: Salesforce, deploy_id: str) -> Any:
    status = simple.checkDeployStatus(deploy_id)
    return status if status["state"] in ("Succeeded", "Failed") else None


@pytest.mark.slow
def test_simple_salesforce_makes_and_deletes_fields_by_crud(simple: Salesforce) -> None:
    name = f"Account.{field_name()}"
    api = simple.mdapi
    field = api.CustomField(fullName=name, label="Note", type=api.FieldType("Text"), length=40)

    api.CustomField.create(field)
    with pytest.raises(Exception, match="There is already"):
        api.CustomField.create(field)
    api.CustomField.upsert(field)
    api.CustomField.delete(name)

    with pytest.raises(Exception, match="no CustomField named"):
        api.CustomField.delete(name)


def test_the_tooling_api_makes_one_field(rest: httpx.Client) -> None:
    body = {
        "FullName": f"Account.{field_name()}",
        "Metadata": {"type": "Text", "length": 20, "label": "Code", "unique": True},
    }

    made = rest.post(f"{API}/tooling/sobjects/CustomField/", json=body)
    again = rest.post(f"{API}/tooling/sobjects/CustomField/", json=body)

    assert (made.status_code, made.json()["success"]) == (201, True)
    assert again.json()[0]["errorCode"] == "DUPLICATE_DEVELOPER_NAME"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<x/>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body/></e:Envelope>',
    ],
)
def test_what_is_no_envelope_is_a_fault(rest: httpx.Client, body: bytes) -> None:
    answer = rest.post("/services/Soap/m/62.0", content=body)

    assert answer.status_code == 500
    assert "soapenv:Fault" in answer.text
