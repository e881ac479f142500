"""Invented data for the design gallery, a page served only when DEBUG is on."""

from datetime import UTC, datetime
from typing import Any

from django import forms, template
from django.core.paginator import Page, Paginator

register = template.Library()

GATE_1 = "No record moves before a person confirmed the map"
GATE_2 = "No production run before the sandbox was signed off by two people"

COLOURS = [
    "canvas",
    "surface",
    "sunken",
    "hover",
    "line",
    "line-2",
    "ctl",
    "ink-3",
    "ink-2",
    "ink",
    "accent",
    "accent-hover",
    "accent-mid",
    "accent-soft",
    "accent-tint",
    "accent-line",
    "on-accent",
    "red",
    "on-red",
    "red-tint",
    "red-line",
    "grey-mid",
    "grey-soft",
    "track",
    "band",
    "on-band",
]


class ConnectionForm(forms.Form):
    host = forms.CharField(
        label="My Domain address", help_text="As in the browser after signing in."
    )
    environment = forms.ChoiceField(choices=[("sandbox", "Sandbox"), ("production", "Production")])
    note = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))
    file = forms.FileField(required=False, label="Export file")
    start = forms.ChoiceField(
        label="Start from",
        choices=[("api", "The API"), ("file", "Export files")],
        widget=forms.RadioSelect,
        initial="api",
    )
    agree = forms.BooleanField(
        label="I have seen the counts, the three exceptions and the spot-check result."
    )


def _steps(*, running: bool) -> list[dict[str, Any]]:
    def step(key: str, label: str, state: str, **more: Any) -> dict[str, Any]:
        url = "#" if state != "locked" else ""
        return {"key": key, "label": label, "state": state, "url": url, **more}

    if running:
        return [
            step("connect", "Connect", "done"),
            step("discover", "Discover", "done"),
            step("map", "Map", "done"),
            step("confirm", "Confirm", "done", summary="v6"),
            step(
                "sandbox",
                "Sandbox run",
                "running",
                summary="56%",
                percent=56,
                gate="open",
                gate_name="Gate 1",
                gate_label=GATE_1,
            ),
            step("signoff", "Spot-check & sign-off", "locked"),
            step(
                "production",
                "Production",
                "locked",
                gate="closed",
                gate_name="Gate 2",
                gate_label=GATE_2,
            ),
            step("cutover", "Cutover & handoff", "locked"),
        ]
    return [
        step("connect", "Connect", "done", detail="Tested 11 Mar, 09:12\n4 of 4 connections"),
        step("discover", "Discover", "done", detail="Audited 11 Mar, 18:40\n128,412 records"),
        step(
            "map",
            "Map",
            "attention",
            summary="6 need you",
            count=6,
            percent=70,
            detail="171 of 244 fields reviewed",
        ),
        step(
            "confirm",
            "Confirm",
            "locked",
            detail="Opens when no field is left undecided",
            unlock_url="#",
            unlock_label="6 fields in Map",
        ),
        step(
            "sandbox",
            "Sandbox run",
            "locked",
            detail="Opens when the map is confirmed",
            gate="closed",
            gate_name="Gate 1",
            gate_label=GATE_1,
        ),
        step(
            "signoff",
            "Spot-check & sign-off",
            "locked",
            detail="Opens when the sandbox run balances",
        ),
        step(
            "production",
            "Production",
            "locked",
            detail="Opens when two people have signed off",
            gate="closed",
            gate_name="Gate 2",
            gate_label=GATE_2,
        ),
        step("cutover", "Cutover & handoff", "locked", detail="Opens after production"),
    ]


