"""manage.py propose: a field map for cases in files, without a database."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from mapping.proposer.case import BadCase, read_case
from mapping.proposer.proposals import FieldProposal, propose

REFUSED = 2


class Command(BaseCommand):
    help = "Proposes a field map for each case file and prints it as JSON."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--case",
            action="append",
            required=True,
            type=Path,
            metavar="FILE",
            help="a case file, or a folder of them; may be given several times",
        )

    def handle(self, *, case: list[Path], **options: Any) -> None:
        try:
            answers = {}
            for path in _files(case):
                case_id, question = read_case(path)
                answers[case_id] = _as_json(propose(question))
        except BadCase as error:
            self.stderr.write(str(error))
            sys.exit(REFUSED)
        self.stdout.write(json.dumps(answers, ensure_ascii=False))


def _files(paths: list[Path]) -> list[Path]:
    """Return case files, folders replaced by the JSON files in them; raise BadCase for none."""
    files: list[Path] = []
    for path in paths:
        inside = sorted(path.glob("*.json")) if path.is_dir() else [path]
        if not inside:
            raise BadCase(f"{path} holds no case file (*.json).")
        files.extend(inside)
    return files


def _as_json(proposals: dict[str, FieldProposal]) -> dict[str, Any]:
    answer: dict[str, Any] = {
        name: [[candidate.dest, candidate.confidence] for candidate in proposal.candidates]
        for name, proposal in proposals.items()
    }
    answer["__values__"] = {
        name: proposal.values for name, proposal in proposals.items() if proposal.values
    }
    return answer
