"""Rules of single objects that a describe does not show."""

import base64

import pytest

from qontakmig.simulators.salesforce.org import Org, OrgError


@pytest.fixture
def org():
    return Org(sandbox=True)


def add(org, sobject, **row):
    [result] = org.save("insert", sobject, [row], org.user_id)
    assert result.success, result.errors
    return result.id


def refused(org, sobject, **row):
    [result] = org.save("insert", sobject, [row], org.user_id)
    return result.errors[0].code


def get(org, sobject, record_id, *fields):
    row = org.retrieve(sobject, record_id, fields, org.user_id)
    return [row[f] for f in fields]


def test_a_closed_case_gets_its_number_date_and_the_contacts_account(org):
    account = add(org, "Account", Name="A")
    contact = add(org, "Contact", LastName="C", AccountId=account)
    case = add(org, "Case", Subject="x", ContactId=contact, Status="Closed")
    number, closed, date, parent = get(
        org, "Case", case, "CaseNumber", "IsClosed", "ClosedDate", "AccountId"
    )
    assert (len(number), closed, parent) == (8, True, account)
    assert date
    [result] = org.save("delete", "Contact", [{"Id": contact}], org.user_id)
    assert result.errors[0].code == "DELETE_FAILED"


def test_a_task_of_a_lead_has_no_other_parent(org):
    lead = add(org, "Lead", LastName="L", Company="PT")
    account = add(org, "Account", Name="A")
    code = refused(org, "Task", Subject="t", WhoId=lead, WhatId=account)
    assert code == "FIELD_INTEGRITY_EXCEPTION"
    task = add(org, "Task", Subject="t", WhatId=account, Status="Completed")
    assert get(org, "Task", task, "IsClosed", "AccountId") == [True, account]


def test_an_event_needs_a_start_and_an_end(org):
    assert refused(org, "Event", Subject="e") == "REQUIRED_FIELD_MISSING"
    start = "2026-01-01T10:00:00Z"
    assert refused(org, "Event", ActivityDateTime=start) == "REQUIRED_FIELD_MISSING"
    event = add(org, "Event", StartDateTime=start, EndDateTime="2026-01-01T11:30:00Z")
    assert get(org, "Event", event, "DurationInMinutes", "ActivityDate") == [90, "2026-01-01"]


def test_an_email_off_a_case_makes_its_own_task_and_stays_as_it_is(org):
    account = add(org, "Account", Name="A")
    email = add(org, "EmailMessage", Subject="hi", RelatedToId=account, Status="3")
    [task] = get(org, "EmailMessage", email, "ActivityId")
    assert get(org, "Task", task, "TaskSubtype", "WhatId") == ["Email", account]
    [result] = org.save("update", "EmailMessage", [{"Id": email, "Subject": "x"}], org.user_id)
    assert result.errors[0].code == "INSUFFICIENT_ACCESS_OR_READONLY"
    assert refused(org, "EmailMessage", RelatedToId=account, Status="1") == (
        "FIELD_INTEGRITY_EXCEPTION"
    )


def test_a_file_gets_document_link_and_checksum(org):
    account = add(org, "Account", Name="A")
    content = base64.b64encode(b"hello").decode()
    version = add(
        org, "ContentVersion", PathOnClient="nota.txt", VersionData=content,
        FirstPublishLocationId=account,
    )  # fmt: skip
    fields = ("Checksum", "ContentSize", "Title")
    assert get(org, "ContentVersion", version, *fields) == [
        "5d41402abc4b2a76b9719d911017c592", 5, "nota",
    ]  # fmt: skip
    assert org.blob("ContentVersion", version, "VersionData") == b"hello"
    soql = f"SELECT ContentDocumentId FROM ContentDocumentLink WHERE LinkedEntityId = '{account}'"
    assert org.query(soql, org.user_id).total == 1


def test_prices_begin_with_the_standard_book_and_decide_the_amount(org):
    product = add(org, "Product2", Name="P")
    book = add(org, "Pricebook2", Name="B", IsActive=True)
    price = {"Product2Id": product, "UnitPrice": 5, "IsActive": True}
    assert refused(org, "PricebookEntry", Pricebook2Id=book, **price) == (
        "STANDARD_PRICE_NOT_DEFINED"
    )
    soql = "SELECT Id FROM Pricebook2 WHERE IsStandard = true"
    [standard] = org.query(soql, org.user_id).records
    entry = add(org, "PricebookEntry", Pricebook2Id=standard["Id"], **price)
    deal = add(org, "Opportunity", Name="O", StageName="Prospecting", CloseDate="2026-01-01")
    add(
        org, "OpportunityLineItem", OpportunityId=deal, PricebookEntryId=entry, Quantity=3,
        UnitPrice=7.5,
    )  # fmt: skip
    assert get(org, "Opportunity", deal, "Amount", "ExpectedRevenue") == [22.5, 2.25]


def test_a_person_joins_a_campaign_once(org):
    campaign = add(org, "Campaign", Name="K")
    contact = add(org, "Contact", LastName="C")
    member = add(org, "CampaignMember", CampaignId=campaign, ContactId=contact, Status="Odd")
    assert get(org, "CampaignMember", member, "Status", "Name") == ["Sent", "C"]
    assert refused(org, "CampaignMember", CampaignId=campaign, ContactId=contact) == (
        "DUPLICATE_VALUE"
    )


@pytest.mark.parametrize(("rule", "header", "saved"), [
    ("off", "", True), ("alert", "", False), ("alert", "allowSave=true", True),
    ("block", "allowSave=true", False),
])  # fmt: skip
def test_the_duplicate_header_overrides_alerts_only(org, rule, header, saved):
    org.set_switch("duplicate_rule", rule)
    row = {"LastName": "A", "Email": "a@x.example"}
    add(org, "Contact", **row)
    [result] = org.save(
        "insert", "Contact", [row], org.user_id,
        headers={"Sforce-Duplicate-Rule-Header": header},
    )  # fmt: skip
    assert result.success == saved
    if not saved:
        assert result.errors[0].code == "DUPLICATES_DETECTED"


def test_hard_delete_needs_its_permission_and_leaves_no_bin(org):
    account = add(org, "Account", Name="A")
    with pytest.raises(OrgError, match="FeatureNotEnabled"):
        org.save_csv("hardDelete", "Account", ["Id"], [[account]], org.user_id)
    org.set_switch("hard_delete", "on")
    [result] = org.save_csv("hardDelete", "Account", ["Id"], [[account]], org.user_id)
    assert result.success
    assert org.query("SELECT Id FROM Account", org.user_id, all_rows=True).total == 0
