"""A few real records of each object, read once for previews and for the counts of the split."""

from __future__ import annotations

from mapping.services import SAMPLE_RECORDS
from qontakmig.connectors.base import SourceConnector, SourceRecord


def samples_read(
    source: SourceConnector, object_names: tuple[str, ...], *, most: int = SAMPLE_RECORDS
) -> dict[str, list[SourceRecord]]:
    """Return up to ``most`` records of each object, from its first pages, each once.

    Raises the connector's errors.
    """
    readable = set(source.objects())
    found: dict[str, list[SourceRecord]] = {}
    for name in object_names:
        records: dict[str, SourceRecord] = {}
        cursor: str | None = None
        while name in readable and len(records) < most:
            page = source.read_page(name, cursor)
            records.update((record.id, record) for record in page.records)
            cursor = page.next_cursor
            if cursor is None:
                break
        found[name] = list(records.values())[:most]
    return found
