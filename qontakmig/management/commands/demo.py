"""``manage.py demo``: practice orgs, a rehearsal that just ran, and the pages to look at it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import webbrowser
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.db import connection

from qontakmig import demo
from qontakmig.simulators.serve import start

PASSWORD = "practice-makes-perfect"  # noqa: S105  for accounts that hold invented people only
PEOPLE = (
    ("rani", "Rani", "Wulandari", "consultant"),
    ("ayu", "Ayu", "Paramitha", "admin"),
    ("bagus", "Bagus", "Hartanto", "revops"),
)
SIZES = {"companies": 320, "contacts": 1200, "deals": 480}
SEED = 7
STOP_SECONDS = 10


class Command(BaseCommand):
    help = "Show the whole thing on this machine; Ctrl-C ends it and leaves nothing running"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--port", type=int, default=0, help="of the pages (8000, or a free one)"
        )
        parser.add_argument("--no-browser", action="store_true", help="do not open a browser")

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, _interrupt)
        call_command("migrate", verbosity=0)
        people = [_person(*facts) for facts in PEOPLE]
        orgs_folder = settings.VAR_DIR / "orgs"
        self.stderr.write("Starting practice orgs and rehearsing a migration between them …")
        with start(("qontak", "salesforce"), seed=SEED, sizes=SIZES, state=orgs_folder) as orgs:
            self._waiting_project(orgs.info, people)
            project = self._rehearse(orgs.info, people)
            connection.close()
            self._serve(project, options)

    def _rehearse(self, orgs: dict[str, Any], people: list[Any]) -> Any:
        from runs.rehearsal import Plan, Refused, Rehearsal

        plan = Plan(
            destination="salesforce",
            sizes=SIZES,
            seed=SEED,
            folder=settings.VAR_DIR,
            project="PT Arunika Medika Sejahtera",
            username=people[0].username,
        )
        try:
            Rehearsal(plan, orgs, self._say).run()
        except Refused as exc:
            raise CommandError(str(exc), returncode=2) from exc
        project = people[0].project_memberships.get(project__name=plan.project).project
        _join(project, people[1:])
        return project

    def _waiting_project(self, orgs: dict[str, Any], people: list[Any]) -> None:
        """A project that waits for a person to review and confirm its map.

        Made first: once the other's fields are in the organisation, little is left to decide.
        """
        from runs.rehearsal import Plan, Rehearsal

        plan = Plan("salesforce", SIZES, SEED, settings.VAR_DIR, project="CV Sinar Abadi",
                    username=people[1].username)  # fmt: skip
        rehearsal = Rehearsal(plan, orgs, self._say)
        project = rehearsal.project()
        rehearsal.draft(project)
        _join(project, [people[0], people[2]])

    def _say(self, line: str) -> None:
        self.stderr.write(f"  {line}")

    def _serve(self, project: Any, options: dict[str, Any]) -> None:
        port = options["port"] or _free_port(8000)
        base = f"http://127.0.0.1:{port}"
        link = base + demo.link_path(PEOPLE[0][0], f"/projects/{project.pk}/")
        group = Processes()
        try:
            group.start("qcluster")
            group.start("watch")
            group.serve(port)
            _wait_for(port)
            self._tell(base, link)
            if not options["no_browser"]:
                webbrowser.open(link)
            group.wait()
        except KeyboardInterrupt:
            self.stderr.write("Stopping.")
        finally:
            group.stop()

    def _tell(self, base: str, link: str) -> None:
        write = self.stdout.write
        write(f"\nThe pages are at {base}/")
        write(f"Signed in at once, for ten minutes: {link}")
        write("People to sign in as, all with the password " + PASSWORD + ":")
        for username, first, last, role in PEOPLE:
            write(f"  {username:<8}{first} {last}, {role}")
        write("Ctrl-C ends it.")
        self.stdout.flush()


class Processes:
    """The web server, the queue and its watch, each in a process group of its own."""

    def __init__(self) -> None:
        self.children: list[subprocess.Popen[bytes]] = []
        self.environment = os.environ | {"QONTAKMIG_DEMO": "true"}

    def start(self, command: str) -> None:
        self._popen(sys.executable, str(settings.BASE_DIR / "manage.py"), command)

    def serve(self, port: int) -> None:
        gunicorn = str(Path(sys.executable).parent / "gunicorn")
        self._popen(
            gunicorn, "qontakmig.wsgi", "--bind", f"127.0.0.1:{port}",
            "--workers", "2", "--threads", "4", "--log-level", "warning",
        )  # fmt: skip

    def _popen(self, *command: str) -> None:
        self.children.append(
            subprocess.Popen(  # noqa: S603  our own programs, arguments as a list
                command,
                cwd=settings.BASE_DIR,
                env=self.environment,
                start_new_session=True,
                stdin=subprocess.DEVNULL,
            )
        )

    def wait(self) -> None:
        """Stay until one of them ends, which is not meant to happen."""
        while all(child.poll() is None for child in self.children):
            time.sleep(0.5)

    def stop(self) -> None:
        """End all groups, first politely. A killed queue leaves workers: the group goes as one."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            for child in self.children:
                try:
                    os.killpg(child.pid, number)
                except ProcessLookupError:
                    continue
            deadline = time.monotonic() + STOP_SECONDS
            while any(child.poll() is None for child in self.children):
                if time.monotonic() > deadline:
                    break
                time.sleep(0.1)


def _person(username: str, first: str, last: str, role: str) -> Any:
    user, _ = get_user_model().objects.get_or_create(
        username=username, defaults={"first_name": first, "last_name": last}
    )
    user.set_password(PASSWORD)
    user.save()
    return user


def _join(project: Any, people: list[Any]) -> None:
    from projects.models import Membership

    roles = {username: role for username, _, _, role in PEOPLE}
    for user in people:
        Membership.objects.get_or_create(
            project=project, user=user, defaults={"role": roles[user.username]}
        )


def _free_port(wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise CommandError("No free port on 127.0.0.1.")


def _wait_for(port: int, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError as exc:
            if time.monotonic() > deadline:
                raise CommandError("The web server did not start; see its words above.") from exc
            time.sleep(0.1)


def _interrupt(number: int, frame: Any) -> None:
    raise KeyboardInterrupt
