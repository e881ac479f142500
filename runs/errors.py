"""What services refuse, in sentences for people."""

from __future__ import annotations


class RunRefused(Exception):
    """The step is not possible now; the message says why and what to do first."""
