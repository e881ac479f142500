"""The Salesforce practice org refuses what Salesforce refuses, in its words."""

import time

import pytest
from salesforce_packages import field, package, permission_set

from qontakmig.simulators.salesforce.org import Org, OrgError
from qontakmig.simulators.salesforce.org.ids import IdSequence, checksum, id18


@pytest.fixture
def org():
    people = [
        {"name": "Budi Santoso", "email": "budi@nusantara.example"},
        {"name": "Siti", "email": "siti@nusantara.example", "active": False},
    ]
    return Org(sandbox=True, extra_users=people)


@pytest.fixture
def keyed(org):
    """An org with an external id on Account and Contact that its user may see."""
    grants = ["Account.Key__c", "Contact.Key__c"]
    content = package(
        {
            "objects/Account.object": field("Key__c", "Text", length=40, key=True),
            "objects/Contact.object": field("Key__c", "Text", length=40, key=True),
            "permissionsets/Move.permissionset": permission_set(grants),
        },
        CustomField=grants, PermissionSet=["Move"],
    )  # fmt: skip
    result = org.deploy(content, {}, org.user_id)
    assert result["success"], result["details"]["componentFailures"]
    found = org.query("SELECT Id FROM PermissionSet WHERE Name = 'Move'", org.user_id)
    row = {"PermissionSetId": found.records[0]["Id"], "AssigneeId": org.user_id}
    assert org.save("insert", "PermissionSetAssignment", [row], org.user_id)[0].success
    return org


def errors(result):
    return [(e.code, e.message, e.fields) for e in result.errors]


def test_ids_carry_the_documented_checksum():
    assert id18("001dM00003kS2nd") == "001dM00003kS2ndQAC"
    assert id18("001dM00003kS2ndQAD") is None
    made = IdSequence("001", "dJ", start=62**3).next()
    assert len(made) == 18
    assert made[15:] == checksum(made[:15])


