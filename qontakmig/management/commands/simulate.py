"""Serve practice orgs until SIGTERM; the first line on standard output says where they are."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from qontakmig.simulators import serve

REFUSED = 2


class Command(BaseCommand):
    help = "Serve practice orgs: Qontak and Salesforce servers on this machine, with invented data."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        serve.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = serve.options_from(options)
        try:
            serve.run(chosen)
        except ValueError as error:
            raise CommandError(str(error), returncode=REFUSED) from error
