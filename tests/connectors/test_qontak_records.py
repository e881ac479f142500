"""Raw records to values, row by row."""

from datetime import UTC, datetime

import pytest

from qontakmig.connectors.base import FieldType
from qontakmig.connectors.errors import TransientError
from qontakmig.connectors.qontak.records import Flattener
from qontakmig.connectors.qontak.templates import describe_object

TYPES = {
    1: FieldType.TEXT,
    2: FieldType.PICKLIST,
    3: FieldType.MULTIPICKLIST,
    4: FieldType.PERCENT,
    5: FieldType.FILE,
}


def flat(object_name, **raw):
    return Flattener(object_name, TYPES).record({"id": 7, **raw}).values


@pytest.mark.parametrize(
    ("object_name", "raw", "values"),
    [
        ("contacts", {"email": ""}, {"email": None}),
        ("contacts", {"email": None}, {"email": None}),
        ("contacts", {"email": []}, {"email": None}),
        ("contacts", {"first_name": " "}, {"first_name": " "}),
        ("contacts", {"telephone": "0812"}, {"crm_phones": "0812"}),
        ("contacts", {"crm_phones": "0812"}, {"crm_phones": "0812"}),
        ("contacts", {"telephone": "0812", "crm_phones": ""}, {"crm_phones": "0812"}),
        ("contacts", {"crm_source_id": 8, "crm_source_name": "Iklan"},
         {"crm_source_id": {"id": "8", "name": "Iklan"}}),
        ("contacts", {"crm_source_id": None, "crm_source_name": None}, {"crm_source_id": None}),
        ("contacts", {"crm_source_id": "", "crm_source_name": ""}, {"crm_source_id": None}),
        ("contacts", {"crm_source_id": 8, "crm_source_name": None},
         {"crm_source_id": {"id": "8", "name": None}}),
        ("contacts", {"customer_id": "C-1"}, {"customer_id": "C-1"}),
        ("contacts", {"slug": "x-1", "creator_email": "a@b.c"}, {}),
        ("companies", {"ancestry": "3"}, {"ancestry": {"id": "3", "name": None}}),
        ("companies", {"ancestry": "1/3"}, {"ancestry": {"id": "3", "name": None}}),
        ("companies", {"ancestry": None}, {"ancestry": None}),
        ("companies", {"annual_revenue": 3000000000}, {"annual_revenue": 3000000000}),
        ("companies", {"number_of_employees": 0}, {"number_of_employees": 0}),
        ("deals", {"crm_company_id": [1, 2], "crm_company_name": ["A", "B"]},
         {"crm_company_id": [{"id": "1", "name": "A"}, {"id": "2", "name": "B"}]}),
        ("deals", {"crm_company_id": [1], "crm_company_name": []},
         {"crm_company_id": [{"id": "1", "name": None}]}),
        ("deals", {"crm_company_id": 1, "crm_company_name": "A"},
         {"crm_company_id": [{"id": "1", "name": "A"}]}),
        ("deals", {"crm_company_id": None, "crm_company_name": None}, {"crm_company_id": None}),
        ("deals", {"crm_company_id": [], "crm_company_name": []}, {"crm_company_id": None}),
        ("deals", {"crm_lead_ids": [5], "crm_lead_name": ["Siti"]},
         {"crm_lead_ids": [{"id": "5", "name": "Siti"}]}),
        ("deals", {"currency": "IDR"}, {"currency": {"id": None, "name": "IDR"}}),
        ("deals", {"size": "10000000.0"}, {"size": "10000000.0"}),
        ("deals", {"product_association_quantity": [1, 2]},
         {"product_association_quantity": "1, 2"}),
    ],
)  # fmt: skip
def test_built_in_values(object_name, raw, values):
    assert flat(object_name, **raw) == values


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ({"id": 1, "value": "abc", "value_name": "abc"}, "abc"),
        ({"id": 1, "value": "", "value_name": ""}, None),
        ({"id": 2, "value": "12", "value_name": "Servis"}, {"id": "12", "name": "Servis"}),
        ({"id": 2, "value": "12"}, {"id": "12", "name": None}),
        ({"id": 2, "value": "5", "value_name": "5"}, {"id": "5", "name": "5"}),
        ({"id": 2, "value": None, "value_name": None}, None),
        ({"id": 3, "value": "4,5", "value_name": ["A", "B"]},
         [{"id": "4", "name": "A"}, {"id": "5", "name": "B"}]),
        ({"id": 3, "value": "", "value_name": []}, None),
        ({"id": 3, "value": [], "value_name": []}, None),
        ({"id": 4, "value": "0.0", "value_name": "0.0"}, "0.0"),
        ({"id": 5, "value": None, "value_name": None}, None),
        ({"id": 9, "value": "12", "value_name": "Lama"}, {"id": "12", "name": "Lama"}),
        ({"id": 9, "value": "1,2", "value_name": ["A", "B"]},
         [{"id": "1", "name": "A"}, {"id": "2", "name": "B"}]),
        ({"id": 9, "value": "x", "value_name": "x"}, "x"),
    ],
)  # fmt: skip
def test_custom_values_are_keyed_by_field_id(entry, value):
    assert flat("contacts", additional_fields=[entry]) == {f"cf_{entry['id']}": value}


def test_two_custom_fields_of_one_slug_stay_apart():
    entries = [{"id": n, "name": "dealer", "value": str(n), "value_name": str(n)} for n in (1, 9)]

    assert flat("deals", additional_fields=entries) == {"cf_1": "1", "cf_9": "9"}


def test_times_are_parsed_to_utc_and_kept_as_values():
    stamp = "2024-10-28T00:00:00.000+07:00"

    record = Flattener("contacts", {}).record({"id": 7, "created_at": stamp, "updated_at": "?"})

    assert record.created_at == datetime(2024, 10, 27, 17, tzinfo=UTC)
    assert record.updated_at is None
    assert record.values["created_at"] == stamp


def test_a_record_without_an_id_is_a_bad_answer():
    with pytest.raises(TransientError):
        Flattener("contacts", {}).record({"first_name": "Siti"})


def test_a_field_without_a_label_gets_a_readable_one():
    template = [{"id": None, "name": "crm_company_id", "name_alias": None, "type": "Number",
                 "additional_field": False, "dropdown": None}]  # fmt: skip

    field = describe_object("contacts", template, {}).fields[0]

    assert (field.label, field.type, field.reference_to) == (
        "Company",
        FieldType.REFERENCE,
        ("companies",),
    )
