"""Opening the first draft from a browser, between practice orgs."""

from __future__ import annotations

import pytest

from mapping.models import MapVersion
from projects.connections import connection_save, connection_test
from projects.discovery import discovery_drive, discovery_start
from projects.practice import connection_settings
from qontakmig.simulators.serve import start
from tests.web.mapping_pages import body

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SIZES = {"companies": 6, "contacts": 12, "deals": 6}


@pytest.fixture(scope="module")
def orgs():
    with start(["qontak", "salesforce"], seed=3, sizes=SIZES) as running:
        yield running.info


def connect(project, orgs, actor, side, system, **changed):
    config, credentials = connection_settings(system, orgs[system])
    connection = connection_save(
        project=project,
        side=side,
        system=system,
        config=config | changed,
        credentials=credentials,
        actor=actor,
    )
    return connection_test(connection=connection, actor=actor)


@pytest.fixture
def audited(project, orgs, consultant):
    """A project whose accounts are connected and whose audit is done."""
    connect(project, orgs, consultant, "source", "qontak")
    connect(project, orgs, consultant, "sandbox", "salesforce")
    assert discovery_drive(discovery_start(project=project, actor=consultant)).state == "done"
    return project


def test_one_press_proposes_a_line_for_every_field_and_a_second_changes_nothing(audited, rani):
    address = f"/projects/{audited.pk}/map/"
    page = body(rani.get(address))
    assert "Propose a map" in page
    assert "/map/propose/" in page
    for _press in range(2):
        answer = rani.post(f"{address}propose/", follow=True)
        assert answer.status_code == 200
    version = MapVersion.objects.get()
    fields = {found.name: found.fields.count() for found in version.discovery.objects_found.all()}
    for draft in version.objects_drafted.all():
        assert draft.lines.count() == fields[draft.source_object]
    assert answer.request["PATH_INFO"].startswith(f"{address}accounts")
    assert "A draft of the map is open already." in body(answer)


def test_credentials_that_cannot_be_read_leave_no_draft_and_a_sentence(audited, rani):
    audited.connections.filter(side="sandbox").update(sealed="not what was stored")
    answer = rani.post(f"/projects/{audited.pk}/map/propose/", follow=True)
    assert answer.status_code == 200
    assert "notice--error" in body(answer)
    assert not MapVersion.objects.exists()


def test_an_org_that_is_gone_leaves_no_draft_and_a_sentence(project, consultant, rani):
    with start(["qontak", "salesforce"], seed=4, sizes=SIZES) as running:
        connect(project, running.info, consultant, "source", "qontak")
        connect(project, running.info, consultant, "sandbox", "salesforce")
        discovery_drive(discovery_start(project=project, actor=consultant))
    answer = rani.post(f"/projects/{project.pk}/map/propose/", follow=True)
    assert answer.status_code == 200
    assert "notice--error" in body(answer)
    assert not MapVersion.objects.exists()
