"""Where the engine gets its connectors and its map from; tests put their own here."""

from __future__ import annotations

from typing import Any

from mapping.core.document import content_hash
from mapping.core.spec import MapSpec
from projects import connections
from qontakmig.connectors.base import SourceConnector, TargetConnector
from qontakmig.connectors.errors import StopError
from runs.models import Run


def open_source(run: Run, on_call: Any) -> SourceConnector:
    return connections.source(run.project, on_call=on_call)


def open_target(run: Run, on_call: Any) -> TargetConnector:
    return connections.target(run.project, run.environment, on_call=on_call)


def spec_of(run: Run) -> MapSpec:
    """Return the run's map; raises StopError when the stored text is not the confirmed one."""
    document = run.map_version.document
    if content_hash(document) != run.map_hash:
        raise StopError(
            "The stored map is not the one that was confirmed.",
            code="map_changed",
            advice="Nothing was written. Confirm the map again and start a new run.",
        )
    return MapSpec.from_document(document)
