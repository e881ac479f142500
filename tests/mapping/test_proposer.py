"""What the proposer says about single fields; the cases as a whole are in test_proposer_score."""

import subprocess
import sys

import pytest

from mapping.proposer.case import Case, DestField, Option, SourceField
from mapping.proposer.proposals import CUSTOM, SKIP, FieldProposal, propose

CONTACT_FIELDS = (
    DestField("Id", "Contact ID", "id", createable=False),
    DestField("LastName", "Last Name", "string", required=True),
    DestField("FirstName", "First Name", "string"),
    DestField("Phone", "Business Phone", "phone"),
    DestField("MobilePhone", "Mobile Phone", "phone"),
    DestField("OtherPhone", "Other Phone", "phone"),
    DestField("MailingStreet", "Mailing Street", "textarea"),
    DestField("MailingCity", "Mailing City", "string"),
    DestField("Birthdate", "Birthdate", "date"),
    DestField("Email", "Email", "email"),
    DestField("Title", "Title", "string"),
    DestField("AccountId", "Account ID", "reference", reference_to=("Account",)),
    DestField("OwnerId", "Owner ID", "reference", reference_to=("User",)),
    DestField("CreatedDate", "Created Date", "datetime", createable=False),
)


def contact_case(*fields: SourceField, dest: tuple[DestField, ...] = CONTACT_FIELDS) -> Case:
    return Case("Mekari Qontak", "Contact", "Salesforce", "Contact", fields, dest)


def proposed(field: SourceField, *others: SourceField) -> FieldProposal:
    return propose(contact_case(field, *others))[field.name]


def custom(label: str, type_name: str = "Single-line text", **more) -> SourceField:
    return SourceField("cf_41", label, type_name, custom=True, **more)


@pytest.mark.parametrize(
    ("name", "type_name", "dest", "conversion"),
    [
        ("first_name", "Single-line text", "FirstName", "text"),
        ("crm_phones", "Telephone", "MobilePhone", "phone_e164"),
        ("telephone", "Telephone", "MobilePhone", "phone_e164"),
        ("creator_id", "Dropdown select", "OwnerId", "lookup:User"),
        ("crm_company_id", "Number", "AccountId", "lookup:Account"),
        ("date_of_birth", "Date", "Birthdate", "date_dmy"),
        ("created_at", "Date time", CUSTOM, "datetime"),
        ("upload_id", "Upload", SKIP, None),
        ("slug", "Single-line text", SKIP, None),
        ("crm_deal_ids", "assoc", SKIP, None),
    ],
)
def test_built_in_qontak_names_settle_the_meaning(name, type_name, dest, conversion):
    best = proposed(SourceField(name, "", type_name)).candidates[0]

    assert (best.dest, best.conversion) == (dest, conversion)


@pytest.mark.parametrize(
    ("label", "dest"),
    [
        ("Tgl Lahir", "Birthdate"),
        ("Jabatan", "Title"),
        ("Alamat Email", "Email"),
        ("Kota/Kab.", "MailingCity"),
        ("No. HP", "MobilePhone"),
        ("Telp Kantor", "Phone"),
        ("No WhatsApp", "MobilePhone"),
        ("Nama Ibu Kandung", CUSTOM),
        ("Tempat Lahir", CUSTOM),
        ("Kota Tujuan", CUSTOM),
        ("No. Polisi", CUSTOM),
        ("Tanggal Survey", CUSTOM),
        ("Email Pasangan", CUSTOM),
    ],
)
def test_a_custom_field_is_read_by_its_label(label, dest):
    assert proposed(custom(label)).candidates[0].dest == dest


def test_samples_tell_a_mobile_from_a_landline():
    mobile = proposed(custom("Telepon", samples=("0812-3456-7890", "+62 811 222 333")))
    landline = proposed(custom("Telepon", samples=("(022) 4201234", "021-5551234")))

    assert mobile.candidates[0].dest == "MobilePhone"
    assert landline.candidates[0].dest == "Phone"


def test_no_destination_is_proposed_first_twice():
    fields = [
        SourceField(f"cf_{n}", label, "Phone", custom=True)
        for n, label in enumerate(("No HP", "Handphone", "Ponsel", "Nomor HP"))
    ]

    firsts = [p.candidates[0].dest for p in propose(contact_case(*fields)).values()]

    used = [dest for dest in firsts if dest != CUSTOM]
    assert len(used) == len(set(used)) >= 1


