"""``manage.py work RUN``: drive one run here until it rests, beside any other workers."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from runs.engine import drive
from runs.models import Run


class Command(BaseCommand):
    help = "Drive one run until it is done, waits for a person, or is paused"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", type=int, help="number of the run")

    def handle(self, *args: Any, **options: Any) -> None:
        if not Run.objects.filter(pk=options["run"]).exists():
            raise CommandError(f"There is no run {options['run']}.", returncode=2)
        self.stderr.write(f"run {options['run']}: {drive(options['run'])}")
