"""Describe, field-level access and metadata deploys of the practice org."""

import json

import pytest
from salesforce_packages import field, package, permission_set

from qontakmig.simulators.salesforce.org import Org, OrgError, recordings


@pytest.fixture
def org():
    return Org(sandbox=True)


def fields(org, sobject):
    return {f["name"]: f for f in org.describe(sobject, org.user_id)["fields"]}


RECORDED = ["Account", "Campaign", "Case", "Contact", "Event", "Lead", "Opportunity", "Task"]


@pytest.mark.parametrize("name", RECORDED)
def test_describe_has_every_key_of_the_recording(org, name):
    recorded = json.loads((recordings.FOLDER / f"describe_{name}.json").read_text())
    about = org.describe(name.upper(), org.user_id)
    assert recorded.keys() <= about.keys()
    for old, new in zip(recorded["fields"], about["fields"], strict=True):
        changed = {k for k, v in old.items() if new[k] != v}
        assert not changed - {"createable"}, old["name"]


@pytest.mark.parametrize("name", recordings.object_names())
def test_every_describe_is_whole(org, name):
    recorded = json.loads((recordings.FOLDER / "describe_Contact.json").read_text())
    about = org.describe(name, org.user_id)
    assert recorded.keys() <= about.keys()
    for item in about["fields"]:
        assert recorded["fields"][0].keys() <= item.keys(), item["name"]


def test_the_org_is_plain(org):
    assert "RecordTypeId" not in fields(org, "Account")
    assert not [n for n in fields(org, "Account") if n.endswith("__c")]
    assert [r["name"] for r in org.describe("Account", org.user_id)["recordTypeInfos"]] == [
        "Master"
    ]


def test_an_unknown_object_is_not_found(org):
    with pytest.raises(OrgError) as refused:
        org.describe("Foo", org.user_id)
    assert (refused.value.status, refused.value.code) == (404, "NOT_FOUND")
    assert refused.value.message == "The requested resource does not exist"


def test_without_service_cloud_there_are_no_email_messages():
    org = Org(sandbox=False, switches={"service_cloud": "off"})
    names = {s["name"] for s in org.describe_global(org.user_id)["sobjects"]}
    assert "EmailMessage" not in names
    assert "Case" in names
    soql = "SELECT UserPermissionsSupportUser FROM User"
    assert org.query(soql, org.user_id).records[0]["UserPermissionsSupportUser"] is False


def test_sandbox_and_production_share_no_ids():
    orgs = [Org(sandbox=flag) for flag in (True, False)]
    ids = [set().union(*(rows for rows in o.dump()["rows"].values())) for o in orgs]
    assert not ids[0] & ids[1]
    kinds = [o.query("SELECT IsSandbox FROM Organization", o.user_id).records for o in orgs]
    assert [k[0]["IsSandbox"] for k in kinds] == [True, False]


def assign(org, name):
    [found] = org.query(f"SELECT Id FROM PermissionSet WHERE Name = '{name}'", org.user_id).records
    row = {"PermissionSetId": found["Id"], "AssigneeId": org.user_id}
    return org.save("insert", "PermissionSetAssignment", [row], org.user_id)[0]


def key_package(**more):
    return package(
        {"objects/Account.object": field("Key__c", "Text", length=40, key=True)},
        CustomField=["Account.Key__c"], **more,
    )  # fmt: skip