def test_the_loser_of_a_conflict_names_the_winner():
    loser = proposed(custom("E-mail"), SourceField("email", "Surel Kantor", "Single-line text"))

    assert loser.candidates[0].dest == CUSTOM
    assert "Surel Kantor" in loser.candidates[0].reason
    assert loser.candidates[0].confidence < 0.9


def test_a_field_that_cannot_be_created_is_never_proposed():
    found = propose(contact_case(SourceField("id", "ID", "Number"), custom("Created Date", "Date")))

    offered = {c.dest for p in found.values() for c in p.candidates}
    assert offered.isdisjoint({"Id", "CreatedDate"})


def test_candidates_always_hold_custom_and_skip_best_first():
    found = propose(contact_case(custom("Telepon"), SourceField("address", "Alamat", "Text Area")))

    for proposal in found.values():
        dests = [candidate.dest for candidate in proposal.candidates]
        confidences = [candidate.confidence for candidate in proposal.candidates]
        assert {CUSTOM, SKIP} <= set(dests)
        assert len(dests) == len(set(dests)) <= 5
        assert confidences == sorted(confidences, reverse=True)
        assert all(0 < confidence < 1 for confidence in confidences)
        assert all(candidate.reason and candidate.reason_id for candidate in proposal.candidates)


def test_an_existing_custom_field_with_the_same_words_is_found():
    dest = (*CONTACT_FIELDS, DestField("No_Polisi__c", "Nomor Polisi", "string", custom=True))

    found = propose(contact_case(custom("No. Polisi"), dest=dest))

    assert found["cf_41"].candidates[0].dest == "No_Polisi__c"


def test_a_field_empty_everywhere_is_left_behind_with_that_reason():
    best = proposed(custom("Warna Favorit", fill_rate=0.0)).candidates[0]

    assert best.dest == SKIP
    assert "empty in every record" in best.reason


@pytest.mark.parametrize(
    ("field", "name", "type_name"),
    [
        (custom("No. PO"), "No_PO__c", "Text"),
        (
            custom("Limit Kredit", "Number", samples=("Rp 1.500.000",)),
            "Limit_Kredit__c",
            "Currency",
        ),
        (custom("3 Besar", "Text Area"), "F_3_Besar__c", "LongTextArea"),
        (
            custom("Punya Anak?", "Checklist", options=(Option("1", "Ya"), Option("2", "Tidak"))),
            "Punya_Anak__c",
            "Checkbox",
        ),
        (
            custom("Warna", "Dropdown select", options=(Option("1", "Merah"),)),
            "Warna__c",
            "Picklist",
        ),
        (custom("Diskon", "Percentage"), "Diskon__c", "Percent"),
        (custom("Hobi — " + "x" * 300), "Hobi_" + "X" + "x" * 34 + "__c", "Text"),
        (custom("名前"), "Field__c", "Text"),
    ],
)
def test_custom_field_drafts_have_valid_names_and_fitting_types(field, name, type_name):
    draft = proposed(field).custom_field

    assert (draft.name, draft.type) == (name, type_name)
    assert len(draft.name) <= 43
    assert len(draft.label) <= 40


@pytest.mark.parametrize(
    "case",
    [
        Case("", "", "", "", (), ()),
        contact_case(SourceField("", "", "")),
        contact_case(custom("Telepon"), dest=()),
        contact_case(custom("a" * 100_000, samples=("1" * 1_000_000,))),
        contact_case(custom("Status", "Dropdown select", options=(Option("", ""),) * 3)),
    ],
    ids=["nothing", "no words", "no destination", "huge", "blank options"],
)
def test_odd_cases_are_answered(case):
    found = propose(case)

    assert found.keys() == {field.name for field in case.source_fields}


def test_the_same_case_gives_the_same_answer_in_another_process():
    program = (
        "from tests.mapping.test_proposer import *\n"
        "print(repr(propose(contact_case(custom('No HP 2'), SourceField('telephone', '', '')))))"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(answers) == 1


def test_importing_the_proposer_loads_neither_django_nor_scipy():
    program = (
        "import sys, mapping.proposer.proposals\n"
        "print([name for name in ('django', 'scipy', 'numpy') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert done.stdout.strip() == "[]", done.stderr