REFUSED = [
    ("Contact", {"FirstName": "A"}, "REQUIRED_FIELD_MISSING",
     "Required fields are missing: [LastName]", ["LastName"]),
    ("Lead", {}, "REQUIRED_FIELD_MISSING",
     "Required fields are missing: [LastName, Company]", ["LastName", "Company"]),
    ("Opportunity", {"Name": "x" * 121, "StageName": "A", "CloseDate": "2026-01-01"},
     "STRING_TOO_LONG", f"Name: data value too large: {'x' * 121} (max length=120)", ["Name"]),
    ("Contact", {"LastName": "A", "Email": "badone"}, "INVALID_EMAIL_ADDRESS",
     "Email: invalid email address: badone", ["Email"]),
    ("Account", {"Name": "A", "CleanStatus": "Muddy"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
     "Clean Status: bad value for restricted picklist field: Muddy", ["CleanStatus"]),
    ("Account", {"Name": "A", "AnnualRevenue": 1e18}, "NUMBER_OUTSIDE_VALID_RANGE",
     "Annual Revenue: value outside of valid range on numeric field: 1e+18", ["AnnualRevenue"]),
    ("Contact", {"LastName": "A", "AccountId": "nonsense"}, "MALFORMED_ID",
     "Account ID: id value of incorrect type: nonsense", ["AccountId"]),
    ("Contact", {"LastName": "A", "AccountId": "001dM00003kS2ndQAC"},
     "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ["AccountId"]),
    ("Account", {"Name": "A", "MasterRecordId": "001dM00003kS2ndQAC"},
     "INVALID_FIELD_FOR_INSERT_UPDATE",
     "Unable to create/update fields: MasterRecordId. Please check the security settings of this "
     "field and verify that it is read/write for your profile or permission set.",
     ["MasterRecordId"]),
    ("Contact", {"LastName": " "}, "REQUIRED_FIELD_MISSING",
     "Required fields are missing: [LastName]", ["LastName"]),
]  # fmt: skip


@pytest.mark.parametrize(("sobject", "row", "code", "message", "fields"), REFUSED)
def test_a_bad_row_is_refused_in_the_vendors_words(org, sobject, row, code, message, fields):
    [result] = org.save("insert", sobject, [row], org.user_id)
    assert not result.success
    assert errors(result) == [(code, message, fields)]
    assert org.counts().get(sobject, 0) == 0


def test_a_wrong_json_value_ends_the_whole_request(org):
    rows = [{"LastName": "A"}, {"LastName": "B", "Birthdate": "2003-04-98"}]
    with pytest.raises(OrgError, match="Cannot deserialize instance of date from VALUE_STRING"):
        org.save("insert", "Contact", rows, org.user_id)
    assert "Contact" not in org.counts()


def test_a_bulk_cell_that_does_not_parse_names_its_column_as_recorded(org):
    header = ["Name", "StageName", "Description", "CloseDate"]
    row = ["Noemi Miller", "GENERATED", "external-id-3", "2003-04-987654321987654321"]
    [result] = org.save_csv("insert", "Opportunity", header, [row], org.user_id)
    assert result.errors[0].csv() == (
        "INVALID_FIELD:Failed to deserialize field at col 3. Due to, '2003-04-987654321987654321' "
        "is not a valid value for the type xsd:date:CloseDate --"
    )


def test_an_unknown_bulk_column_fails_the_whole_job(org):
    with pytest.raises(OrgError, match="InvalidBatch : Field name not found : Shoe__c"):
        org.save_csv("insert", "Account", ["Name", "Shoe__c"], [["A", "1"]], org.user_id)


def test_text_is_trimmed_over_rest_and_kept_in_bulk(org):
    user = org.user_id
    [rest] = org.save("insert", "Account", [{"Name": "  A  "}], user)
    [bulk] = org.save_csv("insert", "Account", ["Name"], [["  A  "]], user)
    names = [org.retrieve("Account", r.id, ["Name"], user)["Name"] for r in (rest, bulk)]
    assert names == ["A", "  A  "]


def test_bulk_leaves_empty_cells_alone_and_clears_not_available(org):
    user = org.user_id
    [made] = org.save("insert", "Account", [{"Name": "A", "Phone": "1", "Site": "s"}], user)
    header = ["Id", "Name", "Phone", "Site"]
    [done] = org.save_csv("update", "Account", header, [[made.id, "", "#N/A", ""]], user)
    assert done.success
    row = org.retrieve("Account", made.id, ["Name", "Phone", "Site"], user)
    assert (row["Name"], row["Phone"], row["Site"]) == ("A", None, "s")


def test_all_or_none_takes_everything_back(org):
    rows = [{"LastName": "A"}, {"FirstName": "B"}]
    good, bad = org.save("insert", "Contact", rows, org.user_id, all_or_none=True)
    assert good.errors[0].code == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert bad.errors[0].code == "REQUIRED_FIELD_MISSING"
    assert "Contact" not in org.counts()


def test_a_transaction_over_several_saves_can_be_rolled_back(org):
    with org.transaction() as changes:
        org.save("insert", "Account", [{"Name": "A"}], org.user_id)
        org.save("insert", "Contact", [{"LastName": "A"}], org.user_id)
        changes.rollback()
    assert "Account" not in org.counts()
    assert "Contact" not in org.counts()


def test_upsert_creates_then_updates_and_ignores_case(keyed):
    def save(row):
        return keyed.save(
            "upsert", "Account", [row], keyed.user_id, external_id_field="key__C"
        )[0]  # fmt: skip

    first = save({"Key__c": "abc", "Name": "A"})
    second = save({"Key__c": "ABC", "Name": "B"})
    assert (first.created, second.created) == (True, False)
    assert first.id == second.id
    assert keyed.query("SELECT Name FROM Account", keyed.user_id).records[0]["Name"] == "B"


def test_an_external_id_given_twice_in_one_upsert_is_refused(keyed):
    rows = [["1", "A"], ["1", "B"], ["", "C"]]
    first, second, third = keyed.save_csv(
        "upsert", "Account", ["Key__c", "Name"], rows, keyed.user_id, external_id_field="Key__c"
    )
    assert first.success
    assert second.errors[0].code == "DUPLICATE_VALUE"
    assert third.errors[0].message == "Key__c not specified"


def test_a_unique_value_names_the_row_that_has_it(keyed):
    [made, other] = keyed.save(
        "insert", "Account", [{"Name": "A", "Key__c": "x"}, {"Name": "B", "Key__c": "X"}],
        keyed.user_id,
    )  # fmt: skip
    assert errors(other) == [(
        "DUPLICATE_VALUE",
        f"duplicate value found: Key__c duplicates value on record with id: {made.id[:15]}",
        ["Key__c"],
    )]  # fmt: skip


def test_parents_are_found_by_external_id_over_rest_and_bulk(keyed):
    user = keyed.user_id
    [account] = keyed.save("insert", "Account", [{"Name": "A", "Key__c": "7"}], user)
    [rest] = keyed.save("insert", "Contact", [{"LastName": "A", "Account": {"Key__c": "7"}}], user)
    header = ["LastName", "Account.Key__c", "Owner.Email"]
    email = "budi@nusantara.example"
    bulk, lost = keyed.save_csv(
        "insert", "Contact", header, [["B", "7", email], ["C", "8", ""]], user
    )
    for made in (rest, bulk):
        assert keyed.retrieve("Contact", made.id, ["AccountId"], user)["AccountId"] == account.id
    assert lost.errors[0].csv() == (
        "INVALID_FIELD:Foreign key external ID: 8 not found for field Key__c in entity Account: --"
    )


def test_polymorphic_parents_need_their_object_named(keyed):
    user = keyed.user_id
    keyed.save("insert", "Contact", [{"LastName": "A", "Key__c": "7"}], user)
    [task] = keyed.save_csv(
        "insert", "Task", ["Subject", "Contact:Who.Key__c"], [["call", "7"]], user
    )
    assert keyed.query("SELECT Who.Name FROM Task", user).records[0]["Who"]["Name"] == "A"
    assert task.success


def test_inactive_owners_are_refused(org):
    [siti] = org.query("SELECT Id FROM User WHERE IsActive = false", org.user_id).records
    [result] = org.save("insert", "Account", [{"Name": "A", "OwnerId": siti["Id"]}], org.user_id)
    assert errors(result)[0][:2] == (
        "INACTIVE_OWNER_OR_USER",
        f"operation performed with inactive user [{siti['Id'][:15]}] as owner of account",
    )


@pytest.mark.parametrize("switch", ["on", "off"])
def test_audit_fields_are_set_on_create_only_where_the_org_allows_it(switch):
    org = Org(sandbox=True, switches={"audit_fields": switch})
    row = {"Name": "A", "CreatedDate": "2020-01-02T03:04:05Z"}
    [result] = org.save("insert", "Account", [row], org.user_id)
    assert result.success == (switch == "on")
    about = {f["name"]: f for f in org.describe("Account", org.user_id)["fields"]}
    assert about["CreatedDate"]["createable"] == (switch == "on")
    assert not about["CreatedDate"]["updateable"]
    if result.success:
        found = org.retrieve("Account", result.id, ["CreatedDate"], org.user_id)
        assert found["CreatedDate"] == "2020-01-02T03:04:05.000+0000"
        [again] = org.save("update", "Account", [{"Id": result.id, **row}], org.user_id)
        assert again.errors[0].code == "INVALID_FIELD_FOR_INSERT_UPDATE"


@pytest.mark.parametrize(
    ("stage", "closed", "won", "probability"),
    [("Closed Won", True, True, 100.0), ("closed lost", True, False, 0.0),
     ("Prospecting", False, False, 10.0), ("Never Heard Of", False, False, None)],
)  # fmt: skip
def test_the_stage_drives_the_opportunity(org, stage, closed, won, probability):
    row = {"Name": "D", "StageName": stage, "CloseDate": "2026-05-01", "Amount": 1000}
    [result] = org.save("insert", "Opportunity", [row], org.user_id)
    names = ["IsClosed", "IsWon", "Probability", "Amount", "FiscalQuarter"]
    found = org.retrieve("Opportunity", result.id, names, org.user_id)
    assert [found[n] for n in names] == [closed, won, probability, 1000.0, 2]


def test_deleting_an_account_takes_its_children_and_undelete_brings_them_back(org):
    user = org.user_id
    [account] = org.save("insert", "Account", [{"Name": "A"}], user)
    for sobject, row in (
        ("Contact", {"LastName": "C"}), ("Case", {"Subject": "S"}),
        ("Opportunity", {"Name": "O", "StageName": "Prospecting", "CloseDate": "2026-01-01"}),
    ):  # fmt: skip
        assert org.save("insert", sobject, [{**row, "AccountId": account.id}], user)[0].success
    before = org.dump()["rows"]
    assert org.save("delete", "Account", [{"Id": account.id}], user)[0].success
    assert not {"Account", "Contact", "Case", "Opportunity"} & org.counts().keys()
    assert org.query("SELECT IsDeleted FROM Contact", user, all_rows=True).records[0]["IsDeleted"]
    with pytest.raises(OrgError, match="entity is deleted"):
        org.retrieve("Account", account.id, None, user)
    [again] = org.save("delete", "Account", [{"Id": account.id}], user)
    assert again.errors[0].code == "ENTITY_IS_DELETED"
    assert org.save("undelete", "Account", [{"Id": account.id}], user)[0].success
    assert {n: set(rows) for n, rows in org.dump()["rows"].items()} == {
        n: set(rows) for n, rows in before.items()
    }


def test_a_validation_rule_refuses_with_the_admins_text(org):
    org.set_switch("validation_rule", "Opportunity:Amount > 100 AND StageName = 'A':\"Too much\"")
    base = {"Name": "O", "StageName": "A", "CloseDate": "2026-01-01"}
    rows = [{**base, "Amount": 100}, {**base, "Amount": 101}]
    fine, refused = org.save("insert", "Opportunity", rows, org.user_id)
    assert fine.success
    assert errors(refused) == [("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Too much", [])]


def test_storage_runs_out_at_two_kilobytes_a_row():
    org = Org(sandbox=True, switches={"storage": "1"})
    results = org.save_csv("insert", "Account", ["Name"], [["A"]] * 600, org.user_id)
    assert sum(r.success for r in results) == 512
    assert results[-1].errors[0].code == "STORAGE_LIMIT_EXCEEDED"


def test_unknown_switches_are_refused_with_the_list(org):
    with pytest.raises(OrgError, match="Known switches: api_daily, audit_fields"):
        org.set_switch("nonsense", "1")


def test_changes_survive_in_the_log(tmp_path):
    log = tmp_path / "org.log"
    org = Org(sandbox=True, log_path=log)
    user = org.user_id
    content = package(
        {"objects/Account.object": field("Key__c", "Text", length=40, key=True)},
        CustomField=["Account.Key__c"],
    )
    assert org.deploy(content, {}, user)["success"]
    made = org.save("insert", "Account", [{"Name": "A"}, {"Name": "B"}], user)
    org.save("update", "Account", [{"Id": made[0].id, "Name": "C"}], user)
    org.save("delete", "Account", [{"Id": made[1].id}], user)
    with log.open("ab") as torn:
        torn.write(b'{"rows": {"Account"')
    again = Org(sandbox=True, log_path=log)
    assert again.dump() == org.dump()
    [new] = again.save("insert", "Account", [{"Name": "D"}], user)
    assert new.id not in {r.id for r in made}


@pytest.mark.slow
def test_ten_thousand_checked_bulk_rows_a_second():
    org = Org(sandbox=True)
    user = org.user_id
    [account] = org.save("insert", "Account", [{"Name": "A"}], user)
    header = ["LastName", "FirstName", "Email", "Phone", "MobilePhone", "Title", "MailingStreet",
              "MailingCity", "MailingState", "MailingPostalCode", "MailingCountry", "Description",
              "Birthdate", "LeadSource", "Department", "CreatedDate", "OwnerId",
              "AccountId"]  # fmt: skip
    rows = [
        [f"Santoso {n}", "Budi", f"budi{n}@contoh.example", f"+62812{n}", f"0812{n}", "Manajer",
         f"Jl. Sudirman {n}", "Jakarta", "DKI Jakarta", "12190", "Indonesia", f"catatan {n}",
         f"1990-01-{n % 28 + 1:02d}", "Web", "Sales", f"2023-05-01T07:{n % 60:02d}:37.000Z", user,
         account.id]
        for n in range(20_000)
    ]  # fmt: skip
    start = time.process_time()
    results = org.save_csv("insert", "Contact", header, rows, user)
    spent = time.process_time() - start
    assert all(r.success for r in results)
    assert len(rows) / spent > 10_000
