"""Deal pipelines and stages. Won and lost are known only by win_probability."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from qontakmig.simulators.qontak.people import COMPANY_ID

_STAMP = "2018-01-05T10:15:00.000+07:00"


@dataclass(frozen=True, slots=True)
class Stage:
    id: int
    name: str
    probability: str
    order: int
    pipeline_id: int
    active: bool = True


@dataclass(frozen=True, slots=True)
class Pipeline:
    id: int
    name: str
    slug: str
    alias: str | None
    stages: tuple[Stage, ...]


# name, win_probability; "~" marks an inactive stage, and orders 3 and 4 repeat on purpose
_SALES = (
    ("Prospek Baru", "0.10"), ("Kualifikasi", "0.25"), ("Penawaran / Proposal", "0.50"),
    ("~Survey Lokasi (lama)", "0.40"), ("Negosiasi", "0.75"), ("Menang", "1.00"),
    ("Kalah", "0.00"),
)  # fmt: skip
_TENDER = (
    ("Undangan Tender", "0.10"), ("Dokumen Lengkap", "0.30"), ("Evaluasi Harga", "0.60"),
    ("Won", "1.00"), ("Gagal Tender", "0.01"),
)  # fmt: skip
_RENEWAL = (
    *((f"Tahap {n}", f"0.{n * 6:02d}") for n in range(1, 15)),
    ("Menunggu Pembayaran", "0.95"), ("Diperpanjang", "1.00"), ("Berhenti Langganan", "0.00"),
)  # fmt: skip


def _pipeline(
    number: int, name: str, alias: str | None, rows: tuple[tuple[str, str], ...]
) -> Pipeline:
    stages = tuple(
        Stage(
            id=number * 100 + place,
            name=label.lstrip("~"),
            probability=probability,
            order=place - 1 if place == 4 else place,
            pipeline_id=number,
            active=not label.startswith("~"),
        )
        for place, (label, probability) in enumerate(rows, 1)
    )
    return Pipeline(number, name, name.lower().replace(" & ", "-").replace(" ", "-"), alias, stages)


@lru_cache(maxsize=1)
def pipelines() -> tuple[Pipeline, ...]:
    """Return three pipelines: lost stage "0.00" with an inactive stage; "0.01"; 17 stages."""
    return (
        _pipeline(31, "Sales Pipeline", None, _SALES),
        _pipeline(32, "Tender Pemerintah", "B2G", _TENDER),
        _pipeline(33, "Langganan & Perpanjangan", None, _RENEWAL),
    )


def find_stage(stage_id: int) -> Stage | None:
    return next((s for p in pipelines() for s in p.stages if s.id == stage_id), None)


def find_pipeline(pipeline_id: int) -> Pipeline | None:
    return next((p for p in pipelines() if p.id == pipeline_id), None)


def pipeline_json(pipeline: Pipeline) -> dict[str, Any]:
    return {
        "id": pipeline.id, "name": pipeline.name, "alias_name": pipeline.alias,
        "slug": pipeline.slug, "active": True, "team_id": COMPANY_ID,
        "organization_id": COMPANY_ID, "created_at": _STAMP, "updated_at": _STAMP,
    }  # fmt: skip


def stage_json(stage: Stage) -> dict[str, Any]:
    return {
        "id": stage.id, "name": stage.name, "active": stage.active, "order": stage.order,
        "crm_status_id": None, "crm_type_id": None, "crm_pipeline_id": stage.pipeline_id,
        "win_probability": stage.probability, "crm_stage_additional_field_id": None,
        "created_at": _STAMP, "updated_at": _STAMP,
    }  # fmt: skip