PHASE_COLUMNS = [
    "Created",
    "Updated",
    "Matched",
    "Merged",
    "Filtered",
    "Skipped",
    "Held",
    "Errored",
]
PHASES = [
    ("done", "Pengguna", "User", 64, [0, 0, 58, 0, 0, 6, 0, 0], 0),
    ("done", "Perusahaan", "Account", 8214, [7902, 41, 188, 71, 9, 0, 0, 3], 0),
    ("done", "Kontak", "Contact, Lead", 46380, [44871, 212, 640, 502, 118, 0, 6, 31], 0),
    ("running", "Deal", "Opportunity", 21907, [13204, 0, 22, 0, 64, 0, 9, 48], 8560),
    ("waiting", "Tugas", "Task", 19733, [None] * 8, 19733),
]


def _phases() -> list[dict[str, Any]]:
    return [
        {
            "state": state,
            "source": source,
            "target": target,
            "extracted": extracted,
            "counts": counts,
            "to_go": to_go,
            "selected": state == "running",
            "errored": counts[-1],
            "others": counts[:-1],
        }
        for state, source, target, extracted, counts, to_go in PHASES
    ]


def _page() -> Page:
    return Paginator(range(244), 25).page(3)


@register.simple_tag
def gallery_data() -> dict[str, Any]:
    """Return everything gallery.html shows; nothing in it belongs to a customer."""
    bad = ConnectionForm({"host": "", "environment": "sandbox", "start": "api"}, prefix="bad")
    return {
        "colours": COLOURS,
        "steps": _steps(running=False),
        "running_steps": _steps(running=True),
        "now": datetime(2026, 3, 31, 7, 20, 7, tzinfo=UTC),
        "items": [
            {
                "name": "Tgl Follow Up",
                "tag": "Deal",
                "needs_person": True,
                "url": "#",
                "reason": "Two fields carry this label; 14 values are not dates",
            },
            {
                "name": "Sumber Leads",
                "tag": "Deal",
                "needs_person": True,
                "url": "#",
                "reason": "2 of 7 values have no counterpart (576 records)",
            },
            {
                "name": "Catatan Negosiasi",
                "tag": "Deal",
                "needs_person": True,
                "url": "#",
                "reason": "2 records would lose 11,640 characters",
            },
            {
                "name": "Peran CRM",
                "tag": "User",
                "needs_person": True,
                "url": "#",
                "reason": "“Supervisor Area” fits two profiles equally well",
            },
        ],
        "stats": [
            {"label": "Records", "value": "128,412", "note": "9 objects, +2.1% a month"},
            {"label": "Fields", "value": "244", "note": "126 made by the customer"},
            {
                "label": "Rate, 5 min average",
                "value": "46",
                "unit": "records/s",
                "note": "Last write 4 s ago",
            },
            {"label": "Ready at", "value": "15:02", "unit": "WIB", "note": "in 21 min"},
            {
                "label": "Waiting for a person",
                "value": "90",
                "unit": "errored, 5 causes",
                "note": "The rest of the run goes on",
                "needs_person": True,
            },
        ],
        "terms": [
            {"label": "created", "value": 126355},
            {"label": "updated", "value": 253},
            {"label": "matched", "value": 946},
            {"label": "merged", "value": 573},
            {"label": "filtered", "value": 246},
            {"label": "skipped", "value": 6},
            {"label": "held", "value": 22},
            {"label": "errored", "value": 11},
        ],
        "terms_off": [
            {"label": "created", "value": 400},
            {"label": "updated", "value": 0},
            {"label": "errored", "value": 5, "kind": "errored"},
        ],
        "tabs": [
            {"label": "Overview", "url": "#"},
            {"label": "Inventory", "url": "#"},
            {"label": "Fields", "url": "#", "count": 244},
            {"label": "Risks", "url": "#", "count": 3, "needs_person": True},
        ],
        "segments": [
            {"value": 43, "label": "reviewed", "kind": "reviewed", "url": "#"},
            {"value": 14, "label": "proposed", "kind": "proposed", "url": "#"},
            {"value": 4, "label": "need a decision", "kind": "needs", "url": "#"},
        ],
        "months": [31, 33, 34, 32, 35, 36, 35, 37, 38, 36, 40, 46],
        "rate": [30, 38, 41, 43, 42, 40, 44, 45, 44, 20, 18, 44, 46, 47, 46, 48, 47],
        "squares": ["1"] * 6 + ["2"] * 3 + ["3"] + [""] * 4,
        "people": ["Rani Wulandari", "Ayu Paramitha", "Bagus Hartanto"],
        "definitions": [
            {"label": "Seed", "value": "20260401", "mono": True},
            {"label": "Drawn by", "value": "Rani Wulandari"},
        ],
        "versions": [
            {"who": "Ayu, 14:19", "text": "Sumber Leads → Lead Source, 7 of 7 values"},
            {"who": "You, 14:20", "text": "Sumber Leads → Create “Sumber Leads”"},
        ],
        "actions": [
            {"label": "Keep Ayu’s", "name": "keep", "value": "theirs"},
            {"label": "Use mine", "name": "keep", "value": "mine"},
        ],
        "form": ConnectionForm(prefix="good"),
        "bad_form": bad,
        "page": _page(),
        "phase_columns": PHASE_COLUMNS,
        "phases": _phases(),
        "shares": [0.99, 0.61, 0.004, 0, None],
        "confidences": [0.98, 0.83, 0.71, 0.44, None],
        **_sankey(),
        "chart": {
            "grid": {"left": 40, "right": 8, "top": 12, "bottom": 24},
            "xAxis": {"type": "category", "data": ["Oct", "Nov", "Dec", "Jan", "Feb"]},
            "yAxis": {"type": "value", "splitLine": {"lineStyle": {"color": "token:line"}}},
            "tooltip": {"trigger": "axis"},
            "series": [
                {"name": "WhatsApp", "type": "bar", "stack": "a", "data": [81, 84, 90, 91, 96]},
                {"name": "Instagram", "type": "bar", "stack": "a", "data": [13, 14, 13, 15, 16]},
            ],
        },
    }


