"""Rules beside the lines: the split in plain words, stand-ins, original dates."""

from __future__ import annotations

import pytest

from projects.models import Membership
from tests.mapping.conftest import describes, discovery, draft, org_describes
from tests.web.mapping_pages import HTMX, body, url

__all__ = ["describes", "discovery", "draft"]

pytestmark = pytest.mark.django_db


def rule(place, phase, field="crm_status_id", op="in", values=()):
    return {
        f"r{place}-phase": phase,
        f"r{place}-conditions": 1,
        f"r{place}c0-field": field,
        f"r{place}c0-op": op,
        f"r{place}c0-value": list(values),
    }


def form(do, *rules, otherwise="leads", revision=0):
    data = {"form": "split", "do": do, "revision": revision, "otherwise": otherwise}
    data["rules"] = len(rules)
    for each in rules:
        data |= each
    return data


TWO = (
    rule(0, "leads", values=["1"]),
    rule(1, "contacts", field="email", op="not_empty"),
)


def rules_of(version):
    version.refresh_from_db()
    return [
        (r["phase"], r["all"][0]["field"], r["all"][0]["op"], r["all"][0]["values"])
        for r in version.splits[0]["rules"]
    ]


def test_the_rule_reads_in_words_and_counts_both_sides(draft, rani):
    page = body(rani.get(url(draft, "contacts", "rules")))
    assert "is one of" in page
    assert "Prospek" in page
    assert "2 become Lead" in page
    assert "1 become Contact" in page
    assert "Budi" in page


@pytest.mark.parametrize("phase", ["accounts", "opportunities"])
def test_an_object_without_a_split_has_no_rule_to_edit(draft, rani, phase):
    page = body(rani.get(url(draft, phase, "rules")))
    assert 'id="split"' not in page
    assert "Original dates" in page


def test_the_rule_is_saved_as_it_was_put_together(draft, rani):
    answer = rani.post(url(draft, "contacts", "rules"), form("save", *TWO))
    assert answer.status_code == 302
    assert rules_of(draft) == [
        ("leads", "crm_status_id", "in", ["1"]),
        ("contacts", "email", "not_empty", []),
    ]
    assert draft.splits[0]["otherwise"] == "leads"
    assert draft.revision == 1


@pytest.mark.parametrize(
    ("do", "phases"),
    [
        ("show", ["leads", "contacts"]),
        ("add", ["leads", "contacts", "leads"]),
        ("up-1", ["contacts", "leads"]),
        ("down-0", ["contacts", "leads"]),
        ("up-0", ["leads", "contacts"]),
        ("remove-0", ["contacts"]),
        ("remove-7", ["leads", "contacts"]),
        ("drop-0-0", ["leads", "contacts"]),
        ("nonsense", ["leads", "contacts"]),
    ],
)
@pytest.mark.parametrize("extra", [{}, HTMX], ids=["plain", "htmx"])
def test_a_button_changes_the_form_and_stores_nothing(draft, rani, do, phases, extra):
    before = rules_of(draft)
    answer = rani.post(url(draft, "contacts", "rules"), form(do, *TWO), **extra)
    page = body(answer)
    assert f'name="rules" value="{len(phases)}"' in page
    for place, phase in enumerate(phases):
        chosen = page[page.index(f'name="r{place}-phase"') :]
        assert chosen[: chosen.index("</select>")].count(f'value="{phase}" selected') == 1
    assert "Not saved yet" in page
    assert ("<html" in page) is not bool(extra)
    assert rules_of(draft) == before


def test_unsaved_rules_are_counted(draft, rani):
    only = rule(0, "contacts", field="first_name", op="not_empty")
    page = body(rani.post(url(draft, "contacts", "rules"), form("show", only), **HTMX))
    assert "3 become Contact" in page
    assert "0 become Lead" in page


def test_a_rule_to_nowhere_is_refused_with_a_sentence(draft, rani):
    before = rules_of(draft)
    bad = rule(0, "accounts", values=["1"])
    answer = rani.post(url(draft, "contacts", "rules"), form("save", bad))
    assert answer.status_code == 200
    assert "not its own" in body(answer)
    assert rules_of(draft) == before


def test_a_stale_rule_is_refused_and_both_are_kept(draft, rani):
    rani.post(url(draft, "contacts", "rules"), form("save", *TWO))
    other = rule(0, "contacts", values=["2"])
    page = body(rani.post(url(draft, "contacts", "rules"), form("save", other)))
    assert "Somebody changed the rule meanwhile" in page
    assert 'name="revision" value="1"' in page
    assert len(rules_of(draft)) == 2


def test_stand_ins_are_visible_decisions(draft, rani):
    page = body(rani.get(url(draft, "leads", "rules")))
    assert 'name="stand-Company" value="[not provided]"' in page
    data = {
        "form": "object", "revision": 0, "stand-Company": "Perorangan", "stand-LastName": "",
        "audit_dates": "on",
    }  # fmt: skip
    rani.post(url(draft, "leads", "rules"), data)
    leads = draft.objects_drafted.get(phase="leads")
    assert leads.stand_ins == {"Company": "Perorangan"}
    assert leads.audit_dates


def test_original_dates_are_switched_off_where_a_person_says_so(draft, rani):
    rani.post(url(draft, "accounts", "rules"), {"form": "object", "revision": 0})
    assert not draft.objects_drafted.get(phase="accounts").audit_dates


class TestWithoutAuditFields:
    @pytest.fixture
    def describes(self):
        return org_describes(audit=False)

    def test_the_switch_says_why_it_is_off(self, draft, rani):
        page = body(rani.get(url(draft, "accounts", "rules")))
        assert "does not let this user write CreatedDate" in page
        rani.post(
            url(draft, "accounts", "rules"),
            {"form": "object", "revision": 0, "audit_dates": "on"},
        )
        assert not draft.objects_drafted.get(phase="accounts").audit_dates


def test_a_viewer_reads_the_rule_and_changes_nothing(draft, reader):
    viewer = reader(Membership.Role.VIEWER)
    assert "Save the rule" not in body(viewer.get(url(draft, "contacts", "rules")))
    assert viewer.post(url(draft, "contacts", "rules"), form("save", *TWO)).status_code == 403