def test_a_new_field_is_invisible_until_a_permission_set_is_assigned(org):
    user = org.user_id
    result = org.deploy(key_package(), {}, user)
    assert (result["status"], result["numberComponentErrors"]) == ("Succeeded", 0)
    assert "Key__c" not in fields(org, "Account")
    with pytest.raises(OrgError, match="No such column 'Key__c' on sobject of type Account"):
        org.query("SELECT Key__c FROM Account", user)
    with pytest.raises(OrgError, match="No such column 'Key__c' on sobject of type Account"):
        org.save("insert", "Account", [{"Name": "A", "Key__c": "1"}], user)
    with pytest.raises(OrgError, match="Field name not found : Key__c"):
        org.save_csv("insert", "Account", ["Name", "Key__c"], [["A", "1"]], user)
    content = package(
        {"permissionsets/Move.permissionset": permission_set(["Account.Key__c"])},
        PermissionSet=["Move"],
    )
    assert org.deploy(content, {}, user)["success"]
    assert "Key__c" not in fields(org, "Account")
    assert assign(org, "Move").success
    about = fields(org, "Account")["Key__c"]
    assert (about["externalId"], about["unique"], about["idLookup"], about["length"]) == (
        True, True, True, 40,
    )  # fmt: skip
    assert about["byteLength"] == 120
    assert org.save("insert", "Account", [{"Name": "A", "Key__c": "1"}], user)[0].success
    assert assign(org, "Move").errors[0].code == "DUPLICATE_VALUE"


def test_a_permission_set_deploy_replaces_the_whole_set(org):
    org.deploy(key_package(), {}, org.user_id)
    for grants, seen in ((["Account.Key__c"], True), ([], False)):
        content = package(
            {"permissionsets/Move.permissionset": permission_set(grants)}, PermissionSet=["Move"]
        )
        assert org.deploy(content, {}, org.user_id)["success"]
        if seen:
            assign(org, "Move")
        assert ("Key__c" in fields(org, "Account")) == seen


def test_check_only_changes_nothing(org):
    before = org.dump()
    changed = org.changed
    result = org.deploy(key_package(), {"checkOnly": True}, org.user_id)
    assert result["success"]
    assert result["checkOnly"]
    assert org.dump() == before
    assert org.changed == changed


BROKEN = [
    (field("A__c", "Text"), "Required field is missing: length"),
    (field("A__c", "LongTextArea", length=100, visibleLines=3), "Invalid length, minimum is: 256"),
    (field("A__c", "Picklist"), "Must specify either valueSetDefinition or valueSetName"),
    (field("A b__c", "Date"), "Invalid fullName: Account.A b__c"),
    (field("A__c", "Shoe"), "Field type Shoe is not supported"),
    (field("A__c", "Number", precision=19, scale=0), "Invalid precision for Number field"),
    (field("A__c", "Lookup", referenceTo="Foo", relationshipName="Foos"), "'Foo' does not resolve"),
    (field("A__c", "Checkbox"), "Must specify 'defaultValue'"),
]


@pytest.mark.parametrize(("broken", "problem"), BROKEN)
def test_a_refused_field_rolls_the_deploy_back(org, broken, problem):
    before = org.dump()
    content = package(
        {"objects/Account.object": field("Good__c", "Date") + broken}, CustomObject=["Account"]
    )
    result = org.deploy(content, {}, org.user_id)
    assert (result["status"], result["success"]) == ("Failed", False)
    assert problem in result["details"]["componentFailures"][0]["problem"]
    assert org.dump() == before


def test_a_file_missing_from_the_zip_is_a_failure(org):
    result = org.deploy(package({}, CustomField=["Account.Key__c"]), {}, org.user_id)
    assert not result["success"]
    problem = result["details"]["componentFailures"][0]["problem"]
    assert "was named in package.xml, but was not found in zipped directory" in problem


@pytest.mark.parametrize("content", [b"", b"not a zip", package({}, extra={"x.xml": ""})[:-30]])
def test_a_broken_zip_is_an_answer_not_a_crash(org, content):
    result = org.deploy(content, {}, org.user_id)
    assert (result["status"], result["success"]) == ("Failed", False)
    assert result["errorMessage"]


def test_shortening_or_changing_a_field_is_refused(org):
    org.deploy(key_package(), {}, org.user_id)
    for kind, length in (("Text", 20), ("TextArea", 255)):
        content = package(
            {"objects/Account.object": field("Key__c", kind, length=length)},
            CustomField=["Account.Key__c"],
        )
        assert not org.deploy(content, {}, org.user_id)["success"]
    result = org.deploy(key_package(), {}, org.user_id)
    assert result["success"]
    [again] = [s for s in result["details"]["componentSuccesses"] if s["componentType"] ==
               "CustomField"]  # fmt: skip
    assert (again["created"], again["changed"]) == (False, False)


