"""A discovered account and an org to map it onto, without any server."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import qontakmig.simulators.salesforce as practice_org
from mapping import services
from projects.models import DiscoveredField, DiscoveredObject, Discovery
from qontakmig.connectors.base import SourceRecord
from qontakmig.connectors.salesforce.describe import object_describe

RECORDINGS = Path(practice_org.__file__).parent / "recordings"

STATUS = [
    {"value": "1", "label": "Prospek", "count": 40, "active": True},
    {"value": "2", "label": "Pelanggan", "count": 30, "active": True},
    {"value": "3", "label": "Belum Qualified", "count": 2, "active": True},
]
CHANNELS = [
    {"value": "10", "label": "WhatsApp", "count": 50, "active": True},
    {"value": "11", "label": "Referensi", "count": 20, "active": True},
]
STAGES = [
    {"value": "100", "label": "Penawaran", "count": 9, "active": True},
    {"value": "101", "label": "Menang", "count": 5, "active": True},
    {"value": "102", "label": "Kalah", "count": 4, "active": True},
    {"value": "199", "label": "Lama", "count": 1, "active": False},
]


def stage(stage_id, name, order, probability):
    return {
        "id": stage_id, "name": name, "order": order, "win_probability": probability,
        "active": True,
    }  # fmt: skip


PIPELINES = [
    {
        "id": "7",
        "name": "Penjualan",
        "active": True,
        "stages": [
            stage("100", "Penawaran", 1, 0.4),
            stage("101", "Menang", 2, 1.0),
            stage("102", "Kalah", 3, 0.0),
        ],
    }
]

FIELDS = {
    "companies": [
        ("name", "Nama Perusahaan", "text", "Single-line text", {"required": True}),
        ("website", "Website", "url", "Single-line text", {}),
        ("telephone", "Telepon", "phone", "Telephone", {"samples": ["021-555 1234"]}),
        ("creator_id", "Owner", "reference", "Dropdown select", {"reference_to": "users"}),
        ("ancestry", "Parent Company", "reference", "Dropdown", {"reference_to": "companies"}),
        ("slug", "", "text", "Single-line text", {}),
        ("cf_501", "Nomor NPWP", "text", "Single-line text", {"custom": True}),
        ("cf_502", "😀", "text", "Single-line text", {"custom": True}),
        ("cf_503", "Nomor NPWP", "text", "Single-line text", {"custom": True}),
    ],
    "contacts": [
        ("first_name", "Nama Depan", "text", "Single-line text", {"required": True}),
        ("last_name", "Nama Belakang", "text", "Single-line text", {}),
        ("email", "Email", "email", "Single-line text", {}),
        ("telephone", "No HP", "phone", "Telephone", {"samples": ["0812-3456-7890"]}),
        ("creator_id", "Owner", "reference", "Dropdown select", {"reference_to": "users"}),
        ("crm_status_id", "Status", "picklist", "Dropdown select", {"options": STATUS}),
        ("crm_source_id", "Sumber", "picklist", "Dropdown select", {"options": CHANNELS}),
        ("crm_company_id", "", "reference", "Number", {"reference_to": "companies"}),
        ("crm_deal_ids", "Deals", "reference", "assoc", {"reference_to": "deals"}),
        ("date_of_birth", "Tanggal Lahir", "date", "Date", {"samples": ["1990-02-28"]}),
    ],
    "deals": [
        ("name", "Nama Deal", "text", "Single-line text", {"required": True}),
        ("size", "Nilai Deal", "currency", "Number", {"samples": ["10000000.0"]}),
        ("creator_id", "Owner", "reference", "Dropdown select", {"reference_to": "users"}),
        ("crm_stage_id", "Stage", "picklist", "Dropdown select", {"options": STAGES}),
        ("crm_pipeline_id", "Pipeline", "picklist", "Dropdown select", {}),
        ("closed_date", "Tanggal Tutup", "date", "Date", {}),
        ("expired_date", "Expired", "date", "Date", {}),
        ("crm_company_id", "Company", "reference", "Dropdown", {"reference_to": "companies"}),
        ("crm_lead_ids", "Contacts", "reference", "assoc", {"reference_to": "contacts"}),
        ("crm_lost_reason_id", "Alasan Kalah", "picklist", "Dropdown select", {}),
    ],
}  # fmt: skip


def org_describes(*, audit: bool = True):
    """Return the recorded describes; with ``audit`` the org lets audit fields be written."""
    found = {}
    for name in ("Account", "Contact", "Lead", "Opportunity"):
        raw = json.loads((RECORDINGS / f"describe_{name}.json").read_text())
        describe = object_describe(raw)
        fields = tuple(
            replace(field, createable=True)
            if audit and field.name in ("CreatedDate", "LastModifiedDate")
            else field
            for field in describe.fields
        )
        found[name] = replace(describe, fields=fields)
    return found


def add_object(discovery, position, name, rows, records=100):
    found = DiscoveredObject.objects.create(
        discovery=discovery, name=name, label=name, position=position, state="done",
        records_read=records,
    )  # fmt: skip
    DiscoveredField.objects.bulk_create(
        DiscoveredField(
            object=found, position=place, name=field, label=label, type=kind, native_type=native,
            **({"filled": records, "fill_rate": 1.0, "distinct": 20, "length_max": 20} | more),
        )
        for place, (field, label, kind, native, more) in enumerate(rows)
    )  # fmt: skip
    return found


@pytest.fixture
def describes():
    return org_describes()


@pytest.fixture
def discovery(project, consultant):
    discovery = Discovery.objects.create(
        project=project, state="done", pipelines=PIPELINES, started_by=consultant
    )
    add_object(discovery, 0, "users", [])
    for position, (name, rows) in enumerate(FIELDS.items(), start=1):
        add_object(discovery, position, name, rows)
    return discovery


def contact(source_id, **values):
    moment = datetime(2024, 2, 29, 17, tzinfo=UTC)
    return SourceRecord("contacts", source_id, values, moment, moment)


@pytest.fixture
def draft(project, discovery, describes, consultant):
    samples = {
        "contacts": [
            contact("1", first_name="Sari Dewi", crm_status_id={"id": "1", "name": "Prospek"}),
            contact("2", first_name="Budi", crm_status_id={"id": "2", "name": "Pelanggan"}),
            contact("3", first_name="Tono", crm_source_id={"id": "10", "name": "WhatsApp"}),
        ]
    }
    return services.draft_create(
        project=project, discovery=discovery, target_describes=describes, actor=consultant,
        samples=samples,
    )  # fmt: skip
