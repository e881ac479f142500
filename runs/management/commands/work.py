"""``manage.py work RUN``: drive one run here until it rests, beside any other workers."""

from __future__ import annotations

import os
import signal
import sys
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from runs.engine import drive
from runs.models import Run

INTERRUPTED = 3


class Command(BaseCommand):
    help = "Drive one run until it is done, waits for a person, or is paused"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", type=int, help="number of the run")
        parser.add_argument("--watch-stdin", action="store_true", help="end when stdin ends")

    def handle(self, *args: Any, **options: Any) -> None:
        if not Run.objects.filter(pk=options["run"]).exists():
            raise CommandError(f"There is no run {options['run']}.", returncode=2)
        if options["watch_stdin"]:
            threading.Thread(target=_end_with_stdin, daemon=True).start()
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            self.stderr.write(f"run {options['run']}: {drive(options['run'])}")
        except KeyboardInterrupt:
            raise CommandError("Interrupted; others go on.", returncode=INTERRUPTED) from None


def _end_with_stdin() -> None:
    """Leave at once when whoever started us is gone: leases and intents make that harmless."""
    while os.read(sys.stdin.fileno(), 65536):
        pass
    os._exit(INTERRUPTED)
