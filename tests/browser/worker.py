"""Somebody who does queued work: in this process, or the real queue in processes of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from ast import literal_eval
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection, connections
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import OrmQ, Schedule

ROOT = Path(__file__).resolve().parents[2]
PAUSE_SECONDS = 0.05
STOP_SECONDS = 10


class Worker(threading.Thread):
    """Takes one task after the other from the queue's own tables and calls what it names."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.over = threading.Event()
        self.fault: Exception | None = None

    def run(self) -> None:
        try:
            while not self.over.is_set():
                if not self._work():
                    self.over.wait(PAUSE_SECONDS)
        except Exception as exc:
            self.fault = exc
        finally:
            connections.close_all()

    def _work(self) -> bool:
        due = Schedule.objects.filter(next_run__lte=timezone.now()).first()
        if due is not None:
            due.delete()
            import_string(due.func)(*literal_eval(due.args))
            return True
        queued = OrmQ.objects.order_by("pk").first()
        if queued is None:
            return False
        task = queued.task
        queued.delete()
        import_string(task["func"])(*task["args"])
        return True

    def __enter__(self) -> Worker:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.join(STOP_SECONDS)
        if self.fault is not None:
            raise self.fault


@contextmanager
def cluster():
    """The real queue on the test's database; all its processes end with the block."""
    environment = os.environ | {
        "DATABASE_URL": _database_url(),
        "QONTAKMIG_VAR_DIR": str(settings.VAR_DIR),
        "QONTAKMIG_PRACTICE": "true",
    }
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "qcluster"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _database_url() -> str:
    facts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{quote(str(facts['NAME']))}"
    user = ":".join(quote(facts[name], safe="") for name in ("USER", "PASSWORD"))
    return f"postgresql://{user}@{facts['HOST']}:{facts['PORT'] or 5432}/{quote(facts['NAME'])}"
