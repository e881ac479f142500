"""Every field of the account gets a line, whatever it is called and however many there are."""

import time

import pytest

from mapping import services
from mapping.core.spec import MapSpec
from mapping.errors import DraftExists, NothingToMap
from mapping.services import draft_create, version_document
from projects.models import Discovery
from tests.mapping.conftest import add_object, org_describes


def outcome(draft, phase, source):
    return draft.objects_drafted.get(phase=phase).lines.get(source_field=source).outcome


def document_phase(version, name):
    return next(p for p in version_document(version)["phases"] if p["name"] == name)


def rule_of(version, phase, target):
    return next(f for f in document_phase(version, phase)["fields"] if f["target"] == target)


@pytest.mark.parametrize(
    ("phase", "source", "action", "target"),
    [
        ("accounts", "name", "field", "Name"),
        ("accounts", "ancestry", "field", "ParentId"),
        ("accounts", "cf_501", "custom", "Nomor_NPWP__c"),
        ("accounts", "cf_502", "custom", "Qontak_cf_502__c"),
        ("accounts", "cf_503", "custom", "Nomor_NPWP_2__c"),
        ("contacts", "crm_company_id", "field", "AccountId"),
        ("leads", "crm_company_id", "field", "Company"),
        ("contacts", "creator_id", "field", "OwnerId"),
        ("contacts", "crm_deal_ids", "carried", ""),
        ("opportunities", "size", "field", "Amount"),
        ("opportunities", "crm_lead_ids", "field", "ContactId"),
        ("opportunities", "crm_lost_reason_id", "custom", "Qontak_Lost_Reason__c"),
    ],
)
def test_fields_land_where_a_consultant_would_put_them(draft, phase, source, action, target):
    found = outcome(draft, phase, source)

    assert (found["action"], found["target"]) == (action, target)


def test_stages_are_mapped_pipeline_by_pipeline_and_strays_too(draft):
    values = outcome(draft, "opportunities", "crm_stage_id")["conversion"]["values"]

    assert values["7/101"] == "Closed Won"
    assert values["7/102"] == "Closed Lost"
    assert set(values) == {"7/100", "7/101", "7/102", "*/199"}


def test_companions_keep_what_the_destination_would_lose(draft):
    contact = document_phase(draft, "contacts")
    created = [custom["name"] for custom in contact["create_fields"]]

    assert created[0] == "Qontak_Id__c"
    assert {
        "qontak_channel_source__c",
        "Qontak_Created_At__c",
        "Qontak_Updated_At__c",
        "Qontak_Owner__c",
    } <= set(created)
    channel = rule_of(draft, "contacts", "qontak_channel_source__c")
    assert (channel["source"], channel["origin"]) == ("crm_source_id", "blueprint")


def test_original_dates_are_insert_only_where_the_org_allows_them(draft):
    created = rule_of(draft, "accounts", "CreatedDate")

    assert (created["when"], created["source"]) == ("insert", "@created_at")
    assert rule_of(draft, "accounts", "LastModifiedDate")["moves"] is True


def test_without_the_audit_permission_only_the_copies_are_kept(project, discovery, consultant):
    version = draft_create(
        project=project,
        discovery=discovery,
        target_describes=org_describes(audit=False),
        actor=consultant,
    )
    targets = {field["target"] for field in document_phase(version, "accounts")["fields"]}

    assert "CreatedDate" not in targets
    assert "Qontak_Created_At__c" in targets


def test_a_contact_of_a_deal_is_written_once(draft):
    assert rule_of(draft, "opportunities", "ContactId")["when"] == "insert"


def test_the_close_date_falls_back_in_a_stated_order(draft):
    rule = rule_of(draft, "opportunities", "CloseDate")

    assert (rule["source"], rule["fallbacks"]) == ("closed_date", ["expired_date", "@created_at"])


def test_stand_ins_are_choices_that_the_draft_shows(draft):
    leads = draft.objects_drafted.get(phase="leads")

    assert leads.stand_ins == {
        "LastName": "[not provided]",
        "Company": "[not provided]",
        "Status": "Open - Not Contacted",
    }
    assert rule_of(draft, "leads", "Status")["stand_in"] == "Open - Not Contacted"
    assert rule_of(draft, "leads", "Company")["stand_in"] == "[not provided]"


def test_the_split_looks_at_status_then_deals_then_channel_then_company(draft):
    (split,) = draft.splits
    seen = [
        (rule["phase"], rule["all"][0]["field"], rule["all"][0]["op"]) for rule in split["rules"]
    ]

    assert seen == [
        ("leads", "crm_status_id", "in"),
        ("contacts", "crm_status_id", "not_empty"),
        ("contacts", "crm_deal_ids", "not_empty"),
        ("leads", "crm_source_id", "in"),
        ("contacts", "crm_source_id", "not_empty"),
        ("contacts", "crm_company_id", "not_empty"),
    ]
    assert split["rules"][0]["all"][0]["values"] == ["1", "3"]
    assert split["rules"][3]["all"][0]["values"] == ["10"]
    assert split["otherwise"] == "leads"


def test_a_second_draft_is_refused_while_one_is_open(draft, project, discovery, consultant):
    with pytest.raises(DraftExists):
        draft_create(
            project=project,
            discovery=discovery,
            target_describes=org_describes(),
            actor=consultant,
        )


def test_a_draft_waits_for_the_audit_and_for_the_whole_destination(
    project, discovery, describes, consultant
):
    with pytest.raises(NothingToMap, match="Lead"):
        draft_create(
            project=project,
            discovery=discovery,
            target_describes={k: v for k, v in describes.items() if k != "Lead"},
            actor=consultant,
        )
    discovery.state = Discovery.State.RUNNING
    with pytest.raises(NothingToMap, match="audit"):
        draft_create(
            project=project, discovery=discovery, target_describes=describes, actor=consultant
        )


def test_an_empty_account_can_be_mapped_and_confirmed(project, describes, consultant):
    discovery = Discovery.objects.create(project=project, state="done", started_by=consultant)
    rows = [
        ("name", "Name", "text", "Single-line text", {"filled": 0, "length_max": None}),
        ("crm_stage_id", "Stage", "picklist", "Dropdown select", {"filled": 0}),
    ]
    for position, name in enumerate(("users", "companies", "contacts", "deals")):
        add_object(discovery, position, name, rows, records=0)

    version = draft_create(
        project=project, discovery=discovery, target_describes=describes, actor=consultant
    )
    services.lines_accept_all(version=version, actor=consultant, min_confidence=0)
    confirmed = services.version_confirm(version=version, actor=consultant, role="consultant")

    assert MapSpec.from_document(confirmed.document).phase("leads").target_object == "Lead"


def test_three_hundred_fields_are_drafted_while_somebody_waits(project, describes, consultant):
    discovery = Discovery.objects.create(project=project, state="done", started_by=consultant)
    choices = [
        {"value": str(n), "label": f"Pilihan {n}", "count": 1, "active": True} for n in range(9)
    ]
    rows = [
        (f"cf_{n}", f"Kolom {n}", kind, native, {"custom": True, "options": options})
        for n in range(100)
        for kind, native, options in [("picklist", "Dropdown select", choices)]
    ]
    rows += [(f"cf_t{n}", f"Isian {n}", "text", "Text", {"custom": True}) for n in range(200)]
    add_object(discovery, 0, "companies", rows)

    started = time.process_time()
    version = draft_create(
        project=project, discovery=discovery, target_describes=describes, actor=consultant
    )
    seconds = time.process_time() - started

    assert version.objects_drafted.get(phase="accounts").lines.count() == 300
    assert seconds < 10
