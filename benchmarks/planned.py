"""The records that a rehearsal staged, planned once more by the mapping core."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CHUNK = 5000


def use_database_of(folder: Path) -> None:
    """Point Django at a rehearsal's database."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "qontakmig.settings"
    os.environ["QONTAKMIG_VAR_DIR"] = str(folder)
    os.environ["DATABASE_URL"] = f"sqlite:///{folder / 'rehearsal.sqlite3'}"
    import django

    django.setup()


def map_spec() -> Any:
    from mapping.core.spec import MapSpec
    from runs.models import Run

    return MapSpec.from_document(Run.objects.get().map_version.document)


def staged(phase: Any) -> Iterator[list[Any]]:
    """Yield the source records of a phase in chunks, as the engine reads them."""
    from runs.engine.staging import record_read
    from runs.models import Record

    rows = Record.objects.filter(step__name=phase.name, step__kind="load").order_by("pk")
    last = 0
    while True:
        chunk = list(
            rows.filter(pk__gt=last).values_list("pk", "source_object", "source_id", "payload")[
                :CHUNK
            ]
        )
        if not chunk:
            return
        last = chunk[-1][0]
        yield [record_read(*row[1:]) for row in chunk]


def lookups() -> Any:
    from mapping.core.planning import Lookups
    from runs.models import IdMap

    ids = {
        (source_object, source_id): target_id
        for source_object, source_id, target_id in IdMap.objects.values_list(
            "source_object", "source_id", "target_id"
        ).iterator()
    }
    owner = next((target for (name, _), target in ids.items() if name == "users"), None)
    return Lookups(ids=ids, default_owner=owner, final=True)
