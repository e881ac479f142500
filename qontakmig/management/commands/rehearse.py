"""``manage.py rehearse``: a whole migration between practice orgs, in a database of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.db import connection

DATABASE = "rehearsal.sqlite3"
FOLDER_VARIABLE = "QONTAKMIG_REHEARSAL"
STOPPING = (signal.SIGINT, signal.SIGTERM)
OBJECTS = ("companies", "contacts", "deals")
SHARES = {"companies": 0.16, "deals": 0.24}
"""How ``--records N`` is divided; contacts get the rest, so the sum is exactly N."""


class Command(BaseCommand):
    help = "Rehearse a migration between practice orgs; the last line is JSON"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--destination", required=True, help="salesforce, freshsales …")
        parser.add_argument("--records", type=int, metavar="N", help="in all (1000)")
        for name in OBJECTS:
            parser.add_argument(f"--{name}", type=int, metavar="N")
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--workers", type=int, default=1, metavar="N")
        parser.add_argument("--org", action="append", default=[], metavar="SYSTEM.SWITCH=VALUE")
        parser.add_argument("--again", action="store_true", help="run the same map a second time")
        parser.add_argument("--rollback", action="store_true", help="undo the run at the end")
        parser.add_argument(
            "--keep", type=Path, metavar="DIR", help="continue from DIR, stay in it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if FOLDER_VARIABLE not in os.environ:
            _plan(Path(), options)
            _restart_in_own_database(options["keep"])
        folder = Path(os.environ[FOLDER_VARIABLE])
        try:
            for number in STOPPING:
                signal.signal(number, _interrupt)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
            status, result = self._rehearse(folder, options)
        except KeyboardInterrupt as exc:
            raise CommandError(_interrupted(exc, options["keep"]), returncode=3) from None
        finally:
            if options["keep"] is None:
                shutil.rmtree(folder, ignore_errors=True)
        self.stdout.write(json.dumps(result))
        sys.exit(status)

    def _rehearse(self, folder: Path, options: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        from runs.rehearsal import Refused, rehearse

        plan = _plan(folder, options)
        _migrate(folder)
        try:
            return rehearse(plan, say=self.stderr.write)
        except Refused as exc:
            raise CommandError(str(exc), returncode=2) from exc


def _migrate(folder: Path) -> None:
    """Make the database, or bring it up to date.

    Django notes a migration a moment after it is done. A database that was killed in its making
    holds nothing yet and is made anew; SQLite's ``user_version`` says that it was finished.
    """
    path = folder / DATABASE
    with connection.cursor() as cursor:
        finished = cursor.execute("PRAGMA user_version").fetchone()[0]
    if not finished:
        connection.close()
        for half in folder.glob(f"{path.name}*"):
            half.unlink()
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA user_version = 1")


def _plan(folder: Path, options: dict[str, Any]) -> Any:
    """Return the plan that the options make. Raises CommandError for what no plan can hold."""
    from runs.rehearsal import Plan, Refused

    if options["workers"] < 1:
        raise CommandError("A rehearsal needs at least 1 worker.", returncode=2)
    try:
        return Plan(
            destination=options["destination"],
            sizes=_sizes(options),
            seed=options["seed"],
            workers=options["workers"],
            switches=options["org"],
            again=options["again"],
            rollback=options["rollback"],
            folder=folder,
        )
    except Refused as exc:
        raise CommandError(str(exc), returncode=2) from exc


def _interrupt(number: int, frame: Any) -> NoReturn:
    """Stop once: what is asked again while we clean up changes nothing."""
    for each in STOPPING:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


def _interrupted(exc: KeyboardInterrupt, keep: Path | None) -> str:
    what = "The practice orgs ended" if type(exc) is not KeyboardInterrupt else "Interrupted"
    if keep is None:
        return f"{what}. Nothing was kept; --keep DIR makes a rehearsal that can be continued."
    return f"{what}. What arrived is kept in {keep}; the same command goes on from there."


def _restart_in_own_database(keep: Path | None) -> NoReturn:
    """Start this command anew with a database and files of its own, in the same process id."""
    if keep is not None:
        try:
            keep.mkdir(parents=True, exist_ok=True)
            keep.joinpath("progress.lock").touch()
        except OSError as exc:
            text = f"--keep {keep} cannot be used: {exc.strerror}."
            raise CommandError(text, returncode=2) from exc
        folder = keep.resolve()
    else:
        folder = Path(tempfile.mkdtemp(prefix="rehearsal-"))
    environment = os.environ | {
        FOLDER_VARIABLE: str(folder),
        "QONTAKMIG_VAR_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / DATABASE}",
        "QONTAKMIG_PRACTICE": "true",
    }
    sys.stdout.flush()
    # Held back until the handlers stand: a signal in between would end us without a word.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    manage = str(settings.BASE_DIR / "manage.py")
    os.execve(sys.executable, [sys.executable, manage, *sys.argv[1:]], environment)  # noqa: S606


def _sizes(options: dict[str, Any]) -> dict[str, int]:
    """Return records for each object: as named, or ``--records`` divided."""
    named = {name: options[name] for name in OBJECTS if options[name] is not None}
    if any(number < 0 for number in named.values()) or (options["records"] or 0) < 0:
        raise CommandError("A number of records cannot be negative.", returncode=2)
    if named and options["records"] is None:
        return {name: named.get(name, 0) for name in OBJECTS}
    total = 1000 if options["records"] is None else options["records"]
    sizes = {name: int(total * share) for name, share in SHARES.items()}
    sizes["contacts"] = total - sum(sizes.values())
    return sizes | named
