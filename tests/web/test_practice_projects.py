"""Practice orgs are reached from projects made for them, and nothing is weakened for the others."""

from __future__ import annotations

import pytest
from django.urls import reverse

from projects.connections import connection_save, open_connection
from projects.models import Project
from qontakmig.connectors.errors import StopError

pytestmark = pytest.mark.django_db


def make(client, **more):
    sent = {"name": "CV Coba", "destination": "salesforce", **more}
    client.post(reverse("projects:new"), sent)
    return Project.objects.get(name="CV Coba")


def asks_for_certificate(client, project):
    page = client.get(reverse("projects:connection", args=[project.pk, "sandbox"]))
    return 'name="ca_file"' in page.content.decode()


def test_a_project_between_practice_orgs_is_made_by_form(rani):
    project = make(rani, practice="on")
    assert project.practice
    assert asks_for_certificate(rani, project)


def test_a_real_project_is_the_rule_and_is_asked_for_no_certificate(rani):
    project = make(rani)
    assert not project.practice
    assert not asks_for_certificate(rani, project)


def test_an_installation_for_customers_offers_no_practice(rani, settings):
    settings.PRACTICE_ALLOWED = False
    assert 'name="practice"' not in rani.get(reverse("projects:new")).content.decode()
    assert not make(rani, practice="on").practice


def test_a_certificate_sent_for_a_real_connection_is_not_stored(rani):
    project = make(rani)
    rani.post(
        reverse("projects:connection", args=[project.pk, "sandbox"]),
        {"system": "salesforce", "base_url": "https://127.0.0.1:9", "ca_file": "/etc/hosts"},
    )
    connection = project.connections.get()
    assert "ca_file" not in connection.config
    assert connection.state == "failed"


def test_a_stored_certificate_counts_for_nothing_once_practice_is_off(
    project, consultant, settings
):
    connection = connection_save(
        project=project,
        side="sandbox",
        system="salesforce",
        config={"base_url": "https://127.0.0.1:9", "ca_file": "/no/such/file"},
        credentials={"access_token": "x"},
        actor=consultant,
    )
    with pytest.raises(StopError, match="certificate file"):
        open_connection(connection).identify()
    settings.PRACTICE_ALLOWED = False
    with pytest.raises(StopError, match="https"):
        open_connection(connection).identify()
