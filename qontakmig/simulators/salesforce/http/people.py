"""The customer's people who already have a Salesforce user: most of those in Qontak, not all."""

from __future__ import annotations

import random
from typing import Any

from qontakmig.simulators.qontak.people import users

KNOWN_SHARE = 0.85


def colleagues(seed: int) -> list[dict[str, Any]]:
    """Return users to seed an org with; one of those still working in Qontak is inactive here."""
    people = list(users(seed))
    chance = random.Random(f"salesforce colleagues {seed}")
    known = sorted(chance.sample(range(len(people)), round(len(people) * KNOWN_SHARE)))
    rows = [
        {"name": people[index].name, "email": people[index].email, "active": people[index].active}
        for index in known
    ]
    working = [row for row in rows if row["active"]]
    if working:
        chance.choice(working)["active"] = False
    return rows
