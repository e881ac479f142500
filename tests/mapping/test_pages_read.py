"""What pages read: object list, groups, previews, in a bounded number of queries."""

import pytest

from mapping import selectors, services
from mapping.line_preview import line_preview, routed
from mapping.models import FieldLine
from mapping.object_list import object_list
from mapping.workbench import Bench


def test_the_list_has_fourteen_rows_with_progress(draft, consultant, django_assert_max_num_queries):
    services.lines_accept_all(version=draft, actor=consultant, min_confidence=0, phase="accounts")

    with django_assert_max_num_queries(14):
        listed = object_list(draft)
    with django_assert_max_num_queries(2):
        object_list(draft)

    accounts = listed.moved[0]
    assert (accounts.records, accounts.total, accounts.reviewed, accounts.share) == (100, 9, 9, 1)
    assert listed.moved[1].share == 0
    still = sorted(row.row for row in listed.later + listed.documented)
    assert still == [5, 6, 7, 8, 9, 10, 11, 14]


def test_lines_are_grouped_by_what_they_wait_for(draft, consultant):
    name = FieldLine.objects.get(draft__phase="accounts", source_field="name")
    services.line_accept(line=name, actor=consultant, revision=0)

    bench = Bench(draft, "accounts")
    groups = {
        group: [line.line.source_field for line in lines] for group, lines in bench.groups().items()
    }

    assert groups["reviewed"] == ["name"]
    assert "cf_502" in groups["needs"]
    assert "creator_id" in groups["proposed"]
    assert bench.groups(search="npwp")["reviewed"] == []


@pytest.mark.parametrize("phase", ["accounts", "contacts", "leads", "opportunities"])
def test_a_phase_is_read_in_a_few_queries_whatever_its_size(
    draft, phase, django_assert_max_num_queries
):
    with django_assert_max_num_queries(4):
        bench = Bench(draft, phase)
        assert bench.counts
        assert bench.filters
        assert bench.required_unfilled == []


def test_a_required_field_that_nothing_fills_is_named(draft, consultant):
    name = FieldLine.objects.get(draft__phase="accounts", source_field="name")
    services.line_skip(line=name, actor=consultant, revision=0, reason="No names.")
    assert Bench(draft, "accounts").required_unfilled == ["Account Name"]


def test_values_of_reviewed_maps_are_counted_as_mapped(draft, consultant):
    services.lines_accept_all(version=draft, actor=consultant, min_confidence=0)
    mapped, used = Bench(draft, "contacts").values
    assert mapped == used > 0


@pytest.mark.parametrize(
    ("phase", "field", "expected"),
    [
        ("leads", "last_name", {"Sari Dewi": "Dewi", "Tono": "Tono"}),
        ("leads", "crm_company_id", {"Sari Dewi": "[not provided]", "Tono": "[not provided]"}),
        ("contacts", "first_name", {"Budi": ""}),
    ],
)
def test_a_preview_shows_the_records_of_its_phase_before_and_after(draft, phase, field, expected):
    bench = Bench(draft, phase)
    line = next(item.line for item in bench.lines if item.line.source_field == field)
    found = line_preview(bench, line)
    assert {pair.record: pair.result for pair in found.pairs} == expected
    assert not any(pair.wrong for pair in found.pairs)


def test_the_split_is_counted_on_the_sample(draft):
    found = routed(Bench(draft, "contacts"), draft.splits)
    assert found == {"contacts": ["Budi"], "leads": ["Sari Dewi", "Tono"]}


@pytest.mark.parametrize("state", ["draft", "confirmed"])
def test_the_versions_of_a_project_are_found(draft, consultant, project, state):
    assert selectors.version_open(project) == draft
    assert selectors.version_confirmed(project) is None
    if state == "confirmed":
        services.lines_accept_all(version=draft, actor=consultant, min_confidence=0)
        services.version_confirm(version=draft, actor=consultant, role="admin")
        assert selectors.version_open(project) is None
        assert selectors.version_confirmed(project) == draft
