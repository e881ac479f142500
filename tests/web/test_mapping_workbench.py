"""The workbench: who sees it, what it counts, what a decision does with and without scripts."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.contrib.messages import get_messages

from mapping import services
from mapping.models import FieldLine, MapVersion
from mapping.object_list import object_list
from mapping.workbench import Bench
from projects.models import Membership
from projects.services import project_create
from tests.mapping.conftest import describes, discovery, draft
from tests.web.mapping_pages import HTMX, body, line_of, line_url, url

__all__ = ["describes", "discovery", "draft"]

pytestmark = pytest.mark.django_db
ROLES = Membership.Role


def decided(line):
    line.refresh_from_db()
    return line.status, (line.decision or {}).get("target")


# ---------------------------------------------------------------- who sees it


@pytest.mark.parametrize("role", ROLES.values)
def test_every_member_sees_the_lines_of_an_object(draft, reader, role):
    answer = reader(role).get(url(draft, "contacts"))
    assert answer.status_code == 200
    assert "Nama Depan" in body(answer)
    assert "First Name" in body(answer)


@pytest.mark.parametrize("path", ["", "contacts", "contacts/rules", "contacts/preview"])
def test_for_strangers_there_is_no_map(draft, reader, path):
    assert reader(None).get(url(draft, *filter(None, [path]))).status_code == 404


def test_a_viewer_is_shown_no_button_and_refused_every_change(draft, reader):
    line = line_of(draft, "first_name")
    viewer = reader(ROLES.VIEWER)
    page = body(viewer.get(url(draft, "contacts")))
    assert "data-line-key" not in page
    assert "Accept 1" not in page
    for verb in ("accept", "decide", "reopen"):
        assert viewer.post(line_url(line, verb), {"revision": 0}).status_code == 403
    assert viewer.post(url(draft, "contacts", "accept")).status_code == 403
    assert viewer.post(url(draft, "contacts", "rules"), {"form": "split"}).status_code == 403
    assert decided(line) == ("unreviewed", None)


def test_a_line_of_another_project_does_not_exist(draft, consultant, rani):
    line = line_of(draft, "first_name")
    elsewhere = project_create(name="Other", destination="salesforce", actor=consultant)
    address = line_url(line, "accept").replace(
        f"/projects/{draft.project_id}/", f"/projects/{elsewhere.pk}/"
    )
    assert rani.post(address, {"revision": 0}).status_code == 404
    assert decided(line) == ("unreviewed", None)


@pytest.mark.parametrize("path", ["nothing", "users", "contacts?version=9", "contacts?version=x"])
def test_what_the_map_has_not_is_not_found(draft, rani, path):
    assert rani.get(url(draft).rstrip("/") + f"/{path}", follow=True).status_code == 404


# ---------------------------------------------------------------- counts


def test_counts_in_filters_groups_and_bar_agree(draft):
    bench = Bench(draft, "contacts")
    filters = {each.key: each.count for each in bench.filters}
    groups = {name: len(lines) for name, lines in bench.groups().items()}
    assert groups == bench.counts
    assert filters[""] == bench.total == sum(groups.values())
    assert filters["decision"] == groups["needs"]
    assert sum(segment["value"] for segment in bench.segments) == bench.total
    assert filters["unreviewed"] == bench.total - bench.reviewed


def test_the_count_of_an_object_follows_each_decision(draft, consultant):
    def item():
        return next(i for i in object_list(draft).moved if i.phase == "contacts")

    FieldLine.objects.filter(pk=line_of(draft, "email").pk).update(confidence=0.4)
    before = item()
    line = line_of(draft, "email")
    services.line_skip(line=line, actor=consultant, revision=line.revision, reason="Not used.")
    after = item()
    assert (after.needs, after.reviewed) == (before.needs - 1, before.reviewed + 1)


def test_every_row_of_the_matrix_stands_in_the_list_once(draft):
    listed = object_list(draft)
    rows = [*listed.along, *listed.later, *listed.documented]
    assert len(rows) + len({item.source for item in listed.moved}) == 14
    assert not any(row.moved for row in listed.later + listed.documented)


def test_two_lines_for_one_target_need_a_decision_even_after_review(draft, consultant):
    for field in ("email", "telephone"):
        line = line_of(draft, field)
        services.line_change(
            line=line, actor=consultant, revision=0, action="field", target="Description"
        )
    needs = {line.line.source_field: line.problem for line in Bench(draft, "contacts").lines}
    assert "2 fields go to Description" in needs["email"]
    assert Bench(draft, "contacts").line(line_of(draft, "email").pk).group == "needs"


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("?q=nama+depan", "Nama Depan", "Tanggal Lahir"),
        ("?q=birthdate", "Tanggal Lahir", "Nama Depan"),
        ("?filter=values", "Sumber", "Tanggal Lahir"),
        ("?filter=changed", "Nothing left here", "Nama Depan"),
    ],
)
def test_filter_and_search_narrow_the_list(draft, rani, query, shown, hidden):
    page = body(rani.get(url(draft, "contacts") + query))
    lines = page[page.index('id="lines"') : page.index('id="preview-pane"')]
    assert shown in lines
    assert hidden not in lines


# ---------------------------------------------------------------- deciding


def test_accepting_without_scripts_comes_back_to_the_line(draft, rani, consultant):
    line = line_of(draft, "first_name")
    answer = rani.post(line_url(line, "accept"), {"revision": 0, "filter": "unreviewed"})
    assert answer.status_code == 302
    assert answer.url.startswith(url(draft, "contacts"))
    assert "filter=unreviewed" in answer.url
    assert answer.url.endswith(f"#line-{line.pk}")
    assert decided(line) == ("accepted", "FirstName")
    assert line.reviewed_by == consultant


def test_accepting_by_htmx_answers_with_the_line_and_all_counts(draft, rani):
    line = line_of(draft, "first_name")
    page = body(rani.post(line_url(line, "accept"), {"revision": 0}, **HTMX))
    assert page.lstrip().startswith(f'<div class="line map-line" id="line-{line.pk}"')
    assert 'data-group="reviewed"' in page
    assert "<html" not in page
    swapped = set(re.findall(r'id="([\w-]+)"[^>]* hx-swap-oob="true"', page))
    assert {"coverage", "filters", "count-needs", "count-proposed", "count-reviewed"} <= swapped
    assert {"accept-all", "objects-total", "object-contacts", "saved", "to-confirm"} <= swapped
    assert "<b>1</b> of 10" in page


def test_another_proposal_is_accepted_by_its_place(draft, rani):
    line = line_of(draft, "crm_status_id")
    places = [c["action"] for c in line.proposal["candidates"]]
    place = places.index("skip")
    rani.post(line_url(line, "accept"), {"revision": 0, "candidate": place})
    assert decided(line) == ("skipped", "")


def test_bulk_acceptance_takes_exactly_the_number_it_names(draft, rani):
    named = len(Bench(draft, "contacts").sure)
    assert f"Accept {named} with ≥ 0.90" in body(rani.get(url(draft, "contacts")))
    answer = rani.post(url(draft, "contacts", "accept"))
    assert answer.status_code == 302
    assert next(str(m) for m in get_messages(answer.wsgi_request)).startswith(f"{named} ")
    assert Bench(draft, "contacts").reviewed == named
    assert not FieldLine.objects.filter(draft__phase="leads", decision__isnull=False).exists()


def test_another_destination_brings_its_own_options_before_it_is_saved(draft, rani):
    line = line_of(draft, "email")
    data = {"revision": 0, "mode": "field", "target": "LeadSource", "show": "1"}
    page = body(rani.post(line_url(line, "decide"), data, **HTMX))
    assert 'name="unmapped"' in page
    assert "is-open" in page
    assert decided(line) == ("unreviewed", None)


def test_saving_a_destination_keeps_the_chosen_policy(draft, rani):
    line = line_of(draft, "email")
    data = {
        "revision": 0, "mode": "field", "target": "Title", "shown_target": "Title",
        "too_long": "truncate", "save": "1",
    }  # fmt: skip
    rani.post(line_url(line, "decide"), data)
    assert decided(line) == ("changed", "Title")
    assert line.decision["conversion"]["too_long"] == "truncate"


def test_a_value_map_is_saved_value_by_value(draft, rani):
    line = line_of(draft, "crm_source_id")
    data = {
        "revision": 0, "mode": "field", "target": "LeadSource", "shown_target": "LeadSource",
        "v0": "=Web", "v1": "+", "unmapped": "error", "save": "1",
    }  # fmt: skip
    rani.post(line_url(line, "decide"), data)
    line.refresh_from_db()
    assert line.decision["conversion"]["values"] == {"10": "Web", "11": "Referensi"}
    assert line.decision["new_values"] == {"Referensi": {}}


def test_a_value_without_a_counterpart_is_red_and_needs_a_decision(draft, rani):
    line = line_of(draft, "crm_source_id")
    data = {
        "revision": 0, "mode": "field", "target": "LeadSource", "shown_target": "LeadSource",
        "v0": "=Web", "v1": "", "save": "1",
    }  # fmt: skip
    page = body(rani.post(line_url(line, "decide"), data, **HTMX))
    assert 'data-group="needs"' in page
    assert "1 values in use by 20 records go nowhere yet" in unescape(page)
    opened = body(rani.get(line_url(line) + "?mode=auto", **HTMX))
    assert opened.count("select--unmapped") == 1


def test_missing_values_are_filled_with_one_press_and_not_saved(draft, rani):
    line = line_of(draft, "crm_source_id")
    data = {
        "revision": 0, "mode": "field", "target": "LeadSource", "shown_target": "LeadSource",
        "v0": "=Web", "v1": "", "fill": "create",
    }  # fmt: skip
    page = body(rani.post(line_url(line, "decide"), data, **HTMX))
    assert "select--unmapped" not in page
    assert '<option value="+" selected>' in page
    assert decided(line) == ("unreviewed", None)


def test_a_new_stage_says_whether_it_is_won(draft, rani):
    line = line_of(draft, "crm_stage_id", "opportunities")
    data = {
        "revision": 0, "mode": "field", "target": "StageName", "shown_target": "StageName",
        "v0": "+open", "v1": "+won", "v2": "+lost", "v3": "-", "save": "1",
    }  # fmt: skip
    rani.post(line_url(line, "decide"), data)
    line.refresh_from_db()
    assert line.decision["new_values"] == {
        "Penawaran": {"probability": 40, "closed": False, "won": False},
        "Menang": {"probability": 100, "closed": True, "won": True},
        "Kalah": {"probability": 0, "closed": True, "won": False},
    }
    assert line.decision["conversion"]["values"]["*/199"] is None
    opened = body(rani.get(line_url(line) + "?mode=auto", **HTMX))
    assert all(f'<option value="{key}" selected>' in opened for key in ("+open", "+won", "+lost"))


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"type": "text", "length": "80"}, {"type": "text", "length": 80}),
        ({"type": "long_text", "length": "1000"}, {"type": "long_text", "length": 1000}),
        ({"type": "date", "length": ""}, {"type": "date", "length": None}),
        ({"type": "decimal", "length": ""}, {"type": "decimal", "precision": 18, "scale": 2}),
    ],
)
def test_a_new_field_is_made_as_it_was_described(draft, rani, sent, expected):
    line = line_of(draft, "email")
    data = {"revision": 0, "mode": "custom", "label": "Surat", "name": "Surat__c", "save": "1"}
    rani.post(line_url(line, "decide"), data | sent)
    assert decided(line) == ("changed", "Surat__c")
    assert expected.items() <= line.decision["custom"].items()
    assert line.decision["conversion"]["kind"] == sent["type"]


@pytest.mark.parametrize("name", ["Surat", "1_Surat__c", "Su__rat__c", "Surat Baru__c", "__c"])
def test_a_name_that_the_destination_refuses_is_refused_here(draft, rani, name):
    line = line_of(draft, "email")
    data = {"revision": 0, "mode": "custom", "label": "Surat", "name": name, "type": "email"}
    answer = rani.post(line_url(line, "decide"), data | {"save": "1"}, **HTMX)
    assert answer.status_code == 200
    assert 'aria-invalid="true"' in body(answer)
    assert decided(line) == ("unreviewed", None)


def test_leaving_a_field_behind_needs_a_reason(draft, rani):
    line = line_of(draft, "email")
    data = {"revision": 0, "mode": "skip", "save": "1"}
    assert "Say in a few words why" in body(rani.post(line_url(line, "decide"), data, **HTMX))
    assert decided(line) == ("unreviewed", None)
    rani.post(line_url(line, "decide"), data | {"reason": "Not used any more."})
    assert decided(line) == ("skipped", "")
    assert line.decision["reason"] == "Not used any more."


def test_a_decision_is_taken_back(draft, rani):
    line = line_of(draft, "first_name")
    rani.post(line_url(line, "accept"), {"revision": 0})
    rani.post(line_url(line, "reopen"), {"revision": 1})
    assert decided(line) == ("unreviewed", None)


# ---------------------------------------------------------------- stale edits


@pytest.mark.parametrize("extra", [{}, HTMX], ids=["plain", "htmx"])
def test_a_stale_edit_shows_both_versions_and_overwrites_nothing(draft, rani, reader, extra):
    line = line_of(draft, "first_name")
    reader(ROLES.ADMIN).post(
        line_url(line, "decide"),
        {"revision": 0, "mode": "skip", "reason": "Personal data.", "save": "1"},
    )
    answer = rani.post(line_url(line, "accept"), {"revision": 0}, **extra)
    page = unescape(body(answer))
    assert answer.status_code == 200
    assert 'role="alert"' in page
    assert "Nama Depan → Leave behind: Personal data." in page
    assert "Nama Depan → First Name" in page
    assert decided(line) == ("skipped", "")
    assert f'name="revision" value="{line.revision}"' in page


def test_use_mine_sends_the_same_decision_again(draft, rani, reader):
    line = line_of(draft, "email")
    reader(ROLES.ADMIN).post(line_url(line, "accept"), {"revision": 0})
    sent = {"mode": "skip", "reason": "Not used.", "save": "1"}
    page = body(rani.post(line_url(line, "decide"), sent | {"revision": 0}, **HTMX))
    conflict = page[page.index("<form") : page.index("</form>")]
    again = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', conflict))
    again.pop("csrfmiddlewaretoken", None)
    assert again == sent | {"revision": "1"}
    rani.post(line_url(line, "decide"), again, **HTMX)
    assert decided(line) == ("skipped", "")


# ---------------------------------------------------------------- preview


def test_the_preview_shows_real_records_before_and_after(draft, rani):
    page = unescape(body(rani.get(url(draft, "contacts") + "?q=nama+depan")))
    pane = page[page.index('id="preview-pane"') :]
    assert "Budi" in pane
    assert "Sari Dewi" not in pane


def test_an_unsaved_choice_is_previewed_and_not_stored(draft, rani):
    line = line_of(draft, "crm_status_id")
    data = {"line": line.pk, "mode": "skip", "reason": "x"}
    page = body(rani.post(url(draft, "contacts", "preview"), data, **HTMX))
    assert "Pelanggan" in page
    assert "raw--empty" in page
    assert decided(line) == ("unreviewed", None)


def test_two_fields_for_one_target_are_previewed_each_with_its_own_values(draft, rani):
    shown = {"first_name": "Budi", "crm_status_id": "Pelanggan"}
    lines = {field: line_of(draft, field) for field in shown}
    for line in lines.values():
        data = {"revision": 0, "mode": "field", "target": "Description", "save": "1"}
        rani.post(line_url(line, "decide"), data)
    for field, value in shown.items():
        address = url(draft, "contacts", "preview") + f"?line={lines[field].pk}"
        assert f'raw--arrives">{value}<' in body(rani.get(address, **HTMX))


@pytest.mark.parametrize("line", ["", "x", "999999"])
def test_the_preview_of_no_line_is_not_found(draft, rani, line):
    address = url(draft, "contacts", "preview") + f"?line={line}"
    assert rani.get(address, **HTMX).status_code == 404


# ---------------------------------------------------------------- versions


def test_without_a_map_the_next_action_is_to_do_what_is_missing(project, rani):
    page = body(rani.get(f"/projects/{project.pk}/map/"))
    assert "Go to the audit" in page
    assert "Attachment and media" in page
    answer = rani.post(f"/projects/{project.pk}/map/propose/", follow=True)
    assert "The audit of the source account has to be done first." in body(answer)
    assert not MapVersion.objects.exists()


def test_after_the_audit_the_destination_is_asked_for(project, discovery, rani):
    assert "Connect the destination" in body(rani.get(f"/projects/{project.pk}/map/"))
    rani.post(f"/projects/{project.pk}/map/propose/")
    assert not MapVersion.objects.exists()


def test_the_map_opens_at_the_first_object_with_open_lines(draft, rani, consultant):
    services.lines_accept_all(version=draft, actor=consultant, min_confidence=0, phase="accounts")
    bench = Bench(draft, "accounts")
    expected = "accounts" if bench.counts["needs"] else "contacts"
    assert rani.get(url(draft)).url == url(draft, expected)


def test_hostile_labels_are_text(draft, rani):
    line = line_of(draft, "email")
    line.source["label"] = line.source["samples"] = "<script>alert(1)</script>"
    line.source["samples"] = ["<img src=x onerror=alert(1)>"]
    line.save()
    page = body(rani.get(url(draft, "contacts")))
    assert "<script>alert" not in page
    assert "<img src=x" not in page
