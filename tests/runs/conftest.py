"""A project with a confirmed map between a fake source and a fake destination."""

from __future__ import annotations

import pytest
from django.utils import timezone

from mapping.core.document import content_hash
from mapping.models import MapVersion
from projects.models import Discovery
from runs.engine import drive, ports
from runs.models import SchemaDeployment
from runs.services import run_create, run_start
from tests.runs.fake_map import document
from tests.runs.fake_orgs import FakeSource, FakeTarget


@pytest.fixture(autouse=True)
def _quick(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.RUNS_BACKOFF_SECONDS = 0.02
    settings.RUNS_BACKOFF_MAX_SECONDS = 0.2
    settings.RUNS_POLL_SECONDS = 0.01


@pytest.fixture
def bells(monkeypatch):
    rung = []
    monkeypatch.setattr("runs.bell.async_task", lambda name, pk: rung.append((name, pk)))
    return rung


@pytest.fixture
def target(tmp_path, monkeypatch):
    target = FakeTarget(tmp_path / "target.sqlite3")
    monkeypatch.setattr(ports, "open_target", lambda run, on_call: target)
    monkeypatch.setattr("projects.connections.target", lambda project, environment: target)
    return target


@pytest.fixture
def source(monkeypatch):
    source = FakeSource()
    monkeypatch.setattr(ports, "open_source", lambda run, on_call: source)
    return source


def map_confirmed(project, actor, text=None):
    text = text or document()
    return MapVersion.objects.create(
        project=project,
        discovery=Discovery.objects.create(
            project=project, state="done", started_by=actor, finished_at=timezone.now()
        ),
        number=project.map_versions.count() + 1,
        state="confirmed",
        blueprint="salesforce",
        document=text,
        content_hash=content_hash(text),
        created_by=actor,
        confirmed_by=actor,
        confirmed_role="consultant",
        confirmed_at=timezone.now(),
    )


def schema_given(project, version, actor, environment="sandbox"):
    return SchemaDeployment.objects.create(
        project=project,
        environment=environment,
        map_version=version,
        map_hash=version.content_hash,
        state="done",
        started_by=actor,
    )


@pytest.fixture
def version(project, consultant):
    version = map_confirmed(project, consultant)
    schema_given(project, version, consultant)
    return version


@pytest.fixture
def new_run(project, version, consultant, source, target, bells):
    def make(start=True):
        run = run_create(
            project=project, environment="sandbox", map_version=version, actor=consultant
        )
        if start:
            run_start(run=run, actor=consultant)
        return run

    return make


@pytest.fixture
def done_run(new_run):
    """Make a run and drive it to its end."""

    def make():
        run = new_run()
        drive(run.pk, 60)
        run.refresh_from_db()
        return run

    return make
