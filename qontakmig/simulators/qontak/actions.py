"""What people do in the account while a migration runs, through the control plane's ``act``.

Each action is ``{"action": NAME, "object": "contacts"|"companies"|"deals", …}``:

edit     id or place (0 = newest) or count; values {…} merged into the record, else a new phone,
         name or size; "tie": true gives all of them one updated_at
create   count (1); values {…}
delete   id or place or count (from the oldest)
shift    count (1): touches records from the far end of the list, so that they move to its front
         and every page behind them moves down
delta    count (1): of every object some records edited, created and deleted, as between two runs
dump     after (id), limit (1000): live records by id, for accounts too large for GET dump
export   folder: writes the UI export files there
violations  attempts to write to chat so far
"""

from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qontakmig.simulators.qontak import exports, writes
from qontakmig.simulators.qontak.people import users
from qontakmig.simulators.qontak.rows import KINDS, Row
from qontakmig.simulators.qontak.timeline import iso

if TYPE_CHECKING:
    from qontakmig.simulators.qontak.org import QontakOrg

Action = Mapping[str, Any]


def act(org: "QontakOrg", action: Action) -> Row:
    """Do one action and return what changed. Raises ValueError with the list of actions."""
    name = action.get("action")
    if name == "violations":
        return {"violations": org.chat.violations}
    if name == "export":
        folder = Path(action["folder"])
        return {"files": [str(path) for path in exports.write_files(org.content, folder)]}
    if name == "delta":
        return _delta(org, int(action.get("count", 1)))
    kind = action.get("object", "contacts")
    if name not in _ACTIONS or kind not in KINDS:
        known = ", ".join([*_ACTIONS, "delta", "export", "violations"])
        raise ValueError(f"no action {name!r} on {kind!r}; actions: {known}; on: {KINDS}")
    return _ACTIONS[name](org, kind, action)


def _delta(org: "QontakOrg", count: int) -> Row:
    """Return {object: {edited, created, deleted}}; an empty object only gains records."""
    done: Row = {}
    for kind in KINDS:
        shelf = org.content.shelves[kind]
        done[kind] = {"edited": [], "deleted": []}
        if len(shelf):
            place = len(shelf) // 2
            done[kind] |= _edit(org, kind, {"place": place, "count": count})
            done[kind] |= _delete(org, kind, {"count": min(count, place)})
        done[kind] |= _create(org, kind, {"count": count})
    return done


def _edit(org: "QontakOrg", kind: str, action: Action) -> Row:
    ids = _chosen(org, kind, action)
    _touch(org, kind, ids, action.get("values"), tie=bool(action.get("tie")))
    return {"edited": ids}


def _shift(org: "QontakOrg", kind: str, action: Action) -> Row:
    ids = _from_the_end(org, kind, int(action.get("count", 1)))
    _touch(org, kind, ids, action.get("values"), tie=bool(action.get("tie")))
    return {"shifted": ids}


def _create(org: "QontakOrg", kind: str, action: Action) -> Row:
    made = []
    for number in range(int(action.get("count", 1))):
        body = {**_fresh(kind, org.content.shelves[kind].version), **action.get("values", {})}
        user = users(org.seed)[(number + 2) % 10]
        row = writes.create(org.content, kind, body, user, _now_ms(org))
        org.record({"kind": kind, "row": row})
        made.append(row["id"])
    return {"created": made}


def _delete(org: "QontakOrg", kind: str, action: Action) -> Row:
    by_place = "id" in action or "place" in action
    count = int(action.get("count", 1))
    ids = _chosen(org, kind, action) if by_place else _from_the_end(org, kind, count)
    for record_id in ids:
        org.content.delete(kind, record_id)
        org.record({"kind": kind, "delete": record_id})
    return {"deleted": ids}


def _dump(org: "QontakOrg", kind: str, action: Action) -> Row:
    """Return live records with an id above ``after``, by id, and the id to go on from."""
    after, limit = int(action.get("after", 0)), int(action.get("limit", 1000))
    shelf = org.content.shelves[kind]
    changed = sorted(i for i, row in shelf.changed.items() if row is not None and i > after)
    start = max((after - shelf.timeline.base_id) // 3, 0)
    seeded = (shelf.timeline.id_of(slot) for slot in range(start, shelf.timeline.count))
    plain = islice((i for i in seeded if i > after and i not in shelf.changed), limit)
    ids = sorted({*plain, *changed[:limit]})[:limit]
    rows = {str(i): org.content.read(kind, i) for i in ids}
    return {kind: rows, "next_after": ids[-1] if len(ids) == limit else None}


def _chosen(org: "QontakOrg", kind: str, action: Action) -> list[int]:
    """Return the ids that an action names. Raises ValueError when there is none."""
    content = org.content
    if "id" in action:
        wanted = action["id"] if isinstance(action["id"], list) else [action["id"]]
        ids = [int(one) for one in wanted]
    else:
        start = int(action.get("place", 0))
        ids = list(islice(content.shelves[kind].ids(offset=start), int(action.get("count", 1))))
    missing = [one for one in ids if content.name(kind, one) is None]
    if missing or not ids:
        raise ValueError(f"no {kind} {missing or action.get('place', 0)}")
    return ids


def _from_the_end(org: "QontakOrg", kind: str, count: int) -> list[int]:
    shelf = org.content.shelves[kind]
    return list(shelf.ids(offset=max(len(shelf) - count, 0)))[::-1]


def _touch(org: "QontakOrg", kind: str, ids: list[int], values: Row | None, *, tie: bool) -> None:
    shelf = org.content.shelves[kind]
    stamp_ms = max(_now_ms(org), shelf.last_change_ms + 1)
    for number, record_id in enumerate(ids):
        row = org.content.read(kind, record_id)
        if row is None:
            continue
        new = values if values is not None else _change(kind, row, shelf.version)
        writes.apply(org.content, kind, row, new, users(org.seed)[0])
        row["updated_at"] = iso(stamp_ms if tie else stamp_ms + number)
        org.content.restore(kind, row)
        org.record({"kind": kind, "row": row})


def _change(kind: str, row: Row, number: int) -> Row:
    if kind == "contacts":
        return {"telephone": f"62813{number % 10**8:08d}"}
    if kind == "deals":
        return {"size": f"{(number + 1) * 1_250_000}.0"}
    return {"name": f"{row['name'].strip()} ({number})"}


def _fresh(kind: str, number: int) -> Row:
    if kind == "contacts":
        return {"first_name": "Baru", "last_name": f"Pelanggan {number}",
                "email": f"baru.{number}@example.co.id", "telephone": "0812-0000-1111"}  # fmt: skip
    if kind == "companies":
        return {"name": f"PT Pendatang Baru {number}", "city": "Bogor"}
    return {"name": f"Order baru {number}", "size": "7500000.0", "currency": "IDR"}


def _now_ms(org: "QontakOrg") -> int:
    return int(org.clock.now() * 1000)


_ACTIONS = {"edit": _edit, "create": _create, "delete": _delete, "shift": _shift, "dump": _dump}