def test_removing_a_field_takes_its_values_along(org):
    org.deploy(key_package(), {}, org.user_id)
    content = package(
        {"permissionsets/Move.permissionset": permission_set(["Account.Key__c"])},
        PermissionSet=["Move"],
    )
    org.deploy(content, {}, org.user_id)
    assign(org, "Move")
    org.save("insert", "Account", [{"Name": "A", "Key__c": "1"}], org.user_id)
    members = "<types><members>Account.Key__c</members><name>CustomField</name></types>"
    content = package({}, extra={"destructiveChanges.xml": members})
    assert org.deploy(content, {}, org.user_id)["success"]
    assert "Key__c" not in fields(org, "Account")
    [row] = org.dump()["rows"]["Account"].values()
    assert "Key__c" not in row


def stage(name, probability, closed="false", won="false", forecast="Pipeline"):
    return (
        f"<standardValue><fullName>{name}</fullName><default>false</default><label>{name}</label>"
        f"<closed>{closed}</closed><won>{won}</won><probability>{probability}</probability>"
        f"<forecastCategory>{forecast}</forecastCategory></standardValue>"
    )


def test_a_pipeline_arrives_as_stages_process_and_record_type(org):
    user = org.user_id
    stages = stage("Negosiasi", 40) + stage("Menang", 100, "true", "true", "Closed")
    process = (
        "<businessProcesses><fullName>Sales A</fullName><isActive>true</isActive>"
        "<values><fullName>Negosiasi</fullName><default>false</default></values>"
        "</businessProcesses>"
    )
    kind = (
        "<recordTypes><fullName>Sales_A</fullName><active>true</active>"
        "<businessProcess>Sales A</businessProcess><label>Sales A</label></recordTypes>"
    )
    content = package(
        {
            "standardValueSets/OpportunityStage.standardValueSet": stages,
            "objects/Opportunity.object": process + kind,
            "permissionsets/Move.permissionset": permission_set([], ["Opportunity.Sales_A"]),
        },
        StandardValueSet=["OpportunityStage"], PermissionSet=["Move"],
        BusinessProcess=["Opportunity.Sales A"], RecordType=["Opportunity.Sales_A"],
    )  # fmt: skip
    result = org.deploy(content, {}, user)
    assert result["success"], result["details"]["componentFailures"]
    active = org.query("SELECT ApiName FROM OpportunityStage WHERE IsActive = true", user).records
    assert [s["ApiName"] for s in active] == ["Negosiasi", "Menang"]
    values = fields(org, "Opportunity")["StageName"]["picklistValues"]
    assert [v["value"] for v in values if v["active"]] == ["Negosiasi", "Menang"]
    [found] = org.query("SELECT Id FROM RecordType", user).records
    row = {"Name": "D", "StageName": "Menang", "CloseDate": "2026-01-01",
           "RecordTypeId": found["Id"]}  # fmt: skip
    [refused] = org.save("insert", "Opportunity", [row], user)
    assert refused.errors[0].code == "INVALID_CROSS_REFERENCE_KEY"
    assert assign(org, "Move").success
    [made] = org.save("insert", "Opportunity", [row], user)
    assert org.retrieve("Opportunity", made.id, ["IsWon", "Probability"], user)["IsWon"]


def test_limits_name_the_api_calls_and_move(org):
    before = org.limits(org.user_id)["DailyApiRequests"]
    org.allowances.use()
    after = org.limits(org.user_id)["DailyApiRequests"]
    assert before["Remaining"] - after["Remaining"] == 1
    org.set_switch("api_daily", "1")
    with pytest.raises(OrgError) as refused:
        org.allowances.use()
    assert (refused.value.status, refused.value.code) == (403, "REQUEST_LIMIT_EXCEEDED")
