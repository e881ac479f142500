"""Named places at which tests let a worker die; in production they do nothing.

``QONTAKMIG_CRASH_AT=load.answered`` kills the process there with SIGKILL, ``load.answered:3`` at
the third passing. ``QONTAKMIG_CRASH_BY=SIGSTOP`` freezes it instead.
"""

from __future__ import annotations

import os
import signal

CRASHPOINTS = (
    "run.claimed",
    "step.opened",
    "step.closed",
    "extract.read",
    "extract.recorded",
    "match.read",
    "load.chosen",
    "load.intent",
    "load.answered",
    "load.in_record",
    "load.recorded",
    "job.created",
    "job.stored",
    "job.uploaded",
    "job.sent",
    "job.answered",
    "verify.read",
    "verify.recorded",
    "undo.intent",
    "undo.answered",
    "undo.recorded",
)

_name, _, _passing = os.environ.get("QONTAKMIG_CRASH_AT", "").partition(":")
_left = int(_passing or 1)
_signal = signal.Signals[os.environ.get("QONTAKMIG_CRASH_BY", "SIGKILL")]


def crashpoint(name: str) -> None:
    """Die here when a test asked for it."""
    global _left
    if name != _name:
        return
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), _signal)
