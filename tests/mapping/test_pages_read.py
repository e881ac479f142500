"""What pages read: matrix, groups, coverage, previews, in a bounded number of queries."""

import pytest

from mapping import selectors, services
from mapping.preview import UNRESOLVED, preview, split_counts


def test_the_matrix_has_fourteen_rows_with_progress(
    draft, consultant, django_assert_max_num_queries
):
    services.lines_accept_all(version=draft, actor=consultant, min_confidence=0, phase="accounts")

    with django_assert_max_num_queries(4):
        rows = selectors.matrix(draft)

    assert len(rows) == 14
    assert (rows[1].records, rows[1].lines, rows[1].reviewed, rows[1].percent) == (100, 9, 9, 100)
    assert rows[0].percent == 0
    assert [entry.row.row for entry in rows if not entry.row.moved] == [5, 6, 7, 8, 9, 10, 11, 14]


def test_lines_are_grouped_by_what_they_wait_for(draft, consultant):
    accounts = draft.objects_drafted.get(phase="accounts")
    name = accounts.lines.get(source_field="name")
    services.line_accept(line=name, actor=consultant, revision=0)

    groups = selectors.lines_grouped(accounts)

    assert [line.source_field for line in groups.reviewed] == ["name"]
    assert "cf_502" in [line.source_field for line in groups.needs_decision]
    assert "creator_id" in [line.source_field for line in groups.proposed]
    assert selectors.lines_grouped(accounts, search="npwp").reviewed == ()


def test_coverage_counts_lines_and_values(draft, consultant):
    services.lines_accept_all(version=draft, actor=consultant, min_confidence=0)

    found = selectors.coverage(draft)

    assert (found.percent, found.required_unfilled) == (100, ())
    assert found.values == found.values_mapped > 0


def test_a_preview_shows_records_before_and_after(draft):
    leads = draft.objects_drafted.get(phase="leads")

    records = preview(leads)

    assert {record.source_id for record in records} == {"1", "3"}
    fields = {
        field.target: field for field in next(r for r in records if r.source_id == "1").fields
    }
    assert fields["LastName"].after == "Dewi"
    assert fields["Company"].after == "[not provided]"
    assert fields["Company"].issues[0].code == "stand_in"
    assert fields["OwnerId"].after == UNRESOLVED


def test_the_split_is_counted_on_the_sample(draft):
    (count,) = split_counts(draft)

    assert count.phases == {"contacts": 1, "leads": 2}
    assert (count.sampled, count.total) == (3, 100)


@pytest.mark.parametrize("state", ["draft", "confirmed"])
def test_the_versions_of_a_project_are_found(draft, consultant, project, state):
    assert selectors.version_open(project) == draft
    assert selectors.version_confirmed(project) is None
    if state == "confirmed":
        services.lines_accept_all(version=draft, actor=consultant, min_confidence=0)
        services.version_confirm(version=draft, actor=consultant, role="admin")
        assert selectors.version_open(project) is None
        assert selectors.version_confirmed(project) == draft
