"""A real worker process between fake orgs that live in files. Used by the kill tests.

python -m tests.runs.worker DIRECTORY prepare | drive | finish | rollback | finish_rollback
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

HERE = Path(sys.argv[1])
os.environ["DJANGO_SETTINGS_MODULE"] = "qontakmig.settings"
os.environ["QONTAKMIG_VAR_DIR"] = str(HERE)
os.environ.pop("DATABASE_URL", None)

import django  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402

from projects.models import Project  # noqa: E402
from runs.engine import drive, ports  # noqa: E402
from runs.models import Run  # noqa: E402
from runs.reconciliation import rollback_result  # noqa: E402
from runs.services import (  # noqa: E402
    rollback_preview,
    rollback_start,
    run_create,
    run_start,
)
from tests.runs.checker import check  # noqa: E402
from tests.runs.conftest import map_confirmed, schema_given  # noqa: E402
from tests.runs.fake_orgs import FakeSource, FakeTarget  # noqa: E402

settings.RUNS_BACKOFF_SECONDS = 0.02
settings.RUNS_POLL_SECONDS = 0.01
settings.RUNS_EXTRACT_ROWS = 20
settings.RUNS_VERIFY_BY_PAGES = 25
target = FakeTarget(HERE / "target.sqlite3", int(os.environ.get("THRESHOLD", "10000")))
source = FakeSource()
ports.open_target = lambda run, on_call: target
ports.open_source = lambda run, on_call: source


def prepare() -> None:
    from projects import connections

    connections.target = lambda project, environment: target
    call_command("migrate", verbosity=0)
    actor = get_user_model().objects.create_user("rani")
    project = Project.objects.create(name="P", destination="salesforce", created_by=actor)
    version = map_confirmed(project, actor)
    schema_given(project, version, actor)
    target.add("Account", None, Name="Theirs")
    target.add("Account", "1", Name="Before", OwnerId="005B")
    target.add("Opportunity", "2", Name="deals 2", Amount="5")
    run = run_create(project=project, environment="sandbox", map_version=version, actor=actor)
    run_start(run=run, actor=actor)


def main(action: str) -> None:
    if action == "prepare":
        prepare()
    elif action == "drive":
        drive(Run.objects.first().pk, 60)
    elif action == "finish":
        drive(Run.objects.first().pk, 60)
        main("check")
    elif action == "check":
        run = Run.objects.get()
        phases = check(run, target, source)
        assert phases["accounts"].updated == 1, phases["accounts"]
        assert phases["accounts"].created == 18, phases["accounts"]
        assert phases["opportunities"].updated == 1
        assert len(target.dump()["Account"]) == 20
    elif action == "rollback":
        run = Run.objects.get()
        drive(run.pk, 60)
        run.refresh_from_db()
        rollback_start(run=run, actor=run.created_by, preview=rollback_preview(run))
    elif action == "finish_rollback":
        drive(Run.objects.first().pk, 60)
        run = Run.objects.first()
        assert run.state == "done", (run.state, run.problem)
        assert rollback_result(run)["restored"], rollback_result(run)
        assert sorted(target.dump()) == ["Account", "Opportunity"]
        assert {v["Name"] for _, v in target.dump()["Account"].values()} == {"Theirs", "Before"}
        assert [v for _, v in target.dump()["Opportunity"].values()] == [
            {"Name": "deals 2", "Amount": "5"}
        ]


if __name__ == "__main__":
    main(sys.argv[2])
