"""Projects, connections and discovery as pages."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from projects.connections import connection_save
from projects.models import Connection, DiscoveredObject, Discovery, Membership, Project
from qontakmig.connectors.base import Identity, Permission
from qontakmig.connectors.errors import StopError

HTMX = {"HX-Request": "true"}
SECRET = "the-secret-of-the-customer"


@pytest.fixture(autouse=True)
def _keys(settings, tmp_path):
    settings.VAR_DIR = tmp_path


def url(name, project, *more):
    return reverse(f"projects:{name}", args=[project.pk, *more])


class Answering:
    """A connector that says who we are, or fails."""

    def __init__(self, trouble=None):
        self.trouble = trouble

    def identify(self):
        if self.trouble:
            raise self.trouble
        return Identity(
            organization_id="00D1",
            organization_name="PT Arunika <Uji>",
            user_id="005",
            user_name="Integrasi",
            host="arunika.example",
            sandbox=True,
            permissions=(Permission("Bulk API", False, "Setup → Permission Sets"),),
        )

    def close(self):
        pass


@pytest.fixture
def answers(monkeypatch):
    def give(trouble=None):
        monkeypatch.setattr(
            "projects.connections.open_connection", lambda *a, **k: Answering(trouble)
        )

    return give


@pytest.fixture
def sandbox(project, consultant):
    return connection_save(
        project=project,
        side="sandbox",
        system="salesforce",
        config={"base_url": "https://arunika.example", "client_id": "key-1"},
        credentials={"client_secret": SECRET},
        actor=consultant,
    )


@pytest.fixture
def discovery(project, consultant):
    found = Discovery.objects.create(
        project=project, state="done", started_by=consultant, finished_at=timezone.now()
    )
    contacts = DiscoveredObject.objects.create(
        discovery=found, name="contacts", label="Kontak", position=1, records_read=46_380
    )
    contacts.fields.create(
        name="tgl", label="<b>Tgl</b>", position=1, type="date", native_type="Date", filled=3
    )
    return found


PAGES = ("connect", "discover", "discover-fields", "discover-pipelines")


# ---------------------------------------------------------------- who may look


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
@pytest.mark.parametrize("name", PAGES)
def test_a_member_reads_every_page(rani, project, discovery, sandbox, name, headers):
    assert rani.get(url(name, project), headers=headers).status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_finds_none_of_them(reader, project, name):
    assert reader(None).get(url(name, project)).status_code == 404


@pytest.mark.parametrize("role", ["revops", "viewer"])
def test_other_roles_change_no_connection_and_start_no_audit(reader, project, sandbox, role):
    client = reader(role)

    assert client.get(url("connection", project, "sandbox")).status_code == 403
    assert client.post(url("connection-test", project, "sandbox")).status_code == 403
    assert client.post(url("discover-start", project)).status_code == 403
    assert "Test connection" not in client.get(url("connect", project)).text


def test_the_list_shows_only_ones_own_projects(reader, rani, project):
    assert project.name in rani.get(reverse("projects:list")).text
    assert project.name not in reader(None).get(reverse("projects:list")).text


# ---------------------------------------------------------------- making one


def test_a_new_project_leads_to_its_connections(rani, consultant):
    answer = rani.post(
        reverse("projects:new"), {"name": "CV Sinar Abadi", "destination": "salesforce"}
    )

    made = Project.objects.get(name="CV Sinar Abadi")
    assert answer.url == url("connect", made)
    assert made.memberships.get().user == consultant
    assert made.memberships.get().role == Membership.Role.CONSULTANT


@pytest.mark.parametrize(
    "given",
    [{"name": "", "destination": "salesforce"}, {"name": "x", "destination": "siebel"}],
)
def test_a_form_that_is_not_whole_comes_back_with_the_reason(rani, given):
    answer = rani.post(reverse("projects:new"), given)

    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not Project.objects.filter(name=given["name"]).exists()


# ---------------------------------------------------------------- connections


def test_saving_tests_at_once_and_shows_who_we_are(rani, project, answers):
    answers()
    answer = rani.post(
        url("connection", project, "sandbox"),
        {"base_url": "https://arunika.example", "client_id": "k", "client_secret": SECRET},
    )

    assert answer.url == url("connect", project)
    page = rani.get(answer.url).text
    assert "PT Arunika &lt;Uji&gt;" in page
    assert "Setup → Permission Sets" in page  # the missing permission, and where to grant it


def test_a_secret_is_never_shown_again(rani, project, sandbox):
    page = rani.get(url("connection", project, "sandbox")).text

    assert "key-1" in page
    assert SECRET not in page
    assert page.count("stored; leave empty to keep it") == 1  # only what is stored says so


def test_a_failed_test_says_what_happened_and_what_to_do(rani, project, sandbox, answers):
    answers(StopError("This is a production organisation.", advice="Enter the sandbox's address."))
    card = rani.post(url("connection-test", project, "sandbox"), headers=HTMX)

    assert 'id="connection-sandbox"' in card.text
    assert "This is a production organisation." in card.text
    assert "Enter the sandbox&#x27;s address." in card.text
    assert Connection.objects.get(pk=sandbox.pk).state == "failed"


def test_a_test_without_htmx_leads_back(rani, project, sandbox, answers):
    answers()
    answer = rani.post(url("connection-test", project, "sandbox"))

    assert answer.url == url("connect", project)


@pytest.mark.parametrize("side", ["source", "moon"])
def test_a_side_that_is_not_there_is_not_found(rani, project, sandbox, side):
    assert rani.post(url("connection-test", project, side)).status_code == 404


# ---------------------------------------------------------------- discovery


def test_an_audit_is_started_once(rani, project, monkeypatch):
    asked = []
    monkeypatch.setattr("projects.views.async_task", lambda *what: asked.append(what))
    connection_save(
        project=project,
        side="source",
        system="qontak",
        config={},
        credentials={},
        actor=project.created_by,
    )
    Connection.objects.update(state="working")
    for _ in range(2):
        rani.post(url("discover-start", project))

    assert Discovery.objects.count() == 1
    assert asked[0] == ("projects.tasks.advance_discovery", Discovery.objects.get().pk)


def test_an_audit_without_a_source_is_refused_in_a_sentence(rani, project):
    answer = rani.post(url("discover-start", project))

    assert next(str(message) for message in get_messages(answer.wsgi_request))
    assert not Discovery.objects.exists()


def test_an_audit_under_way_asks_again_and_then_reloads(rani, project, discovery):
    Discovery.objects.update(state="running")
    running = rani.get(url("discover-progress", project), headers=HTMX)
    assert 'hx-trigger="every 2s"' in running.text
    Discovery.objects.update(state="done")

    done = rani.get(url("discover-progress", project), headers=HTMX)
    assert "hx-trigger" not in done.text
    assert done["HX-Refresh"] == "true"


def test_a_stopped_audit_says_why_and_what_was_kept(rani, project, discovery):
    Discovery.objects.update(
        state="failed", problem="Qontak refused the key.", advice="Enter it again."
    )
    page = rani.get(url("discover", project)).text

    for text in ("Qontak refused the key.", "Enter it again.", "What was read so far is kept"):
        assert text in page


def test_counts_and_labels_are_shown_as_they_are(rani, project, discovery):
    assert "46,380" in rani.get(url("discover", project)).text
    page = rani.get(url("discover-fields", project)).text
    assert "&lt;b&gt;Tgl&lt;/b&gt;" in page


def test_there_is_nothing_to_list_before_the_first_audit(rani, project):
    for name in ("discover-fields", "discover-pipelines"):
        assert rani.get(url(name, project)).url == url("discover", project)
