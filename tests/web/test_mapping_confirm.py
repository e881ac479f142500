"""Confirming: what is read, what stands in the way, what is frozen."""

from __future__ import annotations

from html import unescape

import pytest

from mapping import services
from mapping.blockers import blockers
from mapping.core.document import content_hash
from mapping.models import MapVersion
from mapping.rehearsing import review_as_proposed
from projects.models import Membership
from tests.mapping.conftest import describes, discovery, draft
from tests.web.mapping_pages import HTMX, body, line_of, url

__all__ = ["describes", "discovery", "draft"]

pytestmark = pytest.mark.django_db
ROLES = Membership.Role


def page_url(version):
    return f"/projects/{version.project_id}/confirm/"


@pytest.fixture
def reviewed(draft, consultant):
    """A draft in which nothing is left to settle."""
    review_as_proposed(draft, consultant)
    assert blockers(draft) == []
    return draft


def statement(version):
    return {"agreed": "on", "seen": content_hash(services.version_document(version))}


def confirmed(version):
    version.refresh_from_db()
    return version.state == MapVersion.State.CONFIRMED


@pytest.mark.parametrize("role", ROLES.values)
def test_every_member_reads_the_summary(draft, reader, role):
    page = body(reader(role).get(page_url(draft)))
    assert "Company → Account" in page
    assert "Attachment and media" in page


def test_strangers_find_nothing(draft, reader):
    assert reader(None).get(page_url(draft)).status_code == 404


def test_blockers_are_counted_and_linked(draft, rani, consultant):
    services.lines_accept_all(version=draft, actor=consultant, min_confidence=0)
    line = line_of(draft, "email")
    services.line_change(
        line=line, actor=consultant, revision=1, action="field", target="LeadSource",
        conversion={"values": {}}, new_values={},
    )  # fmt: skip
    services.line_reopen(line=line_of(draft, "name", "opportunities"), actor=consultant, revision=1)
    found = blockers(draft)
    page = unescape(body(rani.get(page_url(draft))))
    assert f"{len(found)} things stand in the way" in page
    assert "1 field waits for a review" in page
    assert "/map/opportunities/?filter=unreviewed" in page
    assert f"?line={line.pk}&mode=auto#line-{line.pk}" in page
    assert 'name="agreed"' not in page


def test_a_blocked_map_is_not_confirmed_by_hand(draft, rani):
    answer = rani.post(page_url(draft), statement(draft))
    assert answer.status_code == 200
    assert "have to be settled" in body(answer)
    assert not confirmed(draft)


@pytest.mark.parametrize("role", [ROLES.REVOPS, ROLES.VIEWER])
def test_roles_that_do_not_confirm_are_refused(reviewed, reader, role):
    client = reader(role)
    assert 'name="agreed"' not in body(client.get(page_url(reviewed)))
    assert client.post(page_url(reviewed), statement(reviewed)).status_code == 403
    assert not confirmed(reviewed)


def test_the_admin_confirms_as_admin(reviewed, reader):
    admin = reader(ROLES.ADMIN)
    answer = admin.post(page_url(reviewed), statement(reviewed))
    assert answer.status_code == 302
    assert confirmed(reviewed)
    assert (reviewed.confirmed_by, reviewed.confirmed_role) == (admin.user, "admin")
    page = body(admin.get(page_url(reviewed)))
    assert reviewed.content_hash in page
    assert "Customer admin" in page
    assert "Map 1 is confirmed" in page


def test_pressing_twice_confirms_once(reviewed, rani):
    data = statement(reviewed)
    first, second = (rani.post(page_url(reviewed), data) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    assert MapVersion.objects.count() == 1
    actions = reviewed.project.audit_entries.filter(action="map:confirmed")
    assert actions.count() == 1


def test_the_statement_is_not_optional(reviewed, rani):
    page = body(rani.post(page_url(reviewed), {"seen": statement(reviewed)["seen"]}))
    assert "Confirm that you have read the map." in page
    assert not confirmed(reviewed)


def test_what_was_changed_while_reading_is_not_confirmed(reviewed, rani, consultant):
    data = statement(reviewed)
    line = line_of(reviewed, "email")
    services.line_skip(line=line, actor=consultant, revision=line.revision, reason="Not used.")
    page = body(rani.post(page_url(reviewed), data))
    assert "The map was changed while you read it." in page
    assert not confirmed(reviewed)


class TestAfterConfirming:
    @pytest.fixture
    def old(self, reviewed, consultant):
        return services.version_confirm(version=reviewed, actor=consultant, role="consultant")

    def test_lines_are_read_only_and_refuse_changes_with_a_sentence(self, old, rani):
        page = body(rani.get(url(old, "contacts")))
        assert "does not change" in page
        assert "data-line-key" not in page
        line = line_of(old, "email")
        address = url(old, "lines", line.pk, "reopen")
        answer = rani.post(address, {"revision": line.revision}, **HTMX)
        assert "Map 1 is confirmed and stays as it is" in body(answer)
        line.refresh_from_db()
        assert line.is_reviewed

    def test_a_new_draft_starts_from_it_and_shows_what_changed(self, old, rani, consultant):
        assert rani.post(url(old, "draft")).status_code == 302
        new = MapVersion.objects.get(number=2)
        assert "Nothing differs" in body(rani.get(page_url(new)))
        line = line_of(new, "email")
        services.line_skip(line=line, actor=consultant, revision=0, reason="Not used any more.")
        page = unescape(body(rani.get(page_url(new))))
        assert "Changed since map 1" in page
        assert "left behind: Not used any more." in page
        assert body(rani.get(page_url(new) + "?version=1")).count(old.content_hash) == 1

    def test_the_draft_is_discarded_by_its_number_only(self, old, rani):
        rani.post(url(old, "draft"))
        rani.post(url(old, "draft", "discard"), {"number": "1"})
        assert MapVersion.objects.count() == 2
        rani.post(url(old, "draft", "discard"), {"number": "2"})
        assert list(MapVersion.objects.values_list("number", flat=True)) == [1]

    def test_two_drafts_are_not_opened(self, old, rani):
        for _press in range(2):
            assert rani.post(url(old, "draft")).status_code == 302
        assert MapVersion.objects.count() == 2

    def test_a_map_that_was_tampered_with_says_so(self, old, rani, monkeypatch):
        def broken(version):
            raise services.MapTampered("The stored map is not the one that was confirmed.")

        monkeypatch.setattr(services, "version_document", broken)
        page = body(rani.get(page_url(old)))
        assert "No run starts from it." in page
