"""What pages show of projects and discovery. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext

from projects.models import Connection, DiscoveredField, DiscoveredObject, Discovery, Project
from projects.systems import SYSTEMS, System
from qontakmig.templatetags.numbers import number

MONTHS_SHOWN = 12
CURVE_BARS = 120


def discovery_latest(project: Project) -> Discovery | None:
    return project.discoveries.first()


def discovery_complete(project: Project) -> Discovery | None:
    """The newest audit that was finished; maps are drafted from it."""
    return project.discoveries.filter(state=Discovery.State.DONE).first()


@dataclass(frozen=True)
class Side:
    """One side of a project as the Connect page shows it."""

    key: str
    label: str
    connection: Connection | None
    systems: list[System]

    @property
    def system_label(self) -> Any:
        return SYSTEMS[self.connection.system].label if self.connection else self.systems[0].label


def objects_with_counts(discovery: Discovery) -> QuerySet[DiscoveredObject]:
    return discovery.objects_found.annotate(
        fields_total=Count("fields"), fields_custom=Count("fields", filter=Q(fields__custom=True))
    )


def totals(discovery: Discovery) -> dict[str, int]:
    """Records, fields, custom fields, users, pipelines and stages of one audit."""
    found = discovery.objects_found.aggregate(records=Sum("records_read"))
    fields = DiscoveredField.objects.filter(object__discovery=discovery).aggregate(
        fields=Count("pk"), custom=Count("pk", filter=Q(custom=True))
    )
    users = discovery.objects_found.filter(name="users").first()
    return {
        "records": found["records"] or 0,
        "objects": discovery.objects_found.count(),
        "fields": fields["fields"],
        "custom": fields["custom"],
        "users": users.records_read if users else 0,
        "pipelines": len(discovery.pipelines),
        "stages": sum(len(pipeline["stages"]) for pipeline in discovery.pipelines),
    }


def months(found: DiscoveredObject) -> list[int]:
    """New records in each of the last twelve months that the account knows, oldest first."""
    if not found.created_by_month:
        return []
    year, month = (int(part) for part in max(found.created_by_month).split("-"))
    series = []
    for _ in range(MONTHS_SHOWN):
        series.append(found.created_by_month.get(f"{year:04}-{month:02}", 0))
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return series[::-1]


def inventory(discovery: Discovery) -> list[dict[str, Any]]:
    """One line for each object, as the overview and the inventory show it."""
    return [
        {"found": found, "months": months(found), "worth_knowing": worth_knowing(found)}
        for found in objects_with_counts(discovery)
    ]


def worth_knowing(found: DiscoveredObject) -> str:
    """The one fact about an object that a person should hear; empty when nothing was found."""
    if found.problem:
        return found.problem
    if found.records_claimed is not None and found.state == DiscoveredObject.State.DONE:
        missing = found.records_claimed - found.records_read
        if missing:
            return gettext("Qontak claims %(claimed)s records, %(read)s were read") % {
                "claimed": number(found.records_claimed),
                "read": number(found.records_read),
            }
    return ""


def fields_ranked(discovery: Discovery, object_name: str = "") -> QuerySet[DiscoveredField]:
    """Fields of an audit, the most used first; of one object when named."""
    fields = DiscoveredField.objects.filter(object__discovery=discovery).select_related("object")
    if object_name:
        fields = fields.filter(object__name=object_name)
    return fields.order_by("-filled", "object__position", "position")


@dataclass(frozen=True)
class Usage:
    """The curve of field usage: heights from 0 to 1, and the two marks on it."""

    heights: list[float]
    total: int
    few: int
    few_share: float
    empty: int


def usage(discovery: Discovery) -> Usage:
    """Return how few fields hold nearly everything (97 % of all values) and how many are empty."""
    filled = list(fields_ranked(discovery).values_list("filled", "fill_rate"))
    total = sum(count for count, _ in filled)
    running, few = 0, 0
    for count, _ in filled:
        if not total or running >= 0.97 * total:
            break
        running += count
        few += 1
    rates = sorted((rate for _, rate in filled), reverse=True)
    step = max(1, -(-len(rates) // CURVE_BARS))
    return Usage(
        heights=rates[::step],
        total=len(filled),
        few=few,
        few_share=running / total if total else 0,
        empty=sum(1 for count, _ in filled if not count),
    )


def stages(discovery: Discovery) -> list[dict[str, Any]]:
    """Pipelines with their stages in order and the deals that stand on each."""
    deals = discovery.objects_found.filter(name="deals").first()
    field = deals.fields.filter(name="crm_stage_id").first() if deals else None
    counts = {option["value"]: option["count"] for option in (field.options if field else [])}
    return [
        pipeline
        | {
            "stages": [stage | {"deals": counts.get(stage["id"])} for stage in pipeline["stages"]],
            "over_limit": len(pipeline["stages"]) > 15,
        }
        for pipeline in discovery.pipelines
    ]