def _sankey() -> dict[str, Any]:
    nodes = [
        ("kontak", "Kontak", 0, "source"),
        ("deal", "Deal", 0, "source"),
        ("perusahaan", "Perusahaan", 0, "source"),
        ("produk", "Produk", 0, "source"),
        ("lead", "Lead", 1, ""),
        ("contact", "Contact", 1, ""),
        ("opp", "Opportunity", 1, ""),
        ("account", "Account", 1, ""),
        ("product", "Product", 1, ""),
        ("created", "Created", 2, ""),
        ("matched", "Matched, updated", 2, "mid"),
        ("filtered", "Filtered, skipped", 2, "grey"),
        ("errored", "Errored", 2, "red"),
    ]
    links = [
        ("kontak", "lead", 28380, ""),
        ("kontak", "contact", 18000, ""),
        ("deal", "opp", 13347, ""),
        ("perusahaan", "account", 8214, ""),
        ("produk", "product", 412, ""),
        ("lead", "created", 27700, ""),
        ("lead", "matched", 560, "mid"),
        ("lead", "filtered", 100, "grey"),
        ("lead", "errored", 20, "red"),
        ("contact", "created", 17600, ""),
        ("contact", "matched", 380, "mid"),
        ("contact", "errored", 20, "red"),
        ("opp", "created", 13204, ""),
        ("opp", "filtered", 95, "grey"),
        ("opp", "errored", 48, "red"),
        ("account", "created", 7902, ""),
        ("account", "matched", 309, "mid"),
        ("account", "errored", 3, "red"),
        ("product", "created", 405, ""),
        ("product", "matched", 7, "mid"),
    ]
    return {
        "sankey_nodes": [
            dict(zip(("id", "label", "column", "kind"), node, strict=True)) for node in nodes
        ],
        "sankey_links": [
            dict(zip(("source", "target", "value", "kind"), link, strict=True)) for link in links
        ],
    }
