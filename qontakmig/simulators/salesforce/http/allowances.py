"""``/limits`` and ``/limits/recordCount``."""

from __future__ import annotations

from collections.abc import Sequence

from qontakmig.simulators.salesforce.http.calls import Call, Reply
from qontakmig.simulators.salesforce.org.errors import no_such_object


def answer(call: Call, parts: Sequence[str]) -> Reply:
    """Answer the allowances, or the cached row counts of objects."""
    if not parts:
        return Reply(200, call.org.engine.limits(call.session.user_id))
    if parts[0].lower() != "recordcount":
        raise no_such_object()
    counts = call.org.engine.counts()
    wanted = call.request.param("sObjects") or call.request.param("sobjects")
    names = {name.strip().lower() for name in wanted.split(",")} if wanted else None
    found = [
        {"count": counts.get(sobject.name, 0), "name": sobject.name}
        for lower, sobject in sorted(call.org.engine.schema.objects.items())
        if (lower in names if names is not None else counts.get(sobject.name))
    ]
    return Reply(200, {"sObjects": found})
