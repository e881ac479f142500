"""Look after runs: give back what dead workers held and ring bells that were lost."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from runs.watching import watch_once


class Command(BaseCommand):
    help = "Every few seconds: end leases of dead workers and ring the bells of runs with work."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every", type=float, default=10.0, help="seconds between looks")
        parser.add_argument("--once", action="store_true", help="look once and exit")

    def handle(self, *args: Any, **options: Any) -> None:
        ended = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        while not ended.is_set():
            for line in watch_once():
                self.stdout.write(line)
            if options["once"]:
                return
            ended.wait(options["every"])
