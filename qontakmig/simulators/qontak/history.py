"""What only single records tell: timeline, stage history, real creator, chat history."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from qontakmig.simulators.qontak.draws import draws
from qontakmig.simulators.qontak.people import COMPANY_ID, User, users
from qontakmig.simulators.qontak.pipelines import find_pipeline
from qontakmig.simulators.qontak.rows import Row
from qontakmig.simulators.qontak.timeline import iso, milliseconds

_TASKS = ("Telepon", "Kirim penawaran", "Follow up WA", "Kunjungan lokasi")
_CHAT = (
    ("customer", "Halo, stok masih ada?"),
    ("agent", "Ada, Kak. Mau berapa?"),
    ("customer", "2 dus ya 🙏\nkirim ke gudang"),
    ("agent", "Siap, kami proses hari ini."),
)
_HOUR_MS = 3_600_000


def _who(user: User) -> str:
    return f"{user.name} ({user.email})" if user.active else "<deleted user>"


def timeline(seed: int, row: Row) -> list[Row]:
    """Return rendered sentences about a record, newest first."""
    r = draws(seed, "timeline", row["id"])
    created_ms = milliseconds(row["created_at"])
    entries = []
    for place in range(r[0] % 4):
        task = _TASKS[r[1 + place] % len(_TASKS)]
        when = iso(created_ms + (place + 1) * 26 * _HOUR_MS)
        entries.append({
            "who": _who(users(seed)[r[8 + place] % len(users(seed))]), "what": "a task",
            "why": f"Added Task '{task}'.", "when": f"{when[:10]} {when[11:19]} +0700",
            "how": "added", "content": f"'{task}'.", "id": r[16 + place] % 10**7,
            "task_id": r[24 + place] % 10**6, "ticket_id": None, "auditable_id": None,
            "email_id": r[24 + place] % 10**6, "crm_deal_id": None,
        })  # fmt: skip
    return entries[::-1]


def stage_history(seed: int, row: Row) -> list[Row]:
    """Return the moves of a deal up to its present stage, oldest first."""
    pipeline = find_pipeline(row["crm_pipeline_id"])
    if pipeline is None:
        return []
    stages = [s for s in pipeline.stages if s.active or s.id == row["crm_stage_id"]]
    now = next(place for place, s in enumerate(stages) if s.id == row["crm_stage_id"])
    path = [0, now] if now else [0]
    moved_ms = milliseconds(row["created_at"])
    moves = []
    for before, after in pairwise(path):
        moved_ms += 50 * _HOUR_MS
        moves.append({
            "current_owner": row["creator_name"],
            "prev_stage": {"id": stages[before].id, "name": stages[before].name},
            "current_stage": {"id": stages[after].id, "name": stages[after].name},
            "moved_date": iso(moved_ms), "moved_by": row["creator_name"],
        })  # fmt: skip
    return moves


def real_creator(seed: int, row: Row) -> Row:
    """Return the user who really made a deal; the owner may be another."""
    team = users(seed)
    user = team[draws(seed, "real-creator", row["id"])[0] % len(team)]
    return {
        "id": user.id, "email": user.email, "full_name": user.name, "username": user.username,
        "phone": user.phone, "role": "owner",
        "team": {"id": user.team_id, "company_name": user.team_name,
                 "external_company_id": str(COMPANY_ID)},
    }  # fmt: skip


def chat_history(seed: int, row: Row) -> Row:
    """Return the chat panel's text; two records in three never chatted."""
    r = draws(seed, "chat-history", row["id"])
    contents = []
    if r[0] % 3 == 0:
        start = milliseconds(row["created_at"])
        customer = row.get("first_name") or "Customer"
        for place, (kind, text) in enumerate(_CHAT[: r[1] % 4 + 1]):
            contents.append({
                "user": customer if kind == "customer" else "Agent", "message": text,
                "timestamp": iso(start + place * 60_000), "type": kind,
            })  # fmt: skip
    return {"room_id": f"{r[2]:08x}{r[3]:08x}{r[4]:08x}{r[5]:08x}", "chat_contents": contents}


PARTS: dict[tuple[str, str], Callable[[int, Row], Any]] = {
    ("contacts", "timeline"): timeline, ("companies", "timeline"): timeline,
    ("deals", "timeline"): timeline, ("deals", "stage_history"): stage_history,
    ("deals", "real_creator"): real_creator, ("contacts", "chat-history"): chat_history,
    ("deals", "chat-history"): chat_history,
}  # fmt: skip
