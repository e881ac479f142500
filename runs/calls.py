"""The call log of a run: requests to other systems, without bodies or values."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from runs.models import CallLog, Run

if TYPE_CHECKING:
    from qontakmig.connectors.http import Call


class CallBuffer:
    """Collects calls (a connector's ``on_call``) and writes them together.

    Written apart from the work's own commits: an entry tells what was asked, whether or not the
    answer could be recorded.
    """

    def __init__(self, run: Run) -> None:
        self._run_id = run.pk
        self._entries: list[CallLog] = []
        self._lock = threading.Lock()

    def __call__(self, call: Call | Any) -> None:
        entry = CallLog(
            run_id=self._run_id,
            system=call.system[:40],
            method=call.method[:8],
            host=call.host[:255],
            path=call.path[:255],
            status=call.status,
            seconds=call.seconds,
            sent_bytes=call.sent_bytes,
            received_bytes=call.received_bytes,
            quota=dict(call.quota),
            error=call.error[:60],
            at=timezone.now(),
        )
        with self._lock:
            self._entries.append(entry)

    def flush(self, at_least: int = 1) -> None:
        """Write what was collected, when there are ``at_least`` entries."""
        with self._lock:
            if len(self._entries) < at_least:
                return
            entries, self._entries = self._entries, []
        CallLog.objects.bulk_create(entries, batch_size=500)
